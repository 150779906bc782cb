package dev.ancestral.model;

import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.ArrayList;
import java.util.List;

/**
 * A fit on one batch, as the training job does it on shards.
 *
 * @param parameters after the last pass
 * @param logLikelihoods of the passes that know it
 */
public record StatisticsFit(NamedArrays parameters, List<Double> logLikelihoods) {

  /** One restart, all passes. */
  public static StatisticsFit of(StatisticsModel model, Batch data, RandomKey key) {
    NamedArrays parameters = model.initial(key);
    List<Double> logLikelihoods = new ArrayList<>();
    for (int pass = 0; pass < model.iterations(); pass++) {
      double[] statistics = new double[model.statisticsSize()];
      model.accumulate(parameters, data, statistics);
      model.logLikelihood(statistics).ifPresent(logLikelihoods::add);
      parameters = model.maximize(statistics);
    }
    return new StatisticsFit(parameters, logLikelihoods);
  }
}
