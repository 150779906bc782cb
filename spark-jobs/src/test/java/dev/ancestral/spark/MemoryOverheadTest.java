package dev.ancestral.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class MemoryOverheadTest {
  private static final long GIBI = 1L << 30;

  private static SparkConf conf(String... settings) {
    SparkConf conf = new SparkConf(false);
    for (int i = 0; i < settings.length; i += 2) {
      conf.set(settings[i], settings[i + 1]);
    }
    return conf;
  }

  private static Optional<String> provided(SparkConf conf, long needed) {
    MemoryOverhead.provide(conf, needed);
    return conf.contains(MemoryOverhead.KEY)
        ? Optional.of(conf.get(MemoryOverhead.KEY))
        : Optional.empty();
  }

  @Test
  void executors_ask_for_what_the_training_needs_and_for_libtorch_at_the_least() {
    SparkConf yarn = conf("spark.master", "yarn");
    assertEquals(Optional.of("1024m"), provided(yarn.clone(), 0));
    assertEquals(Optional.of("3072m"), provided(yarn.clone(), 3 * GIBI));
    assertEquals(Optional.of("3073m"), provided(yarn.clone(), 3 * GIBI + 1));
    assertEquals(
        Optional.of("2048m"), provided(yarn.clone().set("spark.executor.memory", "20g"), 0));
    assertEquals(Optional.of("1024m"), provided(conf("spark.master", "k8s://https://host"), 0));
  }

  @Test
  void what_the_user_has_set_stays() {
    assertEquals(
        Optional.of("64m"),
        provided(conf("spark.master", "yarn", MemoryOverhead.KEY, "64m"), 3 * GIBI));
    SparkConf factor = conf("spark.master", "yarn", "spark.executor.memoryOverheadFactor", "0.5");
    assertEquals(Optional.empty(), provided(factor, 3 * GIBI));
    assertEquals(512L << 20, MemoryOverhead.granted(factor));
  }

  @Test
  void where_nobody_holds_executors_to_it_nothing_is_set_or_asked() {
    for (String master : new String[] {"local[2]", "spark://host:7077"}) {
      SparkConf conf = conf("spark.master", master);
      assertEquals(Optional.empty(), provided(conf, 3 * GIBI));
      assertEquals(
          Optional.empty(),
          MemoryOverhead.shortage(
              conf,
              () -> {
                throw new AssertionError("asked on " + master);
              }));
    }
  }

  @Test
  void a_shortage_is_told_with_the_setting_that_mends_it() {
    SparkConf conf = conf("spark.master", "yarn");
    assertEquals(Optional.empty(), MemoryOverhead.shortage(conf, () -> 384L << 20));
    String warning = MemoryOverhead.shortage(conf, () -> 2 * GIBI).orElseThrow();
    assertTrue(
        warning.startsWith(
            "warning: spark.executor.memoryOverhead is 384m and this training needs"
                + " about 2048m"),
        warning);
    assertTrue(warning.endsWith("--conf spark.executor.memoryOverhead=2048m"), warning);
  }

  @Test
  void executors_that_were_ended_for_their_memory_are_known_by_the_reason() {
    Exception yarn =
        new SparkException(
            "Job aborted due to stage failure: ExecutorLostFailure (executor 1 exited caused by one"
                + " of the running tasks) Reason: Container killed by YARN for exceeding physical"
                + " memory limits. 1.1 GB of 1 GB physical memory used.");
    assertTrue(MemoryOverhead.wasExceeded(yarn));
    assertTrue(MemoryOverhead.wasExceeded(new IllegalStateException("round 1", yarn)));
    assertTrue(
        MemoryOverhead.wasExceeded(new SparkException("exit code 137 (SIGKILL), OOMKilled")));
    assertFalse(MemoryOverhead.wasExceeded(new SparkException("executor 1 was silent for 15 s")));
  }
}
