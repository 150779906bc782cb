package dev.ancestral.data.rows.survey;

import dev.ancestral.data.prepare.TableContext;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Counts of values that are too many to be counted in the memory of one process. */
final class LargeCounts {
  private static final String VALUE = "value";
  private static final String COUNT = "count";

  private LargeCounts() {}

  /**
   * Texts with their counts.
   *
   * @param top the most frequent, those of one frequency in the order of their text
   * @param different how many there are
   */
  record Texts(List<CountedText> top, long different) {}

  /** A text and how often it occurs. */
  record CountedText(String text, long count) {}

  /** The most frequent texts. */
  static Texts texts(TableContext context, JavaRDD<String> texts, int most) {
    Dataset<Row> counts =
        counts(context, texts.map(text -> RowFactory.create(text)), DataTypes.StringType);
    List<CountedText> top = new ArrayList<>();
    for (Row row :
        counts
            .orderBy(functions.col(COUNT).desc(), functions.col(VALUE))
            .limit(most)
            .collectAsList()) {
      top.add(new CountedText(row.getString(0), row.getLong(1)));
    }
    return new Texts(top, top.size() < most ? top.size() : counts.count());
  }

  private static Dataset<Row> counts(TableContext context, JavaRDD<Row> values, DataType type) {
    return context
        .session()
        .createDataFrame(values, new StructType().add(VALUE, type))
        .groupBy(VALUE)
        .count();
  }

  /**
   * Edges of bins of equal counts.
   *
   * @param all how many values there are
   */
  static List<Long> edges(
      TableContext context, JavaRDD<Long> values, long all, long step, long greatest) {
    // The same object, so that Spark sorts once for both passes.
    JavaRDD<Row> sorted =
        counts(context, values.map(value -> RowFactory.create(value)), DataTypes.LongType)
            .orderBy(VALUE)
            .javaRDD();
    List<Long> sums = context.partitions(sorted).collect((p, some) -> sum(some));
    long[] before = new long[sums.size()];
    for (int p = 1; p < before.length; p++) {
      before[p] = before[p - 1] + sums.get(p - 1);
    }
    BinEdges edges = new BinEdges(all, step);
    for (long[][] part :
        context.partitions(sorted).collect((p, some) -> beginnings(some, before[p], all))) {
      for (long[] value : part) {
        edges.add(value[0], value[1], value[2]);
      }
    }
    return edges.edges(greatest);
  }

  private static Long sum(Iterator<Row> counts) {
    long sum = 0;
    while (counts.hasNext()) {
      sum += counts.next().getLong(1);
    }
    return sum;
  }

  /** The values that edges may be at: value, how many are before, count. */
  private static long[][] beginnings(Iterator<Row> counts, long first, long all) {
    List<long[]> beginnings = new ArrayList<>();
    long before = first;
    int bin = -1;
    while (counts.hasNext()) {
      Row row = counts.next();
      long count = row.getLong(1);
      int at = BinEdges.bin(before, all);
      if (at != bin || BinEdges.isHeavy(count, all)) {
        beginnings.add(new long[] {row.getLong(0), before, count});
      }
      bin = at;
      before += count;
    }
    return beginnings.toArray(long[][]::new);
  }
}
