package dev.ancestral.job.twosample;

import dev.ancestral.Refusal;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fingerprint;
import dev.ancestral.job.ModelDirectory;
import dev.ancestral.job.Progress;
import dev.ancestral.job.RunningOutput;
import dev.ancestral.job.SparkApplication;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluate.Phases;
import dev.ancestral.job.evaluate.ReportJson;
import dev.ancestral.job.evaluate.Selection;
import dev.ancestral.likelihood.twosample.MarginalComparison;
import dev.ancestral.likelihood.twosample.MeanDiscrepancy;
import dev.ancestral.likelihood.twosample.NearestTraining;
import dev.ancestral.likelihood.twosample.Points;
import dev.ancestral.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  private static final int EXAMPLES = 1000;
  private static final int MOST_VECTORS = 6000;
  private static final int WIDTH = 100;

  private final Storage storage;
  private final Progress progress;
  private final Phases phases;

  /**
   * @param application started only if there is something to compute
   */
  public TwoSampleJob(SparkApplication application, Progress progress) {
    this.storage = application.storage();
    this.progress = progress;
    this.phases = new Phases(application, progress);
  }

  /**
   * Compares; returns the report that is there if it is of the same inputs.
   *
   * @throws Refusal (SPEC) if another evaluation lies in the output, (DATA) if model or data are
   *     missing, damaged or too few, (MISMATCH) if they do not fit together
   */
  public TwoSampleReport run(EvaluateRequest request) {
    return RunningOutput.fill(
        storage,
        storage.path(request.output()),
        "evaluate",
        progress,
        running -> within(request, running),
        TwoSampleReport::summary);
  }

  /** As {@link #run}, for a caller that keeps the status of the output. */
  public TwoSampleReport within(EvaluateRequest request, RunningOutput running) {
    long start = System.nanoTime();
    EvaluateSpec spec = request.spec();
    ModelDirectory model = ModelDirectory.open(storage, request.model());
    Dataset data = Dataset.open(storage, request.data()).arrangedFor(model.event());
    long there = data.split(spec.split()).examples();
    model.requireEvent(data.event());
    requireWhole(data);
    long limit = spec.limit().orElse(EXAMPLES);
    int samples = spec.samples().orElse((int) Math.min(limit, there));
    requireComparable(there, Math.min(limit, there), samples);
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
    storage.delete(file);
    RandomKey key = RandomKey.of(spec.seed()).fold("two-sample");
    Vectors vectors = vectors(model, data, spec, samples, limit, key);
    progress.phase("comparing");
    MeanDiscrepancy discrepancy =
        MeanDiscrepancy.of(vectors.points(), samples, PERMUTATIONS, key.fold("discrepancy"));
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
            training(data, spec, vectors, samples, key.fold("training")),
            (System.nanoTime() - start) / 1e9);
    running.requireHeld();
    storage.commit(file, report.toJson());
    return report;
  }

  private static void requireWhole(Dataset data) {
    if (data.event().missing()) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "two-sample compares whole examples, but "
              + data.uri()
              + " has "
              + data.event().describe()
              + "; evaluate with --estimator exact, which sums over what is missing");
    }
  }

  private boolean isThere(Path file, String inputs, EvaluateRequest request) {
    return storage.exists(file) && ReportJson.isOf(storage, file, inputs, request.overwrite());
  }

  private static void requireComparable(long there, long heldOut, int samples) {
    if (there < 2) {
      throw new Refusal(
          Refusal.Kind.DATA, "the split has " + there + " examples; a comparison takes at least 2");
    }
    if (samples < 2 || heldOut < 2 || samples + heldOut > MOST_VECTORS) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          samples
              + " samples (--samples) are to be compared with "
              + heldOut
              + " examples (--limit); a comparison takes at least 2 of each and at most "
              + MOST_VECTORS
              + " together");
    }
  }

  private static String fingerprint(
      ModelDirectory model, Dataset data, EvaluateSpec spec, int samples, long limit) {
    Map<String, Object> inputs = new TreeMap<>();
    inputs.put("estimator", "two-sample");
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

  /**
   * Samples and held-out examples, laid end to end.
   *
   * @param maps how they were made
   * @param rows [N][D]
   * @param points the same
   */
  private record Vectors(ExampleVectors maps, float[][] rows, Points points) {}

  private Vectors vectors(
      ModelDirectory model,
      Dataset data,
      EvaluateSpec spec,
      int samples,
      long limit,
      RandomKey key) {
    int shards = data.split(spec.split()).shards().size();
    List<Selection.Entry[]> smallest = phases.smallest(data, spec.split(), limit);
    ExampleVectors most = ExampleVectors.of(data.event());
    List<HeldOutTask.Rows> parts =
        phases.onEach(
            "reading held-out examples",
            shards,
            new HeldOutTask(data, spec.split(), Selection.of(limit, smallest), most));
    List<float[]> heldOut = new ArrayList<>();
    List<Integer> lengths = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (HeldOutTask.Rows part : parts) {
      heldOut.addAll(Arrays.asList(part.raw()));
      Arrays.stream(part.lengths()).forEach(lengths::add);
      if (part.labels() != null) {
        Arrays.stream(part.labels()).forEach(labels::add);
      }
    }
    int longest = Math.max(1, lengths.stream().mapToInt(n -> n).max().orElse(1));
    ExampleVectors maps = new ExampleVectors(data.event(), longest);
    List<float[][]> drawn =
        phases.onEach(
            "drawing",
            (samples + WIDTH - 1) / WIDTH,
            new DrawTask(
                model,
                maps,
                WIDTH,
                labels.isEmpty() ? null : labels.stream().mapToInt(n -> n).toArray(),
                key.fold("draw")));
    int count = heldOut.size();
    float[][] rows = new float[samples + count][];
    for (int i = 0; i < samples; i++) {
      float[] raw = drawn.get(i / WIDTH)[i % WIDTH];
      rows[i] = maps.vector(raw, lengths.get(i % count), heldOut.get(i % count));
    }
    for (int i = 0; i < count; i++) {
      rows[samples + i] = maps.vector(heldOut.get(i), lengths.get(i), null);
    }
    return new Vectors(maps, rows, Points.of(rows));
  }

  private static boolean hasTraining(Dataset data, EvaluateSpec spec) {
    return data.manifest().splits().containsKey(TRAINING)
        && data.split(TRAINING).examples() > 0
        && !spec.split().equals(TRAINING);
  }

  private Optional<NearestTraining> training(
      Dataset data, EvaluateSpec spec, Vectors vectors, int samples, RandomKey key) {
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
            new NeighbourTask(data, TRAINING, vectors.maps(), vectors.points()))
        .forEach(part -> NeighbourTask.minimum(part, nearest));
    double[] distances = Arrays.stream(nearest).map(Math::sqrt).toArray();
    return Optional.of(
        NearestTraining.of(
            Arrays.copyOf(distances, samples),
            Arrays.copyOfRange(distances, samples, distances.length),
            PERMUTATIONS,
            key));
  }
}
