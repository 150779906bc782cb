package dev.ancestral.job.quality;

import dev.ancestral.job.twosample.LabelledRows;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.ml.classification.RandomForestClassificationModel;
import org.apache.spark.ml.classification.RandomForestClassifier;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What drawn rows are worth as training data for a category of held-out rows: the share of held-out
 * rows whose category a random forest of Spark's MLlib (Breiman 2001) predicts that learned from
 * drawn rows, and that of one that learned from as many training rows.
 *
 * <p>The trees are fitted to one partition in the order of the rows: see {@link LabelledRows}.
 *
 * @param column that is predicted
 * @param trainedOnDrawn accuracy
 * @param trainedOnReal accuracy
 * @param commonest accuracy of always naming the commonest value of the training rows
 */
public record PredictionTask(
    String column, double trainedOnDrawn, double trainedOnReal, double commonest) {
  private static final int TREES = 20;
  private static final int DEPTH = 6;

  /**
   * The column that is predicted where none is named: the last category that has from 2 to as many
   * values as a tree tells apart.
   */
  static Optional<Integer> column(TableFeatures features) {
    TableKeys keys = features.keys();
    return features.columns().stream()
        .filter(c -> keys.isCategory(c) && keys.codes(c) > 2 && keys.codes(c) < features.arity(c))
        .reduce((earlier, later) -> later);
  }

  /** Fits both forests and asks them for the held-out rows. */
  static PredictionTask of(
      SparkSession session,
      TableFeatures features,
      int column,
      List<Row> drawn,
      List<Row> training,
      List<Row> held,
      long seed) {
    int[] counts = new int[features.arity(column)];
    for (Row row : training) {
      counts[(int) features.feature(row, column)]++;
    }
    int commonest =
        IntStream.range(0, counts.length).reduce(0, (a, b) -> counts[b] > counts[a] ? b : a);
    long right = held.stream().filter(row -> features.feature(row, column) == commonest).count();
    return new PredictionTask(
        features.keys().columns().get(column).name(),
        accuracy(session, features, column, drawn, held, seed),
        accuracy(session, features, column, training, held, seed),
        (double) right / held.size());
  }

  private static double accuracy(
      SparkSession session,
      TableFeatures features,
      int column,
      List<Row> fitted,
      List<Row> held,
      long seed) {
    TableFeatures seen = features.without(column);
    LabelledRows rows = new LabelledRows(seen.arities());
    fitted.forEach(row -> rows.add(features.feature(row, column), seen.of(row)));
    RandomForestClassificationModel forest =
        new RandomForestClassifier()
            .setNumTrees(TREES)
            .setMaxDepth(DEPTH)
            .setSeed(seed)
            .fit(rows.frame(session, "the forest of table-quality"));
    long right =
        held.stream()
            .filter(
                row ->
                    forest.predict(LabelledRows.vector(seen.of(row)))
                        == features.feature(row, column))
            .count();
    return (double) right / held.size();
  }
}
