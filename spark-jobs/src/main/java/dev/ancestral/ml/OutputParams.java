package dev.ancestral.ml;

import java.io.Serializable;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The parameters that an estimator and its model share: what {@link FamilyModel#transform} appends.
 * The owner sets their defaults, because a parameter is its owner's by {@code uid}.
 */
final class OutputParams implements Serializable {
  private static final long serialVersionUID = 1L;

  static final String LOG_LIKELIHOOD = "logLikelihood";
  static final String COMPONENT = "component";

  private final Param<String> logLikelihoodCol;
  private final Param<String> componentCol;
  private final Param<String> scoreEstimator;
  private final IntParam scoreSamples;

  OutputParams(Params owner) {
    logLikelihoodCol =
        new Param<>(owner, "logLikelihoodCol", "column of log p(row) in nats that is appended");
    componentCol =
        new Param<>(
            owner, "componentCol", "column of the most probable component, of mixtures alone");
    scoreEstimator =
        new Param<>(
            owner,
            "scoreEstimator",
            "estimator of log p(row): exact, elbo, iwae or ais; empty for the best of the family");
    scoreSamples =
        new IntParam(
            owner,
            "scoreSamples",
            "draws a row of that estimator, which has to be named then; 0 for its default");
  }

  Param<String> logLikelihoodCol() {
    return logLikelihoodCol;
  }

  Param<String> componentCol() {
    return componentCol;
  }

  Param<String> scoreEstimator() {
    return scoreEstimator;
  }

  IntParam scoreSamples() {
    return scoreSamples;
  }
}
