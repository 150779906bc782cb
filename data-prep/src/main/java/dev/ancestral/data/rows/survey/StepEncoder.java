package dev.ancestral.data.rows.survey;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Payload;
import dev.ancestral.data.rows.RowEncoder;
import dev.ancestral.data.rows.RowMessages;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.data.rows.ValueTarget;
import dev.ancestral.data.rows.Values;
import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Makes the payload of one step of a sequence.
 *
 * @param event of the dataset
 * @param rows where steps are rows, else null
 * @param value of the only column where steps are symbols or real numbers, else null
 * @param codes of the symbols
 * @param other code of a symbol that is not among them; −1 if there is none
 * @param name of the only column, for messages
 */
public record StepEncoder(
    EventSpec event,
    RowEncoder rows,
    Values value,
    Map<String, Integer> codes,
    int other,
    String name)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * The encoder of rows of a table.
   *
   * @throws AncestralException (MISMATCH) if they are not what steps of the event are made of
   */
  public static StepEncoder of(EventSpec event, StructType table) {
    if (event.isRows()) {
      RowEncoder rows = RowEncoder.of(event.schema().orElseThrow(), table);
      return new StepEncoder(event, rows, null, Map.of(), -1, "");
    }
    String name = table.fieldNames()[0];
    ColumnKind kind = event.isDiscrete() ? ColumnKind.CATEGORY : ColumnKind.REAL;
    Values value =
        Values.of(
                name,
                ValueTarget.of(
                    kind, event.isDiscrete() ? SqlTypes.text(table.apply(0).dataType()) : "double"),
                table.apply(0).dataType())
            .filter(one -> table.size() == 1)
            .orElseThrow(
                () ->
                    new AncestralException(
                        ErrorCode.MISMATCH,
                        "columns are "
                            + RowMessages.abbreviated(List.of(table.fieldNames()))
                            + "; the dataset is of sequences of one column of "
                            + (event.isDiscrete() ? "texts" : "real numbers")
                            + ": name that (columns)"));
    HashMap<String, Integer> codes = new HashMap<>();
    event.vocabulary().forEach(symbol -> codes.put(symbol, codes.size()));
    int last = event.vocabulary().size() - 1;
    boolean others = last >= 0 && event.vocabulary().get(last).equals(ColumnType.Category.OTHER);
    return new StepEncoder(event, null, value, codes, others ? last : -1, name);
  }

  /**
   * Refuses values that the dataset has no element for, where steps are symbols or real numbers.
   *
   * @param found schema of the rows by themselves
   */
  void requireKnown(RowSchema found) {
    RowColumn column = found.columns().get(0);
    if (column.nullable() && !event.missing()) {
      throw unfit("has nulls, and the dataset has none");
    }
    if (column.type() instanceof ColumnType.Category category && other < 0) {
      for (String symbol : category.vocabulary()) {
        if (!codes.containsKey(symbol)) {
          throw unknown(symbol);
        }
      }
    }
  }

  private AncestralException unknown(String symbol) {
    return unfit(
        "has the symbol " + RowMessages.quoted(symbol) + ", which the dataset has no code for");
  }

  private AncestralException unfit(String why) {
    return new AncestralException(
        ErrorCode.MISMATCH,
        "column '" + name + "' " + why + "; leave those rows out (query), or begin a new dataset");
  }

  /** The bytes of a step, whose row has the columns of the table in their order. */
  public byte[] payload(Row row) {
    float[] elements = new float[event.size()];
    if (rows != null) {
      rows.encode(row, elements, 0);
    } else {
      Object cell = row.get(0);
      elements[0] = element(cell == null ? null : value.value(cell));
    }
    return Payload.encode(event, elements, 0, elements.length);
  }

  private float element(Object known) {
    if (known == null) {
      if (!event.missing()) {
        throw unfit("has nulls, and the dataset has none");
      }
      return Float.NaN;
    }
    if (known instanceof Double real) {
      return real.floatValue();
    }
    int code = codes.getOrDefault((String) known, other);
    if (code < 0) {
      throw unknown((String) known);
    }
    return code;
  }
}
