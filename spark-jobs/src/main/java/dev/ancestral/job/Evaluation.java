package dev.ancestral.job;

import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.twosample.TwoSampleReport;

/** What came of an evaluation: a log-likelihood of some kind, or a comparison of samples. */
public sealed interface Evaluation {

  /** One line for a person. */
  String summary();

  /** Held-out log-likelihood. */
  record Likelihood(EvaluationReport report) implements Evaluation {
    @Override
    public String summary() {
      return report.summary();
    }
  }

  /** Samples against held-out examples. */
  record Comparison(TwoSampleReport report) implements Evaluation {
    @Override
    public String summary() {
      return report.summary();
    }
  }
}
