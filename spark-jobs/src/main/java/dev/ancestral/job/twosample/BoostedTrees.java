package dev.ancestral.job.twosample;

import dev.ancestral.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.GBTClassifier;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Gradient-boosted trees of Spark's MLlib (Friedman 2001) that tell two samples apart.
 *
 * <p>They are fitted to one partition, in the order of the rows: MLlib adds the statistics of
 * partitions as they come in, so that with several the trees would depend on the run.
 */
final class BoostedTrees {
  private static final String MLLIB = "org.apache.spark.ml.classification.GBTClassifier";
  private static final int TREES = 20;
  private static final int DEPTH = 3;
  private static final double STEP_SIZE = 0.2;
  private static final int BINS = 32;
  // What a task is sent must stay below spark.rpc.message.maxSize, 128 MB.
  private static final long MOST_NUMBERS = 8L << 20;
  private static final StructType SCHEMA =
      new StructType(
          new StructField[] {
            new StructField("label", DataTypes.DoubleType, false, Metadata.empty()),
            new StructField("features", SQLDataTypes.VectorType(), false, Metadata.empty())
          });

  private BoostedTrees() {}

  /** Numbers and texts that a fit depends on, for reports. */
  static SortedMap<String, Object> settings() {
    return new TreeMap<>(
        Map.of(
            "classifier", "gradient-boosted trees of Spark MLlib",
            "trees", TREES,
            "depth", DEPTH,
            "step_size", STEP_SIZE,
            "bins", BINS));
  }

  /**
   * Whether this Spark has MLlib.
   *
   * @throws Refusal (CLUSTER) if it does not
   */
  static void requireMllib() {
    try {
      Class.forName(MLLIB, false, BoostedTrees.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new Refusal(
          Refusal.Kind.CLUSTER,
          "c2st takes the gradient-boosted trees of spark-mllib, which this Spark does not have;"
              + " add spark-mllib to its jars (spark-submit --packages), or take --estimator"
              + " two-sample",
          e);
    }
  }

  /**
   * Fits the trees to some rows and says of others how likely they are of the first kind.
   *
   * @param first rows of the first kind, [M][D]
   * @param second rows of the second kind, [N][D]
   * @param others [K][D]
   * @return log odds of being of the first kind, [K]
   * @throws Refusal (SPEC) if the rows are more than a task can be sent
   */
  static double[] logOdds(
      SparkSession session,
      List<float[]> first,
      List<float[]> second,
      float[][] others,
      long seed) {
    long numbers = (long) (first.size() + second.size()) * others[0].length;
    if (numbers > MOST_NUMBERS) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "the trees of c2st are to be fitted to "
              + numbers
              + " numbers, at most "
              + MOST_NUMBERS
              + " fit into a task; compare fewer examples (--limit and --samples)");
    }
    List<Row> rows = new ArrayList<>();
    first.forEach(row -> rows.add(RowFactory.create(1.0, vector(row))));
    second.forEach(row -> rows.add(RowFactory.create(0.0, vector(row))));
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    GBTClassificationModel trees =
        new GBTClassifier()
            .setMaxIter(TREES)
            .setMaxDepth(DEPTH)
            .setStepSize(STEP_SIZE)
            .setMaxBins(BINS)
            .setSeed(seed)
            .fit(session.createDataFrame(context.parallelize(rows, 1), SCHEMA));
    // The raw prediction of the positive class is half the log odds.
    return Arrays.stream(others)
        .mapToDouble(row -> 2 * trees.predictRaw(vector(row)).apply(1))
        .toArray();
  }

  private static Vector vector(float[] row) {
    double[] values = new double[row.length];
    Arrays.setAll(values, d -> row[d]);
    return Vectors.dense(values);
  }
}
