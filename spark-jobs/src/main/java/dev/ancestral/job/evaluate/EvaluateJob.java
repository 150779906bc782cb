package dev.ancestral.job.evaluate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.estimator.Diagnostic;
import dev.ancestral.estimator.EnclosingEstimator;
import dev.ancestral.estimator.TunedEstimator;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.spark.SparkApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Scores a split as a Spark job. Tasks write the scores of fixed pieces of the split; the driver
 * adds them up in the order of the examples, so no number depends on partitions or executors, and a
 * job that is run again goes on with the pieces that are there.
 */
public final class EvaluateJob {
  private static final String SCORES = "scores-";
  private static final String VALID = "valid";
  private static final String TRAIN = "train";
  private static final String OF_TRAIN = "-of-train";
  private static final int TUNING_EXAMPLES = 1000;

  private final Storage storage;
  private final ProgressListener progress;
  private final Phases phases;

  /**
   * @param application started only if there is something to compute
   */
  public EvaluateJob(SparkApplication application, ProgressListener progress) {
    this.storage = application.storage();
    this.progress = progress;
    this.phases = new Phases(application, progress);
  }

  private EvaluateJob(Storage storage, ProgressListener progress, Phases phases) {
    this.storage = storage;
    this.progress = progress;
    this.phases = phases;
  }

  /**
   * Evaluates; returns the report that is there if it is of the same inputs.
   *
   * @throws AncestralException (SPEC) if another evaluation lies in the output, (DATA) if model or
   *     data are missing or damaged, (MISMATCH) if they do not fit together
   */
  public EvaluationReport run(EvaluateRequest request) {
    return OutputSession.fill(
        storage,
        storage.path(request.output()),
        "evaluate",
        progress,
        running -> within(request, running),
        EvaluationReport::summary);
  }

  /** As {@link #run}, for a caller that keeps the status of the output. */
  public EvaluationReport within(EvaluateRequest request, OutputSession running) {
    return new EvaluateJob(storage, progress, phases.in(request.spec().tasks()))
        .fill(request, running);
  }

