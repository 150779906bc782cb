package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.Storage;
import dev.ancestral.data.loader.DistributedSampler;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.train.transport.DataLocality;
import dev.ancestral.spark.ExecutorLocation;
import dev.ancestral.spark.LocalityRdd;
import dev.ancestral.spark.ScalaCollections;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Work goes to the hosts that the data lie on. */
class DataLocalityTest {
  @TempDir Path folder;

  @Test
  void each_replica_goes_where_most_of_its_bytes_lie_and_a_slot_is_left() {
    Map<String, Long> mostlyA = Map.of("a", 10L, "b", 3L);
    Map<String, Long> onlyB = Map.of("b", 8L);
    Map<String, Integer> slots = Map.of("a", 1, "b", 2, "c", 4);
    assertEquals(
        List.of("a", "b", "b", "", ""),
        DataLocality.deal(List.of(mostlyA, mostlyA, onlyB, onlyB, Map.of()), slots));
    assertEquals(List.of(), DataLocality.deal(List.of(Map.of("z", 5L)), slots));
  }

  @Test
  void the_hosts_are_those_of_the_blocks() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    configuration.setInt("dfs.replication", 1);
    String[] nodes = {"node-a", "node-b", "node-c"};
    MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(configuration).numDataNodes(nodes.length).hosts(nodes).build();
    try {
      cluster.waitActive();
      Storage storage = new Storage(configuration);
      Dataset dataset =
          TrainingFixture.dataset(
              storage, "hdfs://localhost:" + cluster.getNameNodePort() + "/data");
      List<ShardEntry> shards = dataset.split("train").shards();
      for (int index = 0; index < shards.size(); index++) {
        Map<String, Long> hosts = dataset.hosts("train", index);
        assertTrue(Set.of(nodes).containsAll(hosts.keySet()), hosts.toString());
        assertEquals(
            shards.get(index).bytes(), hosts.values().stream().mapToLong(bytes -> bytes).sum());
      }
      // One replica for each shard's worth of examples, and one slot on every node.
      DistributedSampler shares =
          new DistributedSampler(dataset.split("train").examples(), 3, 8, 1 << 16);
      List<Map<String, Long>> bytes = DataLocality.bytes(dataset, "train", shares);
      List<String> homes = DataLocality.deal(bytes, Map.of("node-a", 3, "node-b", 3, "node-c", 3));
      JavaSparkContext spark =
          JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
      ExecutorLocation[] where = new ExecutorLocation[3];
      where[1] = new ExecutorLocation("elsewhere", "7");
      RDD<Integer> placed = LocalityRdd.replicas(spark, where, homes).rdd();
      for (int replica = 0; replica < 3; replica++) {
        Map<String, Long> own = bytes.get(replica);
        String home = homes.get(replica);
        assertTrue(own.values().stream().allMatch(count -> count <= own.get(home)), own + home);
        assertEquals(
            List.of(replica == 1 ? "executor_elsewhere_7" : home),
            ScalaCollections.list(placed.preferredLocations(placed.partitions()[replica])));
      }
    } finally {
      cluster.shutdown(true);
    }
  }

  @Test
  void local_files_ask_for_no_host() {
    Dataset dataset =
        TrainingFixture.dataset(
            new Storage(new Configuration()), folder.resolve("local").toString());
    assertEquals(Map.of(), dataset.hosts("train", 0));
  }
}
