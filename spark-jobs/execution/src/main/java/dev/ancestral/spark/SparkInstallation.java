package dev.ancestral.spark;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.File;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;

/** The Spark of this process, and those that this program is built for. */
public final class SparkInstallation {
  private static final List<Line> LINES =
      List.of(new Line("3.5", "2.12"), new Line("3.5", "2.13"), new Line("4", "2.13"));

  private SparkInstallation() {}

  /**
   * Versions of Spark that one job jar runs on.
   *
   * @param spark the first parts of Spark's version
   * @param scala the first parts of Scala's version
   */
  private record Line(String spark, String scala) {
    boolean has(String sparkVersion, String scalaVersion) {
      return (sparkVersion + ".").startsWith(spark + ".")
          && (scalaVersion + ".").startsWith(scala + ".");
    }

    @Override
    public String toString() {
      return "Spark " + spark + " with Scala " + scala;
    }
  }

  /** Version of Spark. */
  public static String version() {
    return org.apache.spark.package$.MODULE$.SPARK_VERSION();
  }

  /** Version of its Scala library. */
  public static String scalaVersion() {
    return scala.util.Properties.versionNumberString();
  }

  /**
   * Why the classes of this program do not fit a Spark; empty if they do.
   *
   * @param spark its version
   * @param scala the version of its Scala library
   */
  public static Optional<String> mismatch(String spark, String scala) {
    // SPARK_SCALA, which the build writes into the manifest of the job jar.
    return mismatch(SparkInstallation.class.getPackage().getSpecificationVersion(), spark, scala);
  }

  /**
   * The same of classes that are built for a given Spark.
   *
   * @param built as {@code 4.0.1_2.13}; null for classes outside of a job jar, which are taken to
   *     be for any
   */
  static Optional<String> mismatch(String built, String spark, String scala) {
    String[] versions = built == null ? new String[0] : built.split("_", 2);
    List<Line> lines =
        LINES.stream()
            .filter(line -> versions.length < 2 || line.has(versions[0], versions[1]))
            .toList();
    if (lines.stream().anyMatch(line -> line.has(spark, scala))) {
      return Optional.empty();
    }
    return Optional.of(
        "Spark is "
            + spark
            + " with Scala "
            + scala
            + "; this is built for "
            + lines.stream().map(Line::toString).collect(Collectors.joining(" or "))
            + ": set SPARK_HOME to one, or take the job jar for this Spark"
            + " (help/spark-versions.md)");
  }

  /**
   * Checks that the classes of this program fit the Spark of this process, before a call into it
   * fails to link.
   *
   * @throws AncestralException if they do not
   */
  static void requireMatch() {
    mismatch(version(), scalaVersion())
        .ifPresent(
            why -> {
              throw new AncestralException(ErrorCode.CLUSTER, why);
            });
  }

  /** Where it keeps blocks and shuffles on disk. */
  public static List<File> localDirectories() {
    return List.of(SparkEnv.get().blockManager().diskBlockManager().localDirs());
  }
}
