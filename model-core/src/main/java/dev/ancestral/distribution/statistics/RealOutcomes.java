package dev.ancestral.distribution.statistics;

import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnType;
import java.util.Arrays;

/**
 * Bins of a column of real numbers, with a density inside each, so that their probabilities are a
 * density in the data's own units.
 *
 * <p>Edges are the quantiles of the logistic distribution that has the column's shift as its mean
 * and its scale as its standard deviation: narrow in the middle, and the same whatever data follow.
 * The density is even in a bin; in the first and the last, which have no end, it falls as a power
 * of the distance z from their edge, (α / λ) (1 + z / λ)^(−α − 1) with α = 3 and λ = 0.9 scales
 * (Lomax 1954): about as far as normal numbers lie beyond, and numbers far away stay possible.
 *
 * <p>Outcomes: 0 below the first edge, 1 to B − 2 between two, B − 1 above the last.
 */
final class RealOutcomes implements Outcomes {
  private static final double LOGISTIC_SCALE = Math.sqrt(3) / Math.PI;
  private static final double SHAPE = 3;
  private static final double TAIL = 0.9;

  private final ColumnType.Real type;
  private final double[] edges; // [B − 1], in units of the scale

  /**
   * @param bins B, at least 3
   */
  RealOutcomes(ColumnType.Real type, int bins) {
    this.type = type;
    edges = new double[bins - 1];
    Arrays.setAll(edges, i -> LOGISTIC_SCALE * Math.log((i + 1.0) / (bins - i - 1.0)));
  }

  @Override
  public int count() {
    return edges.length + 1;
  }

  @Override
  public int of(float[] x, int at) {
    int place = Arrays.binarySearch(edges, type.standard(x, at));
    return place >= 0 ? place + 1 : -place - 1;
  }

  private boolean isTail(int outcome) {
    return outcome == 0 || outcome == edges.length;
  }

  /** What the highest density in an outcome is the inverse of, in units of the scale. */
  double width(int outcome) {
    return isTail(outcome) ? TAIL / SHAPE : edges[outcome] - edges[outcome - 1];
  }

  @Override
  public long values(int outcome) {
    return 1;
  }

  @Override
  public boolean drawable(int outcome) {
    return true;
  }

  /** log of the density within the outcome, in the data's units. */
  @Override
  public double logWithin(int outcome, float[] x, int at) {
    double log = -Math.log(width(outcome)) - Math.log(type.scale());
    if (isTail(outcome)) {
      double edge = edges[outcome == 0 ? 0 : edges.length - 1];
      log -= (SHAPE + 1) * Math.log1p(Math.abs(type.standard(x, at) - edge) / TAIL);
    }
    return log;
  }

  @Override
  public void draw(int outcome, RandomKey key, long index, float[] into, int at) {
    write(outcome, key.uniform(index), into, at);
  }

  @Override
  public void middle(int outcome, float[] into, int at) {
    write(outcome, 0.5, into, at);
  }

  /** Writes the number below which the share {@code p} of an outcome lies. */
  private void write(int outcome, double p, float[] into, int at) {
    double distance = TAIL * (Math.pow(1 - p, -1 / SHAPE) - 1);
    double standard =
        outcome == 0
            ? edges[0] - distance
            : outcome == edges.length
                ? edges[outcome - 1] + distance
                : edges[outcome - 1] + p * width(outcome);
    type.encode(type.shift() + type.scale() * standard, into, at);
  }
}
