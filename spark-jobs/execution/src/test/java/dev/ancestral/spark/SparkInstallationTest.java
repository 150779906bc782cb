package dev.ancestral.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparkInstallationTest {

  @ParameterizedTest
  @CsvSource({
    "3.5.5_2.12, 3.5.1, 2.12.18",
    "3.5.5_2.13, 3.5.6, 2.13.8",
    "4.0.1_2.13, 4.2.0, 2.13.18",
    "4.2.0_2.13, 4.0.1, 2.13.16",
    ", 3.5.5, 2.12.18",
    ", 4.1.0, 2.13.17"
  })
  void a_job_jar_runs_on_every_spark_of_its_line(String built, String spark, String scala) {
    assertEquals(Optional.empty(), SparkInstallation.mismatch(built, spark, scala));
  }

  @ParameterizedTest
  @CsvSource({
    "3.5.5_2.12, 3.5.5, 2.13.8, Spark 3.5 with Scala 2.12:",
    "3.5.5_2.13, 3.5.5, 2.12.18, Spark 3.5 with Scala 2.13:",
    "3.5.5_2.13, 4.0.1, 2.13.16, Spark 3.5 with Scala 2.13:",
    "4.0.1_2.13, 3.5.5, 2.13.8, Spark 4 with Scala 2.13:",
    "4.0.1_2.13, 40.0.0, 2.13.8, Spark 4 with Scala 2.13:",
    ", 3.4.1, 2.12.17, Spark 3.5 with Scala 2.12 or Spark 3.5 with Scala 2.13 or Spark 4 with",
  })
  void another_spark_is_refused(String built, String spark, String scala, String named) {
    String why = SparkInstallation.mismatch(built, spark, scala).orElseThrow();
    assertTrue(why.startsWith("Spark is " + spark + " with Scala " + scala), why);
    assertTrue(why.contains("this is built for " + named), why);
  }

  @Test
  void this_build_fits_the_spark_that_it_is_compiled_against() {
    assertEquals(
        Optional.empty(),
        SparkInstallation.mismatch(SparkInstallation.version(), SparkInstallation.scalaVersion()));
  }
}
