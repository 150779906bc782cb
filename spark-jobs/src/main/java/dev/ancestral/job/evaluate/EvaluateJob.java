package dev.ancestral.job.evaluate;

import dev.ancestral.Refusal;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fingerprint;
import dev.ancestral.job.ModelDirectory;
import dev.ancestral.job.ParallelWork;
import dev.ancestral.job.Progress;
import dev.ancestral.job.RateProgress;
import dev.ancestral.job.RunningOutput;
import dev.ancestral.job.SparkApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Scores a split as a Spark job. Tasks write the scores of fixed pieces of the split; the driver
 * adds them up in the order of the examples, so no number depends on partitions or executors, and a
 * job that is run again goes on with the pieces that are there.
 */
public final class EvaluateJob {
  private static final String SCORES = "scores-";

  private final SparkApplication application;
  private final Storage storage;
  private final Progress progress;

  /**
   * @param application started only if there is something to compute
   */
  public EvaluateJob(SparkApplication application, Progress progress) {
    this.application = application;
    this.storage = application.storage();
    this.progress = progress;
  }

  /**
   * Evaluates; returns the report that is there if it is of the same inputs.
   *
   * @throws Refusal (SPEC) if another evaluation lies in the output, (DATA) if model or data are
   *     missing or damaged, (MISMATCH) if they do not fit together
   */
  public EvaluationReport run(EvaluateRequest request) {
    Path output = storage.path(request.output());
    return RunningOutput.fill(
        storage,
        output,
        "evaluate",
        running -> evaluate(request, output, running),
        EvaluationReport::summary);
  }

  private EvaluationReport evaluate(EvaluateRequest request, Path output, RunningOutput running) {
    long start = System.nanoTime();
    ScorePlan plan = plan(request);
    OptionalLong limit = request.spec().limit();
    String inputs = fingerprint(plan, limit);
    EvaluationReport complete = complete(output, inputs, request.overwrite());
    if (complete != null) {
      progress.message("evaluate: " + output + " is complete and its inputs are unchanged");
      return complete;
    }
    running.begin();
    storage.delete(new Path(output, EvaluationReport.FILE));
    Path folder = new Path(output, SCORES + inputs.substring(0, 16));
    deleteOtherScores(output, folder);
    List<ScorePlan.Piece> pieces = score(plan, limit, folder);
    progress.phase("merging scores");
    EvaluationReport report =
        new ScoreMerge(storage, folder, pieces).merge(plan, limit, inputs, output, start);
    storage.commit(new Path(output, EvaluationReport.FILE), ReportJson.write(report));
    storage.delete(folder);
    tellEntropy(plan, report);
    return report;
  }

  /** How far from the truth a model of data with a known distribution is. */
  private void tellEntropy(ScorePlan plan, EvaluationReport report) {
    plan.dataset()
        .split(plan.split())
        .entropyNats()
        .ifPresent(
            entropy ->
                progress.message(
                    String.format(
                        Locale.ROOT,
                        "evaluate: the entropy of the data is %.6f nats an example; the model is"
                            + " %.6f ± %.6f above it",
                        entropy,
                        -report.likelihood().meanNats() - entropy,
                        report.likelihood().standardError())));
  }

  private ScorePlan plan(EvaluateRequest request) {
    ModelDirectory model = ModelDirectory.open(storage, request.model());
    Dataset data = Dataset.open(storage, request.data());
    EvaluateSpec spec = request.spec();
    if (data.split(spec.split()).examples() == 0) {
      throw new Refusal(
          Refusal.Kind.DATA, "split " + spec.split() + " of " + data.uri() + " has no examples");
    }
    model.requireEvent(data.event());
    Estimator estimator = Estimator.choose(model, spec.estimator(), spec.samples());
    return new ScorePlan(
        model,
        data,
        spec.split(),
        estimator,
        spec.repeats(),
        spec.seed(),
        Selection.all(),
        ScorePlan.batchWidth(data.event()));
  }

