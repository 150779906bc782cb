package dev.ancestral.job.score;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.distribution.statistics.Probabilities;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.model.Network;
import dev.ancestral.model.RowModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.TaskDevice;
import java.util.Arrays;
import java.util.List;

/**
 * A model that a task has loaded. The score of an example depends on the model and the example
 * alone: draws are keyed by the hash of its content, and what a network computes it with is chosen
 * by that, too ({@link ContentBatches}).
 */
final class RowScorer implements AutoCloseable {
  private final ScoringModel plan;
  private final LoadedModel loaded;
  private final LoadedModel scored;
  private final RandomKey key;

  private RowScorer(ScoringModel plan, LoadedModel loaded) {
    this.plan = plan;
    this.loaded = loaded;
    scored = loaded.scoring(plan.directory(), plan.condition().label());
    key = RandomKey.of(plan.seed()).fold("score");
  }

  /** Loads the model for the calling thread, on the device of its task. */
  static RowScorer load(ScoringModel plan) {
    return new RowScorer(plan, plan.directory().load(TaskDevice.assigned()));
  }

  /**
   * Scores examples, {@link ScoringModel#rowsAtOnce} at most.
   *
   * @param byColumn whether the columns are looked at, if the model can tell of them
   * @throws AncestralException (DATA) if a score is not a number
   */
  RowScores score(Batch x, boolean byColumn) {
    if (plan.byColumn()) {
      RowModel.Look look = ((RowModel) loaded.model()).look(x, byColumn);
      double[] nats = plan.isOwnLogProb() ? look.logProb() : nats(x, null);
      return new RowScores(
          requireNumbers(nats),
          look.columnLogProb(),
          look.components(),
          plan.classes() ? posteriors(classifying().jointLogProb(x)) : null,
          null);
    }
    double[][] joint = plan.classes() ? new double[x.size()][] : null;
    double[] nats = requireNumbers(nats(x, joint));
    List<HiddenStateModel.Path> paths =
        plan.hiddenStates() ? ((HiddenStateModel) loaded.model()).mostProbablePaths(x) : null;
    return new RowScores(nats, null, null, joint == null ? null : posteriors(joint), paths);
  }

  /** The model that tells of its classes: as it is, or as one of p(x) with given frequencies. */
  private ClassifyingModel classifying() {
    return (ClassifyingModel)
        (loaded.model() instanceof ClassifyingModel ? loaded.model() : scored.model());
  }

  /** p(c | x) = p(x, c) / Σ p(x, c'). */
  private static double[][] posteriors(double[][] joint) {
    return Arrays.stream(joint)
        .map(
            terms -> {
              double sum = Probabilities.logSumExp(terms); // −∞ of what is impossible: then NaN.
              return Arrays.stream(terms).map(term -> Math.exp(term - sum)).toArray();
            })
        .toArray(double[][]::new);
  }

  /**
   * Scores examples.
   *
   * @param joint receives log p(x, c) of each; null where it is not asked for
   */
  private double[] nats(Batch x, double[][] joint) {
    if (!plan.needsContent()) {
      double[] own = plan.estimator().score(scored.model(), x, key).nats();
      if (joint != null) {
        System.arraycopy(classifying().jointLogProb(x), 0, joint, 0, joint.length);
      }
      return own;
    }
    long[] hashes = ContentHash.of(x);
    if (!(plan.directory().definition() instanceof Network)) {
      Batch keyed = new Batch(x.event(), hashes, x.values(), x.labels(), x.lengths());
      return plan.estimator().score(scored.model(), keyed, key).nats();
    }
    double[] nats = new double[x.size()];
    ContentBatches batches = new ContentBatches(x, hashes, plan.estimator().batchWidth(x.event()));
    for (int[] slots : batches.arrangement()) {
      Batch batch = batches.batch(slots);
      double[] some = plan.estimator().score(scored.model(), batch, key).nats();
      // Of the same batch, whose passes have been made.
      double[][] terms = joint == null ? null : classifying().jointLogProb(batch);
      for (int row = 0; row < slots.length; row++) {
        if (slots[row] >= 0) {
          nats[slots[row]] = some[row];
          if (joint != null) {
            joint[slots[row]] = terms[row];
          }
        }
      }
    }
    batches.copyToEqual(nats);
    if (joint != null) {
      batches.copyToEqual(joint);
    }
    return nats;
  }

  private double[] requireNumbers(double[] nats) {
    for (double value : nats) {
      if (Double.isNaN(value)) {
        throw new AncestralException(
            ErrorCode.DATA,
            "the model in "
                + plan.directory().uri()
                + " scores a row with not a number; either a value of it is missing and the family"
                + " cannot do without, or training diverged: mend the rows, or train again");
      }
    }
    return nats;
  }

  @Override
  public void close() {
    scored.close();
  }
}