  private EvaluationReport fill(EvaluateRequest request, OutputSession running) {
    long start = System.nanoTime();
    Path output = storage.path(request.output());
    ScorePlan plan = plan(request.model(), request.data(), request.spec());
    OptionalLong limit = request.spec().limit();
    requireTraining(plan.dataset(), request.spec());
    String inputs = fingerprint(plan, request.spec());
    boolean torn = request.overwrite() || !running.isDone();
    EvaluationReport complete = complete(output, inputs, request.overwrite(), torn);
    if (complete == null || !running.isDone()) {
      running.begin();
      complete =
          complete(output, inputs, request.overwrite(), torn); // Another may have ended since.
    }
    if (complete != null) {
      if (!running.isDone()) { // Killed before it could tidy up.
        tidy(output, complete);
      }
      progress.message("evaluate: " + output + " is complete and its inputs are unchanged");
      return complete;
    }
    phases.requireCommonArithmetic(plan.model());
    storage.retract(new Path(output, EvaluationReport.FILE));
    Path folder = new Path(output, SCORES + inputs.substring(0, 16));
    deleteOtherScores(output, folder);
    if (plan.estimator() instanceof TunedEstimator tuned && tuned.isOpen()) {
      plan = plan.withEstimator(tuned.with(tuned(plan, tuned)));
    }
    List<ScorePlan.Piece> pieces = score(plan, limit, folder, "scoring");
    Moments train = train(plan, request.spec().trainSample(), folder);
    Map<Diagnostic, Double> known =
        plan.estimator() instanceof EnclosingEstimator enclosing && enclosing.simulated() > 0
            ? gap(plan, enclosing)
            : Map.of();
    progress.phase("merging scores");
    EvaluationReport report =
        new ScoreMerge(storage, folder, pieces)
            .merge(plan, limit, known, train, inputs, output, start);
    if (plan.hiddenStates()) {
      report = report.withStates(states(folder, pieces));
    }
    running.requireHeld();
    storage.commit(new Path(output, EvaluationReport.FILE), ReportJson.write(report));
    tidy(output, report);
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

  private ScorePlan plan(String modelUri, String dataUri, EvaluateSpec spec) {
    ModelDirectory model = ModelDirectory.open(storage, modelUri);
    Dataset data = model.fitting(Dataset.open(storage, dataUri));
    if (data.split(spec.split()).examples() == 0) {
      throw new AncestralException(
          ErrorCode.DATA,
          "split "
              + spec.split()
              + " of "
              + data.uri()
              + " has no examples; name another split, or prepare this one again");
    }
    ScorePlan plan = ScorePlan.of(model, data, spec);
    if (plan.estimator() instanceof TunedEstimator tuned && tuned.isOpen()) {
      requireValidation(data, tuned);
    }
    return plan;
  }

  private static void requireTraining(Dataset data, EvaluateSpec spec) {
    if (spec.trainSample().isEmpty()) {
      return;
    }
    DatasetManifest.Split train = data.manifest().splits().get(TRAIN);
    if (train == null || train.examples() < 2 || spec.split().equals(TRAIN)) {
      throw new AncestralException(
          spec.split().equals(TRAIN) ? ErrorCode.SPEC : ErrorCode.DATA,
          "training examples are to be compared with those of split "
              + spec.split()
              + " (--train-sample), but "
              + (spec.split().equals(TRAIN)
                  ? "that is the same split; give a held-out one by --split"
                  : data.uri() + " has no two examples of split train"));
    }
  }

  private static void requireValidation(Dataset data, TunedEstimator estimator) {
    DatasetManifest.Split valid = data.manifest().splits().get(VALID);
    if (valid == null || valid.examples() == 0) {
      throw new AncestralException(
          ErrorCode.DATA,
          estimator.meaning()
              + " is chosen on the split "
              + VALID
              + ", which "
              + data.uri()
              + " does not have; prepare one, or give --"
              + estimator.tuned().name());
    }
  }

  /** The candidate under which the validation data are most probable. */
  private double tuned(ScorePlan plan, TunedEstimator estimator) {
    String name = estimator.tuned().name();
    ScorePlan valid = plan.withSplit(VALID);
    ScorePlan.Chosen chosen = chosen(valid, OptionalLong.of(TUNING_EXAMPLES));
    valid = valid.withSelection(chosen.selection());
    List<TuningTask.Sums> sums =
        phases.onPieces(
            "choosing the " + name, valid, valid.pieces(chosen.rows()), 0, new TuningTask(valid));
    double[] nats = new double[sums.get(0).nats().length];
    for (TuningTask.Sums part : sums) {
      for (int h = 0; h < nats.length; h++) {
        nats[h] += part.nats()[h];
      }
    }
    int best = 0;
    for (int h = 1; h < nats.length; h++) {
      best = nats[h] > nats[best] ? h : best;
    }
    double candidate = sums.get(0).candidates()[best];
    progress.message(
        String.format(Locale.ROOT, "evaluate: %s %.4g, chosen on valid", name, candidate));
    return candidate;
  }

  /** How far apart the bounds of bidirectional Monte Carlo are. */
  private Map<Diagnostic, Double> gap(ScorePlan plan, EnclosingEstimator estimator) {
    EnclosingTask task = new EnclosingTask(plan.model(), estimator, plan.batchWidth(), plan.seed());
    List<double[]> gaps = phases.onEach("enclosing simulated examples", task.batches(), task);
    Moments moments = new Moments();
    for (double[] part : gaps) {
      moments.merge(Moments.of(part));
    }
    return Map.of(
        Diagnostic.BDMC_GAP_NATS,
        moments.mean(),
        Diagnostic.BDMC_GAP_STANDARD_ERROR,
        moments.standardError(),
        Diagnostic.SIMULATED_EXAMPLES,
        (double) moments.count());
  }

  /** Of everything that a score depends on; where things lie is not part of it. */
  private static String fingerprint(ScorePlan plan, EvaluateSpec spec) {
    Map<String, Object> inputs = new TreeMap<>();
    inputs.put("model", plan.model().sha256());
    inputs.put("weights", plan.model().weightsSha256());
    inputs.put("data", plan.dataset().sha256(plan.split()));
    inputs.put("split", plan.split());
    inputs.put("estimator", plan.estimator().name());
    inputs.put("samples", plan.estimator().samples());
    inputs.put("repeats", plan.repeats());
    inputs.put("seed", plan.seed());
    inputs.put("limit", spec.limit().orElse(0));
    inputs.put("condition", plan.condition().notation());
    if (spec.trainSample().isPresent()) {
      inputs.put("trainSample", spec.trainSample().getAsLong());
      inputs.put(TRAIN, plan.dataset().sha256(TRAIN));
    }
    inputs.put("batchWidth", plan.batchWidth());
    // Upper case, as in the fingerprints of reports that are there already.
    inputs.put(
        "diagnostics",
        plan.estimator().diagnostics().stream()
            .map(diagnostic -> diagnostic.text().toUpperCase(Locale.ROOT))
            .toList()
            .toString());
    inputs.putAll(plan.estimator().settings());
    if (plan.hiddenStates()) {
      inputs.put("hiddenStates", true);
    }
    if (plan.estimator() instanceof TunedEstimator tuned && tuned.isOpen()) {
      inputs.put("valid", plan.dataset().sha256(VALID));
    }
    return Fingerprint.of(inputs);
  }

  /**
   * The report of the same inputs that is there and whole, or null.
   *
   * @param torn whether one that does not verify counts as absent, as after a command that was
   *     killed while it wrote it
   */
  private EvaluationReport complete(Path output, String inputs, boolean overwrite, boolean torn) {
    Path file = new Path(output, EvaluationReport.FILE);
    try {
      if (!storage.exists(file) || !ReportJson.isOf(storage, file, inputs, overwrite)) {
        return null;
      }
    } catch (AncestralException damaged) {
      if (torn && damaged.code() == ErrorCode.DATA) {
        return null;
      }
      throw damaged;
    }
    EvaluationReport report = ReportJson.read(storage, output.toString());
    Path perExample = new Path(output, PerExample.FILE);
    boolean whole =
        report.states().stream()
                .allMatch(states -> isWhole(new Path(output, states.file()), states.sha256()))
            && isWhole(perExample, report.perExample().sha256());
    return whole ? report : null;
  }

  private boolean isWhole(Path file, String sha256) {
    return storage.exists(file) && Sha256.of(storage, file).equals(sha256);
  }

  /** Where the hidden states that belong to some scores lie, for good. */
  private static Path statesFolder(Path scores) {
    return new Path(
        scores.getParent(), HiddenStates.FOLDER + scores.getName().substring(SCORES.length()));
  }

  private List<EvaluationReport.NamedFile> states(Path folder, List<ScorePlan.Piece> pieces) {
    List<EvaluationReport.NamedFile> files = new ArrayList<>();
    for (ScorePlan.Piece piece : pieces) {
      Path file = new Path(statesFolder(folder), HiddenStates.file(piece));
      Path scores = new Path(folder, piece.file());
      Storage.Written written = ScoredRows.read(storage.read(scores), scores.toString()).states();
      files.add(
          new EvaluationReport.NamedFile(
              file.getParent().getName() + "/" + file.getName(),
              written.bytes(),
              written.sha256()));
    }
    return files;
  }

  private void deleteOtherScores(Path output, Path folder) {
    deleteWork(output, folder.getName(), statesFolder(folder).getName());
  }

  /** Removes what a report that was committed does not list. */
  private void tidy(Path output, EvaluationReport report) {
    String states =
        report.states().isEmpty()
            ? ""
            : new Path(report.states().get(0).file()).getParent().getName();
    deleteWork(output, "", states);
    storage.deleteUnfinished(output);
    if (!states.isEmpty()) {
      storage.deleteUnfinished(new Path(output, states));
    }
  }

  private void deleteWork(Path output, String keptScores, String keptStates) {
    for (FileStatus status : storage.list(output)) {
      String name = status.getPath().getName();
      boolean scores =
          name.startsWith(SCORES)
              && !name.equals(keptScores)
              && !name.equals(keptScores + OF_TRAIN);
      boolean states = name.startsWith(HiddenStates.FOLDER) && !name.equals(keptStates);
      if (scores || states) {
        storage.delete(status.getPath());
      }
    }
  }

  /** Makes the scores that are missing; returns all pieces in the order of the examples. */
  private List<ScorePlan.Piece> score(
      ScorePlan all, OptionalLong limit, Path folder, String phase) {
    ScorePlan.Chosen chosen = chosen(all, limit);
    ScorePlan plan = all.withSelection(chosen.selection());
    List<ScorePlan.Piece> pieces = plan.pieces(chosen.rows());
    List<ScorePlan.Piece> missing =
        pieces.stream().filter(piece -> !isMade(plan, folder, piece)).toList();
    phases.onPieces(
        phase,
        plan,
        missing,
        examples(pieces) - examples(missing),
        new ScoreTask(storage, folder.toString(), statesFolder(folder).toString(), plan));
    return pieces;
  }

  /** The scores of the training examples that are asked for, by the same estimator. */
  private Moments train(ScorePlan plan, OptionalLong sample, Path folder) {
    if (sample.isEmpty()) {
      return new Moments();
    }
    ScorePlan train = plan.withSplit(TRAIN).withoutHiddenStates();
    Path own = new Path(folder.getParent(), folder.getName() + OF_TRAIN);
    List<ScorePlan.Piece> pieces = score(train, sample, own, "scoring training examples");
    return new ScoreMerge(storage, own, pieces).moments(train);
  }

  private ScorePlan.Chosen chosen(ScorePlan plan, OptionalLong limit) {
    return limit.isEmpty()
        ? plan.everything()
        : plan.limited(
            limit.getAsLong(), phases.smallest(plan.dataset(), plan.split(), limit.getAsLong()));
  }

  private boolean isMade(ScorePlan plan, Path folder, ScorePlan.Piece piece) {
    Path file = new Path(folder, piece.file());
    if (!storage.exists(file)) {
      return false;
    }
    try {
      ScoredRows rows = ScoredRows.read(storage.read(file), file.toString());
      Path states = new Path(statesFolder(folder), HiddenStates.file(piece));
      return rows.ids().length == piece.rows()
          && (!plan.hiddenStates() || isWhole(states, rows.states().sha256()));
    } catch (AncestralException e) {
      if (e.code().retryable()) {
        throw e;
      }
      return false;
    }
  }

  private static long examples(List<ScorePlan.Piece> pieces) {
    return pieces.stream().mapToLong(ScorePlan.Piece::rows).sum();
  }
}
