package dev.ancestral.spark;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Function1;

/** A row of Spark's operators as one of objects, each of which is made when it is asked for. */
final class RowView implements Row {
  private static final long serialVersionUID = 1L;
  // A category has few texts, and they come again.
  private static final int MOST_TEXTS = 8192;

  private final transient Column[] columns;
  private transient InternalRow row;

  RowView(StructType type) {
    columns = new Column[type.length()];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = column(type.apply(c).dataType(), c);
    }
  }

  /** This view, of another row. */
  RowView of(InternalRow other) {
    row = other;
    return this;
  }

  @Override
  public int length() {
    return columns.length;
  }

  @Override
  public StructType schema() {
    return null; // As of every row that was made without one.
  }

  @Override
  public boolean isNullAt(int i) {
    return row.isNullAt(i);
  }

  @Override
  public Object get(int i) {
    return row.isNullAt(i) ? null : columns[i].value(row);
  }

  @Override
  public Row copy() {
    Object[] values = new Object[columns.length];
    for (int c = 0; c < values.length; c++) {
      values[c] = get(c);
    }
    return RowFactory.create(values);
  }

  /** Makes the objects of a column. */
  private interface Column {
    /** The value of a row in which it is not null. */
    Object value(InternalRow row);
  }

  private static Column column(DataType type, int c) {
    if (type instanceof StringType) {
      return new Texts(c);
    }
    if (type.equals(DataTypes.IntegerType)) {
      return row -> row.getInt(c);
    }
    if (type.equals(DataTypes.LongType)) {
      return row -> row.getLong(c);
    }
    if (type.equals(DataTypes.DoubleType)) {
      return row -> row.getDouble(c);
    }
    Function1<Object, Object> converter = CatalystTypeConverters.createToScalaConverter(type);
    return row -> converter.apply(row.get(c, type));
  }

  private static final class Texts implements Column {
    private final int index;
    private final Map<UTF8String, String> known = new HashMap<>();

    private Texts(int index) {
      this.index = index;
    }

    @Override
    public String value(InternalRow row) {
      UTF8String bytes = row.getUTF8String(index);
      String text = known.get(bytes);
      if (text == null) {
        text = bytes.toString();
        if (known.size() < MOST_TEXTS) {
          known.put(bytes.clone(), text); // The bytes are the row's.
        }
      }
      return text;
    }
  }
}
