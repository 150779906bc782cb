package dev.ancestral.job.quality;

import dev.ancestral.spark.TaskRunner;
import java.util.List;

/**
 * How many of some drawn rows are nearer to a training row than to any held-out row of as many;
 * equal distances count half. A model that copies comes near to 1, one of the same distribution to
 * ½. The distance is Gower's (1971): 1 for different categories, the difference in units of the
 * range for numbers, summed over columns.
 *
 * @param queries drawn rows, [N][C]
 * @param training rows, [M][C]
 * @param held rows that were held out, [M][C]
 * @param arities number of categories of each column, 0 of numbers
 * @param width queries a unit
 */
record ClosestTraining(
    float[][] queries, float[][] training, float[][] held, int[] arities, int width)
    implements TaskRunner.Work<Integer, Double> {
  private static final long serialVersionUID = 1L;

  int units() {
    return (queries.length + width - 1) / width;
  }

  /** How many queries of a unit are nearer to training rows, halves included. */
  @Override
  public Double on(Integer unit) {
    double nearer = 0;
    for (int i = unit * width; i < Math.min(queries.length, (unit + 1) * width); i++) {
      int order = Float.compare(nearest(queries[i], training), nearest(queries[i], held));
      nearer += order < 0 ? 1 : order == 0 ? 0.5 : 0;
    }
    return nearer;
  }

  /** The share of all queries. */
  double share(List<Double> ofUnits) {
    return ofUnits.stream().mapToDouble(Double::doubleValue).sum() / queries.length;
  }

  private float nearest(float[] query, float[][] rows) {
    float least = Float.POSITIVE_INFINITY;
    for (float[] row : rows) {
      float distance = 0;
      for (int c = 0; c < query.length && distance < least; c++) {
        distance += distance(query[c], row[c], arities[c] > 0);
      }
      least = Math.min(least, distance);
    }
    return least;
  }

  private static float distance(float a, float b, boolean category) {
    if (a == b) {
      return 0;
    }
    return category || TableFeatures.isNull(a) || TableFeatures.isNull(b) ? 1 : Math.abs(a - b);
  }
}
