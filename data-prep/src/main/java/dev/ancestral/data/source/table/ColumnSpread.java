package dev.ancestral.data.source.table;

import dev.ancestral.data.source.Spread;
import java.io.Serializable;
import java.util.Arrays;

/** The spread of each element of rows, by the parts that the rows are in. */
final class ColumnSpread implements Serializable {
  private static final long serialVersionUID = 1L;

  private Spread<Cell> spread;

  /**
   * Where a row is.
   *
   * @param part index of the part of the input
   * @param row of the part, from 1
   */
  private record Cell(int part, long row) implements Serializable {}

  /**
   * Adds a row.
   *
   * @param inPart index of the part of the input that it is in
   * @param rowOfPart from 1
   */
  void add(TableRow values, int inPart, long rowOfPart) {
    if (spread == null) {
      spread = new Spread<>(values.size());
    }
    for (int e = 0; e < values.size(); e++) {
      if (spread.add(e, values.value(e))) {
        spread.at(e, new Cell(inPart, rowOfPart));
      }
    }
  }

  /**
   * Adds what comes next in the input, of rows of as many elements.
   *
   * @param parts how many parts are before it
   */
  void merge(ColumnSpread next, int parts) {
    if (next.spread == null) {
      return;
    }
    if (spread == null) {
      spread = new Spread<>(next.spread.size());
    }
    spread.merge(next.spread, cell -> new Cell(parts + cell.part(), cell.row()));
  }

  /** Where a row is, for messages. */
  @FunctionalInterface
  interface Place {
    String of(int part, long row);
  }

  /**
   * Checks that float32 keeps what tells the values of a column apart.
   *
   * @param elements of each column
   * @throws dev.ancestral.AncestralException (DATA) if it does not
   */
  void requireKept(TableColumns columns, int[] elements, Place place) {
    if (spread != null) {
      spread.requireKept(
          "column",
          (e, cell) ->
              place.of(cell.part(), cell.row()) + ": column '" + name(columns, elements, e) + "'",
          ", or leave it out (columns)");
    }
  }

  private static String name(TableColumns columns, int[] elements, int element) {
    int end = 0;
    for (int c = 0; c < elements.length; c++) {
      int begin = end;
      end += elements[c];
      if (element < end) {
        String name = columns.names().get(c);
        return elements[c] == 1 ? name : name + "[" + (element - begin) + "]";
      }
    }
    throw new IllegalArgumentException("element " + element + " of " + Arrays.toString(elements));
  }
}
