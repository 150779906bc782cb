package dev.ancestral.model.vae;

import dev.ancestral.Refusal;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Family;
import java.util.List;
import java.util.Locale;

/**
 * Reads the keys of {@code family: vae}.
 *
 * <pre>
 * {family: vae, hidden: [200, 200], latent: 50, activation: tanh, likelihood: bernoulli,
 *  objective: elbo, samples: 1, inputDropout: 0, sleep: 0}
 * </pre>
 *
 * <p>Without {@code likelihood} it is what suits the event: bernoulli for two levels, logistic for
 * more, gaussian for real numbers.
 */
public final class VaeFamily implements Family {

  @Override
  public String name() {
    return "vae";
  }

  @Override
  public Definition define(Settings settings, EventSpec event) {
    if (event.variableLength()) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "the event is "
              + event.describe()
              + "; a vae models events of fixed shape: choose family hmm or wavenet for sequences");
    }
    String suited =
        !event.isDiscrete() ? "gaussian" : event.levels() == 2 ? "bernoulli" : "logistic";
    Vae.Configuration configuration =
        new Vae.Configuration(
            settings.counts("hidden", List.of(200, 200), 1, 1 << 20),
            settings.count("latent", 50, 1, 1 << 20),
            constant(
                Vae.Activation.class,
                settings.text("activation", "tanh", "tanh", "relu", "identity")),
            constant(
                Vae.Likelihood.class,
                settings.text("likelihood", suited, "bernoulli", "logistic", "gaussian")),
            constant(Vae.Objective.class, settings.text("objective", "elbo", "elbo", "iwae")),
            settings.count("samples", 1, 1, 1 << 20),
            settings.number("inputDropout", 0.0, 0, 0.99),
            settings.number("sleep", 0.0, 0, 1e6));
    return new Vae(configuration, event);
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String name) {
    return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
  }
}
