package dev.ancestral.job.twosample;

import dev.ancestral.estimator.EvaluationMethod;
import dev.ancestral.estimator.ModelTraits;
import dev.ancestral.likelihood.twosample.ClassifierComparison;
import dev.ancestral.oracle.Laws;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import java.util.List;
import java.util.stream.IntStream;

/** {@code c2st}: whether a classifier can tell samples of a model from held-out examples. */
public final class ClassifierMethod implements EvaluationMethod {
  /** Its name. */
  public static final String NAME = "c2st";

  private static final RandomKey KEY = RandomKey.of(131);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int order() {
    return 210;
  }

  @Override
  public int preference() {
    return 10;
  }

  /** Every model can be sampled. */
  @Override
  public boolean suits(ModelTraits model) {
    return true;
  }

  /** Two of three positives above both negatives, and one between them with a tie. */
  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("estimator " + NAME);
    double[] positives = {3, 2, 1};
    double[] negatives = {1, 0};
    ClassifierComparison found = ClassifierComparison.of(positives, negatives, 999, KEY);
    // Of six pairs five are in order and one is a tie. DeLong's components are 1, 1, 3/4 of the
    // positives, with variance 1/48, and 5/6, 1 of the negatives, with variance 1/72.
    laws.equal("area under the curve", 5.5 / 6, found.area().value(), 1e-12)
        .equal(
            "DeLong's error of it",
            Math.sqrt(1 / 48.0 / 3 + 1 / 72.0 / 2),
            found.area().standardError(),
            1e-12)
        // Of ten ways to label them, two have as large an area: the tie may be labelled either way.
        .equal("p of ten ways to label", 0.2, found.pValue(), 0.05);
    double mean = 0;
    double[] logOdds = {3, 2, 1, 1, 0};
    for (int i = 0; i < logOdds.length; i++) {
      for (int j = 0; j < i; j++) {
        double[] second = {logOdds[i], logOdds[j]};
        double[] first = without(logOdds, i, j);
        mean += Math.exp(ClassifierComparison.of(first, second, 1, KEY).logEValue()) / 10;
      }
    }
    return laws.equal("mean e-value over all ten", 1, mean, 1e-12).verdicts();
  }

  private static double[] without(double[] values, int i, int j) {
    return IntStream.range(0, values.length)
        .filter(k -> k != i && k != j)
        .mapToDouble(k -> values[k])
        .toArray();
  }
}
