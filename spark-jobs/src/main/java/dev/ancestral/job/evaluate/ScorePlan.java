package dev.ancestral.job.evaluate;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.estimator.Estimator;
import dev.ancestral.job.evaluate.subset.Selection;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.Condition;
import dev.ancestral.model.Network;
import dev.ancestral.tensor.Device;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is scored how, and in which pieces. Nothing here depends on the cluster, so neither does any
 * score.
 *
 * @param split of the dataset
 * @param repeats of the whole estimate
 * @param seed of the draws
 * @param batchWidth examples scored at once (see {@link ScoreBatches})
 * @param hiddenStates whether the hidden states are written too
 * @param condition which distribution the scores are of
 */
record ScorePlan(
    ModelDirectory model,
    Dataset dataset,
    String split,
    Estimator estimator,
    int repeats,
    long seed,
    Selection selection,
    int batchWidth,
    boolean hiddenStates,
    Condition condition)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  // So many examples of a selection that they fill most rows of their batches.
  private static final int BATCHES_OF_A_SELECTION = 4;
  // Latent draws or network passes that one task makes: about a minute of work at most.
  private static final int PASSES_OF_A_TASK = 100_000;
  // A network that scores sequences exactly makes a pass over their steps, of which shards hold
  // about
  // a byte each; so many of them are as much work as a draw.
  private static final int BYTES_OF_A_DRAW = 2;

  /**
   * A range of the selected rows of a shard.
   *
   * @param shard index in the split
   * @param from first of the selected rows, a multiple of the batch width
   * @param to after the last
   */
  record Piece(int shard, int from, int to) implements Serializable {
    private static final long serialVersionUID = 1L;

    int rows() {
      return to - from;
    }

    String file() {
      return String.format(Locale.ROOT, "%05d-%08d.scores", shard, from);
    }
  }

  /**
   * All examples of a split, by the estimator that was asked for or the best one.
   *
   * @throws dev.ancestral.AncestralException (MISMATCH) if the model does not have it
   */
  static ScorePlan of(ModelDirectory model, Dataset dataset, EvaluateSpec spec) {
    Estimator estimator = EstimatorChoice.estimator(model, spec);
    return new ScorePlan(
        model,
        dataset,
        spec.split(),
        estimator,
        spec.repeats(),
        spec.seed(),
        Selection.all(),
        estimator.batchWidth(dataset.event()),
        spec.hiddenStates(),
        EstimatorChoice.condition(model, estimator, spec));
  }

  ScorePlan withSelection(Selection chosen) {
    return new ScorePlan(
        model,
        dataset,
        split,
        estimator,
        repeats,
        seed,
        chosen,
        batchWidth,
        hiddenStates,
        condition);
  }

  ScorePlan withEstimator(Estimator other) {
    return new ScorePlan(
        model,
        dataset,
        split,
        other,
        repeats,
        seed,
        selection,
        batchWidth,
        hiddenStates,
        condition);
  }

  ScorePlan withSplit(String other) {
    return new ScorePlan(
        model,
        dataset,
        other,
        estimator,
        repeats,
        seed,
        selection,
        batchWidth,
        hiddenStates,
        condition);
  }

  ScorePlan withoutHiddenStates() {
    return new ScorePlan(
        model, dataset, split, estimator, repeats, seed, selection, batchWidth, false, condition);
  }

  /** Whether other draws would give another score. */
  boolean isRandom() {
    return estimator.samples() > 0;
  }

  /**
   * The pieces, in the order of the examples.
   *
   * @param selected rows of each shard
   */
  List<Piece> pieces(long[] selected) {
    List<Piece> pieces = new ArrayList<>();
    int rows = rowsOfAPiece();
    for (int shard = 0; shard < selected.length; shard++) {
      int count = Math.toIntExact(selected[shard]);
      for (long from = 0; from < count; from += rows) {
        pieces.add(new Piece(shard, (int) from, (int) Math.min(count, from + rows)));
      }
    }
    return pieces;
  }

  /** Examples of the split in the shards before one. */
  long examplesBefore(int shard) {
    return dataset.split(split).shards().subList(0, shard).stream()
        .mapToLong(ShardEntry::examples)
        .sum();
  }

  /**
   * Which examples are scored.
   *
   * @param rows how many of each shard
   */
  record Chosen(Selection selection, long[] rows) {}

  /** All examples. */
  Chosen everything() {
    return new Chosen(selection, allRows());
  }

  /**
   * As many examples as a limit allows.
   *
   * @param smallest of each shard, the entries among which they are
   */
  Chosen limited(long limit, List<Selection.Entry[]> smallest) {
    Selection chosen = Selection.of(limit, smallest);
    return new Chosen(chosen, smallest.stream().mapToLong(chosen::count).toArray());
  }

  /** Rows of each shard when all are selected. */
  private long[] allRows() {
    return dataset.split(split).shards().stream().mapToLong(ShardEntry::examples).toArray();
  }

  private int rowsOfAPiece() {
    if (!(model.definition() instanceof Network)) {
      return Integer.MAX_VALUE;
    }
    double passes = passes() * repeats * batchWidth;
    int least = selection.equals(Selection.all()) ? 1 : BATCHES_OF_A_SELECTION;
    return Math.multiplyExact((int) Math.max(least, PASSES_OF_A_TASK / passes), batchWidth);
  }

  /** The model, as one of the distribution that is scored. */
  LoadedModel load(Device device) {
    return model.load(device).scoring(model, condition.label());
  }

  private double passes() {
    // p(x) of a model of p(x | label) is a pass for each label.
    boolean summed =
        condition.label() == Condition.Label.NONE
            && model.definition().condition().label() == Condition.Label.GIVEN;
    return passesOfALabel() * (summed ? model.event().classes() : 1);
  }

  private double passesOfALabel() {
    if (!model.event().variableLength()) {
      return estimator.passes();
    }
    List<ShardEntry> shards = dataset.split(split).shards();
    long bytes = shards.stream().mapToLong(ShardEntry::bytes).sum();
    long examples = shards.stream().mapToLong(ShardEntry::examples).sum();
    return Math.max(estimator.passes(), (double) bytes / Math.max(1, examples) / BYTES_OF_A_DRAW);
  }
}
