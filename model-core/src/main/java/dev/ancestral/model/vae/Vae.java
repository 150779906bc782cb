package dev.ancestral.model.vae;

import dev.ancestral.Refusal;
import dev.ancestral.distribution.DiscretizedLogistic;
import dev.ancestral.model.BoundNetwork;
import dev.ancestral.model.DecoderNetwork;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The variational autoencoder: z ~ N(0, I), x ~ p(x | decoder(z)), with the approximate posterior
 * q(z | x) = N(mean, diag variance) of an encoder; both are perceptrons.
 *
 * <p>D is the number of elements of x, L of z. Trained with the evidence lower bound, its
 * Kullback–Leibler term in closed form (Kingma &amp; Welling 2014, eq. 10 and appendix B), or with
 * the importance-weighted bound of k samples (Burda, Grosse &amp; Salakhutdinov 2016, eq. 8).
 *
 * <p>Likelihoods, given m = decoder(z) (its last layer):
 *
 * <ul>
 *   <li>{@code bernoulli}: x_d = 1 with probability σ(m_d); x enters the encoder as it is.
 *   <li>{@code logistic}: a {@link DiscretizedLogistic} variable of mean m_d and one learned scale.
 *       x enters the encoder scaled to [−1, 1].
 *   <li>{@code gaussian}: x_d ~ N(m_d, v) with one learned variance v; x enters as it is. Without
 *       hidden layers this is probabilistic principal component analysis (Tipping &amp; Bishop
 *       1999), whose log p(x) is known.
 * </ul>
 *
 * <p>With input dropout the encoder is trained on corrupted examples: each element is 0 with the
 * given probability, and larger by the inverse of the rest otherwise (Srivastava et al. 2014). The
 * objective stays a lower bound on log p(x), one with a posterior that cannot rely on single
 * elements, so that the encoder overfits less (Im et al. 2017; Shu et al. 2018). Scores see
 * examples as they are.
 *
 * <p>With a sleep weight w the encoder also learns, at every step, from draws of the model: w log
 * q(z | x) of as many pairs (z, x) ~ p(z) p(x | z) as there are examples is added to the objective
 * (the sleep phase of Hinton et al. 1995). Such pairs never run out, so that the encoder cannot
 * overfit to them, and the divergence that they lessen, KL(p(z | x) ‖ q(z | x)), makes q cover the
 * posterior, as an importance sampler's proposal must. The gradient of the decoder is not touched,
 * and no score is.
 *
 * <p>Differs from Kingma &amp; Welling: the variance of the Gaussian likelihood is shared by all
 * elements and does not depend on z, which keeps the density bounded on data that lie on a
 * subspace.
 */
