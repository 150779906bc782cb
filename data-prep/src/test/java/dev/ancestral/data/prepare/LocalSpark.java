package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.Source;
import dev.ancestral.model.Batch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Assertions;

/** A Spark of threads in this JVM, and what tests of the prepare job do with it. */
public final class LocalSpark implements AutoCloseable {
  private final SparkSession session;
  private final Storage storage;

  public LocalSpark(int slots, int parallelism) {
    this("local[" + slots + "]", parallelism, "org.apache.spark.serializer.JavaSerializer");
  }

  public LocalSpark(String master, int parallelism, String serializer) {
    session =
        SparkSession.builder()
            .master(master)
            .config("spark.default.parallelism", parallelism)
            .config("spark.serializer", serializer)
            .config("spark.kryo.registrationRequired", "true")
            .config("spark.ui.enabled", false)
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", parallelism)
            .getOrCreate();
    session.sparkContext().setLogLevel("OFF");
    storage = new Storage(session.sparkContext().hadoopConfiguration());
  }

  public SparkSession session() {
    return session;
  }

  public Storage storage() {
    return storage;
  }

  public Preparation.Result prepare(PrepareSpec spec, Path output) {
    return Preparation.run(session, storage, output.toString(), spec, line -> {});
  }

  public Preparation.Result prepare(Source source, Path input, String split, Path output) {
    List<String> inputs = source.readsFiles() ? List.of(input.toString()) : List.of();
    return prepare(PrepareSpec.of(source, inputs, split), output);
  }

  /** Prepares, and gives what the user is told. */
  public List<String> told(Source source, Path input, String split, Path output) {
    List<String> told = new ArrayList<>();
    PrepareSpec spec = PrepareSpec.of(source, List.of(input.toString()), split);
    Preparation.run(session, storage, output.toString(), spec, told::add);
    return told;
  }

  /** The first examples of a split, at most those of a shard. */
  public Batch first(Path dataset, String split) {
    return batch(dataset, split, 0);
  }

  public Batch batch(Path dataset, String split, int shard) {
    var read = Dataset.open(storage, dataset.toString()).shard(split, shard);
    return read.batch(0, read.size());
  }

  /** Every file below a folder by its relative path. */
  public static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    if (Files.exists(folder)) {
      try (var walk = Files.walk(folder)) {
        for (Path file : walk.filter(Files::isRegularFile).toList()) {
          files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  /** The same files with the same bytes. */
  public static void assertSameFiles(Map<String, byte[]> expected, Map<String, byte[]> actual) {
    Assertions.assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, bytes) -> Assertions.assertArrayEquals(bytes, actual.get(name), name));
  }

  /** Preparing is refused with this kind, and the message has all these parts. */
  public AncestralException assertRefused(
      ErrorCode kind, PrepareSpec spec, Path output, String... parts) {
    AncestralException refusal =
        Assertions.assertThrows(AncestralException.class, () -> prepare(spec, output));
    Assertions.assertEquals(kind, refusal.code(), refusal.getMessage());
    for (String part : parts) {
      Assertions.assertTrue(
          refusal.getMessage().contains(part), part + " is not in: " + refusal.getMessage());
    }
    return refusal;
  }

  @Override
  public void close() {
    session.stop();
  }
}
