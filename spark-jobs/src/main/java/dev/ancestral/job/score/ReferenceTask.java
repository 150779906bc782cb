package dev.ancestral.job.score;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.job.evaluate.subset.Selection;
import dev.ancestral.spark.TaskRunner;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/** Scores the examples of a shard that a reference is made of. */
record ReferenceTask(ScoringModel plan, Dataset dataset, String split, Selection selection)
    implements TaskRunner.Work<Integer, ReferenceTask.Part> {
  private static final long serialVersionUID = 1L;

  /**
   * What the examples of a shard give.
   *
   * @param nats of each
   * @param sums of log p of each column given the others, where it is finite
   * @param counts of the examples in which it is
   */
  record Part(double[] nats, double[] sums, long[] counts) implements Serializable {
    private static final long serialVersionUID = 1L;

    void add(double[] logProb) {
      for (int c = 0; c < sums.length; c++) {
        if (Double.isFinite(logProb[c])) {
          sums[c] += logProb[c];
          counts[c]++;
        }
      }
    }
  }

  @Override
  public Part on(Integer index) {
    Shard shard = dataset.shard(split, index);
    int[] rows = selection.rows(shard.ids());
    int columns = plan.byColumn() ? dataset.event().variables() : 0;
    Part part = new Part(new double[rows.length], new double[columns], new long[columns]);
    try (RowScorer scorer = RowScorer.load(plan)) {
      int together = plan.rowsAtOnce();
      for (int from = 0; from < rows.length; from += together) {
        int to = Math.min(rows.length, from + together);
        RowScores scores = scorer.score(shard.batch(Arrays.copyOfRange(rows, from, to)), true);
        System.arraycopy(scores.nats(), 0, part.nats(), from, to - from);
        for (int i = 0; columns > 0 && i < to - from; i++) {
          part.add(scores.byColumn()[i]);
        }
      }
    }
    return part;
  }

  /** The reference of the parts of a split, in the order of its shards. */
  static Reference merge(List<Part> parts) {
    double[] nats = parts.stream().flatMapToDouble(part -> Arrays.stream(part.nats())).toArray();
    double[] means = new double[parts.get(0).sums().length];
    for (int c = 0; c < means.length; c++) {
      double sum = 0;
      long count = 0;
      for (Part part : parts) {
        sum += part.sums()[c];
        count += part.counts()[c];
      }
      means[c] = sum / count;
    }
    return Reference.of(nats, means);
  }
}
