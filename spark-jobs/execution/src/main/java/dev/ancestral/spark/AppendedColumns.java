package dev.ancestral.spark;

import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/** Adds columns to the rows of a table that are computed some rows at a time. */
public final class AppendedColumns {
  private AppendedColumns() {}

  /**
   * The rows with the columns behind their own, for a job that writes them. The rows stay in the
   * form that Spark's operators hand on: only the columns that the function asks for become
   * objects, and the others are copied as bytes. What the rows come from runs as it is planned now,
   * and is not part of the plan of the result: its files are not among the result's.
   *
   * @param type the columns of the rows, and behind them those that the function computes
   */
  public static Dataset<Row> of(Dataset<Row> rows, StructType type, BlockFunction function) {
    if (rows.isStreaming()) {
      return planned(rows, type, function); // A stream has no RDD before it runs.
    }
    StructType own = rows.schema();
    StructType added =
        new StructType(Arrays.copyOfRange(type.fields(), own.length(), type.length()));
    FlatMapFunction<Iterator<InternalRow>, InternalRow> append =
        some -> some.hasNext() ? new Internal(some, function, own, added) : some;
    JavaRDD<InternalRow> internal =
        JavaRDD.fromRDD(
            rows.queryExecution().toRdd(), LocalityRdd.<InternalRow>tag(InternalRow.class));
    return SparkVersions.table(rows.sparkSession(), internal.mapPartitions(append).rdd(), type);
  }

  /**
   * The same as a part of the plan of the result, which may be a stream. Every column of every row
   * becomes an object.
   */
  public static Dataset<Row> planned(Dataset<Row> rows, StructType type, BlockFunction function) {
    return rows.mapPartitions(
        (MapPartitionsFunction<Row, Row>)
            some -> some.hasNext() ? new OfObjects(some, function) : some,
        Encoders.row(type));
  }

  private static final class OfObjects extends BlockFunction.Blocks<Row> {
    private OfObjects(Iterator<Row> rows, BlockFunction function) {
      super(rows, function);
    }

    @Override
    protected Row seen(Row row) {
      return row;
    }

    @Override
    protected Row kept(Row row) {
      return row;
    }

    @Override
    protected Row appended(Row row, Object[] values) {
      Object[] all = new Object[row.size() + values.length];
      for (int c = 0; c < row.size(); c++) {
        all[c] = row.get(c);
      }
      System.arraycopy(values, 0, all, row.size(), values.length);
      return RowFactory.create(all);
    }
  }

  private static final class Internal extends BlockFunction.Blocks<InternalRow> {
    private final RowView view;
    private final Function1<Object, Object> converter;
    // What reads these rows makes a copy of each before it asks for the next.
    private final JoinedRow joined = new JoinedRow();

    private Internal(
        Iterator<InternalRow> rows, BlockFunction function, StructType own, StructType added) {
      super(rows, function);
      view = new RowView(own);
      converter = CatalystTypeConverters.createToCatalystConverter(added);
    }

    @Override
    protected Row seen(InternalRow row) {
      return view.of(row);
    }

    @Override
    protected InternalRow kept(InternalRow row) {
      return row.copy();
    }

    @Override
    protected InternalRow appended(InternalRow row, Object[] values) {
      return joined.apply(row, (InternalRow) converter.apply(RowFactory.create(values)));
    }
  }
}
