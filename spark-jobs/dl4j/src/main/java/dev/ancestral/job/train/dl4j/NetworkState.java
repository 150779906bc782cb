package dev.ancestral.job.train.dl4j;

import dev.ancestral.job.train.backend.BackendInputs;
import dev.ancestral.tensor.NativeLimits;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The driver's ComputationGraph and its state as one run of floats: the parameters, then the state
 * of the updaters as DeepLearning4J lays it out (of Adam both moments of each player, in the order
 * of its parameters).
 */
final class NetworkState {
  static {
    NativeLimits.lift();
  }

  private final ComputationGraph graph;
  private final float[] parameters;
  private final float[] memory;

  NetworkState(BackendInputs inputs) {
    ObjectiveLayer layer =
        new ObjectiveLayer(
            inputs.recipe(), inputs.longest(), inputs.spec().batchSize(), PlayerRule.of(inputs));
    NeuralNetConfiguration.Builder settings =
        new NeuralNetConfiguration.Builder().dataType(DataType.FLOAT).miniBatch(false);
    if (inputs.spec().clipNorm() > 0) {
      settings
          .gradientNormalization(GradientNormalization.ClipL2PerLayer)
          .gradientNormalizationThreshold(inputs.spec().clipNorm());
    }
    ComputationGraphConfiguration configuration =
        settings
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(InputType.feedForward(layer.width()))
            .addLayer(ObjectiveLayer.NAME, layer, "input")
            .setOutputs(ObjectiveLayer.NAME)
            .build();
    graph = new ComputationGraph(configuration);
    graph.init();
    parameters = new float[Math.toIntExact(graph.numParams())];
    INDArray state = graph.getUpdater().getStateViewArray();
    memory = new float[state == null ? 0 : Math.toIntExact(state.length())];
  }

  ComputationGraph graph() {
    return graph;
  }

  long size() {
    return (long) parameters.length + memory.length;
  }

  void reset() {
    Arrays.fill(parameters, 0);
    Arrays.fill(memory, 0);
  }

  void write(long offset, FloatBuffer from) {
    int at = Math.toIntExact(offset);
    int own = Math.min(from.remaining(), Math.max(0, parameters.length - at));
    if (own > 0) {
      from.get(parameters, at, own);
    }
    if (from.hasRemaining()) {
      from.get(memory, at + own - parameters.length, from.remaining());
    }
  }

  void read(long offset, FloatBuffer into) {
    int at = Math.toIntExact(offset);
    int own = Math.min(into.remaining(), Math.max(0, parameters.length - at));
    if (own > 0) {
      into.put(parameters, at, own);
    }
    if (into.hasRemaining()) {
      into.put(memory, at + own - parameters.length, into.remaining());
    }
  }

  /** A copy of the floats: the parameters, and the memory of the updaters. */
  float[][] floats() {
    return new float[][] {parameters.clone(), memory.clone()};
  }

  /** Puts the floats into the graph. */
  void toGraph() {
    put(graph, parameters, memory);
  }

  /** Puts floats into a graph of the same layer. */
  static void put(ComputationGraph graph, float[] parameters, float[] memory) {
    graph.setParams(Nd4j.createFromArray(parameters).reshape(1, parameters.length));
    if (memory.length > 0) {
      graph.getUpdater().setStateViewArray(Nd4j.createFromArray(memory).reshape(1, memory.length));
    }
  }

  /** Takes the floats out of the graph. */
  void fromGraph() {
    copy(graph.params(), parameters);
    if (memory.length > 0) {
      copy(graph.getUpdater().getStateViewArray(), memory);
    }
  }

  private static void copy(INDArray from, float[] into) {
    System.arraycopy(from.toFloatVector(), 0, into, 0, into.length);
  }
}
