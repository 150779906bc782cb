package dev.ancestral.job.twosample;

import dev.ancestral.AncestralException;
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
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.SparkApplication;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * A Spark job that draws from a model, reads held-out examples, and reports whether both could be
 * of one distribution. No number depends on partitions or executors.
 *
 * <p>Sample i of a sequence model has the length of held-out example i (modulo their number), so
 * that lengths, which such models do not describe, cannot make a difference; one of a model that
 * learns ends has its own.
 *
 * @param <R> its report
 */
public abstract class SampleComparison<R extends ComparisonReport> {
  static final int PERMUTATIONS = 999;

  private final String name;
  private final SparkApplication application;
  private final ProgressListener progress;

  /**
   * What a report begins with.
   *
   * @param inputs fingerprint of everything it depends on
   */
  record Heading(String inputs, EvaluationReport.Subject subject, long seed, long startNanos) {
    double seconds() {
      return (System.nanoTime() - startNanos) / 1e9;
    }
  }

  /**
   * A comparison.
   *
   * @param name of the method
   */
  SampleComparison(String name, SparkApplication application, ProgressListener progress) {
    this.name = name;
    this.application = application;
    this.progress = progress;
  }

  /** Refuses what this method cannot compare, before anything is computed. */
  abstract void requireComparable(long heldOut, int samples);

  /** What the report depends on beside the model, the data, the seed and the numbers of vectors. */
  abstract Map<String, Object> settings(Dataset data, String split);

  abstract R report(
      Heading heading, Phases phases, Dataset data, ComparedVectors vectors, RandomKey key);

  abstract R read(Storage storage, Path file);

  final ProgressListener progress() {
    return progress;
  }

  final SparkApplication application() {
    return application;
  }

  /**
   * Compares; returns the report that is there if it is of the same inputs.
   *
   * @throws AncestralException (SPEC) if another evaluation lies in the output or too much is asked
   *     for, (DATA) if model or data are missing, damaged or too few, (MISMATCH) if they do not fit
   *     together, (CLUSTER) if the method needs MLlib and Spark has none
   */
  public final R run(EvaluateRequest request) {
    Storage storage = application.storage();
    return OutputSession.fill(
        storage,
        storage.path(request.output()),
        "evaluate",
        progress,
        running -> within(request, running),
        ComparisonReport::summary);
  }

  /** As {@link #run}, for a caller that keeps the status of the output. */
  public final R within(EvaluateRequest request, OutputSession running) {
    long start = System.nanoTime();
    EvaluateSpec spec = request.spec();
    Storage storage = application.storage();
    ModelDirectory model = ModelDirectory.open(storage, request.model());
    Dataset data = model.fitting(Dataset.open(storage, request.data()));
    ComparedVectors.Request asked = ComparedVectors.Request.of(name, data, spec);
    requireComparable(
        Math.min(asked.limit(), data.split(spec.split()).examples()), asked.samples());
    Path file = new Path(storage.path(request.output()), EvaluationReport.FILE);
    String inputs = fingerprint(model, data, asked, spec.seed());
    if (!isThere(file, inputs, request)) {
      running.begin();
    }
    if (isThere(file, inputs, request)) { // Or another command has ended since.
      progress.message(
          "evaluate: " + file.getParent() + " is complete and its inputs are the same");
      return read(storage, file);
    }
    storage.retract(file);
    RandomKey key = RandomKey.of(spec.seed()).fold(name);
    Phases phases = new Phases(application, progress).in(spec.tasks());
    ComparedVectors vectors = ComparedVectors.of(phases, model, data, asked, key);
    EvaluationReport.Subject subject =
        new EvaluationReport.Subject(
            model.uri(),
            model.sha256(),
            model.weightsSha256(),
            data.path().toString(),
            data.sha256(spec.split()),
            spec.split());
    Heading heading = new Heading(inputs, subject, spec.seed(), start);
    R report = report(heading, phases, data, vectors, key);
    running.requireHeld();
    storage.commit(file, report.toJson());
    return report;
  }

  private boolean isThere(Path file, String inputs, EvaluateRequest request) {
    return application.storage().exists(file)
        && ReportJson.isOf(application.storage(), file, inputs, request.overwrite());
  }

  private String fingerprint(
      ModelDirectory model, Dataset data, ComparedVectors.Request asked, long seed) {
    Map<String, Object> inputs = new TreeMap<>(settings(data, asked.split()));
    inputs.put("estimator", name);
    inputs.put("model", model.sha256());
    inputs.put("weights", model.weightsSha256());
    inputs.put("data", data.sha256(asked.split()));
    inputs.put("split", asked.split());
    inputs.put("samples", asked.samples());
    inputs.put("limit", asked.limit());
    inputs.put("seed", seed);
    inputs.put("permutations", PERMUTATIONS);
    return Fingerprint.of(inputs);
  }
}
