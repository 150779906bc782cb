package dev.ancestral.job.evaluate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.estimator.Estimator;
import dev.ancestral.estimator.EstimatorOptions;
import dev.ancestral.estimator.EstimatorProvider;
import dev.ancestral.estimator.EvaluationMethod;
import dev.ancestral.estimator.EvaluationMethods;
import dev.ancestral.estimator.ExactLikelihood;
import dev.ancestral.estimator.ImportanceWeightedBound;
import dev.ancestral.estimator.ModelTraits;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Condition;
import dev.ancestral.model.label.LabelledScores;
import java.util.List;
import java.util.OptionalInt;

/** Which estimators a model has, and the one that an evaluation takes. */
public final class EstimatorChoice {
  private static final int QUICK_IWAE_SAMPLES = 50;

  private EstimatorChoice() {}

  /** What a model can be evaluated by, the best first; the two-sample tests suit every one. */
  public static List<String> of(ModelDirectory model) {
    return EvaluationMethods.suiting(traits(model)).stream().map(EvaluationMethod::name).toList();
  }

  /**
   * The estimator that was asked for, or the best one that the family has.
   *
   * @throws AncestralException (MISMATCH) if the family does not have it
   */
  public static EvaluationMethod method(ModelDirectory model, EvaluateSpec spec) {
    ModelTraits traits = traits(model);
    List<EvaluationMethod> available = EvaluationMethods.suiting(traits);
    if (spec.estimator().isEmpty()) {
      return available.get(0);
    }
    EvaluationMethod method = EvaluationMethods.named(spec.estimator().get());
    if (!method.suits(traits)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "estimator is "
              + method.name()
              + ", which "
              + model.family()
              + (model.isDequantized() ? " of dequantized data" : "")
              + " does not have; it has "
              + String.join(", ", available.stream().map(EvaluationMethod::name).toList())
              + method.remedy(traits).map(remedy -> " (" + remedy + ")").orElse(""));
    }
    return method;
  }

  /**
   * What takes little time: the exact likelihood; where there is none, a bound by few draws; where
   * there is none either, the two-sample test.
   *
   * @param spec names no estimator
   */
  public static EvaluateSpec quick(ModelDirectory model, EvaluateSpec spec) {
    List<String> available = of(model);
    if (available.contains(ExactLikelihood.NAME)) {
      return spec.by(ExactLikelihood.NAME, spec.samples());
    }
    if (available.contains(ImportanceWeightedBound.NAME)) {
      return spec.by(ImportanceWeightedBound.NAME, OptionalInt.of(QUICK_IWAE_SAMPLES));
    }
    String test =
        available.stream().filter(name -> !EvaluationMethods.ofLikelihood(name)).findFirst().get();
    return spec.by(test, spec.samples());
  }

  /**
   * The estimator of log p(x) that was asked for, or the best one.
   *
   * @throws AncestralException (MISMATCH) if the family does not have it
   */
  public static Estimator estimator(ModelDirectory model, EvaluateSpec spec) {
    EvaluationMethod method = method(model, spec);
    if (method instanceof EstimatorProvider provider) {
      return provider.estimator(
          traits(model), new EstimatorOptions(spec.samples(), spec.seed(), spec.settings()));
    }
    throw new IllegalArgumentException(method.name() + " does not estimate log p(x)");
  }

  /**
   * Which distribution the scores are of: the model's own, or the one that was asked for.
   *
   * @throws AncestralException (MISMATCH) if the model or the estimator cannot tell of it
   */
  public static Condition condition(ModelDirectory model, Estimator estimator, EvaluateSpec spec) {
    Condition own = model.definition().condition();
    Condition.Label wanted = spec.condition().orElse(own.label());
    if (wanted == own.label()) {
      return own;
    }
    if (estimator.kind() != LogLikelihood.Kind.EXACT) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "condition is "
              + wanted.text()
              + ", but "
              + estimator.name()
              + " of "
              + model.family()
              + " tells of "
              + own.notation()
              + " alone; leave --condition out (another one takes an exact likelihood)");
    }
    if (own.label() == Condition.Label.GIVEN && model.description().frequencies().isEmpty()) {
      throw LabelledScores.noFrequencies();
    }
    return own.withLabel(wanted);
  }

  private static ModelTraits traits(ModelDirectory model) {
    return new ModelTraits(model.definition(), model.isDequantized());
  }
}
