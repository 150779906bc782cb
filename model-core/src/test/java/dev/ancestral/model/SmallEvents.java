package dev.ancestral.model;

import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * All events of a small discrete space, or a fine grid of a one-dimensional real one. Rows have
 * columns of one element each: categories and whole numbers.
 */
public final class SmallEvents {
  private SmallEvents() {}

  // Values of a tail that are told apart; those beyond have no probability that matters.
  private static final int TAIL = 60;

  /** Whether {@link #every} knows all events. */
  public static boolean enumerable(EventSpec event) {
    return event.isDiscrete() || event.isRows();
  }

  /** Whether the data that fixed the schema of rows had every value of an example. */
  public static boolean drawable(Batch batch, int i) {
    if (!batch.event().isRows()) {
      return true;
    }
    List<RowColumn> columns = batch.event().schema().orElseThrow().columns();
    int stride = batch.values().length / batch.size();
    for (int d = 0; d < stride; d++) {
      RowColumn column = columns.get(d % columns.size());
      float value = batch.values()[i * stride + d];
      if (Float.isNaN(value) ? !column.nullable() : !drawable(column, value)) {
        return false;
      }
    }
    return true;
  }

  private static boolean drawable(RowColumn column, float value) {
    if (column.type() instanceof ColumnType.Category category) {
      return value < category.other() || category.otherSeen();
    }
    return value >= 0 && value < values((ColumnType.Whole) column.type());
  }

  private static long values(ColumnType.Whole whole) {
    return (whole.greatest() - whole.least()) / whole.step() + 1;
  }

  /** Every value of a column of one element, a null included where it is a value. */
  private static List<Float> every(RowColumn column, RowSchema.Nulls nulls) {
    List<Float> values = new ArrayList<>();
    if (column.type() instanceof ColumnType.Category category) {
      for (int code = 0; code < category.codes(); code++) {
        values.add((float) code);
      }
    } else {
      long end = values((ColumnType.Whole) column.type()) + TAIL;
      for (int value = -TAIL; value < end; value++) {
        values.add((float) value);
      }
    }
    if (nulls == RowSchema.Nulls.VALUE) {
      values.add(Float.NaN);
    }
    return values;
  }

  private static Batch everyRow(EventSpec event, int steps) {
    RowSchema schema = event.schema().orElseThrow();
    List<List<Float>> values =
        schema.columns().stream().map(column -> every(column, schema.nulls())).toList();
    int size = event.size() * steps;
    int count = 1;
    for (int d = 0; d < size; d++) {
      count = Math.multiplyExact(count, values.get(d % event.size()).size());
    }
    float[] all = new float[Math.multiplyExact(count, size)];
    for (int i = 0; i < count; i++) {
      int rest = i;
      for (int d = 0; d < size; d++) {
        List<Float> own = values.get(d % event.size());
        all[i * size + d] = own.get(rest % own.size());
        rest /= own.size();
      }
    }
    return batch(event, steps, count, all);
  }

  /**
   * Every event once; sequences of this many steps.
   *
   * @param steps 1 for events of fixed shape
   */
  public static Batch every(EventSpec event, int steps) {
    if (event.isRows()) {
      return everyRow(event, steps);
    }
    int size = event.size() * steps;
    int count = Math.toIntExact(Math.round(Math.pow(event.levels(), size)));
    float[] values = new float[count * size];
    for (int i = 0; i < count; i++) {
      int rest = i;
      for (int d = 0; d < size; d++) {
        values[i * size + d] = rest % event.levels();
        rest /= event.levels();
      }
    }
    return batch(event, steps, count, values);
  }

  /** The middles of equal cells from −range to range; sequences of one step. */
  public static Batch grid(EventSpec event, double range, int cells) {
    if (event.size() != 1) {
      throw new IllegalArgumentException("the grid is of one dimension");
    }
    float[] values = new float[cells];
    for (int i = 0; i < cells; i++) {
      values[i] = (float) (-range + (i + 0.5) * 2 * range / cells);
    }
    return batch(event, 1, cells, values);
  }

  /** A batch of these values with ids 0, 1, ... */
  public static Batch batch(EventSpec event, int steps, int count, float[] values) {
    int[] lengths = null;
    if (event.variableLength()) {
      lengths = new int[count];
      Arrays.fill(lengths, steps);
    }
    int[] labels = event.hasLabels() ? new int[count] : null;
    return new Batch(event, LongStream.range(0, count).toArray(), values, labels, lengths);
  }
}
