package dev.ancestral.model.gan;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.DecoderNetwork;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Family;
import dev.ancestral.model.ImplicitNetwork;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.optimize.Adam;
import dev.ancestral.optimize.OptimizerSettings;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The generative adversarial network: x = G(z) with z ~ N(0, I), where G learns from a
 * discriminator D that tells its draws from data (Goodfellow et al. 2014).
 *
 * <p>Both players ascend a payoff. With a = D(x) the logit of an example and b = D(G(z)) that of a
 * draw:
 *
 * <pre>
 *                   discriminator                    generator
 * minimax           log σ(a) + log σ(−b)             −log σ(−b)    (ibid., eq. 1)
 * non-saturating    log σ(a) + log σ(−b)             log σ(b)      (ibid., section 3)
 * hinge             min(0, a − 1) + min(0, −b − 1)   b             (Lim &amp; Ye 2017)
 * </pre>
 *
 * <p>Law: where D is best and G draws from the data's distribution, the first payoff is −log 4
 * (ibid., theorem 1).
 *
 * <p>A {@code gradientPenalty} γ takes γ/2 ‖∂D(y)/∂y‖² at the data's examples from the
 * discriminator's payoff: R₁ of Mescheder, Geiger &amp; Nowozin (2018, eq. 9), under which
 * alternating updates of these losses converge locally. (The penalty of Gulrajani et al. 2017 holds
 * the slope near 1 between data and draws, which belongs to the Wasserstein payoff.)
 *
 * <p>Differs from Goodfellow et al.: the updates of the discriminator in one training step see the
 * same examples with draws of their own, and each player's optimizer is Adam by default (Radford et
 * al. 2016).
 *
 * <p>{@link Scaling} says how elements become numbers for D. Draws of discrete events are rounded
 * to the nearest level, which D does not see.
 *
 * <p>G has no density. As a decoder (Wu, Burda, Salakhutdinov &amp; Grosse 2017, section 3) it
 * stands for the distribution x ~ N(G(z), s² I) with a fixed scale s, G before rounding; that, and
 * not what {@link #sample} draws, is what annealed importance sampling and kernel density
 * estimation score. Of discrete events it is a density over numbers of levels.
 */
public final class Gan implements ImplicitNetwork, DecoderNetwork {
  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);
  private static final String LATENT = "latent";
  private static final String OBSERVATION = "observation";
  private static final String NAME_OF_GENERATOR = "generator";
  private static final String NAME_OF_DISCRIMINATOR = "discriminator";

  /**
   * Reads the keys of {@code family: gan}.
   *
   * <pre>
   * {family: gan, network: mlp, hidden: [256, 256], latent: 64, loss: non-saturating,
   *  discriminatorSteps: 1, gradientPenalty: 0, output: tanh, observationScale: 0.15,
   *  generatorOptimizer: {name: adam, learningRate: 0.0002, beta1: 0.5},
   *  discriminatorOptimizer: {name: adam, learningRate: 0.0002, beta1: 0.5}}
   * </pre>
   *
   * <p>{@code hidden} are the widths of the generator's hidden layers ({@code mlp}), or the
   * channels of both networks from the image inwards ({@code dcgan}: [64, 128]). {@code output} is
   * tanh for discrete events and linear for continuous ones unless it is given.
   */
  public static final class GanFamily implements Family {
    /** Radford et al. 2016, section 3. */
    private static final Adam ADAM = new Adam(0.5, 0.999, 1e-8, 0);

    private static final double LEARNING_RATE = 2e-4;

    /** Half way between what GAN and VAE decoders of MNIST need (Wu et al. 2017, section 5.1). */
    private static final double OBSERVATION_SCALE = 0.15;

    @Override
    public String name() {
      return "gan";
    }

    @Override
    public Definition define(Settings settings, EventSpec event) {
      if (event.variableLength()) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "the event is "
                + event.describe()
                + "; a gan models events of fixed shape: choose family hmm or wavenet for"
                + " sequences");
      }
      boolean convolutional = settings.text("network", "mlp", "mlp", "dcgan").equals("dcgan");
      List<Integer> hidden =
          settings.counts(
              "hidden", convolutional ? List.of(64, 128) : List.of(256, 256), 1, 1 << 20);
      if (convolutional && (hidden.isEmpty() || hidden.size() > 16)) {
        settings.wrong(
            "hidden", hidden, "a list of 1 to 16 numbers of channels for network: dcgan");
        hidden = List.of(64, 128);
      }
      int latent = settings.count("latent", 64, 1, 1 << 20);
      Scaling.Output output =
          constant(
              Scaling.Output.class,
              settings.text(
                  "output", event.isDiscrete() ? "tanh" : "linear", "tanh", "sigmoid", "linear"));
      Configuration configuration =
          new Configuration(
              constant(
                  Loss.class,
                  settings.text("loss", "non-saturating", "non-saturating", "minimax", "hinge")),
              settings.count("discriminatorSteps", 1, 1, 1000),
              settings.number("gradientPenalty", 0.0, 0, 1e6),
              settings.number("observationScale", OBSERVATION_SCALE, 1e-6, 1e6),
              OptimizerSettings.read(settings.section("generatorOptimizer"), ADAM, LEARNING_RATE),
              OptimizerSettings.read(
                  settings.section("discriminatorOptimizer"), ADAM, LEARNING_RATE));
      Architecture architecture =
          convolutional
              ? Convolutions.of(event, latent, hidden)
              : Architecture.Perceptrons.of(event.size(), latent, hidden);
      return new Gan(configuration, event, latent, architecture, Scaling.of(event, output));
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String name) {
      return Enum.valueOf(type, name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }

  /** What the players want. */
  public enum Loss {
    NON_SATURATING,
    MINIMAX,
    HINGE
  }

  /**
   * The choices of a game.
   *
   * @param loss what the players want
   * @param discriminatorSteps updates of the discriminator for each of the generator
   * @param gradientPenalty γ; 0 for none
   * @param observationScale deviation of the Gaussian around the generator's output by which the
   *     model is scored: in units of x, for discrete events of their whole range
   * @param generator optimizer of the generator
   * @param discriminator optimizer of the discriminator
   */
  public record Configuration(
      Loss loss,
      int discriminatorSteps,
      double gradientPenalty,
      double observationScale,
      OptimizerSettings generator,
      OptimizerSettings discriminator) {
    public Configuration {
      if (discriminatorSteps < 1 || !(gradientPenalty >= 0) || !(observationScale > 0)) {
        throw new IllegalArgumentException(
            "discriminatorSteps must be at least 1, gradientPenalty at least 0 and"
                + " observationScale above 0; they are "
                + List.of(discriminatorSteps, gradientPenalty, observationScale));
      }
    }
  }

  private final Configuration configuration;
  private final EventSpec event;
  private final int latent; // L
  private final Architecture architecture;
  private final Scaling scaling;
  private final ParameterLayout parameters;

  Gan(
      Configuration configuration,
      EventSpec event,
      int latent,
      Architecture architecture,
      Scaling scaling) {
    this.configuration = configuration;
    this.event = event;
    this.latent = latent;
    this.architecture = architecture;
    this.scaling = scaling;
    ParameterLayout.Builder layout = ParameterLayout.builder();
    architecture.declare(layout);
    parameters = layout.build();
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
    return architecture.valuesPerExample();
  }

  /** The discriminator, which learns first in every step, and the generator. */
  @Override
  public List<Player> players() {
    List<Noise> noise = List.of(latentNoise());
    return List.of(
        new Player(
            NAME_OF_DISCRIMINATOR,
            Architecture.DISCRIMINATOR,
            configuration.discriminatorSteps(),
            noise,
            this::discriminatorPayoff,
            Optional.of(configuration.discriminator())),
        new Player(
            NAME_OF_GENERATOR,
            Architecture.GENERATOR,
            1,
            noise,
            this::generatorPayoff,
            Optional.of(configuration.generator())));
  }

  // --- the game ---

  /** What the discriminator wants, [B]; the generator's weights get no gradient. */
  private Tensor discriminatorPayoff(TensorMap weights, TensorMap inputs) {
    Tensor real = scaling.fromEvent(inputs.get("x").reshape(-1, event.size())); // [B, D]
    Tensor fake = generate(constant(weights), inputs.get(LATENT)); // [B, D]
    Tensor a = architecture.discriminate(weights, real); // [B]
    Tensor b = architecture.discriminate(weights, fake); // [B]
    Tensor payoff =
        switch (configuration.loss()) {
          case NON_SATURATING, MINIMAX -> a.logSigmoid().add(b.neg().logSigmoid());
          // min(0, u) = −max(0, −u)
          case HINGE -> a.neg().add(1).relu().add(b.add(1).relu()).neg();
        }; // [B]
    return configuration.gradientPenalty() == 0
        ? payoff
        : payoff.sub(slope(weights, real).mul(configuration.gradientPenalty() / 2)); // [B]
  }

  /** What the generator wants, [B]; the discriminator's weights get no gradient. */
  private Tensor generatorPayoff(TensorMap weights, TensorMap inputs) {
    Tensor fake = generate(weights, inputs.get(LATENT)); // [B, D]
    Tensor b = architecture.discriminate(constant(weights), fake); // [B]
    return switch (configuration.loss()) {
      case NON_SATURATING -> b.logSigmoid();
      case MINIMAX -> b.neg().logSigmoid().neg();
      case HINGE -> b;
    };
  }

  /** ‖∂D(y)/∂y‖², [B]: one gradient of the sum, as rows do not know of each other. */
  private Tensor slope(TensorMap weights, Tensor y) {
    return y.engine()
        .differentiableGradient(at -> architecture.discriminate(weights, at).sum(), y)
        .square()
        .sum(-1); // [B]
  }

  private static TensorMap constant(TensorMap weights) {
    Map<String, Tensor> constants = new HashMap<>();
    weights.byName().forEach((name, weight) -> constants.put(name, weight.stopGradient()));
    return new TensorMap(weights.engine(), constants);
  }

  // --- drawing ---

  @Override
  public List<Noise> samplingNoise(SampleRequest request) {
    return List.of(latentNoise());
  }

  /** Draws x = G(z). A temperature multiplies the variance of z. */
  @Override
  public Tensor sample(TensorMap weights, TensorMap inputs, SampleRequest request) {
    if (request.label().isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "label is "
              + request.label().getAsInt()
              + ", but a gan does not condition on labels; ask for no label");
    }
    Tensor z = inputs.get(LATENT).mul(Math.sqrt(request.temperature())); // [B, L]
    Tensor x = scaling.toValid(scaling.toEvent(generate(weights, z))); // [B, D]
    return asEvents(x); // [B, shape...]
  }

  // --- p(x | z), for scoring alone ---

  @Override
  public int latentSize() {
    return latent;
  }

  /** G(z), for discrete events before it is rounded. */
  @Override
  public Tensor decode(TensorMap weights, Tensor z) {
    return scaling.toEvent(generate(weights, z)); // [N, D]
  }

  /** log N(x; G(z), s² I) with s the observation scale. */
  @Override
  public Tensor logLikelihood(TensorMap weights, Tensor x, Tensor z) {
    long[] kbl = z.shape();
    int elements = event.size();
    Tensor mean =
        decode(weights, z.reshape(-1, latent)).reshape(kbl[0], kbl[1], elements); // [K, B, D]
    double scale = deviation();
    Tensor squares = x.reshape(-1, elements).sub(mean).square().sum(-1); // [K, B]
    return squares
        .mul(-0.5 / (scale * scale))
        .add(-elements * (0.5 * LOG_TWO_PI + Math.log(scale))); // [K, B]
  }

  @Override
  public Noise observationNoise() {
    return new Noise(OBSERVATION, Noise.Kind.NORMAL, 0, List.of(event.size()));
  }

  @Override
  public Tensor observe(TensorMap weights, Tensor z, Tensor noise) {
    return decode(weights, z).add(noise.mul(deviation())); // [N, D]
  }

  /** s, in units of x. */
  private double deviation() {
    return configuration.observationScale() * scaling.span();
  }

  /** y = G(z), [N, L] → [N, D], in the discriminator's units. */
  private Tensor generate(TensorMap weights, Tensor z) {
    return scaling.squash(architecture.generate(weights, z));
  }

  private Noise latentNoise() {
    return new Noise(LATENT, Noise.Kind.NORMAL, 0, List.of(latent));
  }

  /**
   * Between the three units that an element has: <em>raw</em>, what the generator's last layer
   * gives; <em>y</em>, what the discriminator sees; and <em>x</em>, that of the event.
   *
   * <p>Discrete levels 0 to V − 1 become y = 2 x / (V − 1) − 1 in [−1, 1] whatever the output.
   * Continuous elements: {@code sigmoid} is for x in [0, 1], which becomes y = 2 x − 1 (dequantized
   * data are such); {@code tanh} for x in [−1, 1], and {@code linear} for any real x, both with y =
   * x. The generator squashes raw into the range of y: y = 2 σ(raw) − 1, tanh(raw) or raw.
   *
   * @param output how raw becomes y
   * @param levels V; 0 for continuous elements
   */
  record Scaling(Output output, int levels) {

    /** What the generator's last layer ends with. */
    enum Output {
      SIGMOID,
      TANH,
      LINEAR
    }

    static Scaling of(EventSpec event, Output output) {
      return new Scaling(output, event.levels());
    }

    /** raw → y. */
    Tensor squash(Tensor raw) {
      return switch (output) {
        case SIGMOID -> raw.mul(0.5).tanh(); // 2 σ(raw) − 1
        case TANH -> raw.tanh();
        case LINEAR -> raw;
      };
    }

    /** x → y. */
    Tensor fromEvent(Tensor x) {
      double unit = unit();
      return unit == 0 ? x : x.mul(2 / unit).add(-1);
    }

    /** y → x, between the levels where x is discrete. */
    Tensor toEvent(Tensor y) {
      double unit = unit();
      return unit == 0 ? y : y.add(1).mul(unit / 2);
    }

    /** The nearest value that an event can have. */
    Tensor toValid(Tensor x) {
      return levels == 0 ? x : x.add(0.5).floor().clamp(0, levels - 1);
    }

    /** The length in units of x of what counts as 1 for {@code observationScale}. */
    double span() {
      return levels == 0 ? 1 : levels - 1;
    }

    /** The x that becomes y = 1 where y = −1 is x = 0; 0 where y is x. */
    private double unit() {
      return levels > 0 ? levels - 1 : output == Output.SIGMOID ? 1 : 0;
    }
  }
}
