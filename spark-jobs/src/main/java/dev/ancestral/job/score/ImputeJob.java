package dev.ancestral.job.score;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import dev.ancestral.data.rows.RowDecoder;
import dev.ancestral.data.rows.RowEncoder;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.output.RowDestination;
import dev.ancestral.job.output.RowOutput;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.Network;
import dev.ancestral.model.RowModel;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.tensor.Device;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;

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
  private static final String SAME = "_ancestral_same";

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
    requireConditionals(model);
    Dataset<Row> rows = request.input().load(application.session());
    RowElements elements = RowElements.of(model, rows.schema());
    request.output().requireColumns(rows.schema());
    requireNoDraw(request, rows);
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

  private static void requireConditionals(ModelDirectory model) {
    boolean exact = false;
    if (model.event().isRows()
        && !model.event().variableLength()
        && !(model.definition() instanceof Network)) {
      try (LoadedModel loaded = model.load(Device.cpu())) {
        exact = loaded.model() instanceof RowModel;
      }
    }
    if (!exact) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "cells are filled from conditional distributions, which "
              + model.family()
              + " of "
              + model.event().describe()
              + " does not have in closed form; train a naive-bayes (with components) on the rows");
    }
  }

  private static void requireNoDraw(ImputeRequest request, Dataset<Row> rows) {
    for (String name : rows.columns()) {
      if (request.draws() > 1 && name.equalsIgnoreCase(CompleteRows.DRAW)) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "the rows have a column '"
                + name
                + "', which several draws add; rename it, or leave it out (--query)");
      }
    }
  }

  private static boolean isReal(DataType type) {
    return type.equals(DataTypes.DoubleType) || type.equals(DataTypes.FloatType);
  }

  /** The column without what counts as missing beside nulls. */
  private static Column observed(Column column, DataType type) {
    return isReal(type) ? when(column.isNaN(), lit(null)).otherwise(column) : column;
  }

  private ImputeReport written(
      ImputeRequest request,
      ModelDirectory model,
      Dataset<Row> rows,
      RowElements elements,
      RowDestination destination) {
    Map<String, String> columns = matched(model, rows);
    Column missing = lit(false);
    for (String name : columns.values()) {
      DataType type = rows.schema().apply(name).dataType();
      missing = missing.or(observed(col(SqlTypes.quoted(name)), type).isNull());
    }
    Dataset<Row> keyed = rows.withColumn(KEY, xxhash64(hashed(rows).toArray(Column[]::new)));
    boolean equal = request.how() == RowModel.Completion.DRAW && hasEqual(keyed.filter(missing));
    if (equal) {
      keyed =
          keyed
              .withColumn(
                  SAME, row_number().over(Window.partitionBy(col(KEY), missing).orderBy(lit(1))))
              .withColumn(KEY, xxhash64(col(KEY), col(SAME)))
              .drop(SAME);
    }
    RowDecoder decoder = RowDecoder.of(model.event().schema().orElseThrow());
    CompleteRows work =
        new CompleteRows(
            model,
            elements,
            decoder,
            keyed.schema().fieldIndex(KEY),
            request.how(),
            request.draws(),
            request.seed());
    Dataset<Row> completed =
        keyed.mapPartitions(
            (MapPartitionsFunction<Row, Row>) work, Encoders.row(work.after(keyed.schema())));
    Observation observation = new Observation();
    List<Column> counts = new ArrayList<>();
    for (String name : columns.keySet()) {
      counts.add(sum(when(chosen(name).isNotNull(), lit(1L)).otherwise(lit(0L))).as(name));
    }
    Dataset<Row> counted =
        completed.observe(observation, count(lit(1)).as(KEY), counts.toArray(Column[]::new));
    destination.write(counted.select(selected(request, rows, columns).toArray(Column[]::new)));
    try {
      Map<String, Object> found = observation.getAsJava();
      Map<String, Long> filled = new LinkedHashMap<>();
      for (String name : columns.keySet()) {
        long cells = found.get(name) == null ? 0 : ((Number) found.get(name)).longValue();
        if (cells > 0) {
          filled.put(name, cells);
        }
      }
      return new ImputeReport(
          ((Number) found.get(KEY)).longValue(),
          filled,
          equal
              ? "some rows are equal in all columns; they were numbered, which leaves the rows in"
                  + " another order"
              : "",
          request.output().place());
    } catch (InterruptedException e) {
      throw Failures.interrupted(e);
    }
  }

  private static Column chosen(String name) {
    return col(CompleteRows.CHOSEN).getField(name);
  }

  /** The name in the rows of each column of the model. */
  private static Map<String, String> matched(ModelDirectory model, Dataset<Row> rows) {
    Map<String, String> matched = new LinkedHashMap<>();
    for (String name : model.event().columnNames()) {
      matched.put(name, rows.columns()[RowEncoder.field(name, rows.schema())]);
    }
    return matched;
  }

  /** The columns in the order of their names, so that their order in the input does not count. */
  private static List<Column> hashed(Dataset<Row> rows) {
    Map<String, Column> columns = new TreeMap<>();
    for (StructField field : rows.schema().fields()) {
      if (!(field.dataType() instanceof MapType)) {
        columns.put(field.name(), col(SqlTypes.quoted(field.name())));
      }
    }
    return List.copyOf(columns.values());
  }

  private static boolean hasEqual(Dataset<Row> keyed) {
    Row counts = keyed.agg(count(lit(1)), countDistinct(col(KEY))).head();
    return counts.getLong(0) != counts.getLong(1);
  }

  private static List<Column> selected(
      ImputeRequest request, Dataset<Row> rows, Map<String, String> columns) {
    Map<String, String> byName = new LinkedHashMap<>();
    columns.forEach((model, name) -> byName.put(name, model));
    List<Column> selected = new ArrayList<>();
    for (StructField field : rows.schema().fields()) {
      Column own = col(SqlTypes.quoted(field.name()));
      String model = byName.get(field.name());
      selected.add(
          model == null
              ? own
              : coalesce(observed(own, field.dataType()), chosen(model).cast(field.dataType()), own)
                  .as(field.name()));
    }
    if (request.draws() > 1) {
      selected.add(col(CompleteRows.DRAW));
    }
    return selected;
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
