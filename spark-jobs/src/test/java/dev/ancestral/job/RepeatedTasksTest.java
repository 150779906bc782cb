package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Storage;
import dev.ancestral.job.generate.GenerationManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tasks that fail, that die with their executor, and that run twice at the same time, on executors
 * in processes of their own: every id and every score comes out once.
 */
@Tag("cluster")
class RepeatedTasksTest {
  @TempDir Path folder;

  @Test
  void samples_and_scores_come_out_once() throws IOException {
    FaultyStore.heal();
    SmallJobs jobs = new SmallJobs(folder);
    Map<String, byte[]> samples = undisturbed(jobs, "generate");
    Map<String, byte[]> scores = undisturbed(jobs, "evaluate");
    Executors.stopOthers();
    TaskAttempts attempts = new TaskAttempts();
    try (StandaloneHosts hosts =
            new StandaloneHosts(folder.resolve("work"), 1, "127.0.0.1", "127.0.0.2");
        SparkSession spark = SparkSession.builder().config(conf(hosts)).getOrCreate()) {
      spark.sparkContext().addSparkListener(attempts);
      disturbed(jobs, "generate", samples);
      disturbed(jobs, "evaluate", scores);
      // The third time something else goes wrong: an executor dies with its task.
      String[] command = jobs.command("generate", FaultyStore.uri(folder.resolve("lost")));
      Thread killer = new Thread(RepeatedTasksTest::killOne, "killer");
      killer.start();
      CommandLine lost = CommandLine.run(command);
      joined(killer);
      assertEquals(0, lost.status(), lost.err());
      Contents.assertSame(samples, Contents.of(folder.resolve("lost")), "an executor was killed");
    }
    assertTrue(attempts.copies() >= 1, "tasks run twice: " + attempts.copies());
    assertTrue(attempts.failures() >= 2, "attempts that failed: " + attempts.failures());
    System.out.println(
        "run twice at once: "
            + attempts.copies()
            + " tasks, failed attempts: "
            + attempts.failures());
  }

  private static void killOne() {
    try {
      Thread.sleep(300);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Executors.kill(1);
  }

  private static void joined(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Map<String, byte[]> undisturbed(SmallJobs jobs, String kind) throws IOException {
    Path output = folder.resolve(kind);
    CommandLine result = CommandLine.run(jobs.command(kind, FaultyStore.uri(output)));
    assertEquals(0, result.status(), result.err());
    return Contents.of(output);
  }

  private void disturbed(SmallJobs jobs, String kind, Map<String, byte[]> expected)
      throws IOException {
    Path output = folder.resolve(kind + "-disturbed");
    CommandLine result = CommandLine.run(jobs.command(kind, FaultyStore.uri(output)));
    assertEquals(0, result.status(), result.err());
    Contents.assertSame(expected, Contents.of(output), kind);
    if (kind.equals("generate")) {
      Storage storage = new Storage(new Configuration());
      GenerationManifest manifest =
          GenerationManifest.read(storage, storage.path(output.toString()));
      long next = 0;
      for (var part : manifest.parts()) {
        assertEquals(next, part.firstId());
        next = part.lastId() + 1;
      }
      assertEquals(SmallJobs.SAMPLES, next);
    }
  }

  private static SparkConf conf(StandaloneHosts hosts) {
    return Executors.conf(2, 1)
        .setMaster(hosts.url())
        .set("spark.executor.cores", "1")
        .set("spark.speculation", "true")
        .set("spark.speculation.interval", "50ms")
        .set("spark.speculation.quantile", "0.1")
        .set("spark.speculation.multiplier", "1.01")
        .set(
            "spark.executor.extraJavaOptions",
            // The last part, and the last scores, are slow at first; others fail at first.
            FaultyStore.slowFirst("00002") + " " + FaultyStore.failingFirst("00001"));
  }
}
