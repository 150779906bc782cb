package dev.ancestral.estimator;

import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.oracle.Laws;
import dev.ancestral.oracle.LinearGaussian;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import java.util.List;

/** The laws of an estimator as an evaluation calls it, on a model whose log p(x) is known. */
public final class EstimatorLaws {
  /** Of draws and scores. */
  public static final RandomKey KEY = RandomKey.of(131);

  private static final int EXAMPLES = 6;

  private final Laws laws;

  /** No laws yet of the estimator of this name. */
  public EstimatorLaws(String estimator) {
    laws = new Laws("estimator " + estimator);
  }

  /** Some examples that the model has drawn, [6]. */
  public Batch draws(LinearGaussian model) {
    return model.draws(EXAMPLES, 1, KEY);
  }

  /** The number found is the one expected, within a tolerance. */
  public EstimatorLaws equal(String law, double expected, double found, double tolerance) {
    laws.equal(law, expected, found, tolerance);
    return this;
  }

  /** Each number found is the one expected: the largest difference is 0 within a tolerance. */
  public EstimatorLaws equal(String law, double[] expected, double[] found, double tolerance) {
    laws.equal(law, expected, found, tolerance);
    return this;
  }

  /** The estimator says of which kind its numbers are. */
  public EstimatorLaws kind(Estimator estimator, LogLikelihood.Kind kind) {
    laws.equal("kinds other than " + kind.text(), 0, estimator.kind() == kind ? 0 : 1, 0);
    return this;
  }

  /** All of them. */
  public List<Verdict> verdicts() {
    return laws.verdicts();
  }
}
