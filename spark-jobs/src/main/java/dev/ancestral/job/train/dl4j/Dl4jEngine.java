package dev.ancestral.job.train.dl4j;

import dev.ancestral.Refusal;
import dev.ancestral.job.train.OutsideTrainer;
import dev.ancestral.job.train.StepInputs;
import dev.ancestral.job.train.TrainSpec;
import dev.ancestral.model.Network;
import dev.ancestral.optimize.OptimizerSettings;
import dev.ancestral.optimize.Sgd;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.dl4j.ObjectiveGraph;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/** {@code engine: dl4j}: what it can do, and the trainer that does it. */
public final class Dl4jEngine {
  private Dl4jEngine() {}

  /**
   * Checks that the engine can train this as the spec says.
   *
   * @throws Refusal (SPEC) naming the key that it cannot honour and what to use instead
   */
  public static void requireSupported(Network network, TrainSpec spec) {
    require(
        spec.strategy() == TrainSpec.Strategy.PARAMETER_AVERAGING,
        "strategy is gradient-sharing",
        "SharedTrainingMaster copies a network through JSON, which a traced loss has none of; set"
            + " strategy: parameter-averaging");
    require(
        spec.precision() == Precision.FLOAT32,
        "precision is bfloat16",
        "it computes in float32; set precision: float32");
    require(
        spec.device() != TrainSpec.DeviceChoice.CUDA,
        "device is cuda",
        "this build holds nd4j-native, which computes on the CPU; set device: cpu");
    require(
        spec.ema() == 0,
        "ema is " + spec.ema(),
        "its workers keep no averaged weights; set ema: 0");
    require(
        spec.transport() == TrainSpec.TransportKind.AUTO
            || spec.transport() == TrainSpec.TransportKind.SPARK,
        "transport is " + TrainSpec.text(spec.transport()),
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
      throw new Refusal(
          Refusal.Kind.SPEC,
          "engine is dl4j and "
              + given
              + ", which it does not have: "
              + mend
              + ", or use engine: torch");
    }
  }

  /** The trainer of a run. */
  public static OutsideTrainer open(JavaSparkContext spark, StepInputs inputs) {
    return new AveragingTrainer(spark, inputs);
  }
}
