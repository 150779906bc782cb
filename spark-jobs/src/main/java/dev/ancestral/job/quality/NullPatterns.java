package dev.ancestral.job.quality;

import dev.ancestral.data.Dataset;
import dev.ancestral.job.evaluate.Phases;
import java.io.Serializable;
import java.util.BitSet;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Which columns of some held-out rows were not observed. A model that integrates missing values out
 * draws rows without nulls; each is given the nulls of a held-out row, so that both samples are
 * compared on what was observed. That is right where values are missing whatever they are.
 *
 * @param patterns of columns that are null; empty where nulls are values of their own
 */
record NullPatterns(List<BitSet> patterns) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST = 20_000;

  NullPatterns {
    patterns = List.copyOf(patterns);
  }

  /** None: rows stay as they are drawn. */
  static NullPatterns none() {
    return new NullPatterns(List.of());
  }

  /** Those of the held-out rows with the smallest keyed hashes, {@value #MOST} at most. */
  static NullPatterns of(
      JavaSparkContext spark, Phases phases, Dataset data, String split, long held) {
    if (!TableRows.schema(data).missing()) {
      return none();
    }
    return new NullPatterns(
        TableRows.held(
                spark,
                data,
                split,
                TableQualityJob.smallest(phases, data, split, Math.min(held, MOST)))
            .map(NullPatterns::pattern)
            .collect());
  }

  private static BitSet pattern(Row row) {
    BitSet nulls = new BitSet();
    for (int c = TableRows.FIRST; c < row.size(); c++) {
      nulls.set(c, row.getLong(c) == TableKeys.NULL);
    }
    return nulls;
  }

  /** The rows, of which row i has the nulls of pattern i, beginning anew after the last one. */
  List<Row> given(List<Row> rows) {
    return patterns.isEmpty() ? rows : rows.stream().map(this::given).toList();
  }

  private Row given(Row row) {
    BitSet nulls = patterns.get((int) (row.getLong(TableRows.ID) % patterns.size()));
    Object[] values = new Object[row.size()];
    for (int c = 0; c < values.length; c++) {
      values[c] = nulls.get(c) ? (Object) TableKeys.NULL : row.get(c);
    }
    return RowFactory.create(values);
  }
}
