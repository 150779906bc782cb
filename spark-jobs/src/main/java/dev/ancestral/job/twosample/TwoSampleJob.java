package dev.ancestral.job.twosample;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.Phases;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.likelihood.twosample.MarginalComparison;
import dev.ancestral.likelihood.twosample.MeanDiscrepancy;
import dev.ancestral.likelihood.twosample.NearestTraining;
import dev.ancestral.likelihood.twosample.Points;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.SparkApplication;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * Compares draws of a model with held-out examples by the maximum mean discrepancy, element by
 * element, and by the distance to training data: tasks draw and search neighbours, the driver
 * computes the statistics of a bounded number of vectors.
 */
public final class TwoSampleJob extends SampleComparison<TwoSampleReport> {
  private static final String TRAINING = "train";

  /**
   * @param application started only if there is something to compute
   */
  public TwoSampleJob(SparkApplication application, ProgressListener progress) {
    super(TwoSampleMethod.NAME, application, progress);
  }

  @Override
  void requireComparable(long heldOut, int samples) {
    // Two of each are enough, as for every comparison.
  }

  @Override
  Map<String, Object> settings(Dataset data, String split) {
    return Map.of("training", hasTraining(data, split) ? data.sha256(TRAINING) : "none");
  }

  @Override
  TwoSampleReport report(
      Heading heading, Phases phases, Dataset data, ComparedVectors vectors, RandomKey key) {
    Points points = Points.of(vectors.rows());
    progress().phase("comparing");
    int samples = vectors.samples();
    MeanDiscrepancy discrepancy =
        MeanDiscrepancy.of(points, samples, PERMUTATIONS, key.fold("discrepancy"));
    MarginalComparison marginals =
        MarginalComparison.of(vectors.rows(), samples, PERMUTATIONS, key.fold("marginals"));
    Optional<NearestTraining> training =
        hasTraining(data, heading.subject().split())
            ? Optional.of(training(phases, data, vectors, points, key.fold("training")))
            : Optional.empty();
    if (training.isEmpty()) {
      progress().message("evaluate: no split train to look for copies of");
    }
    return new TwoSampleReport(
        heading.inputs(),
        heading.subject(),
        samples,
        vectors.heldOut(),
        PERMUTATIONS,
        heading.seed(),
        discrepancy,
        marginals,
        training,
        heading.seconds());
  }

  @Override
  TwoSampleReport read(Storage storage, Path file) {
    return TwoSampleReport.read(storage, file);
  }

  private static boolean hasTraining(Dataset data, String split) {
    return data.manifest().splits().containsKey(TRAINING)
        && data.split(TRAINING).examples() > 0
        && !split.equals(TRAINING);
  }

  private static NearestTraining training(
      Phases phases, Dataset data, ComparedVectors vectors, Points points, RandomKey key) {
    double[] nearest = new double[vectors.rows().length];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    phases
        .onEach(
            "searching training data",
            data.split(TRAINING).shards().size(),
            new NeighbourTask(data, TRAINING, vectors.maps(), points))
        .forEach(part -> NeighbourTask.minimum(part, nearest));
    double[] distances = Arrays.stream(nearest).map(Math::sqrt).toArray();
    return NearestTraining.of(
        Arrays.copyOf(distances, vectors.samples()),
        Arrays.copyOfRange(distances, vectors.samples(), distances.length),
        PERMUTATIONS,
        key);
  }
}
