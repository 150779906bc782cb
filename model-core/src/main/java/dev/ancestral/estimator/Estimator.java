package dev.ancestral.estimator;

import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * How log p(x) is computed, bounded or estimated, with all settings chosen. It travels to the tasks
 * that score.
 *
 * <p>Law: the score of an example depends on the model, the example, the key and the settings, and
 * on nothing else.
 */
public interface Estimator extends Serializable {

  /**
   * What an estimator says of some examples.
   *
   * @param nats log p(x), a bound on it or an estimate, [B]
   * @param diagnostics what it says about itself, [B] each: those of {@link
   *     Estimator#diagnostics()}
   */
  record Scores(double[] nats, Map<Diagnostic, double[]> diagnostics) {

    /** Scores alone. */
    public static Scores of(double[] nats) {
      return new Scores(nats, Map.of());
    }
  }

  /** The name of its provider. */
  String name();

  /** What the numbers are for a model of the event that the data have. */
  LogLikelihood.Kind kind();

  /** Draws an example; 0 where none are made. */
  int samples();

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

  /** Examples that are scored at once, of the event that the data have. */
  default int batchWidth(EventSpec event) {
    return BatchWidth.of(event);
  }

  /** About how many draws or network passes an example takes. */
  default double passes() {
    return Math.max(1, samples());
  }

  /**
   * Scores examples.
   *
   * @param model that its provider suits
   * @param key example id uses {@code key.fold(id)}
   */
  Scores score(GenerativeModel model, Batch batch, RandomKey key);
}
