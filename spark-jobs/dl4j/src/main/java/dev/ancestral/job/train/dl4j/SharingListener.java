package dev.ancestral.job.train.dl4j;

import java.io.Serializable;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What {@link StepHook} is to the one master, to the other, whose workers know no hooks: it gives
 * the network the state that the call begins from, tells each step its number, and reports it.
 *
 * <p>A network stays in its process from call to call and keeps the listener that it was made with.
 * So the listener knows nothing itself, and asks which call the task on its thread is for.
 */
final class SharingListener extends BaseTrainingListener implements Serializable {
  private static final long serialVersionUID = 1L;

  private transient long started;

  @Override
  public void onEpochStart(Model model) {
    SharingCall.ofTask().begin((ComputationGraph) model);
  }

  @Override
  public void onForwardPass(Model model, Map<String, INDArray> activations) {
    started = System.nanoTime();
  }

  /** After the gradient and before the updater, which asks for the number of the step. */
  @Override
  public void onGradientCalculation(Model model) {
    ((ComputationGraph) model)
        .getConfiguration()
        .setIterationCount(Math.toIntExact(ObjectiveRuntime.of(model).origin().step()));
  }

  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    SharingCall.ofTask().done(ObjectiveRuntime.of(model).report(System.nanoTime() - started));
  }
}
