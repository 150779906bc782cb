package dev.ancestral.job.evaluate;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an estimator tells about itself; in a report by its name in lower case. */
public enum Diagnostic {
  /**
   * Shape of the tail of the importance weights of an example; of each example alone, of which a
   * report says how many are high.
   */
  PARETO_K,
  /**
   * Share of the examples with a defined k̂ whose k̂ is above the threshold; NaN if none has one.
   */
  PARETO_K_SHARE_HIGH,
  /** What k̂ must not exceed with as many weights: min(1 − 1/log₁₀ S, 0.7). */
  PARETO_K_THRESHOLD,
  /** Inverse temperatures of annealed importance sampling. */
  STEPS,
  /** (Σ w)² / Σ w² over the weights of an example, averaged over the examples. */
  EFFECTIVE_SAMPLE_SIZE,
  /** Share of the Hamiltonian moves that were accepted. */
  ACCEPTANCE_RATE,
  /** Mean of upper minus lower bound on log p(x) of simulated examples. */
  BDMC_GAP_NATS,
  /** Standard error of that mean over the simulated examples. */
  BDMC_GAP_STANDARD_ERROR,
  /** How many examples were simulated for it. */
  SIMULATED_EXAMPLES,
  /** Standard deviation of a kernel. */
  BANDWIDTH,
  /** Mean log density of the dequantized examples, of which the reported nats are a bound. */
  MEAN_LOG_DENSITY_NATS;

  /** As it is written: {@code effective_sample_size}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Diagnostic> of(String text) {
    return Arrays.stream(values()).filter(d -> d.text().equals(text)).findFirst();
  }
}
