package dev.ancestral.job.twosample;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.likelihood.twosample.Points;
import dev.ancestral.model.Batch;
import dev.ancestral.spark.TaskRunner;
import java.util.Arrays;

/** The squared distance of each query to the nearest example of a shard, [N]. */
record NeighbourTask(Dataset dataset, String split, ExampleVectors vectors, Points queries)
    implements TaskRunner.Work<Integer, double[]> {
  private static final long serialVersionUID = 1L;
  private static final int AT_ONCE = 256;

  @Override
  public double[] on(Integer index) {
    Shard shard = dataset.shard(split, index);
    double[] nearest = new double[queries.count()];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    for (int from = 0; from < shard.size(); from += AT_ONCE) {
      Batch batch = shard.batch(from, Math.min(shard.size(), from + AT_ONCE));
      for (int i = 0; i < batch.size(); i++) {
        float[] vector = vectors.vector(vectors.raw(batch, i), vectors.length(batch, i), null);
        minimum(queries.squaredDistances(vector), nearest);
      }
    }
    return nearest;
  }

  static void minimum(double[] values, double[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] = Math.min(into[i], values[i]);
    }
  }
}
