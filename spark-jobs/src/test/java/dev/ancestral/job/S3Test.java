package dev.ancestral.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on s3a: against a server that speaks S3's protocol. Run with {@code -Ps3}. */
@Tag("s3")
class S3Test {
  private static final String BUCKET = "s3a://lake/";

  @TempDir static Path folder;

  private static S3Server server;
  private static Storage storage;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = S3Server.start(folder.resolve("server"), "lake");
    // What --conf gives to a driver, before its session starts.
    server.settings().forEach((key, value) -> System.setProperty("spark.hadoop." + key, value));
    SparkSession spark = LocalSpark.session();
    storage = new Storage(spark.sparkContext().hadoopConfiguration());
  }

  @AfterAll
  static void stop() throws IOException {
    // While there is a server to say goodbye to: S3A would try for minutes.
    LocalSpark.session().stop();
    FileSystem.closeAll();
    server.close();
  }

  /** Rows of two columns of bits that agree four times out of five. */
  private static String rows(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> (i * 7 % 5 < 2 ? 1 : 0) + "," + ((i * 7 % 5 < 2) == (i % 5 > 0) ? 1 : 0))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  @Test
  void from_globs_and_tables_to_samples_and_every_command_again() throws IOException {
    storage.commit(storage.path(BUCKET + "raw/day=1/bits.csv"), rows(0, 300).getBytes(UTF_8));
    storage.commit(storage.path(BUCKET + "raw/day=2/bits.csv"), rows(300, 600).getBytes(UTF_8));
    storage.commit(storage.path(BUCKET + "raw/day=2/notes.txt"), "not data".getBytes(UTF_8));
    LocalSpark.session()
        .range(0, 200, 1, 2)
        .selectExpr("CAST(id % 2 AS INT) AS left", "CAST(id % 3 = 0 AS INT) AS right", "id AS key")
        .write()
        .parquet(BUCKET + "tables/bits");
    Path spec = folder.resolve("spec.yaml");
    Files.writeString(
        spec,
        """
        name: s3
        seed: 3
        output: s3a://lake/out
        data: {path: s3a://lake/data}
        model: {family: vae, hidden: [4], latent: 2}
        train: {replicas: 2, epochs: 2, batchSize: 20, averagingFrequency: 5}
        """);
    List<List<String>> commands =
        List.of(
            List.of(
                "prepare",
                "--format",
                "matrix",
                "--input",
                BUCKET + "raw/day=*/*.csv",
                "--split",
                "train",
                "--shard-size",
                "250",
                "--output",
                BUCKET + "data"),
            List.of(
                "prepare",
                "--format",
                "table",
                "--input",
                BUCKET + "tables/bits",
                "--columns",
                "left,right",
                "--split",
                "test",
                "--shard-size",
                "64",
                "--output",
                BUCKET + "data"),
            List.of("train", "--spec", spec.toString(), "--output", BUCKET + "run"),
            List.of(
                "evaluate",
                "--model",
                BUCKET + "run",
                "--data",
                BUCKET + "data",
                "--estimator",
                "iwae",
                "--samples",
                "5",
                "--output",
                BUCKET + "test"),
            List.of(
                "generate",
                "--model",
                BUCKET + "run",
                "--count",
                "500",
                "--shard-size",
                "200",
                "--seed",
                "7",
                "--output",
                BUCKET + "samples"));
    for (List<String> command : commands) {
      assertDone(CommandLine.run(command.toArray(String[]::new)));
    }
    Dataset dataset = Dataset.open(storage, BUCKET + "data");
    assertEquals(600, dataset.split("train").examples());
    assertEquals(200, dataset.split("test").examples());

    Map<String, Long> before = objects();
    assertTrue(before.containsKey("run/model.json") && before.containsKey("test/report.json"));
    for (List<String> command : commands) {
      assertDone(CommandLine.run(command.toArray(String[]::new)));
    }
    assertEquals(before, objects());

    org.apache.hadoop.fs.Path part = storage.path(BUCKET + "samples/part-00001.parquet");
    byte[] made = storage.read(part);
    storage.delete(part);
    assertDone(CommandLine.run(commands.get(4).toArray(String[]::new)));
    assertArrayEquals(made, storage.read(part));
  }

  /** When each object was written, but for the notes on how a command ended. */
  private static Map<String, Long> objects() throws IOException {
    org.apache.hadoop.fs.Path root = storage.path(BUCKET);
    FileSystem files = storage.fileSystem(root);
    Map<String, Long> objects = new TreeMap<>();
    RemoteIterator<LocatedFileStatus> all = files.listFiles(root, true);
    while (all.hasNext()) {
      FileStatus file = all.next();
      if (!file.getPath().getName().equals("status.json")) {
        objects.put(
            file.getPath().toString().substring(BUCKET.length()), file.getModificationTime());
      }
    }
    return objects;
  }

  @Test
  void a_write_that_fails_publishes_nothing_and_leaves_the_earlier_object() {
    org.apache.hadoop.fs.Path path = storage.path(BUCKET + "whole/manifest.json");
    storage.commit(path, "first".getBytes(UTF_8));
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () ->
                storage.write(
                    path,
                    out -> {
                      out.write(1);
                      throw new IOException("503 Slow Down");
                    }));
    assertEquals(ErrorCode.INTERRUPTED, refusal.code());
    assertArrayEquals("first".getBytes(UTF_8), storage.read(path));
    assertThrows(
        AncestralException.class,
        () ->
            storage.write(
                storage.path(BUCKET + "whole/absent"),
                out -> {
                  out.write(1);
                  throw new IOException("503 Slow Down");
                }));
    assertEquals(1, storage.list(storage.path(BUCKET + "whole")).size());
  }

  @Test
  void a_bucket_that_is_not_there_is_named() {
    CommandLine result =
        CommandLine.run(
            "prepare",
            "--format",
            "matrix",
            "--input",
            "s3a://no-such-bucket/rows.csv",
            "--output",
            folder.resolve("nowhere").toString());
    assertEquals(3, result.status(), result.err());
    assertTrue(result.err().contains("there is no bucket no-such-bucket"), result.err());
  }

  private static void assertDone(CommandLine result) {
    assertEquals(0, result.status(), result.err());
  }
}
