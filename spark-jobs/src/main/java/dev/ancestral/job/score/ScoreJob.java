package dev.ancestral.job.score;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.Failures;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import dev.ancestral.data.rows.RowInput;
import dev.ancestral.job.evaluate.Phases;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.output.RowDestination;
import dev.ancestral.job.output.RowFolder;
import dev.ancestral.job.output.RowOutput;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.spark.AppendedColumns;
import dev.ancestral.spark.CommonArithmetic;
import dev.ancestral.spark.SparkApplication;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Scores rows: every row of the input with all its columns, and behind them what {@link
 * ScoreColumns} adds. It is one Spark job without a shuffle of its own, so the rows keep their
 * order within a partition; no score depends on partitions, executors or other rows.
 */
public final class ScoreJob {
  private final SparkApplication application;
  private final Storage storage;
  private final ProgressListener progress;

  /** A job on an application. */
  public ScoreJob(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.progress = progress;
    storage = application.storage();
  }

  /**
   * Scores; returns the report of the rows that are there if they are of the same inputs.
   *
   * @throws AncestralException (SPEC) if something else lies in the output; (DATA) if model or rows
   *     are missing or damaged; (MISMATCH) if they do not fit together
   */
  public ScoreReport run(ScoreRequest request) {
    return RowDestination.fill(
        application,
        request.output(),
        "score",
        progress,
        (destination, session) -> fill(request, destination, session),
        ScoreReport::summary);
  }

  private ScoreReport fill(
      ScoreRequest request, RowDestination destination, Optional<OutputSession> session) {
    ModelDirectory model = ModelDirectory.open(storage, request.model());
    ScoringModel plan = ScoringModel.of(model, request.spec());
    ReferenceSource source = ReferenceSource.of(storage, model, request.reference());
    Work work = request.input().isPresent() ? rows(request, plan) : examples(request, plan);
    String fingerprint = fingerprint(request, plan, source, work);
    if (destination instanceof RowFolder folder && request.stream()) {
      session.ifPresent(OutputSession::begin);
      folder.continueStream(fingerprint, request.overwrite());
    } else {
      Optional<ObjectNode> complete = destination.complete(fingerprint, request.overwrite());
      if (complete.isPresent()) {
        String place = request.output().place();
        progress.message("score: " + place + " is complete and its inputs are unchanged");
        return ScoreReport.of(complete.get(), place);
      }
      session.ifPresent(OutputSession::begin);
      destination.clear(fingerprint);
    }
    CommonArithmetic.requireFor(model.definition(), application.context());
    Phases phases = new Phases(application, progress);
    Reference reference =
        destination instanceof RowFolder folder
            ? source.reference(plan, phases, storage, folder.control())
            : source.reference(plan, phases);
    Dataset<Row> scored = work.scored(new ScoreColumns(plan, plan.columnNames(), reference));
    double centre = reference == null ? 0 : reference.mean();
    progress.phase("scoring rows");
    ScoreTotals totals =
        request.stream()
            ? new ScoreStream(application, request, (RowFolder) destination).run(scored, centre)
            : written(scored, work.files(), destination, centre);
    ScoreReport report = report(request, plan, source, totals);
    session.ifPresent(OutputSession::requireHeld);
    ObjectNode manifest = SealedJson.object();
    manifest.put("command", "score");
    manifest.put(RowDestination.FINGERPRINT, fingerprint);
    manifest.put("model", model.sha256());
    manifest.put("weights", model.weightsSha256());
    manifest.put("inputs", work.name());
    manifest.put("format", request.output().format());
    report.putTo(manifest);
    destination.commit(manifest);
    return report;
  }

