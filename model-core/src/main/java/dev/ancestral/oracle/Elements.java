package dev.ancestral.oracle;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Independent elements given a class or state, by their definition: probabilities element by
 * element, and estimates as weighted shares, means and variances, in the plainest loops.
 */
enum Elements {
  BERNOULLI(2),
  CATEGORICAL(3),
  GAUSSIAN(0);

  private final int levels;

  Elements(int levels) {
    this.levels = levels;
  }

  /** As a specification names them. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  EventSpec event(int size, boolean sequence, int classes) {
    return new EventSpec(
        List.of(size),
        this == GAUSSIAN ? new EventSpec.Continuous() : new EventSpec.Discrete(levels),
        sequence,
        classes,
        List.of(),
        0,
        true);
  }

  int levels() {
    return levels;
  }

  /** Random values of n elements, about one in six of them missing. */
  float[] values(int n, RandomKey key) {
    float[] normal = new float[n];
    key.fillNormal(0, normal, 0, n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] =
          key.fold("missing").below(i, 6) == 0
              ? Float.NaN
              : this == GAUSSIAN ? 1.5f * normal[i] + 0.5f : key.fold("level").below(i, levels);
    }
    return values;
  }

  /** Random parameters of K states with D elements each, added to others. */
  NamedArrays parameters(int states, int size, RandomKey key, NamedArrays into) {
    int n = states * size;
    switch (this) {
      case BERNOULLI -> {
        double[] probability = new double[n];
        Arrays.setAll(probability, i -> 0.1 + 0.8 * key.uniform(i));
        return into.with("probability", probability, states, size);
      }
      case CATEGORICAL -> {
        return into.with("probability", distributions(n, levels, key), states, size, levels);
      }
      default -> {
        double[] mean = new double[n];
        double[] variance = new double[n];
        Arrays.setAll(mean, i -> 4 * key.uniform(i) - 2);
        Arrays.setAll(variance, i -> 0.3 + key.fold("variance").uniform(i));
        return into.with("mean", mean, states, size).with("variance", variance, states, size);
      }
    }
  }

  /** Random rows that sum to 1, none of their entries small. */
  static double[] distributions(int rows, int width, RandomKey key) {
    double[] values = new double[rows * width];
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        values[i] = 0.1 + key.uniform(i);
        sum += values[i];
      }
      for (int i = row * width; i < (row + 1) * width; i++) {
        values[i] /= sum;
      }
    }
    return values;
  }

  /** p(x_d | k) of one element; 1 where it is missing. */
  double probability(NamedArrays parameters, int size, int k, int d, float x) {
    if (Float.isNaN(x)) {
      return 1;
    }
    int at = k * size + d;
    return switch (this) {
      case BERNOULLI -> x == 1 ? first(parameters)[at] : 1 - first(parameters)[at];
      case CATEGORICAL -> first(parameters)[at * levels + (int) x];
      case GAUSSIAN ->
          Math.exp(Normal.logDensity(x, first(parameters)[at], values(parameters, "variance")[at]));
    };
  }

  /**
   * E x_d and E x_d² of each element given a state: [2 D], the means first.
   *
   * @param temperature divides logits of discrete elements; real ones keep their distribution
   */
  double[] moments(NamedArrays parameters, int size, int k, double temperature) {
    double[] moments = new double[2 * size];
    for (int d = 0; d < size; d++) {
      if (this == GAUSSIAN) {
        double mean = first(parameters)[k * size + d];
        moments[d] = mean;
        moments[size + d] = mean * mean + values(parameters, "variance")[k * size + d];
        continue;
      }
      double sum = 0;
      for (int v = 0; v < levels; v++) {
        double weight = Math.pow(probability(parameters, size, k, d, v), 1 / temperature);
        sum += weight;
        moments[d] += v * weight;
        moments[size + d] += v * v * weight;
      }
      moments[d] /= sum;
      moments[size + d] /= sum;
    }
    return moments;
  }

  /** p(x | k) of D elements from {@code offset} on. */
  double probability(NamedArrays parameters, int size, int k, float[] x, int offset) {
    double product = 1;
    for (int d = 0; d < size; d++) {
      product *= probability(parameters, size, k, d, x[offset + d]);
    }
    return product;
  }

  /**
   * What weighted rows imply for the parameters, as one array: first the probabilities or means,
   * then the variances.
   *
   * @param x rows of D elements
   * @param weights of each row in each state, [rows][K]
   * @param smoothing α
   */
  double[] estimate(float[] x, double[][] weights, int size, double smoothing) {
    int states = weights[0].length;
    double[] first = new double[states * size * (this == CATEGORICAL ? levels : 1)];
    double[] variance = new double[this == GAUSSIAN ? states * size : 0];
    for (int k = 0; k < states; k++) {
      for (int d = 0; d < size; d++) {
        double seen = 0;
        double sum = 0;
        double[] counts = new double[Math.max(1, levels)];
        for (int r = 0; r < weights.length; r++) {
          float value = x[r * size + d];
          if (!Float.isNaN(value)) {
            seen += weights[r][k];
            sum += weights[r][k] * value;
            counts[levels == 0 ? 0 : (int) value] += weights[r][k];
          }
        }
        int at = k * size + d;
        switch (this) {
          case BERNOULLI -> first[at] = (counts[1] + smoothing) / (seen + 2 * smoothing);
          case CATEGORICAL -> {
            for (int v = 0; v < levels; v++) {
              first[at * levels + v] = (counts[v] + smoothing) / (seen + levels * smoothing);
            }
          }
          default -> {
            first[at] = sum / seen;
            for (int r = 0; r < weights.length; r++) {
              double deviation = x[r * size + d] - first[at];
              variance[at] +=
                  Double.isNaN(deviation) ? 0 : weights[r][k] * deviation * deviation / seen;
            }
          }
        }
      }
    }
    return joined(first, variance);
  }

  /** Statistics of some examples, counted in three parts that are merged. */
  static double[] statistics(StatisticsModel definition, NamedArrays parameters, Batch x) {
    double[] all = new double[definition.statisticsSize()];
    int third = x.size() / 3;
    for (int part = 0; part < 3; part++) {
      int to = part == 2 ? x.size() : (part + 1) * third;
      double[] own = new double[all.length];
      definition.accumulate(parameters, x.slice(part * third, to), own);
      definition.merge(own, all);
    }
    return all;
  }

  /** The parameters of a model in the order of {@link #estimate}. */
  double[] fitted(NamedArrays parameters) {
    return this == GAUSSIAN
        ? joined(first(parameters), values(parameters, "variance"))
        : first(parameters);
  }

  private double[] first(NamedArrays parameters) {
    return values(parameters, this == GAUSSIAN ? "mean" : "probability");
  }

  static double[] values(NamedArrays parameters, String name) {
    return parameters.byName().get(name).values();
  }

  private static double[] joined(double[] a, double[] b) {
    double[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
