package dev.ancestral.job.quality;

import dev.ancestral.spark.TaskRunner;
import java.util.Arrays;
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
    implements TaskRunner.Work<Integer, float[][]> {
  private static final long serialVersionUID = 1L;

  int units() {
    return (queries.length + width - 1) / width;
  }

  /** Of each query of a unit the distances to the nearest training and to the nearest held row. */
  @Override
  public float[][] on(Integer unit) {
    int from = unit * width;
    float[][] distances = new float[Math.min(queries.length, from + width) - from][];
    for (int i = 0; i < distances.length; i++) {
      float[] query = queries[from + i];
      distances[i] = new float[] {nearest(query, training), nearest(query, held)};
    }
    return distances;
  }

  /** The share of all queries that are nearer to training rows, halves included. */
  double share(List<float[][]> ofUnits) {
    double nearer = 0;
    for (float[][] distances : ofUnits) {
      for (float[] distance : distances) {
        int order = Float.compare(distance[0], distance[1]);
        nearer += order < 0 ? 1 : order == 0 ? 0.5 : 0;
      }
    }
    return nearer / queries.length;
  }

  /** The distances to held-out rows, and in the place of drawn ones those to training rows. */
  static TablePictures.Histogram histogram(List<float[][]> ofUnits) {
    List<float[]> distances = ofUnits.stream().flatMap(Arrays::stream).toList();
    float[] toTraining = new float[distances.size()];
    float[] toHeld = new float[distances.size()];
    for (int i = 0; i < toHeld.length; i++) {
      toTraining[i] = distances.get(i)[0];
      toHeld[i] = distances.get(i)[1];
    }
    return ColumnBins.distances("distance to the closest row", toHeld, toTraining);
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
