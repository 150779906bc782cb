package dev.ancestral.estimator;

import java.io.Serializable;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an estimator tells about itself, by its name in a report and, where it is of each example,
 * in the columns of {@code per-example.parquet}.
 *
 * <p>Those that are declared here stand in {@code report.json} under their names; those of other
 * classes under {@code diagnostics}.
 *
 * @param text lower case letters, digits and underscores: {@code effective_sample_size}
 */
public record Diagnostic(String text) implements Comparable<Diagnostic>, Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * Shape of the tail of the importance weights of an example; of each example alone, of which a
   * report says how many are high.
   */
  public static final Diagnostic PARETO_K = new Diagnostic("pareto_k");

  /**
   * Share of the examples with a defined k̂ whose k̂ is above the threshold; NaN if none has one.
   */
  public static final Diagnostic PARETO_K_SHARE_HIGH = new Diagnostic("pareto_k_share_high");

  /** What k̂ must not exceed with as many weights: min(1 − 1/log₁₀ S, 0.7). */
  public static final Diagnostic PARETO_K_THRESHOLD = new Diagnostic("pareto_k_threshold");

  /** Inverse temperatures of annealed importance sampling. */
  public static final Diagnostic STEPS = new Diagnostic("steps");

  /** (Σ w)² / Σ w² over the weights of an example, averaged over the examples. */
  public static final Diagnostic EFFECTIVE_SAMPLE_SIZE = new Diagnostic("effective_sample_size");

  /** Share of the Hamiltonian moves that were accepted. */
  public static final Diagnostic ACCEPTANCE_RATE = new Diagnostic("acceptance_rate");

  /** Mean of upper minus lower bound on log p(x) of simulated examples. */
  public static final Diagnostic BDMC_GAP_NATS = new Diagnostic("bdmc_gap_nats");

  /** Standard error of that mean over the simulated examples. */
  public static final Diagnostic BDMC_GAP_STANDARD_ERROR =
      new Diagnostic("bdmc_gap_standard_error");

  /** How many examples were simulated for it. */
  public static final Diagnostic SIMULATED_EXAMPLES = new Diagnostic("simulated_examples");

  /** Standard deviation of a kernel. */
  public static final Diagnostic BANDWIDTH = new Diagnostic("bandwidth");

  /** Mean log density of the dequantized examples, of which the reported nats are a bound. */
  public static final Diagnostic MEAN_LOG_DENSITY_NATS = new Diagnostic("mean_log_density_nats");

  // In the order of a report.
  private static final List<Diagnostic> DECLARED =
      List.of(
          PARETO_K,
          PARETO_K_SHARE_HIGH,
          PARETO_K_THRESHOLD,
          STEPS,
          EFFECTIVE_SAMPLE_SIZE,
          ACCEPTANCE_RATE,
          BDMC_GAP_NATS,
          BDMC_GAP_STANDARD_ERROR,
          SIMULATED_EXAMPLES,
          BANDWIDTH,
          MEAN_LOG_DENSITY_NATS);

  public Diagnostic {
    if (!text.matches("[a-z][a-z0-9_]*") || text.equals("id") || text.equals("nats")) {
      throw new IllegalArgumentException(
          "a diagnostic is called '"
              + text
              + "'; its name must be lower case letters, digits and underscores, and neither id"
              + " nor nats");
    }
  }

  /** Those that this class declares, in the order of a report. */
  public static List<Diagnostic> declared() {
    return DECLARED;
  }

  /** Whether this class declares it. */
  public boolean isDeclared() {
    return DECLARED.contains(this);
  }

  /** No values yet, in the order of a report. */
  public static <V> SortedMap<Diagnostic, V> map() {
    return new TreeMap<>();
  }

  /** Declared ones first, in the order of a report, then the others by name. */
  @Override
  public int compareTo(Diagnostic other) {
    int place = place();
    int placeOfOther = other.place();
    return place != placeOfOther
        ? Integer.compare(place, placeOfOther)
        : text.compareTo(other.text);
  }

  private int place() {
    int place = DECLARED.indexOf(this);
    return place < 0 ? DECLARED.size() : place;
  }
}
