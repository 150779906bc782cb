package dev.ancestral.oracle;

import dev.ancestral.likelihood.ImportanceWeights;
import dev.ancestral.random.RandomKey;
import java.util.List;

/**
 * Importance weights: the mean and the effective sample size of three weights by hand, and the tail
 * of weights u^−k with u uniform, which is Pareto with shape k. The asymptotic standard error of k̂
 * from M exceedances is (1 + k) / √M.
 */
record ImportanceWeightsOracle() implements Oracle {
  private static final int SAMPLES = 20_000;
  private static final double[] SHAPES = {0.3, 0.8};
  private static final double DEVIATIONS = 4;

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("importance weights");
    ImportanceWeights three = new ImportanceWeights(3);
    for (double weight : new double[] {1, 5, 2}) {
      three.add(Math.log(weight));
    }
    laws.equal("log mean of 1, 5 and 2", Math.log(8.0 / 3), three.logMean(), 1e-12);
    laws.equal("their effective sample size", 64.0 / 30, three.effectiveSampleSize(), 1e-12);
    for (double shape : SHAPES) {
      ImportanceWeights weights = new ImportanceWeights(SAMPLES);
      RandomKey key = RandomKey.of(141).fold((long) (10 * shape));
      for (int i = 0; i < SAMPLES; i++) {
        weights.add(-shape * Math.log(1 - key.uniform(i)));
      }
      double tail = 3 * Math.sqrt(SAMPLES);
      double error = (1 + shape) / Math.sqrt(tail);
      // The prior counts as ten weights of shape 1/2.
      double expected = (tail * shape + 5) / (tail + 10);
      laws.equal(
          "Pareto k of a tail with k " + shape, expected, weights.paretoK(), DEVIATIONS * error);
    }
    return laws.verdicts();
  }
}
