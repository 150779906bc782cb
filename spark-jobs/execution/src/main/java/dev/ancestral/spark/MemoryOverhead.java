package dev.ancestral.spark;

import dev.ancestral.Failures;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.spark.SparkConf;

/**
 * Memory beside the heap that YARN and Kubernetes grant an executor; one that takes more is ended.
 * What Spark asks for by itself, a tenth of the heap, does not even hold libtorch.
 */
public final class MemoryOverhead {
  /** The setting. */
  public static final String KEY = "spark.executor.memoryOverhead";

  private static final String FACTOR_KEY = "spark.executor.memoryOverheadFactor";
  private static final double FACTOR = 0.1;
  private static final long MEBI = 1L << 20;
  private static final long LEAST_OF_SPARK = 384 * MEBI;

  /** libtorch, and as much again for scoring and sampling, whose batches have a fixed size. */
  private static final long LEAST = 1024 * MEBI;

  // As YARN's NodeManager and Kubernetes put it, through Spark.
  private static final String KILLED_BY_YARN = "exceeding physical memory limits";
  private static final String KILLED_BY_KUBERNETES = "OOMKilled";

  private MemoryOverhead() {}

  /** Whether the resource manager holds executors to what they asked for. */
  public static boolean isEnforced(SparkConf conf) {
    String master = conf.get("spark.master", "");
    return master.startsWith("yarn") || master.startsWith("k8s");
  }

  /** Bytes that executors are granted. */
  public static long granted(SparkConf conf) {
    return conf.contains(KEY) ? conf.getSizeAsMb(KEY) * MEBI : ofSpark(conf);
  }

  private static long ofSpark(SparkConf conf) {
    long heap = conf.getSizeAsMb("spark.executor.memory", "1g") * MEBI;
    double factor = conf.getDouble(FACTOR_KEY, FACTOR);
    return Math.max((long) (factor * heap), LEAST_OF_SPARK);
  }

  /**
   * Has executors that are still to come ask for what they need, unless the user has chosen.
   *
   * @param neededBytes outside of the heap, as far as it is known; 0 where it is not
   */
  static void provide(SparkConf conf, long neededBytes) {
    if (isEnforced(conf) && !conf.contains(KEY) && !conf.contains(FACTOR_KEY)) {
      long bytes = Math.max(Math.max(LEAST, neededBytes), ofSpark(conf));
      conf.set(KEY, mebibytes(bytes));
    }
  }

  /** The setting that grants so many bytes. */
  public static String setting(long bytes) {
    return KEY + "=" + mebibytes(bytes);
  }

  private static String mebibytes(long bytes) {
    return (bytes + MEBI - 1) / MEBI + "m";
  }

  /**
   * A warning if executors that run were granted less than they need.
   *
   * @param neededBytes asked only where executors are held to what they were granted
   */
  public static Optional<String> shortage(SparkConf conf, LongSupplier neededBytes) {
    if (!isEnforced(conf)) {
      return Optional.empty();
    }
    long needed = neededBytes.getAsLong();
    return granted(conf) < needed
        ? Optional.of(
            "warning: "
                + KEY
                + " is "
                + mebibytes(granted(conf))
                + " and this training needs about "
                + mebibytes(needed)
                + " outside of an executor's heap: the cluster may end executors; if it does, start"
                + " with --conf "
                + setting(needed))
        : Optional.empty();
  }

  /** Whether a failure says that an executor was ended for the memory that it took. */
  public static boolean wasExceeded(Throwable failure) {
    for (Throwable t : Failures.chain(failure)) {
      String text = String.valueOf(t.getMessage());
      if (text.contains(KILLED_BY_YARN) || text.contains(KILLED_BY_KUBERNETES)) {
        return true;
      }
    }
    return false;
  }
}
