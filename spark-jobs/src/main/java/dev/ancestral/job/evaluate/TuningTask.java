package dev.ancestral.job.evaluate;

import dev.ancestral.data.Shard;
import dev.ancestral.estimator.TunedEstimator;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.TaskDevice;
import dev.ancestral.spark.TaskRunner;

/**
 * Scores of a piece of the validation data with every candidate for the number that a {@link
 * TunedEstimator} leaves open.
 */
record TuningTask(ScorePlan plan) implements TaskRunner.Work<ScorePlan.Piece, TuningTask.Sums> {
  private static final long serialVersionUID = 1L;

  /**
   * Σ nats over the examples of a piece.
   *
   * @param candidates the candidates
   * @param nats of each candidate
   */
  record Sums(double[] candidates, double[] nats) implements java.io.Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Sums on(ScorePlan.Piece piece) {
    TunedEstimator estimator = (TunedEstimator) plan.estimator();
    RandomKey key = RandomKey.of(plan.seed()).fold(estimator.tuned().name());
    try (LoadedModel loaded = plan.model().load(TaskDevice.assigned())) {
      Shard shard = plan.dataset().shard(plan.split(), piece.shard());
      double[] candidates = estimator.candidates(loaded.model());
      double[][] byExample = new double[candidates.length][piece.rows()];
      ScoreBatches batches = new ScoreBatches(plan, shard, piece);
      for (int[] arranged : batches.arrangement()) {
        ScoreBatches.Slots slots = batches.batch(arranged);
        double[][] nats = estimator.scores(loaded.model(), slots.batch(), key, candidates);
        for (int h = 0; h < nats.length; h++) {
          for (int row = 0; row < slots.of().length; row++) {
            if (slots.of()[row] >= 0) {
              byExample[h][slots.of()[row]] = nats[h][row];
            }
          }
        }
      }
      double[] sums = new double[candidates.length];
      for (int h = 0; h < sums.length; h++) {
        for (double value : byExample[h]) {
          sums[h] += value;
        }
      }
      return new Sums(candidates, sums);
    }
  }
}
