package dev.ancestral.job.train.dl4j;

import org.deeplearning4j.optimize.solvers.accumulation.encoding.ThresholdAlgorithm;
import org.deeplearning4j.optimize.solvers.accumulation.encoding.ThresholdAlgorithmReducer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A shared update is sent as signs above a threshold: here the learning rate of the step, by which
 * Adam moves a parameter whose gradient is steady. What is left over is kept for later steps.
 *
 * <p>DeepLearning4J's own choice raises the threshold until less than one parameter in a hundred is
 * sent, and clips what is left over: on models of this size that saves little and learns slowly.
 *
 * @param rate learning rate by step
 */
record RateThreshold(RunSchedule rate) implements ThresholdAlgorithm, ThresholdAlgorithmReducer {
  private static final long serialVersionUID = 1L;

  /** Of the rate before the schedule: where a schedule ends at 0, a threshold must not. */
  private static final double LEAST = 1e-3;

  @Override
  public double calculateThreshold(
      int iteration,
      int epoch,
      Double lastThreshold,
      Boolean lastWasDense,
      Double lastSparsityRatio,
      INDArray updatesPlusResidual) {
    return Math.max(rate.valueAt(iteration, epoch), LEAST * rate.rate());
  }

  @Override
  public ThresholdAlgorithmReducer newReducer() {
    return this;
  }

  @Override
  public void add(ThresholdAlgorithm other) {} // all are the same

  @Override
  public ThresholdAlgorithmReducer merge(ThresholdAlgorithmReducer other) {
    return this;
  }

  @Override
  public ThresholdAlgorithm getFinalResult() {
    return this;
  }

  @Override
  @SuppressWarnings("PMD.ProperCloneImplementation")
  public ThresholdAlgorithm clone() {
    return this; // it never changes
  }
}
