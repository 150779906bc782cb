package dev.ancestral.job.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;

import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.data.rows.survey.StepEncoder;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.model.ModelDirectory;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Scores the sequences that groups of rows are, without a prepared dataset: what {@link ScoreJob}
 * says of each in one. Rows of one place in the order are put into that of their contents, as
 * {@code prepare} does it.
 */
public final class SequenceScoring {
  private static final String STEPS = "_ancestral_steps";
  private static final String STEP = "_ancestral_step";
  private static final String ORDER = "_ancestral_order";

  private final ScoringModel plan;

  private SequenceScoring(ScoringModel plan) {
    this.plan = plan;
  }

  /**
   * Scoring by a model.
   *
   * @throws dev.ancestral.AncestralException (MISMATCH) if the model has no such estimator, or none
   *     of log p(x)
   */
  public static SequenceScoring of(ModelDirectory model, EvaluateSpec spec) {
    return new SequenceScoring(ScoringModel.of(model, spec));
  }

  /** What the numbers are: exact, a bound, an estimate. */
  public String kind() {
    return plan.estimator().kind().text();
  }

  /**
   * One row a sequence: the columns of the group, the log-likelihood and the most probable hidden
   * states.
   *
   * @param group columns of which each combination of values is a sequence
   * @param order columns that its rows are ordered by
   * @param schema of the result: names, and metadata of what is appended
   * @throws dev.ancestral.AncestralException (MISMATCH) if the rows lack a column that the model
   *     knows, or have it with a type that does not convert
   */
  public Dataset<Row> scored(
      Dataset<Row> rows, List<String> group, List<String> order, StructType schema) {
    StructType keys = new StructType();
    for (String name : group) {
      keys = keys.add(rows.schema().apply(name));
    }
    ScoreColumns columns = new ScoreColumns(plan, plan.columnNames(), null);
    int ownColumns = keys.size();
    Dataset<Row> scored =
        grouped(rows, group, order, keys)
            .mapPartitions(
                (MapPartitionsFunction<Row, Row>)
                    new ScoredSequences(columns, row -> sequence(row, ownColumns)),
                Encoders.row(columns.after(keys)));
    List<Column> selected = new ArrayList<>();
    for (StructField key : keys.fields()) {
      selected.add(col(SqlTypes.quoted(key.name())));
    }
    StructField nats = schema.fields()[keys.size()];
    selected.add(col(ScoreColumns.LOG_LIKELIHOOD).as(nats.name(), nats.metadata()));
    selected.add(col(ScoreColumns.STATES).as(schema.fields()[keys.size() + 1].name()));
    return scored.select(selected.toArray(Column[]::new));
  }

  /** The steps of each sequence, as the model stores them, behind its keys. */
  private Dataset<Row> grouped(
      Dataset<Row> rows, List<String> group, List<String> order, StructType keys) {
    StructType type = keys;
    for (int o = 0; o < order.size(); o++) {
      type = type.add(ORDER + o, rows.schema().apply(order.get(o)).dataType(), true);
    }
    type = type.add(STEP, DataTypes.BinaryType, false);
    List<Integer> places = new ArrayList<>();
    group.forEach(name -> places.add(rows.schema().fieldIndex(name)));
    order.forEach(name -> places.add(rows.schema().fieldIndex(name)));
    int[] kept = places.stream().mapToInt(place -> place).toArray();
    List<String> modelled = plan.columnNames();
    Dataset<Row> own =
        rows.select(modelled.stream().map(n -> col(SqlTypes.quoted(n))).toArray(Column[]::new));
    StepEncoder encoder = StepEncoder.of(plan.directory().event().withClasses(0), own.schema());
    int[] cells = modelled.stream().mapToInt(name -> rows.schema().fieldIndex(name)).toArray();
    Dataset<Row> steps =
        rows.map(
            (MapFunction<Row, Row>) row -> step(row, kept, cells, encoder), Encoders.row(type));
    List<Column> step = new ArrayList<>();
    for (int o = 0; o < order.size(); o++) {
      step.add(col(ORDER + o));
    }
    step.add(col(STEP));
    return steps
        .groupBy(group.stream().map(n -> col(SqlTypes.quoted(n))).toArray(Column[]::new))
        .agg(sort_array(collect_list(struct(step.toArray(Column[]::new)))).as(STEPS))
        .withColumn(STEPS, col(STEPS).getField(STEP));
  }

  private static Row step(Row row, int[] kept, int[] modelled, StepEncoder encoder) {
    Object[] cells = new Object[kept.length + 1];
    for (int k = 0; k < kept.length; k++) {
      cells[k] = row.get(kept[k]);
    }
    Object[] own = new Object[modelled.length];
    for (int c = 0; c < own.length; c++) {
      own[c] = row.get(modelled[c]);
    }
    cells[kept.length] = encoder.payload(RowFactory.create(own));
    return RowFactory.create(cells);
  }

  /** Of a row of keys with the steps behind them. */
  private static ScoredSequences.Sequence sequence(Row row, int keys) {
    Object[] own = new Object[keys];
    for (int k = 0; k < keys; k++) {
      own[k] = row.get(k);
    }
    List<byte[]> steps = row.getList(keys);
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    steps.forEach(payload::writeBytes);
    return new ScoredSequences.Sequence(own, payload.toByteArray(), steps.size());
  }
}
