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
import dev.ancestral.likelihood.twosample.ClassifierComparison;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.SparkApplication;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * Fits a classifier to half of the draws of a model and half of the held-out examples and asks
 * whether it can tell the other halves apart. No number depends on partitions or executors.
 */
public final class ClassifierJob {
  private static final int PERMUTATIONS = 999;
  private static final int LEAST = 4;

  private final SparkApplication application;
  private final Storage storage;
  private final ProgressListener progress;

  /**
   * @param application started only if there is something to compute
   */
  public ClassifierJob(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.storage = application.storage();
    this.progress = progress;
  }

  /**
   * Compares; returns the report that is there if it is of the same inputs.
   *
   * @throws Refusal (SPEC) if another evaluation lies in the output or too much is asked for,
   *     (DATA) if model or data are missing, damaged or too few, (MISMATCH) if they do not fit
   *     together, (CLUSTER) if Spark has no MLlib
   */
  public ClassifierReport run(EvaluateRequest request) {
    return OutputSession.fill(
        storage,
        storage.path(request.output()),
        "evaluate",
        progress,
        running -> within(request, running),
        ClassifierReport::summary);
  }

  /** As {@link #run}, for a caller that keeps the status of the output. */
  public ClassifierReport within(EvaluateRequest request, OutputSession running) {
    long start = System.nanoTime();
    EvaluateSpec spec = request.spec();
    BoostedTrees.requireMllib();
    ModelDirectory model = ModelDirectory.open(storage, request.model());
    Dataset data = Dataset.open(storage, request.data());
    model.requireEvent(data.event());
    ComparedVectors.Request asked = ComparedVectors.Request.of(ClassifierMethod.NAME, data, spec);
    requireHalves(Math.min(asked.limit(), data.split(spec.split()).examples()), asked.samples());
    Path file = new Path(storage.path(request.output()), EvaluationReport.FILE);
    String inputs = fingerprint(model, data, asked, spec.seed());
    if (!isThere(file, inputs, request)) {
      running.begin();
    }
    if (isThere(file, inputs, request)) { // Or another command has ended since.
      progress.message(
          "evaluate: " + file.getParent() + " is complete and its inputs are the same");
      return ClassifierReport.read(storage, file);
    }
    storage.retract(file);
    RandomKey key = RandomKey.of(spec.seed()).fold("c2st");
    ComparedVectors vectors =
        ComparedVectors.of(new Phases(application, progress), model, data, asked, key);
    Halves halves = Halves.of(vectors, key.fold("halves"));
    progress.phase("fitting a classifier");
    double[] logOdds =
        BoostedTrees.logOdds(
            application.session(),
            halves.fittedSamples(),
            halves.fittedHeldOut(),
            halves.judged(),
            key.fold("trees").bits(0));
    int samples = halves.judgedSamples();
    ClassifierReport report =
        new ClassifierReport(
            inputs,
            new EvaluationReport.Subject(
                model.uri(),
                model.sha256(),
                model.weightsSha256(),
                data.path().toString(),
                data.sha256(spec.split()),
                spec.split()),
            vectors.samples(),
            vectors.heldOut(),
            logOdds.length,
            PERMUTATIONS,
            spec.seed(),
            ClassifierComparison.of(
                Arrays.copyOf(logOdds, samples),
                Arrays.copyOfRange(logOdds, samples, logOdds.length),
                PERMUTATIONS,
                key.fold("labels")),
            (System.nanoTime() - start) / 1e9);
    running.requireHeld();
    storage.commit(file, report.toJson());
    return report;
  }

  private static void requireHalves(long heldOut, int samples) {
    if (heldOut < LEAST || samples < LEAST) {
      throw new Refusal(
          heldOut < LEAST ? Refusal.Kind.DATA : Refusal.Kind.SPEC,
          samples
              + " samples (--samples) are to be compared with "
              + heldOut
              + " examples (--limit); c2st fits a classifier to half of them and takes at least "
              + LEAST
              + " of each");
    }
  }

  private boolean isThere(Path file, String inputs, EvaluateRequest request) {
    return storage.exists(file) && ReportJson.isOf(storage, file, inputs, request.overwrite());
  }

  private static String fingerprint(
      ModelDirectory model, Dataset data, ComparedVectors.Request asked, long seed) {
    Map<String, Object> inputs = new TreeMap<>(BoostedTrees.settings());
    inputs.put("estimator", ClassifierMethod.NAME);
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

  /**
   * Rows that the classifier is fitted to, and rows that it judges.
   *
   * @param judged samples, then held-out examples
   * @param judgedSamples how many of them are samples
   */
  private record Halves(
      List<float[]> fittedSamples,
      List<float[]> fittedHeldOut,
      float[][] judged,
      int judgedSamples) {

    /**
     * Halves at random. A sample of a sequence has the length of the held-out example of its
     * number, and goes into the same half where there are as many of both.
     */
    static Halves of(ComparedVectors vectors, RandomKey key) {
      int[] ranks = key.permutation(vectors.heldOut());
      List<float[]> fittedSamples = new ArrayList<>();
      List<float[]> fittedHeldOut = new ArrayList<>();
      List<float[]> judged = new ArrayList<>();
      divide(vectors, 0, vectors.samples(), ranks, fittedSamples, judged);
      int judgedSamples = judged.size();
      divide(vectors, vectors.samples(), vectors.heldOut(), ranks, fittedHeldOut, judged);
      return new Halves(
          fittedSamples, fittedHeldOut, judged.toArray(float[][]::new), judgedSamples);
    }

    private static void divide(
        ComparedVectors vectors,
        int first,
        int count,
        int[] ranks,
        List<float[]> fitted,
        List<float[]> judged) {
      Integer[] order = new Integer[count];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, Comparator.comparingInt(i -> ranks[i % ranks.length]));
      for (int i = 0; i < count; i++) {
        (i < count / 2 ? fitted : judged).add(vectors.rows()[first + order[i]]);
      }
    }
  }
}
