package dev.ancestral.job.train.dl4j;

import dev.ancestral.optimize.Schedule;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * The learning rate of every step of a run, for DeepLearning4J's updaters.
 *
 * @param rate before the schedule
 * @param schedule factor by step
 * @param totalSteps of the run
 */
record RunSchedule(double rate, Schedule schedule, long totalSteps) implements ISchedule {
  private static final long serialVersionUID = 1L;

  @Override
  public double valueAt(int iteration, int epoch) {
    return rate * schedule.factor(iteration + 1L, totalSteps);
  }

  @Override
  @SuppressWarnings("PMD.ProperCloneImplementation")
  public ISchedule clone() {
    return this; // it never changes
  }
}
