package dev.ancestral.distribution.statistics;

import java.util.Arrays;

/**
 * Distributions over C outcomes given each of K states, estimated from counts.
 *
 * <p>p_k(v) = (n_kv + α π(v)) / (n_k + α) with π(v) = (n_v + α) / (n + C α), the smoothed
 * distribution over all states. So a state that saw little resembles all of them together, not a
 * uniform distribution, which over thousands of outcomes would drown what it saw; and an outcome
 * that the data do not have keeps a little probability (a hierarchy of Dirichlet priors: MacKay
 * &amp; Peto 1995). The counts over all states are the same in each pass of EM, so the prior is
 * fixed, and its product with the likelihood never falls.
 *
 * <p>Counts are [C, K], probabilities [K, C].
 *
 * @param states K
 * @param outcomes C
 * @param smoothing α
 */
record Shares(int states, int outcomes, double smoothing) {
  // How much of a starting point is uniform.
  private static final double DOUBT = 0.04;

  double[] maximize(double[] counts, int at) {
    double[] pooled = pooled(counts, at);
    double[] seen = seen(counts, at);
    double[] probability = new double[Math.multiplyExact(states, outcomes)];
    for (int v = 0; v < outcomes; v++) {
      for (int k = 0; k < states; k++) {
        double n = seen[k] + smoothing;
        probability[k * outcomes + v] =
            n > 0 ? (counts[at + v * states + k] + smoothing * pooled[v]) / n : pooled[v];
      }
    }
    return probability;
  }

  /** Between each state's own shares and those of all states, each of which counts as much. */
  double[] start(double[] counts, int at) {
    double[] seen = seen(counts, at);
    double[] probability = new double[Math.multiplyExact(states, outcomes)];
    for (int v = 0; v < outcomes; v++) {
      double common = 0;
      for (int k = 0; k < states; k++) {
        double own = seen[k] > 0 ? counts[at + v * states + k] / seen[k] : 1.0 / outcomes;
        probability[k * outcomes + v] = own;
        common += own / states;
      }
      for (int k = 0; k < states; k++) {
        int i = k * outcomes + v;
        probability[i] = DOUBT / outcomes + (1 - DOUBT) * (0.5 * probability[i] + 0.5 * common);
      }
    }
    return probability;
  }

  double[] ignorant() {
    double[] uniform = new double[Math.multiplyExact(states, outcomes)];
    Arrays.fill(uniform, 1.0 / outcomes);
    return uniform;
  }

  /** The weight of all outcomes, [K]. */
  double[] seen(double[] counts, int at) {
    double[] seen = new double[states];
    for (int v = 0; v < outcomes; v++) {
      for (int k = 0; k < states; k++) {
        seen[k] += counts[at + v * states + k];
      }
    }
    return seen;
  }

  private double[] pooled(double[] counts, int at) {
    double[] pooled = new double[outcomes];
    double sum = 0;
    for (int v = 0; v < outcomes; v++) {
      pooled[v] = smoothing;
      for (int k = 0; k < states; k++) {
        pooled[v] += counts[at + v * states + k];
      }
      sum += pooled[v];
    }
    for (int v = 0; v < outcomes; v++) {
      pooled[v] = sum > 0 ? pooled[v] / sum : 1.0 / outcomes;
    }
    return pooled;
  }
}
