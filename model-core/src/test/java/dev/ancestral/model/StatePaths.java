package dev.ancestral.model;

import java.util.Arrays;

/** Expected counts of a chain of two states by enumeration of its paths. */
final class StatePaths {
  static final double[] INITIAL = {0.6, 0.4};
  static final double[] TRANSITION = {0.7, 0.3, 0.2, 0.8};
  static final double[] MEAN = {0.3, 0.7};
  static final double[] VARIANCE = {0.02, 0.03};

  final double[] begins = new double[2];
  final double[][] follows = new double[2][2];
  final double[] weight = new double[2];
  final double[] sum = new double[2];
  final double[] square = new double[2];
  double logLikelihood;

  static StatePaths of(Batch x, int steps) {
    StatePaths counts = new StatePaths();
    for (int i = 0; i < x.size(); i++) {
      double[] ofPaths = probabilities(x, i, steps);
      double total = Arrays.stream(ofPaths).sum();
      counts.logLikelihood += Math.log(total);
      for (int path = 0; path < ofPaths.length; path++) {
        counts.add(x, i, steps, path, ofPaths[path] / total);
      }
    }
    return counts;
  }

  private void add(Batch x, int example, int steps, int path, double posterior) {
    begins[path & 1] += posterior;
    for (int t = 0; t < steps; t++) {
      int state = path >> t & 1;
      double value = x.values()[example * steps + t];
      weight[state] += posterior;
      sum[state] += posterior * value;
      square[state] += posterior * value * value;
      if (t > 0) {
        follows[path >> (t - 1) & 1][state] += posterior;
      }
    }
  }

  /** p(x, path) for every path; bit t of a path is its state at step t. */
  static double[] probabilities(Batch x, int example, int steps) {
    double[] probability = new double[1 << steps];
    for (int path = 0; path < probability.length; path++) {
      double p = INITIAL[path & 1];
      for (int t = 0; t < steps; t++) {
        int state = path >> t & 1;
        p *= t == 0 ? 1 : TRANSITION[2 * (path >> (t - 1) & 1) + state];
        double away = x.values()[example * steps + t] - MEAN[state];
        p *= Math.exp(-away * away / (2 * VARIANCE[state]));
        p /= Math.sqrt(2 * Math.PI * VARIANCE[state]);
      }
      probability[path] = p;
    }
    return probability;
  }
}
