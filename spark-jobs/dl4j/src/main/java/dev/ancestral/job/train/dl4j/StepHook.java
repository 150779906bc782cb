package dev.ancestral.job.train.dl4j;

import dev.ancestral.job.train.backend.TrainingBackend;
import org.apache.spark.util.CollectionAccumulator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Stands beside every step of a worker: tells it which step of the run this is and reports what
 * came of it.
 *
 * <p>A worker makes its network from a copy of the configuration, which leaves the count of
 * iterations out: without this, Adam's bias correction and every schedule would begin again after
 * each averaging.
 */
final class StepHook implements TrainingHook {
  private static final long serialVersionUID = 1L;

  private final CollectionAccumulator<TrainingBackend.Step> reports;
  private transient long started;

  StepHook(CollectionAccumulator<TrainingBackend.Step> reports) {
    this.reports = reports;
  }

  @Override
  public void preUpdate(MultiDataSet batch, Model model) {
    ((ComputationGraph) model)
        .getConfiguration()
        .setIterationCount(Math.toIntExact(Origin.of(batch.getLabels(0)).step()));
    started = System.nanoTime();
  }

  @Override
  public void postUpdate(MultiDataSet batch, Model model) {
    reports.add(ObjectiveRuntime.of(model).report(System.nanoTime() - started));
  }

  @Override
  public void preUpdate(DataSet batch, Model model) {
    throw new IllegalStateException("batches come as MultiDataSets");
  }

  @Override
  public void postUpdate(DataSet batch, Model model) {
    throw new IllegalStateException("batches come as MultiDataSets");
  }
}
