package dev.ancestral.estimator;

/** An {@link EvaluationMethod} that computes log p(x), a bound on it or an estimate of it. */
public interface EstimatorProvider extends EvaluationMethod {

  /**
   * The estimator for a model.
   *
   * @param model that it suits
   * @throws dev.ancestral.AncestralException (SPEC) if settings contradict each other
   */
  Estimator estimator(ModelTraits model, EstimatorOptions options);
}
