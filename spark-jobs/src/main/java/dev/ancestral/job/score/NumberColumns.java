package dev.ancestral.job.score;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.EventSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * The elements of a table of numbers: each column is a number, or a list of as many as the model
 * learned from. Booleans are 0 and 1.
 */
final class NumberColumns implements RowElements {
  private static final long serialVersionUID = 1L;

  private final EventSpec event;
  // Where each column of the event is in a row, and whether it is a list there.
  private final int[] indices;
  private final boolean[] lists;
  private final boolean missing;

  private NumberColumns(EventSpec event, int[] indices, boolean[] lists, boolean missing) {
    this.event = event;
    this.indices = indices;
    this.lists = lists;
    this.missing = missing;
  }

  /**
   * Of rows of some columns.
   *
   * @param missing whether a null is an element that was not observed
   * @throws AncestralException (MISMATCH) naming the column that is missing or is no number
   */
  static NumberColumns of(EventSpec event, StructType columns, boolean missing) {
    List<String> names = Arrays.asList(columns.fieldNames());
    int[] indices = new int[event.columns().size()];
    boolean[] lists = new boolean[indices.length];
    List<String> absent = new ArrayList<>();
    for (int c = 0; c < indices.length; c++) {
      EventSpec.Column column = event.columns().get(c);
      indices[c] = names.indexOf(column.name());
      if (indices[c] < 0) {
        absent.add("'" + column.name() + "'");
      } else {
        DataType type = columns.fields()[indices[c]].dataType();
        requireNumber(column, type);
        lists[c] = type instanceof ArrayType;
      }
    }
    if (!absent.isEmpty()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the rows have no column "
              + String.join(", ", absent)
              + ", which the model learned from; they have "
              + String.join(", ", names)
              + ": give the rows with all columns of the model, under its names");
    }
    return new NumberColumns(event, indices, lists, missing);
  }

  private static void requireNumber(EventSpec.Column column, DataType type) {
    DataType element = type instanceof ArrayType list ? list.elementType() : type;
    boolean list = type instanceof ArrayType;
    boolean number = element instanceof NumericType || element instanceof BooleanType;
    if (!number || (!list && column.elements() > 1)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "column '"
              + column.name()
              + "' is "
              + type.catalogString()
              + ", and the model learned from "
              + (column.elements() > 1 ? "lists of " + column.elements() + " numbers" : "a number")
              + "; convert it");
    }
  }

  @Override
  public void encode(Row row, float[] into, int at) {
    int next = at;
    for (int c = 0; c < indices.length; c++) {
      EventSpec.Column column = event.columns().get(c);
      Object value = row.get(indices[c]);
      if (column.elements() == 1 && !lists[c]) {
        into[next++] = element(column, value);
        continue;
      }
      List<?> list = value == null ? List.of() : row.getList(indices[c]);
      if (list.size() != column.elements()) {
        throw wrong(column, value == null ? "null" : "a list of " + list.size() + " numbers");
      }
      for (Object number : list) {
        into[next++] = element(column, number);
      }
    }
  }

  private float element(EventSpec.Column column, Object value) {
    if (value == null) {
      if (!missing) {
        throw wrong(column, "null");
      }
      return Float.NaN;
    }
    double number = value instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) value).doubleValue();
    boolean level =
        !event.isDiscrete()
            || (number == Math.rint(number) && number >= 0 && number < event.levels());
    if (!level || !Float.isFinite((float) number)) {
      throw wrong(column, String.valueOf(value));
    }
    return (float) number;
  }

  private AncestralException wrong(EventSpec.Column column, String value) {
    String allowed =
        event.isDiscrete()
            ? "a whole number from 0 to " + (event.levels() - 1)
            : "a finite number that float32 can hold";
    return new AncestralException(
        ErrorCode.MISMATCH,
        "column '"
            + column.name()
            + "' is "
            + value
            + " in a row; the model learned from "
            + (column.elements() == 1 ? allowed : column.elements() + " numbers, each " + allowed)
            + (missing ? ", or null" : "")
            + ": mend the row, or leave it out");
  }
}
