package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.generate.GenerateJob;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.generate.GenerateSpec;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.EventSpec;
import dev.ancestral.spark.SparkApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * HDFS with three data nodes, of which one is killed, or whose name node is away for a while,
 * during training and generation on executors in processes of their own. The command ends right, or
 * with 7, and then the same command finishes; the bytes are those of an undisturbed run.
 */
@Tag("long")
class HdfsLossTest {
  private static final int MOST_RUNS = 6;
  private static final long AWAY_MILLIS = 4000;

  @TempDir static Path folder;

  private static MiniDFSCluster cluster;
  private static String root;
  private static MiniDFSCluster.DataNodeProperties killed;
  private final Storage storage = new Storage(new Configuration());

  @BeforeAll
  static void start() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    configuration.setInt("dfs.replication", 2);
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(3).build();
    cluster.waitActive();
    root = "hdfs://localhost:" + cluster.getNameNodePort() + "/runs";
  }

  @AfterAll
  static void stop() {
    cluster.shutdown(true);
  }

  /** What happens to HDFS, once, while a command runs. */
  private enum Fault {
    DATA_NODE_KILLED,
    NAME_NODE_AWAY;

    void happen() {
      try {
        if (this == DATA_NODE_KILLED) {
          killed = cluster.stopDataNode(0);
        } else {
          cluster.shutdownNameNode(0);
          Thread.sleep(AWAY_MILLIS);
          cluster.restartNameNode(0, false);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void heal() throws IOException, InterruptedException {
      if (this == DATA_NODE_KILLED) {
        assertTrue(cluster.restartDataNode(killed, true), "the data node is back");
      }
      cluster.waitActive();
    }
  }

  /** Progress that starts a fault beside the work at the second sign of it. */
  private static ProgressListener disturbing(Fault fault, AtomicReference<Thread> started) {
    return LossTest.afterRound(
        2,
        () -> {
          Thread thread = new Thread(fault::happen, "fault");
          if (started.compareAndSet(null, thread)) {
            thread.start();
          }
        });
  }

  /** Runs until it ends well; returns how many runs it took. */
  private static int untilDone(Fault fault, Consumer<ProgressListener> work) throws Exception {
    AtomicReference<Thread> started = new AtomicReference<>();
    int runs = 0;
    boolean done = false;
    while (!done) {
      runs++;
      assertTrue(runs <= MOST_RUNS, "runs until the command was done");
      try {
        work.accept(disturbing(fault, started));
        done = true;
      } catch (AncestralException refusal) {
        assertEquals(ErrorCode.INTERRUPTED, refusal.code(), refusal.getMessage());
        System.out.println(fault + ": ended with 7: " + refusal.getMessage());
        started.get().join();
        cluster.waitActive();
      }
    }
    assertTrue(started.get() != null, "the fault happened while it ran");
    started.get().join();
    fault.heal();
    return runs;
  }

  @ParameterizedTest
  @CsvSource({
    "DATA_NODE_KILLED, parameter-averaging, gloo",
    "NAME_NODE_AWAY, parameter-averaging, gloo",
    "DATA_NODE_KILLED, gradient-sharing, spark",
    "NAME_NODE_AWAY, gradient-sharing, spark",
  })
  void training(Fault fault, String strategy, String transport) throws Exception {
    Map<String, Object> train =
        TrainingFixture.train("strategy", strategy, "replicas", 2, "transport", transport);
    String name = fault + "-" + strategy + "-" + transport;
    String expected = folder.resolve(name).toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      Dataset local = TrainingFixture.dataset(storage, folder.resolve("data" + name).toString());
      TrainingFixture.run(spark, local, expected, TrainJob.Mode.CONTINUE, train);
    }
    Dataset dataset = TrainingFixture.dataset(storage, root + "/data-" + name);
    String output = root + "/" + name;
    int runs;
    try (JavaSparkContext spark = Executors.start(2, 1)) {
      runs =
          untilDone(
              fault, progress -> TrainingFixture.run(spark, dataset, output, train, progress));
    }
    assertArrayEquals(
        TrainingFixture.parameters(expected),
        storage.read(storage.path(output + "/parameters.safetensors")));
    System.out.println(name + ": the same parameters to the bit in " + runs + " runs");
  }

  @ParameterizedTest
  @CsvSource({"DATA_NODE_KILLED", "NAME_NODE_AWAY"})
  void generation(Fault fault) throws Exception {
    EventSpec bits = EventSpec.discrete(2, 4, 3, 1);
    Fixtures fixtures = new Fixtures(storage);
    String data = fixtures.dataset(root + "/bits-" + fault, "train", bits, 200, 100);
    Map<String, Object> settings = Map.of("likelihood", "bernoulli");
    String model = fixtures.fitted(root + "/nb-" + fault, "naive-bayes", settings, data, "train");
    GenerateSpec spec =
        new GenerateSpec(
            12_000,
            7,
            OptionalInt.of(100),
            OptionalInt.empty(),
            OptionalInt.empty(),
            1,
            "parquet",
            false);
    String output = root + "/samples-" + fault;
    String expected = root + "/samples-undisturbed-" + fault;
    int runs;
    try (JavaSparkContext spark = Executors.start(2, 1)) {
      SparkApplication application =
          SparkApplication.of(SparkSession.builder().sparkContext(spark.sc()).getOrCreate());
      generate(application, model, spec, expected, ProgressListener.silent());
      runs = untilDone(fault, progress -> generate(application, model, spec, output, progress));
    }
    GenerationManifest manifest = GenerationManifest.read(storage, storage.path(output));
    assertEquals(
        GenerationManifest.read(storage, storage.path(expected)).parts(), manifest.parts());
    long next = 0;
    for (var part : manifest.parts()) {
      assertEquals(next, part.firstId());
      next = part.lastId() + 1;
      assertArrayEquals(
          storage.read(storage.path(expected + "/" + part.file())),
          storage.read(storage.path(output + "/" + part.file())));
    }
    assertEquals(12_000, next);
    List<String> parts =
        storage.list(storage.path(output)).stream()
            .map(file -> file.getPath().getName())
            .filter(file -> file.startsWith("part-"))
            .toList();
    assertEquals(manifest.parts().size(), parts.size());
    System.out.println(fault + ": " + next + " ids, each once, in " + runs + " runs");
  }

  private static void generate(
      SparkApplication application,
      String model,
      GenerateSpec spec,
      String output,
      ProgressListener progress) {
    new GenerateJob(application, progress).run(new GenerateRequest(model, spec, output, false));
  }
}
