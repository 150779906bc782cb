package dev.ancestral.job.train.dl4j;

import dev.ancestral.job.train.backend.TrainingBackend;
import dev.ancestral.spark.ExecutorLocation;
import dev.ancestral.tensor.dl4j.ObjectiveGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.samediff.SameDiffOutputLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.autodiff.samediff.api.OutAndGrad;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs the graph of an {@link ObjectiveLayer}: once a step, loss and gradient together. The layer
 * that it extends runs the forward pass a second time for the score, divides that score by the
 * batch once more, and computes the gradient of its input, which is not needed here.
 */
@SuppressWarnings("try") // a scope is there for what it closes
final class ObjectiveRuntime extends SameDiffOutputLayer {
  private static final long serialVersionUID = 1L;

  private final int players;
  private double[] objectives;
  private Origin origin;

  ObjectiveRuntime(NeuralNetConfiguration configuration, DataType type, int players) {
    super(configuration, type);
    this.players = players;
  }

  /** That of a graph. */
  static ObjectiveRuntime of(Model graph) {
    return (ObjectiveRuntime) ((ComputationGraph) graph).getLayer(ObjectiveLayer.NAME);
  }

  /** What the last step was for. */
  Origin origin() {
    return origin;
  }

  /** What came of the last step, which took so long. */
  TrainingBackend.Step report(long nanos) {
    ExecutorLocation here = ExecutorLocation.here();
    return new TrainingBackend.Step(
        origin.replica(),
        origin.step(),
        objectives.clone(),
        origin.ids(),
        nanos,
        here.host(),
        here.executor());
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    Gradient gradient = new DefaultGradient();
    try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
      if (sameDiff == null) {
        doInit();
      }
      origin = Origin.of(labels);
      List<String> outputs = new ArrayList<>();
      for (int player = 0; player < players; player++) {
        outputs.add(ObjectiveGraph.objective(player));
      }
      OutAndGrad found =
          sameDiff.calculateGradientsAndOutputs(
              Map.of(INPUT_KEY, input), outputs, paramTable.keySet());
      objectives = new double[players];
      for (int player = 0; player < players; player++) {
        objectives[player] = found.getOutputs().get(outputs.get(player)).getDouble(0);
      }
      for (String name : paramTable.keySet()) {
        INDArray own = gradTable.get(name);
        own.assign(found.getGradients().get(name));
        gradient.gradientForVariable().put(name, own);
      }
      sameDiff.clearPlaceholders(true);
      sameDiff.clearOpInputs();
    }
    return new Pair<>(
        gradient, workspaces.create(ArrayType.ACTIVATION_GRAD, input.dataType(), input.shape()));
  }

  /** What is minimised, from the step's own pass, plus what the configuration adds. */
  @Override
  public double computeScore(
      double regularization, boolean training, LayerWorkspaceMgr workspaces) {
    double score = regularization;
    for (double objective : objectives) {
      score -= objective;
    }
    return score;
  }
}
