package dev.ancestral.model.hmm;

/** Sums of weighted rows: the one product that all recursions of a chain are made of. */
final class WeightedRows {
  private WeightedRows() {}

  /**
   * into[j] += Σ_s weight_s · row_s[j] for j &lt; n, with weight s at {@code weights[from + s ·
   * stride]} and row s at {@code rows[first + s · n]}.
   */
  static void add(
      double[] weights,
      int from,
      int stride,
      int count,
      double[] rows,
      int first,
      int n,
      double[] into,
      int to) {
    int s = 0;
    // Eight rows at a time: the running sums are loaded and stored an eighth as often, and the
    // loop over j has independent terms, which the compiler turns into vector instructions.
    for (; s + 8 <= count; s += 8) {
      double w0 = weights[from + s * stride];
      double w1 = weights[from + (s + 1) * stride];
      double w2 = weights[from + (s + 2) * stride];
      double w3 = weights[from + (s + 3) * stride];
      double w4 = weights[from + (s + 4) * stride];
      double w5 = weights[from + (s + 5) * stride];
      double w6 = weights[from + (s + 6) * stride];
      double w7 = weights[from + (s + 7) * stride];
      int r0 = first + s * n;
      int r1 = r0 + n;
      int r2 = r1 + n;
      int r3 = r2 + n;
      int r4 = r3 + n;
      int r5 = r4 + n;
      int r6 = r5 + n;
      int r7 = r6 + n;
      for (int j = 0; j < n; j++) {
        into[to + j] +=
            ((w0 * rows[r0 + j] + w1 * rows[r1 + j]) + (w2 * rows[r2 + j] + w3 * rows[r3 + j]))
                + ((w4 * rows[r4 + j] + w5 * rows[r5 + j])
                    + (w6 * rows[r6 + j] + w7 * rows[r7 + j]));
      }
    }
    for (; s < count; s++) {
      double w = weights[from + s * stride];
      int r = first + s * n;
      for (int j = 0; j < n; j++) {
        into[to + j] += w * rows[r + j];
      }
    }
  }
}
