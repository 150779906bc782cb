package dev.ancestral.job.evaluate.subset;

import dev.ancestral.data.Dataset;
import dev.ancestral.spark.TaskRunner;

/** The N smallest entries of a shard. */
public record SmallestTask(Dataset dataset, String split, long limit)
    implements TaskRunner.Work<Integer, Selection.Entry[]> {
  private static final long serialVersionUID = 1L;

  @Override
  public Selection.Entry[] on(Integer shard) {
    Selection.Smallest smallest = new Selection.Smallest(limit);
    for (long id : dataset.shard(split, shard).ids()) {
      smallest.add(Selection.Entry.of(id));
    }
    return smallest.entries();
  }
}
