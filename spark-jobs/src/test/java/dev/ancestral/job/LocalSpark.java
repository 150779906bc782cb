package dev.ancestral.job;

import org.apache.spark.sql.SparkSession;

/** One Spark application for all tests of a JVM. */
public final class LocalSpark {
  private LocalSpark() {}

  /** Two task slots in this process, and one more attempt for a task that fails. */
  public static synchronized SparkSession session() {
    return SparkSession.builder()
        .master("local[2,2]")
        .appName("tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate();
  }
}
