package dev.ancestral.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Values come back as they were put in. */
final class RowSchemaTest {

  private static Object there(RowColumn column, Object value) {
    float[] elements = new float[column.type().elements() + 2];
    column.encode(value, elements, 1);
    assertEquals(0, elements[0], "what stands before is left alone");
    assertEquals(0, elements[elements.length - 1], "what stands behind is left alone");
    return column.decode(elements, 1);
  }

  private static RowColumn whole(ColumnKind kind, long least, long greatest, long step) {
    List<Long> edges = List.of(least, greatest + step);
    ColumnType type = new ColumnType.Whole(least, greatest, step, edges);
    return new RowColumn("w", kind, type, true, "bigint");
  }

  @Test
  void texts_have_codes_and_all_others_one_together() {
    ColumnType.Category type = new ColumnType.Category(List.of("DE", "FR"), true);
    RowColumn column = new RowColumn("c", ColumnKind.CATEGORY, type, true, "string");
    assertEquals("DE", there(column, "DE"));
    assertEquals("FR", there(column, "FR"));
    assertEquals(ColumnType.Category.OTHER, there(column, "a text of others"));
    assertNull(there(column, null));
    assertEquals(3, type.codes());
    assertEquals(1, type.index().get("FR"));
  }

  @Test
  void whole_numbers_come_back_up_to_eight_ranges_beyond() {
    RowColumn age = whole(ColumnKind.INTEGER, 17, 90, 1);
    assertEquals(1, age.type().elements());
    for (long value : new long[] {17, 90, 16, 91, -567, 17 + 8 * 73}) {
      assertEquals(value, there(age, value));
    }
    RowColumn price = whole(ColumnKind.INTEGER, -250, 999_950, 50);
    for (long value = -250; value < 1_000_000; value += 99_950) {
      assertEquals(value, there(price, value));
    }
    assertNull(there(age, null));
  }

  @Test
  void timestamps_take_three_digits_and_keep_every_microsecond() {
    // From the year 1900 to 2100.
    RowColumn time =
        whole(ColumnKind.TIMESTAMP, -2_208_988_800_000_000L, 4_102_444_800_000_000L, 1);
    assertEquals(3, time.type().elements());
    for (long value :
        new long[] {
          -2_208_988_800_000_000L,
          4_102_444_800_000_000L,
          1_700_000_000_123_457L,
          -2_208_988_800_000_001L,
          4_102_444_800_000_001L,
          -1L,
          0L,
          1L << 24,
          (1L << 48) - 1
        }) {
      assertEquals(value, there(time, value));
    }
  }

  @Test
  void longs_at_their_ends_come_back_or_are_taken_for_the_farthest() {
    RowColumn low = whole(ColumnKind.INTEGER, Long.MIN_VALUE, Long.MIN_VALUE + 1000, 1);
    for (long offset = 0; offset <= 1000; offset += 250) {
      assertEquals(Long.MIN_VALUE + offset, there(low, Long.MIN_VALUE + offset));
    }
    long farthest = (Long) there(low, Long.MAX_VALUE);
    assertTrue(farthest > Long.MIN_VALUE + 9000, "" + farthest);
    RowColumn high = whole(ColumnKind.INTEGER, Long.MAX_VALUE - 1001, Long.MAX_VALUE - 1, 1);
    assertEquals(Long.MAX_VALUE - 1, there(high, Long.MAX_VALUE - 1));
    assertTrue((Long) there(high, Long.MIN_VALUE) < Long.MAX_VALUE - 9000);
    RowColumn half = whole(ColumnKind.INTEGER, 0, Long.MAX_VALUE / 2, 1);
    for (long value : new long[] {0, 1, Long.MAX_VALUE / 2, Long.MAX_VALUE / 2 - 1, -5}) {
      assertEquals(value, there(half, value));
    }
  }

  /** An outlier never takes the digits of a value within the range. */
  @Test
  void far_outliers_stay_on_their_side() {
    for (RowColumn column :
        List.of(
            whole(ColumnKind.DATE, 0, 3, 1),
            whole(ColumnKind.INTEGER, -5, 40_000_000, 1),
            whole(ColumnKind.TIMESTAMP, 0, 1L << 52, 1_000))) {
      ColumnType.Whole type = (ColumnType.Whole) column.type();
      for (long far : new long[] {1L << 25, 1L << 49, 1L << 56, Long.MAX_VALUE}) {
        long above = (Long) there(column, far < type.greatest() ? Long.MAX_VALUE : far);
        assertTrue(above > type.greatest(), column + ": " + above);
        long below = (Long) there(column, -far);
        assertTrue(below < type.least(), column + ": " + below);
      }
    }
  }

  @Test
  void real_numbers_keep_float64_digits() {
    ColumnType type = new ColumnType.Real(1e9, 1e-3);
    RowColumn column = new RowColumn("r", ColumnKind.REAL, type, true, "double");
    for (double value : new double[] {1e9, 1e9 + 1.234567e-3, 1e9 - 0.0071}) {
      assertEquals(value, (Double) there(column, value), Math.ulp(value));
    }
    ColumnType wide = new ColumnType.Real(0, 3);
    RowColumn other = new RowColumn("r", ColumnKind.REAL, wide, true, "double");
    assertEquals(Math.PI, (Double) there(other, Math.PI), 1e-14);
    assertEquals(1e30, (Double) there(other, 1e30), 1e16);
    assertTrue((Double) there(other, Double.MAX_VALUE) > 1e38);
    assertTrue((Double) there(other, -Double.MAX_VALUE) < -1e38);
    assertNull(there(other, null));
  }

  @Test
  void a_schema_knows_where_columns_begin() {
    RowSchema schema =
        new RowSchema(
            List.of(
                new RowColumn("r", ColumnKind.REAL, new ColumnType.Real(0, 1), false, "double"),
                whole(ColumnKind.INTEGER, 0, 9, 1)),
            RowSchema.Nulls.MISSING);
    assertEquals(3, schema.size());
    assertEquals(2, schema.begin(1));
    assertEquals(1, schema.index("w").orElseThrow());
    assertTrue(schema.index("x").isEmpty());
    assertTrue(schema.missing());
    RowSchema turned = schema.arranged(List.of("w", "r"));
    assertEquals(List.of("w", "r"), turned.names());
    assertEquals(1, turned.begin(1));
    assertEquals(schema, turned.arranged(List.of("r", "w")));
    assertThrows(
        IllegalArgumentException.class, () -> new RowSchema(List.of(), RowSchema.Nulls.VALUE));
    assertThrows(
        IllegalArgumentException.class, () -> new ColumnType.Whole(0, 9, 1, List.of(0L, 5L, 5L)));
    assertThrows(IllegalArgumentException.class, () -> new ColumnType.Real(0, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new RowColumn("r", ColumnKind.DATE, new ColumnType.Real(0, 1), false, "date"));
  }
}
