package dev.ancestral.data.source.table;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * The values of one column of a row group: one number a row, or a list of numbers (three levels, as
 * Parquet says, two levels or a repeated field, as older writers do).
 */
final class ParquetColumn {
  // A list of equal numbers takes a few bytes, whatever its length.
  private static final int MOST_NUMBERS = 1 << 23;
  private static final Set<Encoding> FOR_REALS_ALONE = Set.of(Encoding.BYTE_STREAM_SPLIT);

  private final String name;
  private final ColumnReader reader;
  private final Kind kind;
  private final int scale;
  private final boolean list;
  // From this definition level on there is a value; from that of elements on the list has one.
  private final int defined;
  private final int listed;

  /** How a value is to be taken. */
  private enum Kind {
    BOOLEAN,
    INT,
    UNSIGNED_INT,
    LONG,
    UNSIGNED_LONG,
    FLOAT,
    DOUBLE,
    INT_DECIMAL,
    LONG_DECIMAL,
    BINARY_DECIMAL
  }

  private ParquetColumn(
      String name, ColumnReader reader, PrimitiveType leaf, boolean list, int defined, int listed) {
    this.name = name;
    this.reader = reader;
    kind = kind(leaf);
    scale =
        leaf.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation decimal
            ? decimal.getScale()
            : 0;
    this.list = list;
    this.defined = defined;
    this.listed = listed;
  }

  /**
   * The column of a field that is numeric.
   *
   * @param schema that the store was made for
   */
  static ParquetColumn of(Type field, MessageType schema, ColumnReadStoreImpl store) {
    ColumnDescriptor descriptor =
        schema.getColumns().stream()
            .filter(column -> column.getPath()[0].equals(field.getName()))
            .findFirst()
            .orElseThrow();
    int listed = 0;
    Type type = field;
    for (int depth = 0; listed == 0 && descriptor.getMaxRepetitionLevel() > 0; depth++) {
      if (type.isRepetition(Type.Repetition.REPEATED)) {
        String[] path = Arrays.copyOf(descriptor.getPath(), depth + 1);
        listed = schema.getMaxDefinitionLevel(path);
      } else {
        type = type.asGroupType().getType(0);
      }
    }
    return new ParquetColumn(
        field.getName(),
        store.getColumnReader(descriptor),
        descriptor.getPrimitiveType(),
        descriptor.getMaxRepetitionLevel() > 0,
        descriptor.getMaxDefinitionLevel(),
        listed);
  }

  /** Whether a field is a column of numbers, or of lists of numbers. */
  static boolean isNumeric(Type field) {
    Type leaf = leaf(field);
    return leaf != null && kind(leaf.asPrimitiveType()) != null;
  }

  /** The type of the elements if the field is a primitive or a list of primitives, else null. */
  private static Type leaf(Type field) {
    if (field.isPrimitive()) {
      return field;
    }
    boolean list = field.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation;
    if (!list || field.asGroupType().getFieldCount() != 1) {
      return null;
    }
    Type repeated = field.asGroupType().getType(0);
    if (!repeated.isRepetition(Type.Repetition.REPEATED)) {
      return null;
    }
    if (repeated.isPrimitive()) {
      return repeated;
    }
    if (repeated.asGroupType().getFieldCount() != 1) {
      return null;
    }
    Type element = repeated.asGroupType().getType(0);
    boolean single = element.isPrimitive() && !element.isRepetition(Type.Repetition.REPEATED);
    return single ? element : null;
  }

  private static Kind kind(PrimitiveType leaf) {
    LogicalTypeAnnotation logical = leaf.getLogicalTypeAnnotation();
    boolean decimal = logical instanceof DecimalLogicalTypeAnnotation;
    boolean signed = !(logical instanceof IntLogicalTypeAnnotation type) || type.isSigned();
    if (logical != null && !decimal && !(logical instanceof IntLogicalTypeAnnotation)) {
      return null; // Dates, times, texts and what later versions add.
    }
    return switch (leaf.getPrimitiveTypeName()) {
      case BOOLEAN -> Kind.BOOLEAN;
      case INT32 -> decimal ? Kind.INT_DECIMAL : signed ? Kind.INT : Kind.UNSIGNED_INT;
      case INT64 -> decimal ? Kind.LONG_DECIMAL : signed ? Kind.LONG : Kind.UNSIGNED_LONG;
      case FLOAT -> Kind.FLOAT;
      case DOUBLE -> Kind.DOUBLE;
      case BINARY, FIXED_LEN_BYTE_ARRAY -> decimal ? Kind.BINARY_DECIMAL : null;
      case INT96 -> null;
    };
  }

