package dev.ancestral.job.train;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.estimator.EvidenceLowerBound;
import dev.ancestral.estimator.ExactLikelihood;
import dev.ancestral.estimator.ImportanceWeightedBound;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.TrainGap;
import dev.ancestral.job.evaluate.TrainGapJob;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.job.train.spec.TrainSpec.DeviceChoice;
import dev.ancestral.model.BoundNetwork;
import dev.ancestral.model.Definition;
import dev.ancestral.model.ImplicitNetwork;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * How much more probable training examples are than held-out ones under the parameters that a run
 * stores.
 *
 * @param gap mean over training examples minus mean over those of {@code valid}
 * @param estimator of both
 * @param condition which distribution the likelihood is of, such as p(x | label)
 */
record Generalization(TrainGap gap, String estimator, String condition) {
  private static final String TRAIN = "train";
  private static final String VALID = "valid";
  private static final int LEAST = 2; // A standard error takes two.

  /**
   * Scores as many training examples as validation looks at held-out ones, by its estimator.
   *
   * @return nothing if there is no likelihood, no validation, or one example only
   */
  static Optional<Generalization> of(
      JavaSparkContext spark, Dataset dataset, ModelDirectory model, TrainSpec spec, long seed) {
    TrainSpec.Validation validation = spec.validation();
    Definition definition = model.definition();
    if (definition instanceof ImplicitNetwork
        || validation.everyRounds() == 0
        || examples(dataset, TRAIN) < LEAST
        || examples(dataset, VALID) < LEAST) {
      return Optional.empty();
    }
    boolean bound = definition instanceof BoundNetwork || model.isDequantized();
    String estimator =
        !bound
            ? ExactLikelihood.NAME
            : validation.estimator().equals(ImportanceWeightedBound.NAME)
                ? ImportanceWeightedBound.NAME
                : EvidenceLowerBound.NAME;
    long heldOut = examples(dataset, VALID);
    long limit = validation.limit() == 0 ? heldOut : Math.min(heldOut, validation.limit());
    limit = Math.max(LEAST, limit);
    EvaluateSpec evaluation =
        new EvaluateSpec(
                VALID,
                Optional.of(estimator),
                bound ? OptionalInt.of(validation.samples()) : OptionalInt.empty(),
                1,
                limit == heldOut ? OptionalLong.empty() : OptionalLong.of(limit),
                seed)
            .withTrainSample(OptionalLong.of(Math.min(limit, examples(dataset, TRAIN))));
    TrainGap gap =
        new TrainGapJob(
                spark,
                "train: comparing training and held-out examples",
                spec.device() == DeviceChoice.CPU)
            .run(model, dataset, evaluation);
    return Optional.of(new Generalization(gap, estimator, definition.condition().notation()));
  }

  private static long examples(Dataset dataset, String split) {
    DatasetManifest.Split found = dataset.manifest().splits().get(split);
    return found == null ? 0 : found.examples();
  }

  /** What {@code model.json} says of it; nothing of an infinite one, which JSON cannot hold. */
  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    if (Double.isFinite(gap.nats()) && Double.isFinite(gap.standardError())) {
      facts.put("train_minus_valid_nats", gap.nats());
      facts.put("train_minus_valid_standard_error", gap.standardError());
      facts.put("train_minus_valid_examples", gap.examples());
      facts.put("train_minus_valid_estimator", estimator);
      facts.put("train_minus_valid_condition", condition);
    }
    return facts;
  }

  /** The message for the user. */
  String message() {
    return String.format(
        Locale.ROOT,
        "train minus valid: %.3f ± %.3f nats in %s (%s, %,d training examples)",
        gap.nats(),
        gap.standardError(),
        condition,
        estimator,
        gap.examples());
  }
}
