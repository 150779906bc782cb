package dev.ancestral.job.twosample;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.job.evaluate.subset.Selection;
import dev.ancestral.model.Batch;
import dev.ancestral.spark.TaskRunner;
import java.io.Serializable;

/** The selected examples of a shard. */
record HeldOutTask(Dataset dataset, String split, Selection selection, ExampleVectors vectors)
    implements TaskRunner.Work<Integer, HeldOutTask.Rows> {
  private static final long serialVersionUID = 1L;

  /**
   * Some examples.
   *
   * @param raw elements of each
   * @param lengths steps of each that are taken
   * @param labels of each; null where there are none
   */
  record Rows(float[][] raw, int[] lengths, int[] labels) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Rows on(Integer index) {
    Shard shard = dataset.shard(split, index);
    int[] selected = selection.rows(shard.ids());
    float[][] raw = new float[selected.length][];
    int[] lengths = new int[selected.length];
    int[] labels = dataset.event().hasLabels() ? new int[selected.length] : null;
    for (int i = 0; i < selected.length; i++) {
      Batch one = shard.batch(new int[] {selected[i]});
      raw[i] = vectors.raw(one, 0);
      lengths[i] = vectors.length(one, 0);
      if (labels != null) {
        labels[i] = one.labels()[0];
      }
    }
    return new Rows(raw, lengths, labels);
  }
}
