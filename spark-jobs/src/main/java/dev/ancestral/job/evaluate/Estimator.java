package dev.ancestral.job.evaluate;

import dev.ancestral.Refusal;
import dev.ancestral.Suggestion;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How log p(x) is computed, bounded or estimated; one class each. */
public sealed interface Estimator extends Serializable
    permits ExactEstimator, BoundEstimator, AisEstimator, KdeEstimator {

  /** The estimators that can be asked for. */
  enum Name {
    EXACT,
    ELBO,
    IWAE,
    AIS,
    KDE,
    /** No estimate of log p(x) but a test of whether samples are like data. */
    TWO_SAMPLE,
    /** The same question, asked of a classifier. */
    C2ST;

    /** As it is written: {@code two-sample}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether it says anything of log p(x). */
    public boolean isOfLikelihood() {
      return this != TWO_SAMPLE && this != C2ST;
    }

    /** All of them as they are written. */
    public static String[] all() {
      return Arrays.stream(values()).map(Name::text).toArray(String[]::new);
    }

    /** What a reader of the number must know; empty where its kind says it all. */
    public Optional<String> note() {
      return this == KDE
          ? Optional.of(
              "a diagnostic: the density of kernels on samples, not of the model; it can rank"
                  + " models the wrong way round")
          : Optional.empty();
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
                      "estimator is "
                          + text
                          + "; it must be one of "
                          + String.join(", ", all())
                          + Suggestion.question(text, List.of(all()))));
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /**
   * What an estimator says of some examples.
   *
   * @param nats log p(x), a bound on it or an estimate, [B]
   * @param diagnostics what it says about itself, [B] each: those of {@link #diagnostics}
   */
  record Scores(double[] nats, Map<Diagnostic, double[]> diagnostics) {
    static Scores of(double[] nats) {
      return new Scores(nats, Map.of());
    }
  }

  /** Which one it is. */
  Name name();

  /** What the numbers are for a model of the event that the data have. */
  LogLikelihood.Kind kind();

  /** Draws an example; 0 where none are made. */
  int samples();

  /** The setting that its diagnostics depend on and its scores do not. */
  String SIMULATED = "simulated";

  /**
   * What else its report depends on: numbers and texts by their name in a report. Scores by unlike
   * settings are not equally near the truth.
   */
  default Map<String, Object> settings() {
    return Map.of();
  }

  /** What it tells of itself beside the score of each example. */
  default List<Diagnostic> diagnostics() {
    return List.of();
  }

  /** What a report says of the settings. */
  default Map<Diagnostic, Double> constants() {
    return Map.of();
  }

  /** Examples that are scored at once. */
  default int batchWidth(EventSpec event) {
    return ScorePlan.batchWidth(event);
  }

  /** About how many draws or network passes an example takes. */
  default double passes() {
    return Math.max(1, samples());
  }

  /**
   * Scores examples.
   *
   * @param key example id uses {@code key.fold(id)}
   */
  Scores score(GenerativeModel model, Batch batch, RandomKey key);
}
