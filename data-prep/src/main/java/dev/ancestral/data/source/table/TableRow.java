package dev.ancestral.data.source.table;

import dev.ancestral.data.Example;
import java.util.Arrays;

/** The numbers of one row, refilled row by row. */
final class TableRow {
  private final int[] elements;
  private double[] values = new double[16];
  private int size;
  private int ended;
  private boolean whole;
  private int label;

  /**
   * @param columns of elements
   */
  TableRow(int columns) {
    elements = new int[columns];
  }

  void clear() {
    size = 0;
    ended = 0;
    whole = true;
    label = Example.NONE;
  }

  /**
   * Appends a number, NaN for a missing one.
   *
   * @param isWhole whether it counts as a whole number
   */
  void add(double value, boolean isWhole) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
    whole &= isWhole;
  }

  /** What was appended since the column before is that of this one. */
  void endColumn(int column) {
    elements[column] = size - ended;
    ended = size;
  }

  void label(int newLabel) {
    label = newLabel;
  }

  int size() {
    return size;
  }

  double value(int element) {
    return values[element];
  }

  /** Whether all numbers are whole. */
  boolean isWhole() {
    return whole;
  }

  int label() {
    return label;
  }

  /** Numbers of each column. */
  int[] elements() {
    return elements;
  }

  float[] floats() {
    float[] floats = new float[size];
    for (int i = 0; i < size; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
