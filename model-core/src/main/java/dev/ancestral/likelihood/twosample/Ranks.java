package dev.ancestral.likelihood.twosample;

import java.util.Arrays;

/** Ranks from 1 of some numbers; equal ones share the middle of theirs. */
final class Ranks {
  private Ranks() {}

  static double[] of(double[] values) {
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(values[a], values[b]));
    double[] ranks = new double[values.length];
    int from = 0;
    while (from < order.length) {
      int to = from;
      while (to + 1 < order.length && values[order[to + 1]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i <= to; i++) {
        ranks[order[i]] = (from + to) / 2.0 + 1;
      }
      from = to + 1;
    }
    return ranks;
  }

  /** P(a &gt; b) + ½ P(a = b) of a member a and another b (Mann &amp; Whitney 1947). */
  static double greater(double[] ranks, int[] members) {
    double sum = 0;
    for (int i : members) {
      sum += ranks[i];
    }
    double m = members.length;
    double n = ranks.length - m;
    return (sum - m * (m + 1) / 2) / (m * n);
  }
}
