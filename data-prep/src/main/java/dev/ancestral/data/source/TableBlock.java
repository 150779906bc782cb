package dev.ancestral.data.source;

import dev.ancestral.data.Example;
import java.io.Serializable;
import org.apache.spark.sql.Row;

/** What one block of a file of a table holds. */
final class TableBlock implements Serializable {
  private static final long serialVersionUID = 1L;
  private final String key;
  private final int file;
  private final long start;
  private long rows;
  private int elements = -1;
  private boolean whole = true;
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;
  private long mostRow;
  private int largestLabel = Example.NONE;
  // The first wrong row and what is wrong with it.
  private long wrongRow = -1;
  private String wrong;

  TableBlock(String key, int file, long start) {
    this.key = key;
    this.file = file;
    this.start = start;
  }

  void add(Row row, TableColumns columns) {
    rows++;
    if (wrong != null) {
      return;
    }
    try {
      TableColumns.Numbers numbers = columns.numbers(row);
      double[] values = numbers.values();
      if (elements >= 0 && values.length != elements) {
        throw new TableColumns.WrongRow(
            "has " + values.length + " numbers, the rows before it " + elements);
      }
      elements = values.length;
      whole &= numbers.whole();
      largestLabel = Math.max(largestLabel, numbers.label());
      for (double value : values) {
        if (Double.isNaN(value)) {
          continue;
        }
        least = Math.min(least, value);
        if (value > most) {
          most = value;
          mostRow = rows;
        }
      }
    } catch (TableColumns.WrongRow e) {
      wrongRow = rows;
      wrong = e.getMessage();
    }
  }

  /** Names the block among those of all files. */
  String key() {
    return key;
  }

  /** Index of the file in the input. */
  int file() {
    return file;
  }

  /** Byte at which it begins. */
  long start() {
    return start;
  }

  long rows() {
    return rows;
  }

  /** Numbers of a row; −1 where there is none. */
  int elements() {
    return elements;
  }

  /** Whether all come from columns of whole numbers. */
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
