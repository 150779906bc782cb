package dev.ancestral.estimator;

import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.oracle.LinearGaussian;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.List;

/** {@code elbo}: the evidence lower bound, averaged over draws of the latent. */
public final class EvidenceLowerBound implements EstimatorProvider {
  /** Its name. */
  public static final String NAME = "elbo";

  private static final int SAMPLES = 1;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int order() {
    return 20;
  }

  @Override
  public int preference() {
    return 80;
  }

  @Override
  public boolean suits(ModelTraits model) {
    return model.bound();
  }

  @Override
  public Estimator estimator(ModelTraits model, EstimatorOptions options) {
    return new Elbo(options.samples().orElse(SAMPLES));
  }

  /** Of a linear Gaussian model with a wrong encoder, whose divergence is known. */
  @Override
  public List<Verdict> verdicts() {
    EstimatorLaws laws = new EstimatorLaws(NAME);
    Estimator estimator = new Elbo(4000);
    try (LinearGaussian vae = LinearGaussian.withWrongEncoder()) {
      Batch x = laws.draws(vae);
      double[] nats = vae.logProb(x);
      double[] divergence = vae.divergence(x);
      Arrays.setAll(nats, i -> nats[i] - divergence[i]);
      double[] found = estimator.score(vae.model(), x, EstimatorLaws.KEY).nats();
      laws.equal("log p(x) - KL(q, posterior)", nats, found, 0.2);
    }
    return laws.kind(estimator, LogLikelihood.Kind.LOWER_BOUND).verdicts();
  }

  /** The bound from {@code samples} draws of the latent for each example. */
  private record Elbo(int samples) implements Estimator {
    private static final long serialVersionUID = 1L;

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public LogLikelihood.Kind kind() {
      return LogLikelihood.Kind.LOWER_BOUND;
    }

    @Override
    public int batchWidth(EventSpec event) {
      return BatchWidth.ofDraws(event, samples);
    }

    @Override
    public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
      return Scores.of(((BoundModel) model).elbo(batch, samples, key));
    }
  }
}
