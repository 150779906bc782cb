package dev.ancestral.job.evaluate;

import dev.ancestral.estimator.EnclosingEstimator;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.TaskDevice;
import dev.ancestral.spark.TaskRunner;
import java.util.Arrays;
import java.util.stream.LongStream;

/** Bidirectional Monte Carlo on some simulated examples: the gap of each. */
record EnclosingTask(ModelDirectory model, EnclosingEstimator estimator, int width, long seed)
    implements TaskRunner.Work<Integer, double[]> {
  private static final long serialVersionUID = 1L;

  /** How many batches all of them make. */
  int batches() {
    return (estimator.simulated() + width - 1) / width;
  }

  @Override
  public double[] on(Integer batch) {
    long first = (long) batch * width;
    // Always as wide, as bits may depend on the width.
    long[] ids = LongStream.range(first, first + width).toArray();
    try (LoadedModel loaded = model.load(TaskDevice.assigned())) {
      double[] gaps = estimator.gaps(loaded.model(), ids, RandomKey.of(seed).fold("bdmc"));
      return Arrays.copyOf(gaps, (int) Math.min(width, estimator.simulated() - first));
    }
  }
}