  /** Sums on the way to the files, which are read no more for it. */
  private static ScoreTotals written(
      Dataset<Row> scored, List<String> files, RowDestination destination, double centre) {
    List<Column> sums = ScoreTotals.sums(ScoreColumns.LOG_LIKELIHOOD, centre);
    Observation observation = new Observation();
    destination.write(
        scored.observe(
            observation, sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new)),
        files);
    try {
      return ScoreTotals.of(observation.getAsJava(), centre);
    } catch (InterruptedException e) {
      throw Failures.interrupted(e);
    }
  }

  /**
   * What is scored.
   *
   * @param name for the manifest
   * @param versions of what is read, as far as they can be told
   * @param files that are read, as far as they are not those of a dataset
   */
  private record Work(String name, Object versions, Scoring scoring, List<String> files) {
    Dataset<Row> scored(ScoreColumns columns) {
      return scoring.scored(columns);
    }
  }

  /** Rows with what scoring adds. */
  @FunctionalInterface
  private interface Scoring {
    Dataset<Row> scored(ScoreColumns columns);
  }

  private Work rows(ScoreRequest request, ScoringModel plan) {
    RowInput input = request.input().orElseThrow();
    Dataset<Row> rows =
        request.stream() ? input.stream(application.session()) : input.load(application.session());
    if (request.groups().isPresent()) {
      return events(request, plan, rows);
    }
    RowElements elements = RowElements.of(plan.directory(), rows.schema());
    // Before anything is written: the columns may not be there already.
    StructType type = new ScoreColumns(plan, plan.columnNames(), null).after(rows.schema());
    request.output().requireColumns(type);
    return new Work(
        input.toString(),
        request.stream() ? List.of() : InputVersions.of(storage, rows),
        columns -> AppendedColumns.of(rows, type, new ScoreRows(columns, elements)),
        request.stream() ? List.of() : List.of(rows.inputFiles()));
  }

  private Work events(ScoreRequest request, ScoringModel plan, Dataset<Row> rows) {
    ScoredEvents events = ScoredEvents.of(plan, rows, request.groups().orElseThrow());
    request.output().requireColumns(events.type(new ScoreColumns(plan, List.of(), null)));
    return new Work(
        request.input().orElseThrow().toString(),
        InputVersions.of(storage, rows),
        columns -> events.rows(application, columns),
        List.of(rows.inputFiles()));
  }

  private Work examples(ScoreRequest request, ScoringModel plan) {
    String split = request.spec().split();
    dev.ancestral.data.Dataset dataset =
        plan.directory()
            .fitting(dev.ancestral.data.Dataset.open(storage, request.data().orElseThrow()));
    DatasetManifest.Keys keys = dataset.split(split).keys();
    return new Work(
        dataset.uri() + " " + split,
        List.of(
            dataset.sha256(split),
            keys.files().stream().map(DatasetManifest.KeyFile::sha256).toList()),
        columns -> new ScoredExamples(application, dataset, split).rows(columns),
        List.of());
  }

  private static String fingerprint(
      ScoreRequest request, ScoringModel plan, ReferenceSource source, Work work) {
    RowOutput output = request.output();
    Map<String, Object> inputs = new LinkedHashMap<>(plan.inputs());
    inputs.put("reference", source.sha256());
    inputs.put("inputs", work.name());
    request.input().ifPresent(input -> inputs.put("inputOptions", input.options()));
    inputs.put("versions", work.versions());
    inputs.put("format", output.format());
    inputs.put("options", output.options());
    inputs.put("partitionBy", output.partitionBy());
    inputs.put("stream", request.stream());
    request.groups().ifPresent(groups -> inputs.put("groups", groups.toString()));
    return Fingerprint.of(inputs);
  }

  private static ScoreReport report(
      ScoreRequest request, ScoringModel plan, ReferenceSource source, ScoreTotals totals) {
    EventSpec event = plan.directory().event();
    List<String> discrete = new ArrayList<>();
    List<String> continuous = new ArrayList<>();
    if (event.isRows()) {
      for (RowColumn column : event.schema().orElseThrow().columns()) {
        (column.isContinuous() ? continuous : discrete).add(column.name());
      }
    } else {
      List<String> names =
          event.columns().isEmpty() ? List.of("all elements") : event.columnNames();
      (event.isDiscrete() ? discrete : continuous).addAll(names);
    }
    List<String> notes = new ArrayList<>();
    if (!source.note().isEmpty()) {
      notes.add(source.note());
    } else if (!plan.byColumn()) {
      notes.add(
          "least_likely_columns is null: "
              + plan.directory().family()
              + " does not tell log p of a column given the others");
    }
    return new ScoreReport(
        totals.examples(),
        totals.mean(),
        totals.standardError(),
        plan.estimator().kind().text(),
        plan.condition().notation() + " " + plan.estimator().kind().relation(),
        plan.estimator().name(),
        discrete,
        continuous,
        notes,
        request.output().place());
  }
}
