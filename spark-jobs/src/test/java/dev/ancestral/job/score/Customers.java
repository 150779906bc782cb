package dev.ancestral.job.score;

import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.NamedArrays;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** A model of rows with two components whose numbers are round, and rows for it. */
final class Customers {
  static final double[] PRIOR = {0.25, 0.75};
  static final double[][] COLOUR = {{0.5, 0.25, 0.25}, {0.25, 0.625, 0.125}};
  static final double[][] COUNT = {{0.0625, 0.5, 0.375, 0.0625}, {0.0625, 0.25, 0.625, 0.0625}};
  static final double[] NO_COLOUR = {0.25, 0.125};
  static final double NO_NUMBER = 0.5;
  static final double[] MEAN = {0, 1};
  static final double[] VARIANCE = {1, 4};
  static final double SHIFT = 10;
  static final double SCALE = 2;

  static final RowSchema SCHEMA =
      new RowSchema(
          List.of(
              new RowColumn(
                  "colour",
                  ColumnKind.CATEGORY,
                  new ColumnType.Category(List.of("red", "blue"), true),
                  true,
                  "string"),
              new RowColumn(
                  "count",
                  ColumnKind.INTEGER,
                  new ColumnType.Whole(0, 3, 1, List.of(0L, 2L, 4L)),
                  true,
                  "int"),
              new RowColumn(
                  "weight", ColumnKind.REAL, new ColumnType.Real(SHIFT, SCALE), true, "double")),
          RowSchema.Nulls.VALUE);

  static final EventSpec EVENT = EventSpec.rows(SCHEMA);

  static final StructType TABLE =
      new StructType()
          .add("customer", "string")
          .add("weight", "double")
          .add("colour", "string")
          .add("count", "int");

  private final Path folder;
  private final Fixtures fixtures = new Fixtures(new Storage(new Configuration()));

  Customers(Path folder) {
    this.folder = folder;
  }

  String at(String name) {
    return folder.resolve(name).toString();
  }

  /** The model. */
  String model() {
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", PRIOR, 2)
            .with("probability.colour", flat(COLOUR), 2, 3)
            .with("null.colour", NO_COLOUR, 2)
            .with("probability.count", flat(COUNT), 2, 4)
            .with("null.count", new double[] {NO_NUMBER, NO_NUMBER}, 2)
            .with("mean.weight", MEAN, 2)
            .with("variance.weight", VARIANCE, 2)
            .with("null.weight", new double[] {NO_NUMBER, NO_NUMBER}, 2);
    return fixtures.given(at("model"), "naive-bayes", Map.of("components", 2), EVENT, parameters);
  }

  /** A tree that is fitted to rows. */
  String tree(String name, List<Row> rows) {
    String data = dataset(name + "-data", rows);
    return fixtures.fitted(at(name), "tree", Map.of("bins", 6), data, "valid");
  }

  private static double[] flat(double[][] rows) {
    double[] flat = new double[rows.length * rows[0].length];
    for (int k = 0; k < rows.length; k++) {
      System.arraycopy(rows[k], 0, flat, k * rows[0].length, rows[0].length);
    }
    return flat;
  }

  /** p(row, component), by hand; a null is null. */
  static double joint(int k, String colour, Integer count, Double weight) {
    double p = PRIOR[k];
    if (colour == null) {
      p *= NO_COLOUR[k];
    } else {
      int known = List.of("red", "blue").indexOf(colour);
      int code = known < 0 ? 2 : known;
      p *= (1 - NO_COLOUR[k]) * COLOUR[k][code];
    }
    // Two bins of two whole numbers each.
    p *= count == null ? NO_NUMBER : (1 - NO_NUMBER) * COUNT[k][1 + count / 2] / 2;
    if (weight == null) {
      return p * NO_NUMBER;
    }
    double standard = (weight - SHIFT) / SCALE - MEAN[k];
    double density =
        Math.exp(-standard * standard / (2 * VARIANCE[k])) / Math.sqrt(2 * Math.PI * VARIANCE[k]);
    return p * (1 - NO_NUMBER) * density / SCALE;
  }

  /** log p of a row, by hand. */
  static double logProb(String colour, Integer count, Double weight) {
    return Math.log(joint(0, colour, count, weight) + joint(1, colour, count, weight));
  }

  /** The same of a row that begins with the columns of {@link #TABLE}. */
  static double logProb(Row row) {
    return logProb((String) row.get(2), (Integer) row.get(3), (Double) row.get(1));
  }

  /** Rows of {@link #TABLE} at random, some cells of which are null. */
  static List<Row> rows(int count) {
    List<Row> rows = new ArrayList<>();
    String[] colours = {"red", "blue", "green", null};
    for (int i = 0; i < count; i++) {
      RandomKey key = RandomKey.of(7).fold(i);
      rows.add(
          RowFactory.create(
              "c" + i,
              key.below(0, 5) == 0 ? null : (Double) (8 + 6 * key.uniform(1)),
              colours[(int) key.below(2, 4)],
              key.below(3, 6) == 0 ? null : (Integer) (int) key.below(4, 4)));
    }
    return rows;
  }

  static Dataset<Row> table(List<Row> rows) {
    return LocalSpark.session().createDataFrame(rows, TABLE);
  }

  /** A dataset whose split valid holds some rows. */
  String dataset(String name, List<Row> rows) {
    float[] values = new float[rows.size() * EVENT.size()];
    long[] ids = new long[rows.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i;
      for (int c = 0; c < 3; c++) {
        Object value = rows.get(i).get(TABLE.fieldIndex(SCHEMA.names().get(c)));
        SCHEMA
            .columns()
            .get(c)
            .encode(
                value instanceof Integer whole ? (Object) whole.longValue() : value,
                values,
                i * EVENT.size() + SCHEMA.begin(c));
      }
    }
    return fixtures.stored(at(name), "valid", Batch.of(EVENT, ids, values), 40);
  }
}