  /** Of everything that a score depends on; where things lie is not part of it. */
  private static String fingerprint(ScorePlan plan, OptionalLong limit) {
    Map<String, Object> inputs = new TreeMap<>();
    inputs.put("model", plan.model().sha256());
    inputs.put("weights", plan.model().weightsSha256());
    inputs.put("data", plan.dataset().sha256(plan.split()));
    inputs.put("split", plan.split());
    inputs.put("estimator", plan.estimator().name().text());
    inputs.put("samples", plan.estimator().samples());
    inputs.put("repeats", plan.repeats());
    inputs.put("seed", plan.seed());
    inputs.put("limit", limit.orElse(0));
    inputs.put("batchWidth", plan.batchWidth());
    return Fingerprint.of(inputs);
  }

  private EvaluationReport complete(Path output, String inputs, boolean overwrite) {
    if (!storage.exists(new Path(output, EvaluationReport.FILE))) {
      return null;
    }
    EvaluationReport report = ReportJson.read(storage, output.toString());
    if (!report.inputs().equals(inputs)) {
      if (overwrite) {
        return null;
      }
      throw new Refusal(
          Refusal.Kind.SPEC,
          output
              + " holds another evaluation ("
              + report.likelihood().estimator()
              + " of "
              + report.subject().model()
              + " on "
              + report.subject().split()
              + " of "
              + report.subject().data()
              + "); choose another output, or replace it with --overwrite");
    }
    Path perExample = new Path(output, PerExample.FILE);
    boolean whole =
        storage.exists(perExample)
            && Fingerprint.of(storage, perExample).equals(report.perExample().sha256());
    return whole ? report : null;
  }

  private void deleteOtherScores(Path output, Path folder) {
    for (FileStatus status : storage.list(output)) {
      String name = status.getPath().getName();
      if (name.startsWith(SCORES) && !name.equals(folder.getName())) {
        storage.delete(status.getPath());
      }
    }
  }

  /** Makes the scores that are missing; returns all pieces in the order of the examples. */
  private List<ScorePlan.Piece> score(ScorePlan all, OptionalLong limit, Path folder) {
    long[] rows = all.allRows();
    Selection selection = all.selection();
    if (limit.isPresent()) {
      List<Selection.Entry[]> smallest = smallest(all, limit.getAsLong(), rows.length);
      selection = Selection.of(limit.getAsLong(), smallest);
      for (int shard = 0; shard < rows.length; shard++) {
        rows[shard] = selection.count(smallest.get(shard));
      }
    }
    ScorePlan plan = all.withSelection(selection);
    List<ScorePlan.Piece> pieces = plan.pieces(rows);
    List<ScorePlan.Piece> missing =
        pieces.stream().filter(piece -> !isWhole(new Path(folder, piece.file()))).toList();
    long total = examples(pieces);
    progress.phase("scoring");
    RateProgress rate = new RateProgress(progress, "examples", total, total - examples(missing));
    ParallelWork.run(
        application.context(),
        "evaluate: " + plan.estimator().name(),
        missing,
        new ScoreTask(storage, folder.toString(), plan),
        (index, bytes) -> rate.add(missing.get(index).rows()));
    return pieces;
  }

  private List<Selection.Entry[]> smallest(ScorePlan plan, long limit, int shards) {
    progress.phase("choosing examples");
    List<Selection.Entry[]> smallest = new ArrayList<>();
    IntStream.range(0, shards).forEach(i -> smallest.add(null));
    RateProgress rate = new RateProgress(progress, "shards", shards, 0);
    ParallelWork.run(
        application.context(),
        "evaluate: choosing examples",
        IntStream.range(0, shards).boxed().toList(),
        new SmallestTask(plan.dataset(), plan.split(), limit),
        (shard, entries) -> {
          smallest.set(shard, entries);
          rate.add(1);
        });
    return smallest;
  }

  private boolean isWhole(Path file) {
    if (!storage.exists(file)) {
      return false;
    }
    try {
      ScoredRows.read(storage.read(file), file.toString());
      return true;
    } catch (Refusal damaged) {
      return false;
    }
  }

  private static long examples(List<ScorePlan.Piece> pieces) {
    return pieces.stream().mapToLong(ScorePlan.Piece::rows).sum();
  }
}
