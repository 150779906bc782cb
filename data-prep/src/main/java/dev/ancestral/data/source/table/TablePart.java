package dev.ancestral.data.source.table;

import dev.ancestral.data.Example;
import java.io.Serializable;
import java.util.Arrays;

/** What one part of a file of a table holds. */
final class TablePart implements Serializable {
  private static final long serialVersionUID = 1L;
  private final String file;
  private long rows;
  private int[] elements;
  private boolean whole = true;
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;
  private long mostRow;
  private int largestLabel = Example.NONE;
  // The first wrong row and what is wrong with it.
  private long wrongRow = -1;
  private String wrong;

  TablePart(String file) {
    this.file = file;
  }

  void add(TableRow row) throws TableColumns.WrongRow {
    if (elements == null) {
      elements = row.elements().clone();
    } else if (!Arrays.equals(elements, row.elements())) {
      throw new TableColumns.WrongRow(differ(row.elements(), elements));
    }
    rows++;
    whole &= row.isWhole();
    largestLabel = Math.max(largestLabel, row.label());
    for (int e = 0; e < row.size(); e++) {
      double value = row.value(e);
      if (value < least) {
        least = value;
      }
      if (value > most) {
        most = value;
        mostRow = rows;
      }
    }
  }

  /** What is wrong with the row after those that were added. */
  void wrong(String what) {
    wrongRow = rows + 1;
    wrong = what;
  }

  static String differ(int[] elements, int[] before) {
    int has = Arrays.stream(elements).sum();
    int had = Arrays.stream(before).sum();
    return has == had
        ? "has lists of other lengths than the rows before it: "
            + Arrays.toString(elements)
            + ", not "
            + Arrays.toString(before)
            + "; mend or remove it"
        : "has " + has + " numbers, the rows before it " + had + "; mend or remove it";
  }

  /** Where the file is. */
  String file() {
    return file;
  }

  long rows() {
    return rows;
  }

  /** Numbers of each column; null where there is no row. */
  int[] elements() {
    return elements;
  }

  /** Whether all count as whole numbers. */
  boolean whole() {
    return whole;
  }

  double least() {
    return least;
  }

  double most() {
    return most;
  }

  /** Row of the largest number, from 1. */
  long mostRow() {
    return mostRow;
  }

  int largestLabel() {
    return largestLabel;
  }

  /** The first wrong row, from 1, if something is wrong. */
  long wrongRow() {
    return wrongRow;
  }

  /** What is wrong with it, or null. */
  String wrong() {
    return wrong;
  }
}
