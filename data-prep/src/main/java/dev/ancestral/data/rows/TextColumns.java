package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/**
 * Finds the types of columns of texts, by all values, and converts them.
 *
 * @param decimalComma whether numbers have a comma before their fraction
 * @param nulls texts that stand for a null, beside the empty one
 * @param allowed bits of the types that columns may become
 */
record TextColumns(boolean decimalComma, Set<String> nulls, int allowed) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String CORRUPT = "_corrupt_record";

  /** JSON lines as Spark reads them, with the dates and times that are texts there. */
  static Dataset<Row> ofJson(RowInput input, SparkSession session) {
    Dataset<Row> rows = input.plain(session);
    if (Arrays.asList(rows.schema().fieldNames()).contains(CORRUPT)) {
      throw new AncestralException(
          ErrorCode.DATA,
          input
              + " has lines that are no JSON objects; mend them, or allow objects of several lines"
              + " (option multiLine=true)");
    }
    int times = TextType.DATE.bit() | TextType.LOCAL_TIME.bit() | TextType.INSTANT.bit();
    TextColumns texts = new TextColumns(false, Set.of(), times);
    return texts.typed(rows, texts.look(rows));
  }

  /**
   * What a look at all values found.
   *
   * @param names of the columns
   * @param types of each column of texts that has one; null for the others
   * @param seen whether each column of texts has a value
   */
  record Found(List<String> names, TextType[] types, boolean[] seen) {
    boolean hasValue(String name) {
      return seen[names.indexOf(name)];
    }
  }

  /** Looks at all values of the columns of texts. */
  Found look(Dataset<Row> rows) {
    StructField[] fields = rows.schema().fields();
    boolean[] texts = new boolean[fields.length];
    boolean any = false;
    for (int c = 0; c < texts.length; c++) {
      texts[c] = fields[c].dataType().equals(DataTypes.StringType);
      any |= texts[c];
    }
    int[] bits = new int[texts.length];
    Arrays.fill(bits, allowed);
    boolean[] seen = new boolean[texts.length];
    if (any) {
      for (byte[] part :
          rows.javaRDD().mapPartitions(some -> List.of(look(some, texts)).iterator()).collect()) {
        ByteBuffer found = ByteBuffer.wrap(part);
        for (int c = 0; c < bits.length; c++) {
          bits[c] &= found.getInt();
          seen[c] |= found.get() != 0;
        }
      }
    }
    TextType[] types = new TextType[texts.length];
    for (int c = 0; c < bits.length; c++) {
      types[c] = texts[c] && seen[c] ? TextType.first(bits[c]) : null;
    }
    return new Found(List.of(rows.schema().fieldNames()), types, seen);
  }

  /** Of each column, the types that all its values may have, and whether there is one. */
  private byte[] look(Iterator<Row> rows, boolean[] texts) {
    int[] bits = new int[texts.length];
    Arrays.fill(bits, allowed);
    boolean[] seen = new boolean[texts.length];
    while (rows.hasNext()) {
      Row row = rows.next();
      for (int c = 0; c < texts.length; c++) {
        // A column that is a string already needs no more looking at.
        if (texts[c] && (bits[c] != 0 || !seen[c]) && !row.isNullAt(c)) {
          String text = row.getString(c).strip();
          if (!isNull(text)) {
            seen[c] = true;
            bits[c] &= TextType.of(text, decimalComma);
          }
        }
      }
    }
    ByteBuffer result = ByteBuffer.allocate(bits.length * (Integer.BYTES + 1));
    for (int c = 0; c < bits.length; c++) {
      result.putInt(bits[c]).put((byte) (seen[c] ? 1 : 0));
    }
    return result.array();
  }

  private boolean isNull(String text) {
    return text.isEmpty() || nulls.contains(text);
  }

  /** The rows with their texts converted. */
  Dataset<Row> typed(Dataset<Row> rows, Found found) {
    StructField[] fields = rows.schema().fields();
    Column[] columns = new Column[fields.length];
    for (int c = 0; c < columns.length; c++) {
      Column column = functions.col(SqlTypes.quoted(fields[c].name()));
      boolean text = fields[c].dataType().equals(DataTypes.StringType);
      columns[c] = (text ? typed(column, found.types()[c]) : column).as(fields[c].name());
    }
    return rows.select(columns);
  }

  private Column typed(Column column, TextType type) {
    Column known = functions.when(isValue(column), column);
    if (type == null) {
      return known;
    }
    Column number =
        decimalComma && Set.of(TextType.DOUBLE, TextType.INT, TextType.LONG).contains(type)
            ? functions.translate(known, ",", ".")
            : known;
    return functions.trim(number).cast(type.sql());
  }

  private Column isValue(Column column) {
    Object[] words = nulls.toArray();
    Column trimmed = functions.trim(column);
    Column value = functions.not(trimmed.equalTo(""));
    return words.length == 0 ? value : value.and(functions.not(trimmed.isin(words)));
  }

  /** Defaults of Spark's reader of CSV files. */
  static Map<String, String> csvDefaults() {
    return Map.of(
        "header", "true",
        "escape", "\"",
        "ignoreLeadingWhiteSpace", "true",
        "ignoreTrailingWhiteSpace", "true");
  }
}
