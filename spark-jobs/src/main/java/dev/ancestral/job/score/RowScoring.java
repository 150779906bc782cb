package dev.ancestral.job.score;

import dev.ancestral.data.rows.NestedColumns;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.spark.AppendedColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Scores a dataset of rows, a stream or not, without writing it: what {@link ScoreJob} says of each
 * row, to the bit.
 */
public final class RowScoring {
  private static final String ROW = "_ancestral_row";

  private final ScoringModel plan;

  private RowScoring(ScoringModel plan) {
    this.plan = plan;
  }

  /**
   * Scoring by a model.
   *
   * @throws dev.ancestral.AncestralException (MISMATCH) if the model has no such estimator, or none
   *     of log p(x)
   */
  public static RowScoring of(ModelDirectory model, EvaluateSpec spec) {
    return new RowScoring(ScoringModel.of(model, spec));
  }

  /** What the numbers are: exact, a lower bound, an estimate. */
  public String kind() {
    return plan.estimator().kind().text();
  }

  /** Whether each row has a most probable component. */
  public boolean hasComponents() {
    return plan.byColumn();
  }

  /**
   * The rows with all their columns, and behind them the log-likelihood and, where there is one,
   * the component.
   *
   * @param schema of the result: names, and metadata of what is appended
   * @throws dev.ancestral.AncestralException (MISMATCH) if the rows lack a column that the model
   *     knows, or have it with a type that does not convert
   */
  public Dataset<Row> appended(Dataset<Row> rows, StructType schema) {
    boolean plain = isPlain(rows.schema());
    Dataset<Row> input = plain ? rows : rows.select(packed(rows.schema()).toArray(Column[]::new));
    RowElements elements = RowElements.of(plan.directory(), input.schema());
    ScoreColumns columns = new ScoreColumns(plan, plan.columnNames(), null);
    Dataset<Row> scored =
        AppendedColumns.planned(
            input, columns.after(input.schema()), new ScoreRows(columns, elements));
    List<Column> selected = new ArrayList<>();
    for (String name : rows.columns()) {
      selected.add(
          plain
              ? functions.col(SqlTypes.quoted(name))
              : functions.col(ROW).getField(name).as(name));
    }
    int next = rows.columns().length;
    StructField nats = schema.fields()[next++];
    selected.add(functions.col(ScoreColumns.LOG_LIKELIHOOD).as(nats.name(), nats.metadata()));
    if (hasComponents()) {
      selected.add(functions.col(ScoreColumns.COMPONENT).as(schema.fields()[next].name()));
    }
    return scored.select(selected.toArray(Column[]::new));
  }

  /** Whether the model's columns are there as they are, and no other has a name that is added. */
  private boolean isPlain(StructType schema) {
    Set<String> names = new HashSet<>(Arrays.asList(schema.fieldNames()));
    Set<String> lower = new HashSet<>();
    names.forEach(name -> lower.add(name.toLowerCase(Locale.ROOT)));
    boolean free = new ScoreColumns(plan, plan.columnNames(), null).areFree(lower);
    return free && names.containsAll(plan.columnNames());
  }

  /** The whole row as one column, and the columns of the model. */
  private List<Column> packed(StructType schema) {
    List<Column> columns = new ArrayList<>();
    columns.add(
        functions
            .struct(
                Arrays.stream(schema.fieldNames())
                    .map(name -> functions.col(SqlTypes.quoted(name)))
                    .toArray(Column[]::new))
            .as(ROW));
    columns.addAll(NestedColumns.named(schema, plan.columnNames()));
    return columns;
  }
}
