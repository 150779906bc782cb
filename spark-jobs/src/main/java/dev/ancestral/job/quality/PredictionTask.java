package dev.ancestral.job.quality;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Suggestion;
import dev.ancestral.job.twosample.LabelledRows;
import dev.ancestral.schema.RowColumn;
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

  /**
   * The column of a name.
   *
   * @throws AncestralException (MISMATCH) if there is none, or it is no category of few values
   */
  static int column(TableFeatures features, String name) {
    TableKeys keys = features.keys();
    List<String> names = keys.columns().stream().map(RowColumn::name).toList();
    int column = names.indexOf(name);
    if (column < 0) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "task is "
              + name
              + ", which is no column of the rows; they have "
              + String.join(", ", names)
              + Suggestion.question(name, names));
    }
    if (!keys.isCategory(column) || keys.codes(column) >= features.arity(column)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "task is "
              + name
              + ", which is "
              + (keys.isCategory(column)
                  ? "a category of " + (keys.codes(column) - 1) + " values"
                  : keys.columns().get(column).kind().text())
              + "; trees predict a category of few values: name another, or prepare it as one"
              + " (--column "
              + name
              + "=category)");
    }
    return column;
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
