package dev.ancestral.job.twosample;

import dev.ancestral.estimator.EvaluationMethod;
import dev.ancestral.estimator.ModelTraits;
import dev.ancestral.oracle.Laws;
import dev.ancestral.oracle.Verdict;
import java.util.List;

/** {@code two-sample}: whether samples of a model could be held-out examples. */
public final class TwoSampleMethod implements EvaluationMethod {
  /** Its name. */
  public static final String NAME = "two-sample";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int order() {
    return 200;
  }

  @Override
  public int preference() {
    return 20;
  }

  /** Every model can be sampled. */
  @Override
  public boolean suits(ModelTraits model) {
    return true;
  }

  /** Bonferroni: with three p-values the least of them times three. */
  @Override
  public List<Verdict> verdicts() {
    return new Laws("estimator " + NAME)
        .equal("p of 0.2, 0.01 and 0.5", 0.03, TwoSampleReport.corrected(0.2, 0.01, 0.5), 1e-12)
        .equal("p of 0.4 and 0.7", 0.8, TwoSampleReport.corrected(0.4, 0.7), 1e-12)
        .equal("p of 0.6 and 0.7", 1, TwoSampleReport.corrected(0.6, 0.7), 1e-12)
        .verdicts();
  }
}
