package dev.ancestral.data.source.synthetic;

import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import java.io.Serializable;
import java.util.Arrays;

/**
 * A column of a mixture: for each component the probability of a null, and the distribution of a
 * value that is none. Masses of categories and whole numbers, densities of real ones.
 */
sealed interface MixedColumn extends Serializable
    permits MixedColumn.Categories, MixedColumn.Histogram, MixedColumn.Normals {

  RowColumn column();

  /** Probability of a null, by component. */
  double[] nulls();

  /** Entropy of a value that is no null, in nats, differential for real numbers. */
  double valueEntropy(int component);

  /** A value that is no null. */
  Object value(int component, RandomKey key);

  /** Entropy given the component, in nats: that of whether there is a value, and of the value. */
  default double entropy(int component) {
    double p = nulls()[component];
    return Bernoulli.entropy(p) + (1 - p) * valueEntropy(component);
  }

  /** A value, or null. */
  default Object draw(int component, RandomKey key) {
    return key.uniform(0) < nulls()[component] ? null : value(component, key);
  }

  /** The index that a uniform number falls on. */
  private static int index(double[] probabilities, double uniform) {
    double cumulative = 0;
    int last = 0;
    for (int i = 0; i < probabilities.length; i++) {
      if (probabilities[i] > 0) {
        cumulative += probabilities[i];
        last = i;
        if (uniform < cumulative) {
          return i;
        }
      }
    }
    return last;
  }

  private static double surprise(double p) {
    return p == 0 ? 0 : -p * Math.log(p);
  }

  /**
   * Texts.
   *
   * @param probability of each text of the vocabulary, by component
   */
  record Categories(RowColumn column, double[] nulls, double[][] probability)
      implements MixedColumn {

    @Override
    public double valueEntropy(int component) {
      return Arrays.stream(probability[component]).map(MixedColumn::surprise).sum();
    }

    @Override
    public String value(int component, RandomKey key) {
      int code = index(probability[component], key.uniform(1));
      return ((ColumnType.Category) column.type()).vocabulary().get(code);
    }
  }

  /**
   * Whole numbers: a bin by its probability, and within it all numbers alike.
   *
   * @param probability of each bin between two edges of the type, by component
   */
  record Histogram(RowColumn column, double[] nulls, double[][] probability)
      implements MixedColumn {

    private ColumnType.Whole type() {
      return (ColumnType.Whole) column.type();
    }

    /** How many numbers are in a bin. */
    private long width(int bin) {
      return (type().edges().get(bin + 1) - type().edges().get(bin)) / type().step();
    }

    @Override
    public double valueEntropy(int component) {
      double entropy = 0;
      for (int bin = 0; bin < probability[component].length; bin++) {
        double p = probability[component][bin];
        entropy += surprise(p) + p * Math.log((double) width(bin));
      }
      return entropy;
    }

    @Override
    public Long value(int component, RandomKey key) {
      int bin = index(probability[component], key.uniform(1));
      return type().edges().get(bin) + key.below(2, width(bin)) * type().step();
    }
  }

  /**
   * Normal real numbers.
   *
   * @param mean by component
   * @param deviation standard deviation, by component
   */
  record Normals(RowColumn column, double[] nulls, double[] mean, double[] deviation)
      implements MixedColumn {

    @Override
    public double valueEntropy(int component) {
      return 0.5 * Math.log(2 * Math.PI * Math.E) + Math.log(deviation[component]);
    }

    @Override
    public Double value(int component, RandomKey key) {
      float[] standard = new float[1];
      // Draws of 32 bits have an index space of their own: none is made of the bits of another.
      key.fold("normal").fillNormal(0, standard, 0, 1);
      return mean[component] + deviation[component] * standard[0];
    }
  }
}
