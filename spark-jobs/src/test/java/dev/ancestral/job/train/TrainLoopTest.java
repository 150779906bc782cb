package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.data.loader.DistributedSampler;
import dev.ancestral.job.train.replica.DataLoader;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.torch.TorchEngine;
import dev.ancestral.train.CompressedUpdates;
import dev.ancestral.train.ParameterGroup;
import dev.ancestral.train.TrainLoop;
import dev.ancestral.train.TrainOptions;
import dev.ancestral.train.TrainState;
import dev.ancestral.train.TrainStep;
import dev.ancestral.train.collective.Collective;
import dev.ancestral.train.collective.InProcessGroup;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loop on plain threads, without Spark, ends with the bytes of a training on Spark. */
class TrainLoopTest {
  private static final int SEED = 11; // As in the fixture.

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration());
  private Dataset dataset;

  @BeforeEach
  void data() {
    dataset = TrainingFixture.dataset(storage, folder.resolve("data").toString());
  }

  @ParameterizedTest(name = "{0}, {1} replicas, {2}, compression {3}, {4}")
  @CsvSource({
    "vae, 1, parameter-averaging, none, spark",
    "vae, 2, parameter-averaging, none, gloo",
    "vae, 3, gradient-sharing, none, gloo",
    "vae, 5, parameter-averaging, none, spark",
    "vae, 2, gradient-sharing, ternary, spark",
    "vae, 3, gradient-sharing, ternary, gloo",
    "gan, 1, gradient-sharing, none, gloo",
    "gan, 2, parameter-averaging, none, spark",
    "gan, 3, parameter-averaging, none, gloo",
    "gan, 5, gradient-sharing, none, spark",
  })
  void ends_with_the_bytes_of_a_training_on_spark(
      String family, int replicas, String strategy, String compression, String transport)
      throws Exception {
    Map<String, Object> model =
        family.equals("gan") ? GanTrainingTest.GAN : Map.of("hidden", List.of(8), "latent", 2);
    Map<String, Object> train =
        TrainingFixture.train(
            "replicas", replicas,
            "strategy", strategy,
            "compression", compression,
            "transport", transport,
            "ema", 0.9,
            "clipNorm", 2.0,
            "schedule", Map.of("name", "cosine", "warmupSteps", 5));
    train.put("epochs", 2);
    String output = folder.resolve("spark").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[" + replicas + "]")) {
      TrainingFixture.run(
          spark, dataset, output, TrainJob.Mode.CONTINUE, withoutValidation(train), family, model);
    }
    float[] alone = train(family, model, TrainSpec.read(Settings.of(train)), replicas);
    assertArrayEquals(TrainingFixture.weights(output), alone);
  }

  /** With validation the best round would be stored, not the last. */
  private static Map<String, Object> withoutValidation(Map<String, Object> train) {
    Map<String, Object> without = new LinkedHashMap<>(train);
    without.put("validation", Map.of("everyRounds", 0));
    return without;
  }

  /** The averaged weights that the first replica ends with; all end with the same. */
  private float[] train(String family, Map<String, Object> model, TrainSpec spec, int replicas)
      throws Exception {
    DistributedSampler shares = DistributedSampler.of(dataset, replicas, spec.batchSize());
    TrainingContext run =
        new TrainingContext(
            "alone",
            SEED,
            ModelConfig.of(family, model, dataset.event(), "none"),
            spec,
            replicas,
            storage,
            folder.toString(),
            dataset,
            "train",
            null,
            shares,
            spec.epochs() * shares.stepsPerEpoch(),
            null,
            null);
    int[] all = IntStream.range(0, replicas).toArray();
    InProcessGroup group = new InProcessGroup(all, "threads of a test", 60_000, null);
    ExecutorService threads = Executors.newFixedThreadPool(replicas);
    try {
      List<Future<float[]>> weights = new ArrayList<>();
      for (int replica : all) {
        weights.add(threads.submit(() -> replica(run, replica, group.member(replica))));
      }
      float[] first = weights.get(0).get();
      for (Future<float[]> other : weights) {
        assertArrayEquals(first, other.get());
      }
      return first;
    } finally {
      threads.shutdownNow();
    }
  }

  private static float[] replica(TrainingContext run, int index, Collective collective) {
    Network network = (Network) run.recipe().define();
    List<ParameterGroup> groups = ParameterGroup.of(network, run.spec().optimizer());
    TrainOptions options = run.options();
    boolean ternary = run.spec().compression() == TrainSpec.Compression.TERNARY;
    try (Engine engine =
            TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT32));
        BoundParameters parameters = engine.bind(network.parameters());
        TrainState state = new TrainState(engine, parameters, groups, !ternary, options);
        CompressedUpdates compressed =
            ternary ? new CompressedUpdates(engine, network.parameters(), groups) : null;
        DataLoader batches = new DataLoader(run, index, network)) {
      run.begin(network, parameters.values()::write);
      state.reset();
      TrainStep step = new TrainStep(engine, groups, state, compressed, options, run.key("noise"));
      new TrainLoop(step, state, options, batches, run.replicas())
          .run(0, run.totalSteps(), collective);
      float[] weights = new float[(int) state.ema().size()];
      state.ema().read(0, FloatBuffer.wrap(weights));
      return weights;
    }
  }
}
