package dev.ancestral.job.score;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.estimator.BatchWidth;
import dev.ancestral.estimator.Estimator;
import dev.ancestral.estimator.ExactLikelihood;
import dev.ancestral.estimator.TunedEstimator;
import dev.ancestral.job.evaluate.EstimatorChoice;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.Condition;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.model.Network;
import dev.ancestral.model.RowModel;
import dev.ancestral.tensor.Device;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model and how its examples are scored.
 *
 * @param condition which distribution the scores are of
 * @param seed of the draws of random estimators
 * @param byColumn whether it is a {@link RowModel}
 * @param classes whether it tells of p(label | x), exactly
 * @param hiddenStates whether it is a {@link HiddenStateModel}
 */
record ScoringModel(
    ModelDirectory directory,
    Estimator estimator,
    Condition condition,
    long seed,
    boolean byColumn,
    boolean classes,
    boolean hiddenStates)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  // Wide enough that the cost of a call is small, and few enough for a small heap.
  private static final int ROWS_AT_ONCE = 512;
  private static final int SEQUENCES_AT_ONCE = 64;

  /**
   * The model with the estimator that is asked for, or the best one it has. Labels play no part: it
   * is log p(x) of models of p(x | label), too.
   *
   * @throws AncestralException (MISMATCH) if the model has no such estimator, or none of log p(x)
   */
  static ScoringModel of(ModelDirectory model, EvaluateSpec spec) {
    Condition.Label own = model.definition().condition().label();
    EvaluateSpec asked =
        spec.condition().isEmpty() && own == Condition.Label.GIVEN
            ? spec.withCondition(Optional.of(Condition.Label.NONE))
            : spec;
    Estimator estimator = EstimatorChoice.estimator(model, asked);
    if (estimator instanceof TunedEstimator tuned && tuned.isOpen()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "the estimator "
              + estimator.name()
              + " has a setting that is chosen on data, --"
              + tuned.tuned().name()
              + "; score by another estimator, or use evaluate");
    }
    Condition condition = EstimatorChoice.condition(model, estimator, asked);
    boolean byColumn = false;
    boolean exact = estimator.name().equals(ExactLikelihood.NAME);
    // A model of p(x | label) is a classifier by the frequencies of the labels.
    boolean classes =
        exact && own == Condition.Label.GIVEN && condition.label() == Condition.Label.NONE;
    boolean hiddenStates = false;
    if (!(model.definition() instanceof Network)) {
      // Statistics are small, and it is the fitted model that knows what it can tell.
      try (LoadedModel loaded = model.load(Device.cpu())) {
        byColumn = loaded.model() instanceof RowModel && !model.event().variableLength();
        classes |= exact && loaded.model() instanceof ClassifyingModel;
        hiddenStates = !byColumn && loaded.model() instanceof HiddenStateModel;
      }
    }
    return new ScoringModel(
        model, estimator, condition, spec.seed(), byColumn, classes, hiddenStates);
  }

  /** Names of the columns of a row; none of examples that are no rows. */
  List<String> columnNames() {
    return directory.event().columnNames();
  }

  /** Whether scores are what the model itself says log p is, without a label. */
  boolean isOwnLogProb() {
    return estimator.name().equals(ExactLikelihood.NAME)
        && condition.equals(directory.definition().condition());
  }

  /** Whether the place of an example in its batch, or a key of its own, has a part in its score. */
  boolean needsContent() {
    return directory.definition() instanceof Network || estimator.samples() > 0;
  }

  /** What a score depends on beside the row, as part of a fingerprint. */
  Map<String, Object> inputs() {
    Map<String, Object> inputs = new LinkedHashMap<>();
    inputs.put("model", directory.sha256());
    inputs.put("weights", directory.weightsSha256());
    inputs.put("estimator", estimator.name());
    inputs.put("samples", estimator.samples());
    inputs.put("settings", estimator.settings());
    inputs.put("seed", estimator.samples() > 0 ? seed : 0);
    inputs.put("condition", condition.notation());
    return inputs;
  }

  /** Rows of a table that are scored together at most. */
  int rowsAtOnce() {
    int width = estimator.batchWidth(directory.event());
    int most = BatchWidth.atMost(directory.event(), ROWS_AT_ONCE);
    return directory.event().variableLength() ? SEQUENCES_AT_ONCE : Math.max(width, most);
  }
}
