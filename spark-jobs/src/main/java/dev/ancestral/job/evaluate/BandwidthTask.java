package dev.ancestral.job.evaluate;

import dev.ancestral.data.Shard;
import dev.ancestral.job.LoadedModel;
import dev.ancestral.job.ParallelWork;
import dev.ancestral.job.TaskDevice;
import dev.ancestral.model.Batch;
import dev.ancestral.random.RandomKey;

/** Scores of a piece of the validation data with every candidate for the bandwidth. */
record BandwidthTask(ScorePlan plan)
    implements ParallelWork.Work<ScorePlan.Piece, BandwidthTask.Sums> {
  private static final long serialVersionUID = 1L;

  /**
   * Σ nats over the examples of a piece.
   *
   * @param bandwidths the candidates
   * @param nats of each candidate
   */
  record Sums(double[] bandwidths, double[] nats) implements java.io.Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Sums on(ScorePlan.Piece piece) {
    KdeEstimator estimator = (KdeEstimator) plan.estimator();
    RandomKey key = RandomKey.of(plan.seed()).fold("bandwidth");
    try (LoadedModel loaded = plan.model().load(TaskDevice.assigned())) {
      Shard shard = plan.dataset().shard(plan.split(), piece.shard());
      int[] selected = plan.selection().rows(shard.ids());
      double[] bandwidths = estimator.candidates(loaded.model());
      double[] sums = new double[bandwidths.length];
      for (int from = piece.from(); from < piece.to(); from += plan.batchWidth()) {
        int rows = Math.min(plan.batchWidth(), piece.to() - from);
        Batch batch = shard.batch(ScoreTask.padded(selected, from, rows, plan.batchWidth()));
        double[][] nats = estimator.scores(loaded.model(), batch, key, bandwidths);
        for (int h = 0; h < sums.length; h++) {
          for (int i = 0; i < rows; i++) {
            sums[h] += nats[h][i];
          }
        }
      }
      return new Sums(bandwidths, sums);
    }
  }
}
