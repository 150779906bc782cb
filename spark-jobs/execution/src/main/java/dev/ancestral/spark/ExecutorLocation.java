package dev.ancestral.spark;

import java.io.Serializable;
import org.apache.spark.SparkEnv;

/**
 * An executor, or the driver, and where it is.
 *
 * @param host by which other processes reach it
 * @param executor id, {@code driver} for the driver
 */
public record ExecutorLocation(String host, String executor) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String DRIVER = "driver";

  /** This process. */
  public static ExecutorLocation here() {
    SparkEnv env = SparkEnv.get();
    return new ExecutorLocation(env.blockManager().blockManagerId().host(), env.executorId());
  }

  /** A port that no other executor of this host listens on. */
  public static int port() {
    return SparkEnv.get().blockManager().blockManagerId().port();
  }

  /** Whether it is the driver. */
  public boolean isDriver() {
    return executor.equals(DRIVER);
  }

  /** The form in which Spark's scheduler takes a preferred location. */
  public String asPreference() {
    return isDriver() ? host : "executor_" + host + "_" + executor;
  }
}
