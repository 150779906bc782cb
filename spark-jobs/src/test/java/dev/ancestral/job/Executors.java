package dev.ancestral.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/** Spark with executors in processes of their own, from the test's class path. */
public final class Executors {
  private static final String BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

  private Executors() {}

  /** A standalone master and workers inside this JVM, whose executors are JVMs of their own. */
  public static JavaSparkContext start(int executors, int cores) {
    stopOthers();
    return new JavaSparkContext(conf(executors, cores));
  }

  /** Stops the application that other tests share: a JVM has one at a time. */
  public static void stopOthers() {
    Option<SparkSession> shared = SparkSession.getDefaultSession();
    if (shared.isDefined()) {
      shared.get().stop();
    }
    SparkSession.clearActiveSession();
    SparkSession.clearDefaultSession();
  }

  public static SparkConf conf(int executors, int cores) {
    try {
      // Spark wants the folder; the classes come by the class path.
      Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new SparkConf()
        .setMaster("local-cluster[" + executors + "," + cores + ",900]")
        .setAppName("executors")
        .set("spark.executor.memory", "900m")
        // They live for seconds: starting is most of what they do.
        .set("spark.executor.extraJavaOptions", BRIEF)
        .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .set("spark.executorEnv.OMP_NUM_THREADS", "1")
        .set("spark.executorEnv.OPENBLAS_NUM_THREADS", "1")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1");
  }

  /**
   * Kills executors of this JVM's clusters without a word.
   *
   * @return how many were killed
   */
  public static int kill(int count) {
    return (int) processes().limit(count).filter(ProcessHandle::destroyForcibly).count();
  }

  /** The executors of this JVM's clusters. */
  public static Stream<ProcessHandle> processes() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> commandLine(process.pid()).contains("CoarseGrainedExecutorBackend"));
  }

  /**
   * Stops executors of this JVM's clusters in the middle of whatever they do, without ending them.
   *
   * @return how many were stopped
   */
  public static int pause(int count) {
    return (int) processes().limit(count).filter(Executors::pause).count();
  }

  /** Stops one of {@link #processes()}, without ending it. */
  public static boolean pause(ProcessHandle executor) {
    return signal("-STOP", executor.pid());
  }

  /** Lets one go on that was stopped. */
  public static boolean goOn(ProcessHandle executor) {
    return signal("-CONT", executor.pid());
  }

  /** Announces that one will go, as a node does that is drained (SIGPWR). */
  public static boolean decommission(ProcessHandle executor) {
    return signal("-PWR", executor.pid());
  }

  private static boolean signal(String signal, long pid) {
    try {
      return new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  // ProcessHandle cuts the command line, and the class path comes before the class.
  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
    } catch (IOException e) {
      return ""; // it has ended
    }
  }
}
