package dev.ancestral.job.twosample;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.GBTClassifier;
import org.apache.spark.sql.SparkSession;

/**
 * Gradient-boosted trees of Spark's MLlib (Friedman 2001) that tell two samples apart.
 *
 * <p>They are fitted to one partition, in the order of the rows: see {@link LabelledRows}.
 */
public final class BoostedTrees {
  private static final String MLLIB = "org.apache.spark.ml.classification.GBTClassifier";
  private static final int TREES = 20;
  private static final int DEPTH = 3;
  private static final double STEP_SIZE = 0.2;
  private static final int BINS = 32;

  private BoostedTrees() {}

  /** Numbers and texts that a fit depends on, for reports. */
  public static SortedMap<String, Object> settings() {
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
   * @param method that takes it, for the message
   * @throws AncestralException (CLUSTER) if it does not
   */
  public static void requireMllib(String method) {
    try {
      Class.forName(MLLIB, false, BoostedTrees.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AncestralException(
          ErrorCode.CLUSTER,
          method
              + " takes the gradient-boosted trees of spark-mllib, which this Spark does not have;"
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
   * @param arities number of categories of each element, 0 of one that is a number; empty if all
   *     are
   * @return log odds of being of the first kind, [K]
   * @throws dev.ancestral.AncestralException (SPEC) if the rows are more than a task can be sent
   */
  public static double[] logOdds(
      SparkSession session,
      List<float[]> first,
      List<float[]> second,
      float[][] others,
      int[] arities,
      long seed) {
    LabelledRows rows = new LabelledRows(arities);
    first.forEach(row -> rows.add(1, row));
    second.forEach(row -> rows.add(0, row));
    GBTClassificationModel trees =
        new GBTClassifier()
            .setMaxIter(TREES)
            .setMaxDepth(DEPTH)
            .setStepSize(STEP_SIZE)
            .setMaxBins(BINS)
            .setSeed(seed)
            .fit(rows.frame(session, "the trees of c2st"));
    // The raw prediction of the positive class is half the log odds.
    return Arrays.stream(others)
        .mapToDouble(row -> 2 * trees.predictRaw(LabelledRows.vector(row)).apply(1))
        .toArray();
  }
}
