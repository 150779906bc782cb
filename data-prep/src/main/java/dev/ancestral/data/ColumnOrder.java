package dev.ancestral.data;

import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings the columns of rows into the order in which another event names the same columns: the one
 * place where elements change their places.
 */
public final class ColumnOrder implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Leaves everything where it is. */
  public static final ColumnOrder AS_STORED = new ColumnOrder(List.of(), new int[0]);

  private final List<EventSpec.Column> columns;
  // For each element of a row in the new order, which one it is in the stored order.
  private final int[] source;

  private ColumnOrder(List<EventSpec.Column> columns, int[] source) {
    this.columns = columns;
    this.source = source;
  }

  /**
   * The order that turns rows of one event into rows of the other; {@link #AS_STORED} where they
   * agree already, one of them names no columns, or they name others.
   */
  public static ColumnOrder of(EventSpec stored, EventSpec wanted) {
    if (stored.sameColumns(wanted) || !sorted(stored).equals(sorted(wanted))) {
      return AS_STORED;
    }
    Map<String, Integer> begins = new HashMap<>();
    int begin = 0;
    for (EventSpec.Column column : stored.columns()) {
      begins.put(column.name(), begin);
      begin += column.elements();
    }
    int[] source = new int[begin];
    int at = 0;
    for (EventSpec.Column column : wanted.columns()) {
      for (int i = 0; i < column.elements(); i++) {
        source[at++] = begins.get(column.name()) + i;
      }
    }
    return new ColumnOrder(new ArrayList<>(wanted.columns()), source);
  }

  private static List<EventSpec.Column> sorted(EventSpec event) {
    return event.columns().stream().sorted(Comparator.comparing(EventSpec.Column::name)).toList();
  }

  /** Whether nothing changes its place. */
  public boolean isAsStored() {
    return source.length == 0;
  }

  /** The event with its columns in this order. */
  public EventSpec event(EventSpec stored) {
    return isAsStored() ? stored : stored.withColumns(columns);
  }

  /**
   * The payload of any number of rows with its elements in this order.
   *
   * @param width bytes of an element
   */
  public byte[] apply(byte[] payload, int width) {
    if (isAsStored()) {
      return payload;
    }
    byte[] arranged = new byte[payload.length];
    int row = source.length * width;
    for (int begin = 0; begin < payload.length; begin += row) {
      for (int i = 0; i < source.length; i++) {
        System.arraycopy(payload, begin + source[i] * width, arranged, begin + i * width, width);
      }
    }
    return arranged;
  }
}
