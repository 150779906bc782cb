package dev.ancestral.model.vae;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.distribution.Bernoulli;
import dev.ancestral.distribution.DiscretizedLogistic;
import dev.ancestral.distribution.Distribution;
import dev.ancestral.distribution.Gaussian;
import dev.ancestral.distribution.Levels;
import dev.ancestral.distribution.LocationDistribution;
import dev.ancestral.distribution.Mixed;
import dev.ancestral.model.BoundNetwork;
import dev.ancestral.model.DecoderNetwork;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Family;
import dev.ancestral.model.ModelsRows;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.RowFeatures;
import dev.ancestral.nn.Activation;
import dev.ancestral.nn.Mlp;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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
 *   <li>{@code mixed}, of rows and of nothing else: the columns are independent given z, each of a
 *       distribution that suits its values ({@link Mixed}), whose numbers m holds side by side. The
 *       encoder sees the features of {@link RowFeatures}.
 * </ul>
 *
 * <p>With input dropout the encoder is trained on corrupted examples: each element is 0 with the
 * given probability, and larger by the inverse of the rest otherwise (Srivastava et al. 2014). The
 * objective stays a lower bound on log p(x), one with a posterior that cannot rely on single
 * elements, so that the encoder overfits less (Im et al. 2017; Shu et al. 2018). Scores see
 * examples as they are. Of rows it hides columns.
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
public final class Vae implements BoundNetwork, DecoderNetwork, ModelsRows {
  private static final String EPSILON = "latent";
  private static final String OBSERVATION = "observation";
  private static final String DROPOUT = "dropout";
  private static final String DREAM = "dream.latent";
  private static final String DREAM_OBSERVATION = "dream.observation";

  /**
   * Reads the keys of {@code family: vae}.
   *
   * <pre>
   * {family: vae, hidden: [200, 200], latent: 50, activation: tanh, likelihood: bernoulli,
   *  objective: elbo, samples: 1, inputDropout: 0, sleep: 0}
   * </pre>
   *
   * <p>Without {@code likelihood} it is what suits the event: bernoulli for two levels, logistic
   * for more, gaussian for real numbers. Rows have a distribution a column, and none is named.
   */
  public static final class VaeFamily implements Family {

    @Override
    public String name() {
      return "vae";
    }