  /** A type in words, for messages. */
  static String type(Type field) {
    if (field.isPrimitive()) {
      PrimitiveType primitive = field.asPrimitiveType();
      LogicalTypeAnnotation logical = primitive.getLogicalTypeAnnotation();
      String physical = primitive.getPrimitiveTypeName().name().toLowerCase(Locale.ROOT);
      String name = logical == null ? physical : logical.toString().toLowerCase(Locale.ROOT);
      return field.isRepetition(Type.Repetition.REPEATED) ? "list of " + name : name;
    }
    Type leaf = leaf(field);
    if (leaf != null) {
      PrimitiveType primitive = leaf.asPrimitiveType();
      LogicalTypeAnnotation logical = primitive.getLogicalTypeAnnotation();
      return "list of "
          + (logical == null ? primitive.getPrimitiveTypeName() : logical)
              .toString()
              .toLowerCase(Locale.ROOT);
    }
    LogicalTypeAnnotation logical = field.getLogicalTypeAnnotation();
    return logical == null ? "struct" : logical.toString().toLowerCase(Locale.ROOT);
  }

  /** Whether the reader at hand decodes a piece of a column. */
  static boolean isDecodable(ColumnChunkMetaData chunk) {
    PrimitiveTypeName type = chunk.getPrimitiveType().getPrimitiveTypeName();
    boolean real = type == PrimitiveTypeName.FLOAT || type == PrimitiveTypeName.DOUBLE;
    return real || chunk.getEncodings().stream().noneMatch(FOR_REALS_ALONE::contains);
  }

  /** Appends the number or the numbers of the next row. */
  void addTo(TableRow row, TableColumns columns) throws TableColumns.WrongRow {
    if (!list) {
      addValue(row, name, columns);
      return;
    }
    if (reader.getCurrentDefinitionLevel() < listed) {
      boolean empty = reader.getCurrentDefinitionLevel() == listed - 1;
      reader.consume();
      if (!empty) {
        columns.addNull(row, name);
      }
      return;
    }
    int index = 0;
    do {
      if (index == MOST_NUMBERS) {
        throw new IllegalStateException(
            "a list of column '" + name + "' has more than " + MOST_NUMBERS + " numbers");
      }
      addValue(row, name + "[" + index++ + "]", columns);
    } while (reader.getCurrentRepetitionLevel() > 0);
  }

  private void addValue(TableRow row, String at, TableColumns columns)
      throws TableColumns.WrongRow {
    if (reader.getCurrentDefinitionLevel() < defined) {
      columns.addNull(row, at);
    } else {
      switch (kind) {
        case BOOLEAN -> row.add(reader.getBoolean() ? 1 : 0, true);
        case INT, UNSIGNED_INT, LONG -> columns.add(row, at, whole());
        case UNSIGNED_LONG -> columns.add(row, at, unsigned(reader.getLong()));
        case FLOAT -> columns.add(row, at, (double) reader.getFloat());
        case DOUBLE -> columns.add(row, at, reader.getDouble());
        case INT_DECIMAL, LONG_DECIMAL, BINARY_DECIMAL -> columns.add(row, at, decimal());
      }
    }
    reader.consume();
  }

  private long whole() {
    return switch (kind) {
      case INT -> reader.getInteger();
      case UNSIGNED_INT -> Integer.toUnsignedLong(reader.getInteger());
      default -> reader.getLong();
    };
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  private BigDecimal decimal() {
    return switch (kind) {
      case INT_DECIMAL -> BigDecimal.valueOf(reader.getInteger(), scale);
      case LONG_DECIMAL -> BigDecimal.valueOf(reader.getLong(), scale);
      default -> new BigDecimal(new BigInteger(reader.getBinary().getBytes()), scale);
    };
  }

  /** The class of the next row. */
  int label(TableColumns columns) throws TableColumns.WrongRow {
    if (list || reader.getCurrentDefinitionLevel() < defined) {
      throw columns.wrongLabel(list ? "a list" : null);
    }
    int label =
        switch (kind) {
          case BOOLEAN -> reader.getBoolean() ? 1 : 0;
          case INT, UNSIGNED_INT, LONG -> columns.label((double) whole(), whole());
          case UNSIGNED_LONG -> {
            BigInteger value = unsigned(reader.getLong());
            yield columns.label(value.doubleValue(), value);
          }
          case FLOAT -> columns.label(reader.getFloat(), reader.getFloat());
          case DOUBLE -> columns.label(reader.getDouble(), reader.getDouble());
          case INT_DECIMAL, LONG_DECIMAL, BINARY_DECIMAL -> {
            BigDecimal value = decimal();
            yield columns.label(value.doubleValue(), value);
          }
        };
    reader.consume();
    return label;
  }
}
