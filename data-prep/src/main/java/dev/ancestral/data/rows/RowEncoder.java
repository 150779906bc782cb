package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Makes the elements of a row of a table, as a {@link RowSchema} lays them out.
 *
 * <p>Columns are found by their names, whatever their order; a name that differs in case alone is
 * the same, as for Spark, where no other is. What converts without loss is converted: whole numbers
 * of any width, decimals of the same or fewer places, numbers and dates that are written as text.
 * Timestamps are brought to the step of the schema, downwards. NaN is a null.
 */
public final class RowEncoder implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RowSchema schema;
  private final Cell[] cells;
  private final int[] fields;

  private RowEncoder(RowSchema schema, Cell[] cells, int[] fields) {
    this.schema = schema;
    this.cells = cells;
    this.fields = fields;
  }

  /**
   * The encoder of rows of a table.
   *
   * @param table columns of the table, which may be more than the schema has
   * @throws AncestralException (MISMATCH) if a column of the schema is not there, or has a type
   *     whose values are others; the message names the column
   */
  public static RowEncoder of(RowSchema schema, StructType table) {
    List<RowColumn> columns = schema.columns();
    Cell[] cells = new Cell[columns.size()];
    int[] fields = new int[cells.length];
    for (int c = 0; c < cells.length; c++) {
      RowColumn column = columns.get(c);
      fields[c] = field(column.name(), table);
      cells[c] = Cell.of(column, table.apply(fields[c]).dataType());
    }
    return new RowEncoder(schema, cells, fields);
  }

  /**
   * Index of the column of a table that has a name; one that differs in case alone is the same
   * where no other is.
   *
   * @throws AncestralException (MISMATCH) if there is none
   */
  public static int field(String name, StructType table) {
    List<String> names = List.of(table.fieldNames());
    int exact = names.indexOf(name);
    if (exact >= 0) {
      return exact;
    }
    List<Integer> alike = new ArrayList<>();
    for (int f = 0; f < names.size(); f++) {
      if (names.get(f).equalsIgnoreCase(name)) {
        alike.add(f);
      }
    }
    if (alike.size() != 1) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the table has no column '"
              + name
              + "'; it has "
              + RowMessages.abbreviated(names)
              + ": give one with the columns that the schema was made of");
    }
    return alike.get(0);
  }

  /**
   * Writes the elements of a row.
   *
   * @param into gets {@link RowSchema#size} elements from {@code at} on
   * @throws AncestralException (DATA) if a value is none that its column can have; the message
   *     names both
   */
  public void encode(Row row, float[] into, int at) {
    for (int c = 0; c < cells.length; c++) {
      cells[c].encode(row.get(fields[c]), into, at + schema.begin(c));
    }
  }

  /** The schema of the elements. */
  public RowSchema schema() {
    return schema;
  }
}
