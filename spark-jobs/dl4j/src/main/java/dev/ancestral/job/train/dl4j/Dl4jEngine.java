package dev.ancestral.job.train.dl4j;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.train.backend.BackendInputs;
import dev.ancestral.job.train.backend.PlainCollectives;
import dev.ancestral.job.train.backend.TrainingBackend;
import dev.ancestral.job.train.spec.EngineKind;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.job.train.spec.TransportKind;
import dev.ancestral.model.Network;
import dev.ancestral.optimize.OptimizerSettings;
import dev.ancestral.optimize.Sgd;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.dl4j.ObjectiveGraph;
import dev.ancestral.train.TrainOptions.Strategy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** {@code engine: dl4j}: what it can do, and the trainer that does it. */
public final class Dl4jEngine {
  private static final String REGISTRATOR = "spark.kryo.registrator";
  private static final String ND4J_REGISTRATOR = "org.nd4j.kryo.Nd4jRegistrator";
  private static final String REQUIRED = "spark.kryo.registrationRequired";

  private Dl4jEngine() {}

  /**
   * Checks that the engine can train this as the spec says.
   *
   * @throws AncestralException (SPEC) naming the key that it cannot honour and what to use instead
   */
  public static void requireSupported(Network network, TrainSpec spec) {
    require(
        spec.precision() == Precision.FLOAT32,
        "precision is bfloat16",
        "it computes in float32; set precision: float32");
    require(
        spec.device() != TrainSpec.DeviceChoice.CUDA || holdsCuda(),
        "device is cuda",
        "this build holds nd4j-native, which computes on the CPU; set device: cpu, or build with"
            + " the profile dl4j-cuda");
    require(
        spec.ema() == 0,
        "ema is " + spec.ema(),
        "its workers keep no averaged weights; set ema: 0");
    require(
        spec.transport().equals(TransportKind.AUTO) || spec.transport().equals(TransportKind.SPARK),
        "transport is " + spec.transport(),
        "its masters bring their own; leave transport at auto");
    for (Network.Player player : network.players()) {
      require(
          player.updates() == 1,
          player.name() + "Steps is " + player.updates(),
          "all players take their step at once; set it to 1");
      requireSupported(player.optimizer().orElse(spec.optimizer()));
    }
    require(
        spec.clipNorm() == 0 || network.players().size() == 1,
        "clipNorm is " + spec.clipNorm(),
        "it would clip both players' gradients together; set clipNorm: 0");
    requireTraceable(network);
  }

  private static void requireSupported(OptimizerSettings settings) {
    if (settings.optimizer() instanceof Sgd sgd) {
      require(
          sgd.momentum() == 0 || sgd.nesterov(),
          "the optimizer is sgd with momentum " + sgd.momentum(),
          "its momentum is Nesterov's; set nesterov: true, or momentum: 0");
    }
  }

  private static boolean holdsCuda() {
    return Dl4jEngine.class.getResource("/org/nd4j/linalg/jcublas/JCublasBackend.class") != null;
  }

  /** What computes, for provenance. */
  static String description() {
    String backend = Nd4j.getBackend().getClass().getSimpleName();
    return "nd4j " + backend + (backend.contains("ublas") ? ", cuda" : ", cpu") + ", float32";
  }

  /** Writes the loss down once, so that what cannot be traced is said before anything starts. */
  private static void requireTraceable(Network network) {
    int steps = network.event().variableLength() ? 2 : 1;
    ObjectiveGraph objective = ObjectiveGraph.of(network, steps, 2);
    SameDiff graph = SameDiff.create();
    Map<String, SDVariable> parameters = new HashMap<>();
    network
        .parameters()
        .parameters()
        .forEach(
            parameter ->
                parameters.put(
                    parameter.name(),
                    graph.placeHolder(parameter.name(), DataType.FLOAT, parameter.dimensions())));
    objective.define(
        graph,
        graph.placeHolder("input", DataType.FLOAT, 2, objective.columns().width()),
        parameters,
        Precision.FLOAT32);
  }

  private static void require(boolean fits, String given, String mend) {
    if (!fits) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "engine is dl4j and "
              + given
              + ", which it does not have: "
              + mend
              + ", or use engine: torch");
    }
  }

  /**
   * Why the replicas cannot share gradients on this cluster, and how to mend it; empty if they can,
   * or are not meant to.
   */
  public static Optional<String> obstacle(JavaSparkContext spark, TrainSpec spec) {
    if (!spec.engine().equals(EngineKind.DL4J) || spec.strategy() != Strategy.GRADIENT_SHARING) {
      return Optional.empty();
    }
    Optional<String> settings =
        spark.isLocal()
            ? Optional.empty() // Nothing leaves the process.
            : settingsObstacle(spark.getConf(), spec.allowPlainCollectives());
    return settings.isPresent() ? settings : Mesh.obstacle(spark);
  }

  /**
   * Why {@code spark.serializer} cannot carry what DeepLearning4J's masters send by it, and how to
   * mend it; empty if it can, or another engine trains.
   */
  public static Optional<String> serializerObstacle(SparkConf conf, TrainSpec spec) {
    boolean kryo = conf.get("spark.serializer", "").endsWith(".KryoSerializer");
    if (!spec.engine().equals(EngineKind.DL4J) || !kryo) {
      return Optional.empty();
    }
    String instead = ", leave spark.serializer at Spark's default, or use engine: torch";
    if (!conf.get(REGISTRATOR, "").equals(ND4J_REGISTRATOR)) {
      return Optional.of(
          "spark.serializer is Kryo and "
              + REGISTRATOR
              + " is "
              + conf.get(REGISTRATOR, "not set")
              + ", under which DeepLearning4J cannot send arrays; set "
              + REGISTRATOR
              + "="
              + ND4J_REGISTRATOR
              + instead);
    }
    return conf.getBoolean(REQUIRED, false)
        ? Optional.of(
            REQUIRED
                + " is true and DeepLearning4J sends classes that its registrator does not"
                + " register; set it to false"
                + instead)
        : Optional.empty();
  }

  /**
   * Why the settings of a cluster forbid that gradients are shared, if they do.
   *
   * @param allowPlain whether traffic may go unprotected where the cluster demands protection
   */
  public static Optional<String> settingsObstacle(SparkConf conf, boolean allowPlain) {
    if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      return Optional.of(
          "spark.dynamicAllocation.enabled is true, and executors that share gradients must stay;"
              + " set it to false, or use strategy: parameter-averaging");
    }
    return allowPlain
        ? Optional.empty()
        : PlainCollectives.demanded(conf)
            .map(
                keys ->
                    "the cluster demands protected traffic ("
                        + keys
                        + ") and DeepLearning4J shares gradients as plain datagrams from any"
                        + " process that sends them; use strategy: parameter-averaging, or set"
                        + " train.allowPlainCollectives: true if the network between the executors"
                        + " is trusted");
  }

  /**
   * The trainer of a run.
   *
   * @throws AncestralException (CLUSTER) if the cluster cannot run it
   */
  public static TrainingBackend open(JavaSparkContext spark, BackendInputs inputs) {
    if (inputs.spec().strategy() == Strategy.PARAMETER_AVERAGING) {
      return new AveragingTrainer(spark, inputs);
    }
    if (!spark.isLocal()) {
      settingsObstacle(spark.getConf(), inputs.spec().allowPlainCollectives())
          .ifPresent(
              why -> {
                throw new AncestralException(ErrorCode.CLUSTER, why);
              });
    }
    return new SharingTrainer(spark, inputs);
  }
}
