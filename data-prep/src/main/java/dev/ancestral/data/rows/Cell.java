package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.Map;
import org.apache.spark.sql.types.DataType;

/** Encodes the values of one column. */
final class Cell implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RowColumn column;
  private final Values values;
  // Of a category: looked up for every row.
  private transient Map<String, Integer> codes;

  private Cell(RowColumn column, Values values) {
    this.column = column;
    this.values = values;
    codes = codes(column);
  }

  private static Map<String, Integer> codes(RowColumn column) {
    return column.type() instanceof ColumnType.Category category ? category.index() : Map.of();
  }

  /**
   * Of a column of a schema, as a table has it.
   *
   * @throws AncestralException (MISMATCH) if values of that type are none of the column
   */
  static Cell of(RowColumn column, DataType type) {
    ValueTarget target = ValueTarget.of(column.kind(), column.sqlType());
    return new Cell(
        column,
        Values.of(column.name(), target, type)
            .orElseThrow(
                () ->
                    new AncestralException(
                        ErrorCode.MISMATCH,
                        "column '"
                            + column.name()
                            + "' is of type "
                            + type.catalogString()
                            + "; the schema has it as "
                            + column.kind().text()
                            + " ("
                            + column.sqlType()
                            + "): convert it before")));
  }

  void encode(Object cell, float[] into, int at) {
    Object value = cell == null ? null : values.value(cell);
    if (value != null && column.kind() == ColumnKind.CATEGORY) {
      ColumnType.Category category = (ColumnType.Category) column.type();
      into[at] = codes.getOrDefault((String) value, category.other());
    } else {
      column.encode(value, into, at);
    }
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    codes = codes(column);
  }
}
