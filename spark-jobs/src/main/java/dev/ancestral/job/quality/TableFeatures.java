package dev.ancestral.job.quality;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;

/**
 * Rows as what trees split on and distances are between: categories as one of at most {@value
 * #MOST_CATEGORIES}, the rarer ones together and a null being one, numbers in units of about their
 * range, a null far below them all.
 *
 * @param columns that are seen
 */
record TableFeatures(TableKeys keys, List<Integer> columns) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST_CATEGORIES = 32;
  private static final float NULL_NUMBER = -1e6f;

  TableFeatures {
    columns = List.copyOf(columns);
  }

  /** All columns. */
  static TableFeatures of(TableKeys keys) {
    return new TableFeatures(keys, IntStream.range(0, keys.columns().size()).boxed().toList());
  }

  /** All columns but one. */
  TableFeatures without(int column) {
    return new TableFeatures(keys, columns.stream().filter(c -> c != column).toList());
  }

  float[] of(Row row) {
    float[] features = new float[columns.size()];
    for (int f = 0; f < features.length; f++) {
      features[f] = feature(row, columns.get(f));
    }
    return features;
  }

  /** The number of categories of each feature; 0 of numbers. */
  int[] arities() {
    return columns.stream().mapToInt(this::arity).toArray();
  }

  int arity(int column) {
    return keys.isCategory(column) ? Math.min(keys.codes(column) + 1, MOST_CATEGORIES) : 0;
  }

  float feature(Row row, int column) {
    long key = row.getLong(TableRows.FIRST + column);
    if (keys.isCategory(column)) {
      int last = arity(column) - 1; // of nulls; before it, where there are too many, all rarer ones
      return key == TableKeys.NULL ? last : Math.min(key, last - 1);
    }
    return key == TableKeys.NULL ? NULL_NUMBER : (float) keys.number(column, key);
  }

  static boolean isNull(float number) {
    return number == NULL_NUMBER;
  }
}
