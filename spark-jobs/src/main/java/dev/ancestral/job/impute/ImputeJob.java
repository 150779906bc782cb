package dev.ancestral.job.impute;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.Failures;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.output.RowDestination;
import dev.ancestral.job.output.RowOutput;
import dev.ancestral.job.score.InputVersions;
import dev.ancestral.job.score.RowElements;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.RowModel;
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

/**
 * Fills the cells of rows that are missing (null, or NaN in a column of real numbers) from the
 * exact conditional distribution given those that are not; observed cells stay as they are, and
 * columns keep their types.
 *
 * <p>The draws of a row depend on the seed, the number of the draw and the content of the row in
 * all its columns. Rows that are equal in all of them are told apart by a number, so that their
 * draws are independent.
 */
public final class ImputeJob {
  private static final String KEY = "_ancestral_key";

  private final SparkApplication application;
  private final Storage storage;
  private final ProgressListener progress;

  /** A job on an application. */
  public ImputeJob(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.progress = progress;
    storage = application.storage();
  }

  /**
   * Fills; returns the report of the rows that are there if they are of the same inputs.
   *
   * @throws AncestralException (SPEC) if something else lies in the output; (DATA) if model or rows
   *     are missing or damaged; (MISMATCH) if they do not fit together, or the model has no exact
   *     conditional distributions
   */
  public ImputeReport run(ImputeRequest request) {
    return RowDestination.fill(
        application,
        request.output(),
        "impute",
        progress,
        (destination, session) -> fill(request, destination, session),
        ImputeReport::summary);
  }

  private ImputeReport fill(
      ImputeRequest request, RowDestination destination, Optional<OutputSession> session) {
    ModelDirectory model = ModelDirectory.open(storage, request.model());
    FilledRows.requireConditionals(model);
    Dataset<Row> rows = request.input().load(application.session());
    RowElements elements = RowElements.of(model, rows.schema());
    request.output().requireColumns(rows.schema());
    FilledRows.requireNoDraw(request.draws(), rows);
    String fingerprint = fingerprint(request, model, rows);
    Optional<ObjectNode> complete = destination.complete(fingerprint, request.overwrite());
    if (complete.isPresent()) {
      String place = request.output().place();
      progress.message("impute: " + place + " is complete and its inputs are unchanged");
      return ImputeReport.of(complete.get(), place);
    }
    session.ifPresent(OutputSession::begin);
    destination.clear(fingerprint);
    progress.phase("filling cells");
    ImputeReport report = written(request, model, rows, elements, destination);
    session.ifPresent(OutputSession::requireHeld);
    ObjectNode manifest = SealedJson.object();
    manifest.put("command", "impute");
    manifest.put(RowDestination.FINGERPRINT, fingerprint);
    manifest.put("model", model.sha256());
    manifest.put("weights", model.weightsSha256());
    manifest.put("inputs", request.input().toString());
    manifest.put("format", request.output().format());
    report.putTo(manifest);
    destination.commit(manifest);
    return report;
  }

  private ImputeReport written(
      ImputeRequest request,
      ModelDirectory model,
      Dataset<Row> rows,
      RowElements elements,
      RowDestination destination) {
    FilledRows filled =
        FilledRows.of(model, rows, elements, request.how(), request.draws(), request.seed());
    Map<String, String> columns = filled.columns();
    Observation observation = new Observation();
    List<Column> counts = new ArrayList<>();
    for (String name : columns.keySet()) {
      counts.add(
          sum(when(FilledRows.chosen(name).isNotNull(), lit(1L)).otherwise(lit(0L))).as(name));
    }
    Dataset<Row> counted =
        filled
            .completed()
            .observe(observation, count(lit(1)).as(KEY), counts.toArray(Column[]::new));
    destination.write(filled.selected(counted), List.of(rows.inputFiles()));
    try {
      Map<String, Object> found = observation.getAsJava();
      Map<String, Long> cells = new LinkedHashMap<>();
      for (String name : columns.keySet()) {
        long count = found.get(name) == null ? 0 : ((Number) found.get(name)).longValue();
        if (count > 0) {
          cells.put(name, count);
        }
      }
      return new ImputeReport(
          ((Number) found.get(KEY)).longValue(),
          cells,
          filled.equal()
              ? "some rows are equal in all columns; they were numbered, which leaves the rows in"
                  + " another order"
              : "",
          request.output().place());
    } catch (InterruptedException e) {
      throw Failures.interrupted(e);
    }
  }

  private String fingerprint(ImputeRequest request, ModelDirectory model, Dataset<Row> rows) {
    RowOutput output = request.output();
    Map<String, Object> inputs = new LinkedHashMap<>();
    inputs.put("command", "impute");
    inputs.put("model", model.sha256());
    inputs.put("weights", model.weightsSha256());
    inputs.put("how", request.how().name());
    inputs.put("draws", request.draws());
    inputs.put("seed", request.how() == RowModel.Completion.DRAW ? request.seed() : 0);
    inputs.put("inputs", request.input().toString());
    inputs.put("options", request.input().options());
    inputs.put("versions", InputVersions.of(storage, rows));
    inputs.put("format", output.format());
    inputs.put("outputOptions", output.options());
    inputs.put("partitionBy", output.partitionBy());
    return Fingerprint.of(inputs);
  }
}
