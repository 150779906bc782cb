package dev.ancestral.oracle;

import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.likelihood.PairedDifferences;
import dev.ancestral.model.Condition;
import java.util.List;

/**
 * Means, standard errors and units of a report, of numbers so few that they can be worked out by
 * hand: nats −1, −2, −4, −9 have mean −4 and squared deviations 9 + 4 + 0 + 25 = 38, so variance
 * 38/3 and standard error √(38/12).
 */
record MomentsOracle() implements Oracle {
  private static final double[] NATS = {-1, -2, -4, -9};
  private static final double[] OTHERS = {-2, -4, -3, -9};
  private static final long ELEMENTS = 32;
  private static final double TOLERANCE = 1e-12;

  @Override
  public List<Verdict> verdicts() {
    Moments moments = Moments.of(NATS);
    Moments merged = Moments.of(NATS[0]);
    merged.merge(new Moments());
    merged.merge(Moments.of(NATS[1], NATS[2], NATS[3]));
    LogLikelihood report =
        LogLikelihood.of(
            LogLikelihood.Kind.EXACT, Condition.NONE, "exact", moments, ELEMENTS, true);
    PairedDifferences pairs = new PairedDifferences();
    for (int i = 0; i < NATS.length; i++) {
      pairs.add(NATS[i], OTHERS[i]);
    }
    double error = Math.sqrt(38.0 / 12);
    return new Laws("report")
        .equal("mean of -1, -2, -4, -9 nats", -4, moments.mean(), TOLERANCE)
        .equal("their sum", -16, moments.sum(), TOLERANCE)
        .equal("their variance is 38/3", 38.0 / 3, moments.variance(), TOLERANCE)
        .equal("standard error of their mean", error, moments.standardError(), TOLERANCE)
        .equal("the same of two parts merged", error, merged.standardError(), TOLERANCE)
        .equal("mean of two parts merged", -4, merged.mean(), TOLERANCE)
        .equal("mean in a report", -4, report.meanNats(), TOLERANCE)
        .equal("standard error in a report", error, report.standardError(), TOLERANCE)
        .equal("nats an element of 4 examples of 8", -0.5, report.natsPerElement(), TOLERANCE)
        .equal(
            "bits a dimension, 0.5 / log 2",
            0.7213475204444817,
            report.bitsPerDim().orElse(Double.NaN),
            TOLERANCE)
        // 1, 2, −1, 0: mean 1/2, squared deviations 5.
        .equal("mean of paired differences", 0.5, pairs.mean(), TOLERANCE)
        .equal("their standard error", Math.sqrt(5.0 / 12), pairs.standardError(), TOLERANCE)
        .verdicts();
  }
}
