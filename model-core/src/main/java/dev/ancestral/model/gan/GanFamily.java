package dev.ancestral.model.gan;

import dev.ancestral.Refusal;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Family;
import dev.ancestral.optimize.Adam;
import dev.ancestral.optimize.OptimizerSettings;
import java.util.List;
import java.util.Locale;

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
 * <p>{@code hidden} are the widths of the generator's hidden layers ({@code mlp}), or the channels
 * of both networks from the image inwards ({@code dcgan}: [64, 128]). {@code output} is tanh for
 * discrete events and linear for continuous ones unless it is given.
 */
public final class GanFamily implements Family {
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
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "the event is "
              + event.describe()
              + "; a gan models events of fixed shape: choose family hmm or wavenet for sequences");
    }
    boolean convolutional = settings.text("network", "mlp", "mlp", "dcgan").equals("dcgan");
    List<Integer> hidden =
        settings.counts("hidden", convolutional ? List.of(64, 128) : List.of(256, 256), 1, 1 << 20);
    if (convolutional && (hidden.isEmpty() || hidden.size() > 16)) {
      settings.wrong("hidden", hidden, "a list of 1 to 16 numbers of channels for network: dcgan");
      hidden = List.of(64, 128);
    }
    int latent = settings.count("latent", 64, 1, 1 << 20);
    Scaling.Output output =
        constant(
            Scaling.Output.class,
            settings.text(
                "output", event.isDiscrete() ? "tanh" : "linear", "tanh", "sigmoid", "linear"));
    Gan.Configuration configuration =
        new Gan.Configuration(
            constant(
                Gan.Loss.class,
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
            : new Perceptrons(event.size(), latent, hidden);
    return new Gan(configuration, event, latent, architecture, Scaling.of(event, output));
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String name) {
    return Enum.valueOf(type, name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
