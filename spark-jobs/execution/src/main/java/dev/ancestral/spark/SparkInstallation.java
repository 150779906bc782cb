package dev.ancestral.spark;

import java.io.File;
import java.util.List;
import org.apache.spark.SparkEnv;

/** The Spark of this process. */
public final class SparkInstallation {
  private SparkInstallation() {}

  /** Version of Spark. */
  public static String version() {
    return org.apache.spark.package$.MODULE$.SPARK_VERSION();
  }

  /** Version of its Scala library. */
  public static String scalaVersion() {
    return scala.util.Properties.versionNumberString();
  }

  /** Where it keeps blocks and shuffles on disk. */
  public static List<File> localDirectories() {
    return List.of(SparkEnv.get().blockManager().diskBlockManager().localDirs());
  }
}
