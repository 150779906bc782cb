package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Storage;
import dev.ancestral.job.model.ModelLink;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a real distributed file system. */
class HdfsTest {
  private static final EventSpec BITS = EventSpec.discrete(2, 4, 3, 1);

  @TempDir static Path folder;

  private static MiniDFSCluster cluster;
  private static String root;

  private final Storage storage = new Storage(new Configuration());
  private final Fixtures fixtures = new Fixtures(storage);

  @BeforeAll
  static void start() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    cluster.waitActive();
    root = "hdfs://localhost:" + cluster.getNameNodePort() + "/runs";
  }

  @AfterAll
  static void stop() {
    cluster.shutdown(true);
  }

  @Test
  void evaluate_compare_and_promote() {
    String data = fixtures.dataset(root + "/data", "test", BITS, 250, 100);
    Map<String, Object> sharp = Map.of("likelihood", "bernoulli");
    Map<String, Object> blunt = Map.of("likelihood", "bernoulli", "smoothing", 1000.0);
    String good = fixtures.fitted(root + "/good", "naive-bayes", sharp, data, "test");
    String bad = fixtures.fitted(root + "/bad", "naive-bayes", blunt, data, "test");
    for (String model : List.of(good, bad)) {
      assertDone(
          CommandLine.run(
              "evaluate", "--model", model, "--data", data, "--output", model + "-test"));
    }
    assertTrue(text("/good-test/status.json").contains("\"status\" : 0"));

    String link = root + "/models/current";
    new ModelLink(storage, link).move(storage.path(bad));
    assertDone(
        CommandLine.run(
            "promote",
            "--candidate",
            good,
            "--current",
            link,
            "--report",
            good + "-test",
            "--against",
            bad + "-test"));
    assertEquals(storage.path(good), new ModelLink(storage, link).target().orElseThrow());
    assertEquals(
        storage.path(bad), new ModelLink(storage, link + ".previous").target().orElseThrow());
    CommandLine linked =
        CommandLine.run(
            "evaluate", "--model", link, "--data", data, "--output", root + "/link-test");
    assertDone(linked);
    assertArrayEquals(
        storage.read(storage.path(root + "/good-test/per-example.parquet")),
        storage.read(storage.path(root + "/link-test/per-example.parquet")));
  }

  @Test
  void generate_and_generate_what_is_missing() {
    Map<String, Object> small = Map.of("hidden", List.of(4), "latent", 2);
    String vae = fixtures.untrained(root + "/vae", "vae", small, BITS, "none", 1);
    String[] command = {
      "generate",
      "--model",
      vae,
      "--count",
      "500",
      "--shard-size",
      "200",
      "--seed",
      "3",
      "--preview",
      "--output",
      root + "/samples"
    };
    assertDone(CommandLine.run(command));
    byte[] part = storage.read(storage.path(root + "/samples/part-00001.parquet"));
    byte[] manifest = storage.read(storage.path(root + "/samples/manifest.json"));
    storage.delete(storage.path(root + "/samples/part-00001.parquet"));
    assertDone(CommandLine.run(command));
    assertArrayEquals(part, storage.read(storage.path(root + "/samples/part-00001.parquet")));
    assertArrayEquals(manifest, storage.read(storage.path(root + "/samples/manifest.json")));
    assertTrue(storage.exists(storage.path(root + "/samples/preview.png")));
  }

  /** The name node counts whole blocks: less than one is no room for anything. */
  @Test
  void a_quota_that_is_used_up_is_told_and_the_same_command_goes_on_when_there_is_room()
      throws IOException {
    String data = fixtures.dataset(root + "/quota-data", "test", BITS, 100, 100);
    Map<String, Object> settings = Map.of("likelihood", "bernoulli");
    String model = fixtures.fitted(root + "/quota-model", "naive-bayes", settings, data, "test");
    String output = root + "/limited/samples";
    String[] command = {
      "generate",
      "--model",
      model,
      "--count",
      "600",
      "--shard-size",
      "100",
      "--seed",
      "3",
      "--output",
      output
    };
    org.apache.hadoop.fs.Path limited = storage.path(root + "/limited");
    cluster.getFileSystem().mkdirs(limited);
    cluster.getFileSystem().setQuota(limited, Long.MAX_VALUE, 1 << 20);
    CommandLine full = CommandLine.run(command);
    assertEquals(7, full.status(), full.err());
    assertTrue(
        full.err().contains("the disk or quota is full (The DiskSpace quota of"), full.err());
    assertTrue(full.err().contains("/limited"), full.err());
    assertTrue(full.err().contains("make room there and run the same command again"), full.err());
    assertEquals(1, full.err().lines().count(), full.err());

    cluster.getFileSystem().setQuota(limited, Long.MAX_VALUE, 1L << 40);
    assertDone(CommandLine.run(command));
    assertDone(CommandLine.run(swapped(command, output, root + "/roomy")));
    for (String file : List.of("part-00000.parquet", "part-00005.parquet", "manifest.json")) {
      assertArrayEquals(
          storage.read(storage.path(root + "/roomy/" + file)),
          storage.read(storage.path(output + "/" + file)),
          file);
    }
  }

  private static String[] swapped(String[] command, String from, String to) {
    return Arrays.stream(command).map(word -> word.equals(from) ? to : word).toArray(String[]::new);
  }

  private static void assertDone(CommandLine result) {
    assertEquals(0, result.status(), result.err());
  }

  private String text(String file) {
    return new String(storage.read(storage.path(root + file)), StandardCharsets.UTF_8);
  }
}
