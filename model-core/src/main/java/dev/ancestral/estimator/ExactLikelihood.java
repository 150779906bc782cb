package dev.ancestral.estimator;

import dev.ancestral.config.Settings;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.List;
import java.util.Map;

/** {@code exact}: log p(x) as the model computes it. */
public final class ExactLikelihood implements EstimatorProvider {
  /** Its name. */
  public static final String NAME = "exact";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int order() {
    return 10;
  }

  @Override
  public int preference() {
    return 100;
  }

  @Override
  public boolean suits(ModelTraits model) {
    return model.exact();
  }

  @Override
  public Estimator estimator(ModelTraits model, EstimatorOptions options) {
    return new LogProb();
  }

  /** Two coins, whose probabilities are products. */
  @Override
  public List<Verdict> verdicts() {
    EstimatorLaws laws = new EstimatorLaws(NAME);
    EventSpec event = EventSpec.discrete(2, 2);
    StatisticsModel coins =
        (StatisticsModel)
            Families.named("naive-bayes")
                .define(Settings.of(Map.of("likelihood", "bernoulli")), event);
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {1}, 1)
            .with("probability", new double[] {0.25, 0.75}, 1, 2);
    Batch x = Batch.of(event, new long[] {0, 1}, new float[] {1, 0, 0, 1});
    double[] expected = {2 * Math.log(0.25), 2 * Math.log(0.75)};
    Estimator estimator = new LogProb();
    try (ExactModel model = coins.bind(parameters)) {
      laws.equal(
          "two coins of 1/4 and 3/4",
          expected,
          estimator.score(model, x, EstimatorLaws.KEY).nats(),
          1e-12);
    }
    return laws.kind(estimator, LogLikelihood.Kind.EXACT).verdicts();
  }

  private record LogProb() implements Estimator {
    private static final long serialVersionUID = 1L;
    private static final double PASSES = 50;

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public LogLikelihood.Kind kind() {
      return LogLikelihood.Kind.EXACT;
    }

    @Override
    public int samples() {
      return 0;
    }

    /** An autoregressive network is wider than a decoder. */
    @Override
    public double passes() {
      return PASSES;
    }

    @Override
    public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
      return Scores.of(((ExactModel) model).logProb(batch));
    }
  }
}
