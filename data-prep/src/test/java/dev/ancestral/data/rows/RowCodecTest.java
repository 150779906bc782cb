package dev.ancestral.data.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** Rows of tables become elements and rows again, exactly or not at all. */
class RowCodecTest {
  private static final long DAY = 18_000;
  private static final long MICROS = 1_600_000_000_123_456L;

  private static RowColumn whole(String name, ColumnKind kind, long least, long most, String type) {
    return new RowColumn(
        name, kind, new ColumnType.Whole(least, most, 1, List.of(least, most + 1)), true, type);
  }

  private static RowColumn category(String name, String type, String... vocabulary) {
    return new RowColumn(
        name, ColumnKind.CATEGORY, new ColumnType.Category(List.of(vocabulary), false), true, type);
  }

  private static RowSchema schema(RowColumn... columns) {
    return new RowSchema(List.of(columns), RowSchema.Nulls.VALUE);
  }

  private static Row roundTrip(RowSchema schema, StructType table, Row row) {
    float[] elements = new float[schema.size() + 1];
    RowEncoder.of(schema, table).encode(row, elements, 1);
    return RowDecoder.of(schema).decode(elements, 1);
  }

  @Test
  void every_kind_comes_back_with_the_type_that_it_has_in_tables() {
    RowSchema schema =
        schema(
            category("s", "string", "a", "b"),
            category("t", "boolean", "true", "false"),
            category("few", "smallint", "3", "-1"),
            whole("n", ColumnKind.INTEGER, -5, 1L << 50, "bigint"),
            whole("d", ColumnKind.INTEGER, 0, 1000, "decimal(10,2)"),
            new RowColumn("x", ColumnKind.REAL, new ColumnType.Real(1, 2), true, "float"),
            whole("day", ColumnKind.DATE, 0, 20_000, "date"),
            whole("at", ColumnKind.TIMESTAMP, 0, 2 * MICROS, "timestamp"),
            whole("local", ColumnKind.TIMESTAMP, 0, 2 * MICROS, "timestamp_ntz"));
    // In another order, and one more.
    StructType table = new StructType().add("more", DataTypes.BinaryType);
    List<Object> cells = new ArrayList<>(List.of(new byte[0]));
    Object[] values = {
      "b",
      true,
      (short) -1,
      (1L << 50) - 1,
      new BigDecimal("9.90"),
      1.1f,
      Date.valueOf(LocalDate.ofEpochDay(DAY)),
      Timestamp.from(Instant.ofEpochSecond(1_600_000_000, 123_456_000)),
      LocalDateTime.parse("2020-09-13T12:26:40.123456")
    };
    for (int c = values.length - 1; c >= 0; c--) {
      RowColumn column = schema.columns().get(c);
      table = table.add(column.name(), SqlTypes.parse(column.sqlType()));
      cells.add(values[c]);
    }
    Row row = RowFactory.create(cells.toArray());
    assertEquals(RowFactory.create(values), roundTrip(schema, table, row));
    assertEquals(
        "s STRING,t BOOLEAN,few SMALLINT,n BIGINT,d DECIMAL(10,2),x FLOAT,day DATE,"
            + "at TIMESTAMP,local TIMESTAMP_NTZ",
        RowDecoder.of(schema).type().toDDL());
    Row nulls = RowFactory.create(new Object[cells.size()]);
    assertEquals(RowFactory.create(new Object[9]), roundTrip(schema, table, nulls));
  }

  @Test
  void what_converts_exactly_is_converted_and_the_rest_names_column_and_value() {
    RowSchema money = schema(whole("d", ColumnKind.INTEGER, 0, 1000, "decimal(10,2)"));
    assertEquals(new BigDecimal("7.00"), converted(money, DataTypes.IntegerType, 7));
    assertEquals(new BigDecimal("0.10"), converted(money, DataTypes.DoubleType, .1));
    assertEquals(new BigDecimal("0.10"), converted(money, DataTypes.StringType, " 0.1"));
    wrong(money, DataTypes.DoubleType, .125, "'d'", "0.125", "2 places");
    wrong(money, DataTypes.StringType, "1d", "'d'", "1d");

    RowSchema count = schema(whole("n", ColumnKind.INTEGER, 0, 1000, "int"));
    assertEquals(3, converted(count, DataTypes.DoubleType, 3.0));
    assertEquals(null, converted(count, DataTypes.DoubleType, Double.NaN));
    wrong(count, DataTypes.DoubleType, 2.5, "'n'", "2.5");

    RowSchema real =
        schema(new RowColumn("x", ColumnKind.REAL, new ColumnType.Real(0, 1), true, "double"));
    assertEquals(3.0, converted(real, DataTypes.LongType, 3L));
    assertEquals(null, converted(real, DataTypes.DoubleType, Double.NaN));
    wrong(real, DataTypes.DoubleType, Double.POSITIVE_INFINITY, "'x'", "Infinity", "finite");
    wrong(real, DataTypes.LongType, (1L << 53) + 1, "'x'", "9007199254740993");

    RowSchema codes = schema(category("c", "int", "1", "2"));
    assertEquals(2, converted(codes, DataTypes.DoubleType, 2.0));
    assertEquals(1, converted(codes, DataTypes.StringType, "1"));
    // A text that the vocabulary does not have is 'other', which no column of numbers holds.
    assertEquals(null, converted(codes, DataTypes.StringType, "9"));
    assertEquals(
        "other", converted(schema(category("c", "string", "a")), DataTypes.StringType, "z"));

    RowSchema day = schema(whole("day", ColumnKind.DATE, 0, 20_000, "date"));
    assertEquals(Date.valueOf("2019-04-14"), converted(day, DataTypes.StringType, "2019-04-14"));
    wrong(day, DataTypes.StringType, "14.4.2019", "'day'", "14.4.2019", "2024-01-31");
  }

  @Test
  void a_column_that_is_not_there_or_of_another_type_does_not_fit() {
    RowSchema day = schema(whole("day", ColumnKind.DATE, 0, 20_000, "date"));
    mismatch(day, new StructType().add("x", DataTypes.DateType), "'day'", "[x]");
    mismatch(day, new StructType().add("day", DataTypes.LongType), "'day'", "bigint", "date");
    RowSchema at = schema(whole("at", ColumnKind.TIMESTAMP, 0, MICROS, "timestamp"));
    mismatch(at, new StructType().add("at", DataTypes.TimestampNTZType), "'at'", "timestamp_ntz");
    // Names are those of Spark, to which case is nothing.
    assertEquals(
        Date.valueOf("2019-04-14"),
        roundTrip(
                day,
                new StructType().add("DAY", DataTypes.DateType),
                RowFactory.create(Date.valueOf("2019-04-14")))
            .get(0));
  }

  private static Object converted(RowSchema schema, DataType type, Object cell) {
    StructType table = new StructType().add(schema.names().get(0), type);
    return roundTrip(schema, table, RowFactory.create(cell)).get(0);
  }

  private static void wrong(RowSchema schema, DataType type, Object cell, String... parts) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> converted(schema, type, cell));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertSays(refusal, parts);
  }

  private static void mismatch(RowSchema schema, StructType table, String... parts) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> RowEncoder.of(schema, table));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertSays(refusal, parts);
  }

  private static void assertSays(AncestralException refusal, String... parts) {
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), part + " is not in " + refusal.getMessage());
    }
  }
}