    @Override
    public Definition define(Settings settings, EventSpec event) {
      if (event.variableLength()) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "the event is "
                + event.describe()
                + "; a vae models events of fixed shape: choose family hmm or wavenet for"
                + " sequences");
      }
      Configuration configuration =
          new Configuration(
              settings.counts("hidden", List.of(200, 200), 1, 1 << 20),
              settings.count("latent", 50, 1, 1 << 20),
              constant(
                  Activation.class,
                  settings.text("activation", "tanh", "tanh", "relu", "identity")),
              likelihood(settings, event),
              constant(Objective.class, settings.text("objective", "elbo", "elbo", "iwae")),
              settings.count("samples", 1, 1, 1 << 20),
              settings.number("inputDropout", 0.0, 0, 0.99),
              settings.number("sleep", 0.0, 0, 1e6));
      return new Vae(configuration, event);
    }

    private static Likelihood likelihood(Settings settings, EventSpec event) {
      if (event.isRows()) {
        if (settings.has("likelihood")) {
          settings.wrong(
              "likelihood",
              settings.text("likelihood", ""),
              "left out where examples are rows: each column has the distribution of its kind");
        }
        return Likelihood.MIXED;
      }
      String suited =
          !event.isDiscrete() ? "gaussian" : event.levels() == 2 ? "bernoulli" : "logistic";
      return constant(
          Likelihood.class,
          settings.text("likelihood", suited, "bernoulli", "logistic", "gaussian"));
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String name) {
      return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
    }
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
  private final Optional<Rows> rows; // where examples are rows
  private final Mlp encoder; // D (features of rows) → 2 L
  private final Mlp decoder; // L → D (parameters of rows)
  private final ParameterLayout parameters;

  /**
   * A VAE for such events.
   *
   * @throws AncestralException (MISMATCH) if the likelihood does not suit the event
   */
  public Vae(Configuration configuration, EventSpec event) {
    this.configuration = configuration;
    this.event = event;
    elements = event.size();
    latent = configuration.latent();
    configuration.likelihood().requireSuited(event);
    rows =
        event
            .schema()
            .map(schema -> new Rows(new RowFeatures("encoder.column", schema), Mixed.of(schema)));
    List<Integer> hidden = configuration.hidden();
    List<Integer> reversed = new ArrayList<>(hidden);
    Collections.reverse(reversed);
    Activation activation = configuration.activation();
    int seen = rows.map(row -> row.features.width()).orElse(elements);
    int described = rows.map(row -> row.columns.parametersPerElement()).orElse(elements);
    encoder = Mlp.of("encoder", seen, hidden, activation, "posterior", 2 * latent);
    decoder = Mlp.of("decoder", latent, reversed, activation, "observation", described);
    parameters = layout();
  }

  /** What the encoder sees of rows, and p(x | z). */
  private record Rows(RowFeatures features, Mixed columns) {}

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
    long ofRow =
        rows.map(row -> (long) row.features.width() + row.columns.parametersPerElement())
            .orElse(0L);
    return 8L * (elements + latent) + 6 * (hidden + ofRow);
  }

  @Override
  public List<Player> players() {
    return List.of(new Player("model", "", 1, trainingNoise(), this::objective));
  }

  private List<Noise> trainingNoise() {
    List<Noise> noise = new ArrayList<>();
    noise.add(latentNoise(configuration.samples()));
    if (configuration.inputDropout() > 0) {
      noise.add(new Noise(DROPOUT, Noise.Kind.UNIFORM, 0, List.of(event.variables())));
    }
    if (configuration.sleep() > 0) {
      noise.add(new Noise(DREAM, Noise.Kind.NORMAL, 0, List.of(latent)));
      noise.add(observationNoise(DREAM_OBSERVATION));
    }
    return noise;
  }

  private Tensor objective(TensorMap weights, TensorMap inputs) {
    Posterior q = encode(weights, visible(weights, inputs));
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
    return elbo(weights, inputs, encode(weights, encoderInput(weights, inputs.get("x"))));
  }

  private Tensor elbo(TensorMap weights, TensorMap inputs, Posterior q) {
    Tensor z = q.sample(inputs.get(EPSILON)); // [K, B, L]
    Tensor reconstruction = logLikelihood(weights, inputs.get("x"), z).mean(0); // [B]
    return reconstruction.sub(q.divergence()); // [B]
  }

  @Override
  public Tensor logWeights(TensorMap weights, TensorMap inputs) {
    return logWeights(weights, inputs, encode(weights, encoderInput(weights, inputs.get("x"))));
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
    return encode(weights, encoderInput(weights, x)).logDensity(z); // [B]
  }

  /** What the encoder sees in training, [B, D]. */
  private Tensor visible(TensorMap weights, TensorMap inputs) {
    double hidden = configuration.inputDropout();
    Tensor h = encoderInput(weights, inputs.get("x")); // [B, D]
    if (hidden == 0) {
      return h;
    }
    Tensor shown = inputs.get(DROPOUT).greater(hidden); // [B, D], or a number a column of rows
    return h.mul(rows.map(row -> row.features.spread(shown)).orElse(shown))
        .mul(1 / (1 - hidden)); // [B, D]
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
    int size = rows.map(row -> row.columns.noisePerElement()).orElse(elements);
    return new Noise(name, kind, 0, List.of(size));
  }

  /**
   * Draws x ~ p(x | z), z ~ N(0, I). A temperature t divides the logits of the Bernoulli,
   * multiplies the scale of the logistic and the variance of the Gaussian. Rows are drawn given
   * that nothing occurs that the data that fixed their schema never had: see {@link
   * dev.ancestral.distribution.ColumnDistribution}.
   */
  @Override
  public Tensor sample(TensorMap weights, TensorMap inputs, SampleRequest request) {
    if (request.label().isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
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
    Distribution likelihood = rows.isPresent() ? rows.get().columns : ofElement(weights);
    return likelihood.sample(decoder.apply(weights, z), noise, temperature); // [N, D]
  }

  // --- q(z | x) ---

  /** A diagonal Gaussian with mean [B, L] and log variance [B, L]. */
  private record Posterior(Tensor mean, Tensor logVariance) {

    /** [K, B, L]. */
    Tensor sample(Tensor epsilon) {
      return new Gaussian(logVariance).sample(mean, epsilon, 1);
    }

    /** log q(z | x) of z [B, L], [B]. */
    Tensor logDensity(Tensor z) {
      return new Gaussian(logVariance).logProb(mean, z).sum(-1);
    }

    /** KL to the standard normal, [B]. */
    Tensor divergence() {
      return new Gaussian(logVariance).divergenceFromStandard(mean).sum(-1);
    }
  }

  private Posterior encode(TensorMap weights, Tensor input) {
    Tensor q = encoder.apply(weights, input); // [B, 2 L]
    return new Posterior(q.slice(-1, 0, latent), q.slice(-1, latent, 2L * latent));
  }

  // --- p(x | z) ---

  @Override
  public int latentSize() {
    return latent;
  }

  /**
   * Of the logistic likelihood it is the mean before rounding, kept within the levels; of rows the
   * mean of real numbers and what is most probable of other columns.
   */
  @Override
  public Tensor decode(TensorMap weights, Tensor z) {
    Tensor m = decoder.apply(weights, z);
    return rows.isPresent() ? rows.get().columns.center(m) : ofElement(weights).mean(m); // [N, D]
  }

  /** p(x_d | z) by m: the logit of an element, or its mean (in [−1, 1] for levels). */
  private LocationDistribution ofElement(TensorMap weights) {
    return switch (configuration.likelihood()) {
      case BERNOULLI -> new Bernoulli();
      case LOGISTIC ->
          new DiscretizedLogistic(new Levels(event.levels()), weights.get("decoder.logScale"));
      case GAUSSIAN -> new Gaussian(weights.get("decoder.logVariance"));
      case MIXED -> throw new IllegalStateException("a row has a distribution a column");
    };
  }

  @Override
  public Tensor logLikelihood(TensorMap weights, Tensor x, Tensor z) {
    long[] kbl = z.shape();
    Tensor flat = x.reshape(-1, elements); // [B, D]
    Tensor m =
        decoder
            .apply(weights, z.reshape(-1, latent))
            .reshape(kbl[0], kbl[1], decoder.output().out()); // [K, B, D]
    return rows.isPresent()
        ? rows.get().columns.logProb(m, flat)
        : ofElement(weights).logProb(m, flat).sum(-1); // [K, B]
  }

  private Tensor encoderInput(TensorMap weights, Tensor x) {
    Tensor flat = x.reshape(-1, elements); // [B, D]
    if (rows.isPresent()) {
      return rows.get().features.apply(weights, flat); // [B, F]
    }
    return configuration.likelihood() == Likelihood.LOGISTIC
        ? new Levels(event.levels()).scaled(flat)
        : flat;
  }

  private ParameterLayout layout() {
    ParameterLayout.Builder layout = ParameterLayout.builder();
    rows.ifPresent(row -> row.features.declare(layout));
    encoder.declare(layout);
    decoder.declare(layout);
    switch (configuration.likelihood()) {
      case BERNOULLI, MIXED -> {}
      case LOGISTIC -> layout.add("decoder.logScale", new Initializer.Constant(-1), 1);
      case GAUSSIAN -> layout.add("decoder.logVariance", Initializer.zeros(), 1);
    }
    return layout.build();
  }
}
