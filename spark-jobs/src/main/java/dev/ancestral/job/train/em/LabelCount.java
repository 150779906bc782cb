package dev.ancestral.job.train.em;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.spark.TaskRunner;

/** How often each label is in a shard, [classes]; whole numbers, so that sums have no rounding. */
public record LabelCount(Dataset dataset, String split)
    implements TaskRunner.Work<Integer, double[]> {
  private static final long serialVersionUID = 1L;
  private static final int ROWS_AT_ONCE = 512;

  @Override
  public double[] on(Integer index) {
    double[] counts = new double[dataset.event().classes()];
    Shard shard = dataset.shard(split, index);
    for (int from = 0; from < shard.size(); from += ROWS_AT_ONCE) {
      int to = Math.min(shard.size(), from + ROWS_AT_ONCE);
      for (int label : shard.batch(from, to).labels()) {
        counts[label]++;
      }
    }
    return counts;
  }
}
