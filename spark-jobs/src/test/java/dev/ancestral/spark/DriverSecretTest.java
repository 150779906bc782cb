package dev.ancestral.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.job.Executors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;
import scala.collection.Iterator;

/** What the driver hands out by Spark's RPC is nowhere else. */
class DriverSecretTest {
  @TempDir Path folder;

  @Test
  void executors_know_it_and_neither_blocks_nor_event_logs_do() throws IOException {
    Executors.stopOthers();
    SparkConf conf =
        Executors.conf(2, 1)
            .set("spark.authenticate", "true")
            .set("spark.authenticate.secret", "of the application")
            .set("spark.eventLog.enabled", "true")
            .set("spark.eventLog.dir", folder.toUri().toString());
    String drawn;
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      String name;
      try (DriverSecret secret = DriverSecret.serve();
          DriverSecret another = DriverSecret.serve()) {
        name = secret.name();
        Set<String> asked = new TreeSet<>(ask(spark, name));
        assertEquals(1, asked.size(), "all that ask get the same");
        String[] parts = asked.iterator().next().split("\n");
        drawn = parts[0];
        assertTrue(drawn.matches("[0-9a-f]{64}"), "32 bytes");
        assertEquals("of the application", parts[1]);
        assertNotEquals(asked, Set.copyOf(ask(spark, another.name())));
        List<String> closures = broadcasts();
        assertTrue(closures.stream().anyMatch(each -> each.contains(name)), "closures are blocks");
        assertFalse(closures.stream().anyMatch(each -> each.contains(drawn)), "a block tells");
      }
      assertThrows(Exception.class, () -> ask(spark, name), "it is not handed out for ever");
    }
    try (var logs = Files.list(folder)) {
      for (Path log : logs.toList()) {
        String events = Files.readString(log);
        assertTrue(events.contains("SparkListenerJobStart"), "events are logged");
        assertFalse(events.contains(drawn), "an event tells");
      }
    }
  }

  private static List<String> ask(JavaSparkContext spark, String name) {
    return spark
        .parallelize(List.of(0, 1, 2, 3), 4)
        .map(index -> new String(DriverSecret.ask(name), StandardCharsets.UTF_8))
        .collect();
  }

  /** The broadcast arrays of bytes in the driver's block manager, closures among them. */
  private static List<String> broadcasts() {
    List<String> all = new ArrayList<>();
    BlockManager manager = SparkEnv.get().blockManager();
    for (BlockId block :
        ScalaCollections.list(
            manager.getMatchingBlockIds(id -> id.name().matches("broadcast_\\d+")))) {
      Option<BlockResult> found = manager.getLocalValues(block);
      if (found.isDefined()) {
        Iterator<Object> values = found.get().data();
        while (values.hasNext()) {
          if (values.next() instanceof byte[] bytes) {
            all.add(new String(bytes, StandardCharsets.ISO_8859_1));
          }
        }
      }
    }
    return all;
  }
}
