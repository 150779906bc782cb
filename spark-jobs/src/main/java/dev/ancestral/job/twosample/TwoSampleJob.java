package dev.ancestral.job.twosample;

import dev.ancestral.Refusal;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluate.Phases;
import dev.ancestral.job.evaluate.ReportJson;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.job.output.OutputSession;
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
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * Draws from a model and compares with held-out examples: tasks draw and search neighbours, the
 * driver computes the statistics of a bounded number of vectors. No number depends on partitions or
 * executors.
 *
 * <p>Sample i of a sequence model has the length of held-out example i (modulo their number), so
 * that lengths, which the models do not describe, cannot make a difference.
 */
public final class TwoSampleJob {
  private static final String TRAINING = "train";
  private static final int PERMUTATIONS = 999;

  private final Storage storage;
  private final ProgressListener progress;
  private final Phases phases;

  /**
   * @param application started only if there is something to compute
   */
  public TwoSampleJob(SparkApplication application, ProgressListener progress) {
    this.storage = application.storage();
    this.progress = progress;
    this.phases = new Phases(application, progress);
  }

  private TwoSampleJob(Storage storage, ProgressListener progress, Phases phases) {
    this.storage = storage;
    this.progress = progress;
    this.phases = phases;
  }

  /**
   * Compares; returns the report that is there if it is of the same inputs.
   *
   * @throws Refusal (SPEC) if another evaluation lies in the output, (DATA) if model or data are
   *     missing, damaged or too few, (MISMATCH) if they do not fit together
   */
  public TwoSampleReport run(EvaluateRequest request) {
    return OutputSession.fill(
        storage,
        storage.path(request.output()),
        "evaluate",
        progress,
        running -> within(request, running),
        TwoSampleReport::summary);
  }

  /** As {@link #run}, for a caller that keeps the status of the output. */
  public TwoSampleReport within(EvaluateRequest request, OutputSession running) {
    return new TwoSampleJob(storage, progress, phases.in(request.spec().tasks()))
        .fill(request, running);
  }

  private TwoSampleReport fill(EvaluateRequest request, OutputSession running) {
    long start = System.nanoTime();
    EvaluateSpec spec = request.spec();
    ModelDirectory model = ModelDirectory.open(storage, request.model());
    Dataset data = Dataset.open(storage, request.data()).arrangedFor(model.event());
    model.requireEvent(data.event());
    ComparedVectors.Request asked = ComparedVectors.Request.of(TwoSampleMethod.NAME, data, spec);
    long limit = asked.limit();
    int samples = asked.samples();
    Path file = new Path(storage.path(request.output()), EvaluationReport.FILE);
    String inputs = fingerprint(model, data, spec, samples, limit);
    if (!isThere(file, inputs, request)) {
      running.begin();
    }
    if (isThere(file, inputs, request)) { // Or another command has ended since.
      progress.message(
          "evaluate: " + file.getParent() + " is complete and its inputs are the same");
      return TwoSampleReport.read(storage, file);
    }
    storage.retract(file);
    RandomKey key = RandomKey.of(spec.seed()).fold("two-sample");
    ComparedVectors vectors = ComparedVectors.of(phases, model, data, asked, key);
    Points points = Points.of(vectors.rows());
    progress.phase("comparing");
    MeanDiscrepancy discrepancy =
        MeanDiscrepancy.of(points, samples, PERMUTATIONS, key.fold("discrepancy"));
    MarginalComparison marginals =
        MarginalComparison.of(vectors.rows(), samples, PERMUTATIONS, key.fold("marginals"));
    TwoSampleReport report =
        new TwoSampleReport(
            inputs,
            new EvaluationReport.Subject(
                model.uri(),
                model.sha256(),
                model.weightsSha256(),
                data.path().toString(),
                data.sha256(spec.split()),
                spec.split()),
            samples,
            vectors.rows().length - samples,
            PERMUTATIONS,
            spec.seed(),
            discrepancy,
            marginals,
            training(data, spec, vectors, points, key.fold("training")),
            (System.nanoTime() - start) / 1e9);
    running.requireHeld();
    storage.commit(file, report.toJson());
    return report;
  }

  private boolean isThere(Path file, String inputs, EvaluateRequest request) {
    return storage.exists(file) && ReportJson.isOf(storage, file, inputs, request.overwrite());
  }

  private static String fingerprint(
      ModelDirectory model, Dataset data, EvaluateSpec spec, int samples, long limit) {
    Map<String, Object> inputs = new TreeMap<>();
    inputs.put("estimator", TwoSampleMethod.NAME);
    inputs.put("model", model.sha256());
    inputs.put("weights", model.weightsSha256());
    inputs.put("data", data.sha256(spec.split()));
    inputs.put("split", spec.split());
    inputs.put("training", hasTraining(data, spec) ? data.sha256(TRAINING) : "none");
    inputs.put("samples", samples);
    inputs.put("limit", limit);
    inputs.put("seed", spec.seed());
    inputs.put("permutations", PERMUTATIONS);
    return Fingerprint.of(inputs);
  }

  private static boolean hasTraining(Dataset data, EvaluateSpec spec) {
    return data.manifest().splits().containsKey(TRAINING)
        && data.split(TRAINING).examples() > 0
        && !spec.split().equals(TRAINING);
  }

  private Optional<NearestTraining> training(
      Dataset data, EvaluateSpec spec, ComparedVectors vectors, Points points, RandomKey key) {
    if (!hasTraining(data, spec)) {
      progress.message("evaluate: no split train to look for copies of");
      return Optional.empty();
    }
    double[] nearest = new double[vectors.rows().length];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    phases
        .onEach(
            "searching training data",
            data.split(TRAINING).shards().size(),
            new NeighbourTask(data, TRAINING, vectors.maps(), points))
        .forEach(part -> NeighbourTask.minimum(part, nearest));
    double[] distances = Arrays.stream(nearest).map(Math::sqrt).toArray();
    return Optional.of(
        NearestTraining.of(
            Arrays.copyOf(distances, vectors.samples()),
            Arrays.copyOfRange(distances, vectors.samples(), distances.length),
            PERMUTATIONS,
            key));
  }
}
