package dev.ancestral.job.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.data.rows.survey.EventGroups;
import dev.ancestral.model.EventSpec;
import dev.ancestral.spark.SparkApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Raw rows of events as scored sequences: one row a group with its columns, {@code length}, and
 * what scoring adds.
 */
record ScoredEvents(EventGroups groups) {
  private static final String LENGTH = "length";
  private static final String GROUP = "_ancestral_group";
  private static final StructType SEQUENCE =
      new StructType()
          .add(GROUP, DataTypes.StringType, false)
          .add(LENGTH, DataTypes.IntegerType, false);

  /**
   * The sequences of a model.
   *
   * @throws AncestralException (MISMATCH) if it is none of sequences of named columns, or the rows
   *     do not fit it; (DATA) if a column is not there
   */
  static ScoredEvents of(ScoringModel plan, Dataset<Row> rows, ScoreRequest.Groups groups) {
    EventSpec event = plan.directory().event().withClasses(0);
    if (!event.variableLength() || event.columnNames().isEmpty()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the model in "
              + plan.directory().uri()
              + " was trained on "
              + event.describe()
              + ", which are no sequences of named columns; "
              + (event.variableLength()
                  ? "prepare the data and give the dataset by --data"
                  : "leave out --group-by and --order-by"));
    }
    return new ScoredEvents(EventGroups.of(rows, groups.groupBy(), groups.orderBy(), event));
  }

  /**
   * The columns of the scored sequences.
   *
   * @throws AncestralException (MISMATCH) if a column of the group is called as one that is added
   */
  StructType type(ScoreColumns columns) {
    StructType keys = keys();
    for (String name : keys.fieldNames()) {
      if (name.equalsIgnoreCase(LENGTH)) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "the group has a column '" + name + "', which scoring adds; rename it (--query)");
      }
    }
    return columns.after(keys.add(LENGTH, DataTypes.IntegerType, false));
  }

  private StructType keys() {
    StructType keys = new StructType();
    for (DatasetManifest.KeyColumn key : groups.keys()) {
      keys = keys.add(key.name(), DataType.fromDDL(key.sqlType()), true);
    }
    return keys;
  }

  /** Scores all groups. */
  Dataset<Row> rows(SparkApplication application, ScoreColumns columns) {
    StructType type = columns.after(SEQUENCE);
    Dataset<Row> sequences =
        application
            .session()
            .createDataFrame(
                groups.sequences(application.session(), application.context().defaultParallelism()),
                new StructType()
                    .add(GROUP, DataTypes.StringType, false)
                    .add("payload", DataTypes.BinaryType, false)
                    .add(LENGTH, DataTypes.IntegerType, false));
    Dataset<Row> scored =
        sequences.mapPartitions(
            (MapPartitionsFunction<Row, Row>) new ScoredSequences(columns, ScoredEvents::sequence),
            Encoders.row(type));
    List<Column> selected = new ArrayList<>();
    Column parsed = from_json(col(GROUP), keys(), Map.of());
    for (String name : keys().fieldNames()) {
      selected.add(parsed.getField(name).as(name));
    }
    for (String name : type.fieldNames()) {
      if (!name.equals(GROUP)) {
        selected.add(col(SqlTypes.quoted(name)));
      }
    }
    return scored.select(selected.toArray(Column[]::new));
  }

  private static ScoredSequences.Sequence sequence(Row row) {
    int length = row.getInt(EventGroups.LENGTH);
    Object[] own = {row.getString(EventGroups.GROUP), length};
    return new ScoredSequences.Sequence(own, row.getAs(EventGroups.PAYLOAD), length);
  }
}
