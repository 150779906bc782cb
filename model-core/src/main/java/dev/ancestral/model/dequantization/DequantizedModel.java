package dev.ancestral.model.dequantization;

import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.model.ImplicitModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import java.util.ArrayList;
import java.util.List;

/**
 * A model of dequantized values as one of the discrete events whose cells they fall in: a bound on
 * their probability where it has a density, a sampler where it has none.
 */
abstract sealed class DequantizedModel {
  private final GenerativeModel inner;
  private final EventSpec discrete;

  private DequantizedModel(GenerativeModel inner, EventSpec discrete) {
    this.inner = inner;
    this.discrete = discrete;
  }

  /** See {@link Dequantization#model}. */
  static GenerativeModel of(GenerativeModel inner, EventSpec discrete) {
    if (inner instanceof ImplicitModel) {
      return inner instanceof DecoderModel decoder
          ? new ImplicitWithDecoder(inner, decoder, discrete)
          : new Implicit(inner, discrete);
    }
    if (inner instanceof ClassifyingModel classes) {
      return new BoundWithClasses(inner, classes, discrete);
    }
    if (inner instanceof HiddenStateModel states) {
      return new BoundWithStates(inner, states, discrete);
    }
    return inner instanceof DecoderModel decoder
        ? new BoundWithDecoder(inner, decoder, discrete)
        : new Bound(inner, discrete);
  }

  public EventSpec event() {
    return discrete;
  }

  /** See {@link GenerativeModel#sample}. */
  public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
    return Dequantization.quantize(inner.sample(ids, key, request), discrete);
  }

  public void close() {
    inner.close();
  }

  /**
   * A bound on the probability of discrete events.
   *
   * <p>With the noise u as a latent variable whose posterior is taken as uniform, the ELBO is the
   * bound of Theis et al. and the importance-weighted bound averages densities instead of their
   * logarithms, so it tends to log P(x) as K grows.
   */
  private static sealed class Bound extends DequantizedModel implements BoundModel {
    private static final String NOISE = "dequantization";
    private static final String INNER = "inner";

    private final GenerativeModel inner;

    Bound(GenerativeModel inner, EventSpec discrete) {
      super(inner, discrete);
      this.inner = inner;
    }

    @Override
    public double[] elbo(Batch x, int samples, RandomKey key) {
      x.requireOf(event());
      double[] mean = new double[x.size()];
      for (int s = 0; s < samples; s++) {
        RandomKey own = key.fold(s);
        Batch dequantized = dequantized(x, own);
        double[] draw =
            inner instanceof ExactModel exact
                ? exact.logProb(dequantized)
                : ((BoundModel) inner).elbo(dequantized, 1, own.fold(INNER));
        for (int i = 0; i < mean.length; i++) {
          mean[i] += draw[i] / samples;
        }
      }
      return Dequantization.discreteNats(x, mean);
    }

    @Override
    public void logWeights(Batch x, int samples, RandomKey key, LogWeights each) {
      x.requireOf(event());
      for (int s = 0; s < samples; s++) {
        double[] weights = Dequantization.discreteNats(x, logWeight(x, key.fold(s)));
        for (int i = 0; i < weights.length; i++) {
          each.accept(i, weights[i]);
        }
      }
    }

    /** The logarithm of one unbiased draw of p(x'), averaged over the cell. */
    private double[] logWeight(Batch x, RandomKey own) {
      Batch dequantized = dequantized(x, own);
      return inner instanceof ExactModel exact
          ? exact.logProb(dequantized)
          : ((BoundModel) inner).iwae(dequantized, 1, own.fold(INNER));
    }

    private static Batch dequantized(Batch x, RandomKey own) {
      return Dequantization.apply(x, own.fold(NOISE));
    }
  }

  /** A sampler alone. */
  private static sealed class Implicit extends DequantizedModel implements ImplicitModel {
    Implicit(GenerativeModel inner, EventSpec discrete) {
      super(inner, discrete);
    }
  }

  /** One with a decoder, whose density is that of the dequantized values. */
  private interface WithDecoder extends DecoderModel {
    @Override
    default Batch observed(Batch x, RandomKey key) {
      return Dequantization.apply(x, key);
    }

    @Override
    default double[] nats(Batch x, double[] logDensity) {
      return Dequantization.discreteNats(x, logDensity);
    }
  }

  private static final class BoundWithDecoder extends Bound implements WithDecoder {
    private final DecoderModel inner;

    BoundWithDecoder(GenerativeModel inner, DecoderModel decoder, EventSpec discrete) {
      super(inner, discrete);
      this.inner = decoder;
    }

    @Override
    public Decoder decoder() {
      return inner.decoder();
    }
  }

  /** One with classes: a draw of the noise, the same for all classes, bounds log p(x, c). */
  private static final class BoundWithClasses extends Bound implements ClassifyingModel {
    private static final RandomKey CLASSES = RandomKey.of(0).fold("classes");

    private final ClassifyingModel inner;

    BoundWithClasses(GenerativeModel inner, ClassifyingModel classes, EventSpec discrete) {
      super(inner, discrete);
      this.inner = classes;
    }

    @Override
    public double[][] jointLogProb(Batch x) {
      double[][] joint = inner.jointLogProb(Dequantization.apply(x.requireOf(event()), CLASSES));
      for (int i = 0; i < joint.length; i++) {
        double cell = x.observedElements(i) * Math.log(event().levels());
        for (int c = 0; c < joint[i].length; c++) {
          joint[i][c] -= cell;
        }
      }
      return joint;
    }

    @Override
    public double classLogProb(int label) {
      return inner.classLogProb(label);
    }
  }

  /**
   * One with hidden states, which are those of the middles of the cells; the probability of a path
   * is the density there times the volume of the cell.
   */
  private static final class BoundWithStates extends Bound implements HiddenStateModel {
    private final HiddenStateModel inner;

    BoundWithStates(GenerativeModel inner, HiddenStateModel states, EventSpec discrete) {
      super(inner, discrete);
      this.inner = states;
    }

    @Override
    public int states() {
      return inner.states();
    }

    @Override
    public List<Path> mostProbablePaths(Batch x) {
      List<Path> ofMiddles = inner.mostProbablePaths(Dequantization.middles(x.requireOf(event())));
      List<Path> paths = new ArrayList<>(x.size());
      for (int i = 0; i < x.size(); i++) {
        double cell = x.observedElements(i) * Math.log(event().levels());
        paths.add(new Path(ofMiddles.get(i).states(), ofMiddles.get(i).logProb() - cell));
      }
      return paths;
    }

    @Override
    public double[][] posteriors(Batch x) {
      return inner.posteriors(Dequantization.middles(x.requireOf(event())));
    }
  }

  private static final class ImplicitWithDecoder extends Implicit implements WithDecoder {
    private final DecoderModel inner;

    ImplicitWithDecoder(GenerativeModel inner, DecoderModel decoder, EventSpec discrete) {
      super(inner, discrete);
      this.inner = decoder;
    }

    @Override
    public Decoder decoder() {
      return inner.decoder();
    }
  }
}
