package dev.ancestral.job.evaluate;

import dev.ancestral.Refusal;
import dev.ancestral.job.ModelDirectory;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.BoundNetwork;
import dev.ancestral.model.Definition;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.ImplicitNetwork;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** How log p(x) is computed, bounded or estimated; one record each. */
public sealed interface Estimator extends Serializable {

  /** The estimators that can be asked for. */
  enum Name {
    EXACT,
    ELBO,
    IWAE,
    AIS,
    KDE,
    TWO_SAMPLE;

    /** As it is written: {@code two-sample}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All of them as they are written. */
    public static String[] all() {
      return Arrays.stream(values()).map(Name::text).toArray(String[]::new);
    }

    /**
     * The estimator that is written so.
     *
     * @throws Refusal (SPEC) if there is none
     */
    public static Name of(String text) {
      return Arrays.stream(values())
          .filter(name -> name.text().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new Refusal(
                      Refusal.Kind.SPEC,
                      "estimator is " + text + "; it must be one of " + String.join(", ", all())));
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /** Which one it is. */
  Name name();

  /** What the numbers are for a model of the event that the data have. */
  LogLikelihood.Kind kind();

  /** Draws an example; 0 where none are made. */
  int samples();

  /**
   * Nats of each example, [B].
   *
   * @param key example id uses {@code key.fold(id)}
   */
  double[] nats(GenerativeModel model, Batch batch, RandomKey key);

  /** log p(x) as the model computes it. */
  record Exact() implements Estimator {
    private static final long serialVersionUID = 1L;

    @Override
    public Name name() {
      return Name.EXACT;
    }

    @Override
    public LogLikelihood.Kind kind() {
      return LogLikelihood.Kind.EXACT;
    }

    @Override
    public int samples() {
      return 0;
    }

    @Override
    public double[] nats(GenerativeModel model, Batch batch, RandomKey key) {
      return ((ExactModel) model).logProb(batch);
    }
  }

  /** The evidence lower bound, averaged over draws of the latent. */
  record Elbo(int samples) implements Estimator {
    private static final long serialVersionUID = 1L;

    @Override
    public Name name() {
      return Name.ELBO;
    }

    @Override
    public LogLikelihood.Kind kind() {
      return LogLikelihood.Kind.LOWER_BOUND;
    }

    @Override
    public double[] nats(GenerativeModel model, Batch batch, RandomKey key) {
      return ((BoundModel) model).elbo(batch, samples, key);
    }
  }

  /** The importance-weighted bound (Burda et al. 2016, eq. 8). */
  record Iwae(int samples) implements Estimator {
    private static final long serialVersionUID = 1L;

    @Override
    public Name name() {
      return Name.IWAE;
    }

    @Override
    public LogLikelihood.Kind kind() {
      return LogLikelihood.Kind.LOWER_BOUND;
    }

    @Override
    public double[] nats(GenerativeModel model, Batch batch, RandomKey key) {
      return ((BoundModel) model).iwae(batch, samples, key);
    }
  }

  /** What a model can be scored by, the best first. */
  static List<Name> of(ModelDirectory model) {
    Definition definition = model.definition();
    if (definition instanceof ImplicitNetwork) {
      return List.of();
    }
    // Dequantization makes a bound of an exact density.
    return definition instanceof BoundNetwork || model.isDequantized()
        ? List.of(Name.IWAE, Name.ELBO)
        : List.of(Name.EXACT);
  }

  /**
   * The estimator that was asked for, or the best one the family has.
   *
   * @throws Refusal (MISMATCH) if the family does not have it
   */
  static Estimator choose(ModelDirectory model, Optional<Name> asked, OptionalInt samples) {
    List<Name> available = of(model);
    if (available.isEmpty()) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          model.family()
              + " has no likelihood and no bound on it; it can only be sampled (generate)");
    }
    Name name = asked.orElse(available.get(0));
    if (!available.contains(name)) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "estimator is "
              + name
              + ", which "
              + model.family()
              + (model.isDequantized() ? " of dequantized data" : "")
              + " does not have; it has "
              + String.join(", ", available.stream().map(Name::text).toList()));
    }
    return switch (name) {
      case ELBO -> new Elbo(samples.orElse(1));
      case IWAE -> new Iwae(samples.orElse(500));
      default -> new Exact();
    };
  }
}