public final class Vae implements BoundNetwork, DecoderNetwork {
  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);
  private static final String EPSILON = "latent";
  private static final String OBSERVATION = "observation";
  private static final String DROPOUT = "dropout";
  private static final String DREAM = "dream.latent";
  private static final String DREAM_OBSERVATION = "dream.observation";

  /** What stands between the layers. */
  public enum Activation {
    TANH,
    RELU,
    IDENTITY
  }

  /** p(x | z). */
  public enum Likelihood {
    BERNOULLI,
    LOGISTIC,
    GAUSSIAN
  }

  /** What training maximises. */
  public enum Objective {
    ELBO,
    IWAE
  }

  /**
   * The choices of a VAE.
   *
   * @param hidden widths of the encoder's hidden layers; the decoder has them in reverse
   * @param latent L
   * @param activation between the layers
   * @param likelihood p(x | z)
   * @param objective what training maximises
   * @param samples draws of z for each example and step
   * @param inputDropout probability that training hides an element from the encoder, below 1
   * @param sleep weight of the encoder's log density of what the model itself draws, at least 0
   */
  public record Configuration(
      List<Integer> hidden,
      int latent,
      Activation activation,
      Likelihood likelihood,
      Objective objective,
      int samples,
      double inputDropout,
      double sleep) {
    public Configuration {
      hidden = List.copyOf(hidden);
      if (!(inputDropout >= 0 && inputDropout < 1)) {
        throw new IllegalArgumentException(
            "inputDropout must be from 0 to below 1; it is " + inputDropout);
      }
      if (!(sleep >= 0 && sleep < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("sleep must be a number from 0; it is " + sleep);
      }
      if (latent < 1 || samples < 1 || hidden.stream().anyMatch(width -> width < 1)) {
        throw new IllegalArgumentException(
            "widths and samples must be at least 1; hidden is "
                + hidden
                + ", latent "
                + latent
                + ", samples "
                + samples);
      }
    }
  }

  private final Configuration configuration;
  private final EventSpec event;
  private final int elements; // D
  private final int latent; // L
  private final int layers; // hidden layers of either side
  private final ParameterLayout parameters;

  /**
   * A VAE for such events.
   *
   * @throws Refusal (MISMATCH) if the likelihood does not suit the event
   */
  public Vae(Configuration configuration, EventSpec event) {
    this.configuration = configuration;
    this.event = event;
    elements = event.size();
    latent = configuration.latent();
    layers = configuration.hidden().size();
    requireSuited(configuration.likelihood(), event);
    parameters = layout();
  }

  @Override
  public EventSpec event() {
    return event;
  }

  @Override
  public ParameterLayout parameters() {
    return parameters;
  }

  @Override
  public long valuesPerExample(int steps) {
    long hidden = configuration.hidden().stream().mapToLong(Integer::longValue).sum();
    return 8L * (elements + latent) + 6 * hidden;
  }

  @Override
  public List<Player> players() {
    return List.of(new Player("model", "", 1, trainingNoise(), this::objective));
  }

  private List<Noise> trainingNoise() {
    List<Noise> noise = new ArrayList<>();
    noise.add(latentNoise(configuration.samples()));
    if (configuration.inputDropout() > 0) {
      noise.add(new Noise(DROPOUT, Noise.Kind.UNIFORM, 0, List.of(elements)));
    }
    if (configuration.sleep() > 0) {
      noise.add(new Noise(DREAM, Noise.Kind.NORMAL, 0, List.of(latent)));
      noise.add(observationNoise(DREAM_OBSERVATION));
    }
    return noise;
  }

  private Tensor objective(TensorMap weights, TensorMap inputs) {
    Posterior q = encode(weights, visible(inputs));
    Tensor bound =
        switch (configuration.objective()) {
          case ELBO -> elbo(weights, inputs, q);
          case IWAE -> iwae(weights, inputs, q);
        }; // [B]
    return configuration.sleep() == 0
        ? bound
        : bound.add(dream(weights, inputs).mul(configuration.sleep())); // [B]
  }

  @Override
  public Noise latentNoise(int samples) {
    return new Noise(EPSILON, Noise.Kind.NORMAL, samples, List.of(latent));
  }

  /** E_q[log p(x | z)] − KL(q(z | x) ‖ p(z)), [B]. */
  @Override
  public Tensor elbo(TensorMap weights, TensorMap inputs) {
    return elbo(weights, inputs, encode(weights, encoderInput(inputs.get("x"))));
  }

  private Tensor elbo(TensorMap weights, TensorMap inputs, Posterior q) {
    Tensor z = q.sample(inputs.get(EPSILON)); // [K, B, L]
    Tensor reconstruction = logLikelihood(weights, inputs.get("x"), z).mean(0); // [B]
    return reconstruction.sub(q.divergence()); // [B]
  }

  @Override
  public Tensor logWeights(TensorMap weights, TensorMap inputs) {
    return logWeights(weights, inputs, encode(weights, encoderInput(inputs.get("x"))));
  }

  private Tensor logWeights(TensorMap weights, TensorMap inputs, Posterior q) {
    Tensor epsilon = inputs.get(EPSILON); // [K, B, L]
    Tensor z = q.sample(epsilon); // [K, B, L]
    // log p(z) − log q(z | x); both normalisers (2π)^{−L/2} cancel.
    Tensor logRatio =
        epsilon.square().sub(z.square()).add(q.logVariance).sum(-1).mul(0.5); // [K, B]
    return logLikelihood(weights, inputs.get("x"), z).add(logRatio); // [K, B]
  }

  /** log (1/K) Σ_k p(x, z_k) / q(z_k | x), [B]. */
  private Tensor iwae(TensorMap weights, TensorMap inputs, Posterior q) {
    return logWeights(weights, inputs, q)
        .logSumExp(0)
        .add(-Math.log(configuration.samples())); // [B]
  }

  /** log q(z | x) of (z, x) ~ p(z) p(x | z), [B]; the draw is a constant. */
  private Tensor dream(TensorMap weights, TensorMap inputs) {
    Tensor z = inputs.get(DREAM); // [B, L]
    Tensor x = observe(weights, z, inputs.get(DREAM_OBSERVATION)).stopGradient(); // [B, D]
    return encode(weights, encoderInput(x)).logDensity(z); // [B]
  }

  /** What the encoder sees in training, [B, D]. */
  private Tensor visible(TensorMap inputs) {
    double hidden = configuration.inputDropout();
    Tensor h = encoderInput(inputs.get("x")); // [B, D]
    return hidden == 0
        ? h
        : h.mul(inputs.get(DROPOUT).greater(hidden)).mul(1 / (1 - hidden)); // [B, D]
  }

  @Override
  public List<Noise> samplingNoise(SampleRequest request) {
    return List.of(new Noise(EPSILON, Noise.Kind.NORMAL, 0, List.of(latent)), observationNoise());
  }

  @Override
  public Noise observationNoise() {
    return observationNoise(OBSERVATION);
  }

  private Noise observationNoise(String name) {
    Noise.Kind kind =
        configuration.likelihood() == Likelihood.GAUSSIAN ? Noise.Kind.NORMAL : Noise.Kind.UNIFORM;
    return new Noise(name, kind, 0, List.of(elements));
  }

  /**
   * Draws x ~ p(x | z), z ~ N(0, I). A temperature t divides the logits of the Bernoulli,
   * multiplies the scale of the logistic and the variance of the Gaussian.
   */
  @Override
  public Tensor sample(TensorMap weights, TensorMap inputs, SampleRequest request) {
    if (request.label().isPresent()) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "label is "
              + request.label().getAsInt()
              + ", but a vae does not condition on labels; ask for no label");
    }
    Tensor x =
        observe(
            weights, inputs.get(EPSILON), inputs.get(OBSERVATION), request.temperature()); // [B, D]
    return asEvents(x); // [B, shape...]
  }

  @Override
  public Tensor observe(TensorMap weights, Tensor z, Tensor noise) {
    return observe(weights, z, noise, 1);
  }

  private Tensor observe(TensorMap weights, Tensor z, Tensor noise, double temperature) {
    Tensor m = location(weights, z); // [N, D]
    return switch (configuration.likelihood()) {
      case BERNOULLI -> m.mul(1 / temperature).sigmoid().greater(noise);
      case LOGISTIC -> {
        Tensor scale = weights.get("decoder.logScale").exp().mul(temperature); // [1]
        yield new DiscretizedLogistic(event.levels()).draw(noise, m, scale);
      }
      case GAUSSIAN -> {
        Tensor deviation = weights.get("decoder.logVariance").mul(0.5).exp(); // [1]
        yield m.add(noise.mul(deviation).mul(Math.sqrt(temperature)));
      }
    }; // [N, D]
  }

  // --- q(z | x) ---

  /** A diagonal Gaussian with mean [B, L] and log variance [B, L]. */
  private record Posterior(Tensor mean, Tensor logVariance) {

    /** mean + ε · deviation, [K, B, L] (Kingma &amp; Welling 2014, section 2.4). */
    Tensor sample(Tensor epsilon) {
      return mean.add(epsilon.mul(logVariance.mul(0.5).exp())); // [K, B, L]
    }

    /** log q(z | x) of z [B, L], [B]. */
    Tensor logDensity(Tensor z) {
      Tensor squares = z.sub(mean).square().mul(logVariance.neg().exp()); // [B, L]
      return squares.add(logVariance).add(LOG_TWO_PI).sum(-1).mul(-0.5); // [B]
    }

    /** KL to the standard normal, [B]. */
    Tensor divergence() {
      return mean.square().add(logVariance.exp()).sub(logVariance).add(-1).sum(-1).mul(0.5); // [B]
    }
  }

  private Posterior encode(TensorMap weights, Tensor input) {
    Tensor h = input; // [B, D]
    for (int i = 0; i < layers; i++) {
      h = activate(linear(weights, "encoder." + i, h)); // [B, hidden_i]
    }
    Tensor q = linear(weights, "encoder.posterior", h); // [B, 2 L]
    return new Posterior(q.slice(-1, 0, latent), q.slice(-1, latent, 2L * latent));
  }

  // --- p(x | z) ---

  @Override
  public int latentSize() {
    return latent;
  }

  /** Of the logistic likelihood it is the mean before rounding, kept within the levels. */
  @Override
  public Tensor decode(TensorMap weights, Tensor z) {
    Tensor m = location(weights, z); // [N, D]
    return switch (configuration.likelihood()) {
      case BERNOULLI -> m.sigmoid();
      case LOGISTIC -> {
        int top = event.levels() - 1;
        yield m.add(1).mul(top / 2.0).clamp(0, top);
      }
      case GAUSSIAN -> m;
    }; // [N, D]
  }

  /** m: the logit of every element, or its mean (in [−1, 1] for levels), [N, L] → [N, D]. */
  private Tensor location(TensorMap weights, Tensor z) {
    Tensor h = z; // [N, L]
    for (int i = 0; i < layers; i++) {
      h = activate(linear(weights, "decoder." + i, h)); // [N, hidden_{layers−1−i}]
    }
    return linear(weights, "decoder.observation", h); // [N, D]
  }

  @Override
  public Tensor logLikelihood(TensorMap weights, Tensor x, Tensor z) {
    long[] kbl = z.shape();
    Tensor flat = x.reshape(-1, elements); // [B, D]
    Tensor mean =
        location(weights, z.reshape(-1, latent)).reshape(kbl[0], kbl[1], elements); // [K, B, D]
    Tensor perElement =
        switch (configuration.likelihood()) {
          // x log σ(m) + (1 − x) log σ(−m) = log σ((2 x − 1) m) for x in {0, 1}
          case BERNOULLI -> mean.mul(flat.mul(2).add(-1)).logSigmoid();
          case LOGISTIC ->
              new DiscretizedLogistic(event.levels())
                  .logProb(flat, mean, weights.get("decoder.logScale"));
          case GAUSSIAN -> logGaussian(flat, mean, weights.get("decoder.logVariance"));
        }; // [K, B, D]
    return perElement.sum(-1); // [K, B]
  }

  private static Tensor logGaussian(Tensor x, Tensor mean, Tensor logVariance) {
    Tensor squares = x.sub(mean).square().mul(logVariance.neg().exp()); // [K, B, D]
    return squares.add(logVariance).add(LOG_TWO_PI).mul(-0.5); // [K, B, D]
  }

  private Tensor encoderInput(Tensor x) {
    Tensor flat = x.reshape(-1, elements); // [B, D]
    return configuration.likelihood() == Likelihood.LOGISTIC
        ? new DiscretizedLogistic(event.levels()).scaled(flat)
        : flat;
  }

  // --- layers ---

  private Tensor activate(Tensor h) {
    return switch (configuration.activation()) {
      case TANH -> h.tanh();
      case RELU -> h.relu();
      case IDENTITY -> h;
    };
  }

  private static Tensor linear(TensorMap weights, String name, Tensor h) {
    return h.matmul(weights.get(name + ".weight")).add(weights.get(name + ".bias"));
  }

  private ParameterLayout layout() {
    ParameterLayout.Builder layout = ParameterLayout.builder();
    List<Integer> hidden = new ArrayList<>(configuration.hidden());
    int width = elements;
    for (int i = 0; i < layers; i++) {
      width =
          add(
              layout,
              "encoder." + i,
              width,
              hidden.get(i),
              hiddenInitializer(width, hidden.get(i)));
    }
    add(layout, "encoder.posterior", width, 2 * latent, Initializer.glorot(width, 2L * latent));
    Collections.reverse(hidden);
    width = latent;
    for (int i = 0; i < layers; i++) {
      width =
          add(
              layout,
              "decoder." + i,
              width,
              hidden.get(i),
              hiddenInitializer(width, hidden.get(i)));
    }
    add(layout, "decoder.observation", width, elements, Initializer.glorot(width, elements));
    switch (configuration.likelihood()) {
      case BERNOULLI -> {}
      case LOGISTIC -> layout.add("decoder.logScale", new Initializer.Constant(-1), 1);
      case GAUSSIAN -> layout.add("decoder.logVariance", Initializer.zeros(), 1);
    }
    return layout.build();
  }

  private Initializer hiddenInitializer(long in, long out) {
    return configuration.activation() == Activation.RELU
        ? Initializer.he(in)
        : Initializer.glorot(in, out);
  }

  private static int add(
      ParameterLayout.Builder layout, String name, int in, int out, Initializer weight) {
    layout.add(name + ".weight", weight, in, out);
    layout.add(name + ".bias", Initializer.zeros(), out);
    return out;
  }

  private static void requireSuited(Likelihood likelihood, EventSpec event) {
    String mend =
        switch (likelihood) {
          case BERNOULLI ->
              event.levels() == 2
                  ? null
                  : event.isDiscrete()
                      ? "it needs 2 levels: prepare the data with --binarize, or choose likelihood:"
                          + " logistic"
                      : "it needs 2 levels: choose likelihood: gaussian";
          case LOGISTIC ->
              event.isDiscrete() ? null : "it needs discrete elements: choose likelihood: gaussian";
          case GAUSSIAN ->
              event.isDiscrete()
                  ? "it needs real numbers: set dequantize: uniform, or choose likelihood: "
                      + (event.levels() == 2 ? "bernoulli" : "logistic")
                  : null;
        };
    if (mend != null) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "likelihood "
              + likelihood.name().toLowerCase(java.util.Locale.ROOT)
              + " does not suit the event "
              + event.describe()
              + "; "
              + mend);
    }
  }
}
