package dev.ancestral.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.data.prepare.LocalSpark;
import dev.ancestral.data.prepare.Preparation;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.data.source.array.Matrix;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.metrics2.AbstractMetric;
import org.apache.hadoop.metrics2.MetricsRecord;
import org.apache.hadoop.metrics2.impl.MetricsCollectorImpl;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Storage and the prepare job on a real HDFS: a name node and a data node in this JVM. */
class HdfsTest {
  @TempDir static Path folder;

  private static MiniDFSCluster cluster;
  private static Storage storage;
  private static String root;

  @BeforeAll
  static void start() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    cluster.waitClusterUp();
    root = "hdfs://localhost:" + cluster.getNameNodePort();
    storage = new Storage(new Configuration());
  }

  @AfterAll
  static void stop() {
    cluster.shutdown();
  }

  private static List<String> names(String folder) {
    return storage.list(storage.path(root + folder)).stream()
        .map(FileStatus::getPath)
        .map(org.apache.hadoop.fs.Path::getName)
        .toList();
  }

  @Test
  void commit_replaces_and_a_reader_of_the_earlier_file_goes_on() throws IOException {
    org.apache.hadoop.fs.Path path = storage.path(root + "/commit/manifest.json");
    storage.commit(path, "first".getBytes(UTF_8));
    try (InputStream reader = storage.open(path)) {
      assertEquals('f', reader.read());
      storage.commit(path, "second".getBytes(UTF_8));
      assertEquals("irst", new String(reader.readAllBytes(), UTF_8));
    }
    assertArrayEquals("second".getBytes(UTF_8), storage.read(path));
    assertEquals(List.of("manifest.json"), names("/commit"));
  }

  @Test
  void every_block_is_synced_by_its_data_node() {
    long before = syncs();
    int block = 1 << 20;
    Configuration small = new Configuration();
    small.setInt("dfs.blocksize", block);
    small.setBoolean("fs.hdfs.impl.disable.cache", true);
    new Storage(small)
        .write(
            storage.path(root + "/synced/shard"),
            out -> out.write(new byte[2 * block + block / 2]));
    assertTrue(syncs() - before >= 3, (syncs() - before) + " of 3 blocks");
  }

  private static long syncs() {
    MetricsCollectorImpl collector = new MetricsCollectorImpl();
    String name = cluster.getDataNodes().get(0).getMetrics().name();
    DefaultMetricsSystem.instance().getSource(name).getMetrics(collector, true);
    long syncs = 0;
    for (MetricsRecord record : collector.getRecords()) {
      for (AbstractMetric metric : record.metrics()) {
        syncs += metric.name().equals("FsyncCount") ? metric.value().longValue() : 0;
      }
    }
    return syncs;
  }

  @Test
  void failed_write_leaves_nothing() {
    org.apache.hadoop.fs.Path path = storage.path(root + "/failed/shard");
    assertThrows(
        AncestralException.class,
        () ->
            storage.write(
                path,
                out -> {
                  out.write(new byte[1000]);
                  throw new IOException("lost");
                }));
    assertFalse(storage.exists(path));
    assertEquals(List.of(), names("/failed"));
  }

  @Test
  void splits_are_prepared_from_hdfs_to_hdfs() {
    org.apache.hadoop.fs.Path input = storage.path(root + "/input/numbers");
    storage.write(input, out -> out.write("1,2\n3,0\n2,2\n".getBytes(UTF_8)));
    String output = root + "/data";
    try (LocalSpark spark = new LocalSpark(2, 2)) {
      PrepareSpec train = PrepareSpec.of(new Matrix(), List.of(root + "/input/num*"), "train");
      assertTrue(
          Preparation.run(spark.session(), spark.storage(), output, train, line -> {}).changed());
      assertFalse(
          Preparation.run(spark.session(), spark.storage(), output, train, line -> {}).changed());
      PrepareSpec test = PrepareSpec.of(new Matrix(), List.of(root + "/input"), "test");
      Preparation.run(spark.session(), spark.storage(), output, test, line -> {});
    }
    Dataset dataset = Dataset.open(storage, output);
    assertEquals(List.of("train", "test"), List.copyOf(dataset.manifest().splits().keySet()));
    assertArrayEquals(
        new float[] {1, 2, 3, 0, 2, 2}, dataset.shard("train", 0).batch(0, 3).values());
    assertArrayEquals(new long[] {3, 4, 5}, dataset.shard("test", 0).ids());
    assertEquals(List.of("shard-00000.parquet"), names("/data/train"));
  }
}
