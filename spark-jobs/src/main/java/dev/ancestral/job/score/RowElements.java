package dev.ancestral.job.score;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.rows.RowEncoder;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Marginalising;
import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Makes the elements of an example from a row of a table, whose columns it finds by their names.
 */
public interface RowElements extends Serializable {

  /** Writes the elements of a row from an index on. */
  void encode(Row row, float[] into, int at);

  /**
   * What makes examples of a model's event from rows.
   *
   * @throws AncestralException (MISMATCH) if the rows lack a column that the model knows, or have
   *     it with a type that does not convert; or if the model's examples are no rows
   */
  static RowElements of(ModelDirectory model, StructType columns) {
    EventSpec event = model.event();
    if (event.variableLength() || (!event.isRows() && event.columns().isEmpty())) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the model in "
              + model.uri()
              + " was trained on "
              + event.describe()
              + ", which are no rows of named columns; prepare the data and give the dataset by"
              + " --data, or give events with --group-by and --order-by");
    }
    if (event.isRows()) {
      RowEncoder encoder = RowEncoder.of(event.schema().orElseThrow(), columns);
      return (row, into, at) -> encode(encoder, row, into, at);
    }
    boolean missing = event.missing() || model.definition() instanceof Marginalising;
    return NumberColumns.of(event, columns, missing);
  }

  /** A value that no column has is a row that does not fit the model. */
  private static void encode(RowEncoder encoder, Row row, float[] into, int at) {
    try {
      encoder.encode(row, into, at);
    } catch (AncestralException wrong) {
      throw wrong.code() == ErrorCode.DATA
          ? new AncestralException(ErrorCode.MISMATCH, wrong.getMessage(), wrong)
          : wrong;
    }
  }
}
