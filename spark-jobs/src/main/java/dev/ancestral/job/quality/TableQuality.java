package dev.ancestral.job.quality;

import dev.ancestral.job.evaluate.TrainGap;
import dev.ancestral.likelihood.twosample.AreaUnderCurve;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The numbers of a comparison of drawn rows with held-out ones.
 *
 * @param columnShapes by the name of a column, in the order of the columns: see {@link
 *     ColumnShapes}
 * @param pairTrends of every two columns: see {@link PairTrends}
 * @param detector of boosted trees that tell drawn rows from held-out ones, on rows that they were
 *     not fitted to
 * @param closestTrainingShare see {@link ClosestTraining}; empty without a split {@code train}
 * @param task see {@link PredictionTask}; empty without a split {@code train} or a category to
 *     predict
 * @param trainGap empty unless it is asked for
 */
public record TableQuality(
    Map<String, Double> columnShapes,
    List<PairTrend> pairTrends,
    AreaUnderCurve detector,
    OptionalDouble closestTrainingShare,
    Optional<PredictionTask> task,
    Optional<TrainGap> trainGap) {

  /** Two columns and how alike they hang together in both samples, from 0 to 1. */
  public record PairTrend(String first, String second, double trend) {}

  public TableQuality {
    columnShapes = Collections.unmodifiableMap(new LinkedHashMap<>(columnShapes));
    pairTrends = List.copyOf(pairTrends);
  }

  /** The mean over columns. */
  public double columnShape() {
    return columnShapes.values().stream().mapToDouble(n -> n).average().orElse(1);
  }

  /** The mean over pairs of columns; 1 of a table with one column. */
  public double pairTrend() {
    return pairTrends.stream().mapToDouble(PairTrend::trend).average().orElse(1);
  }
}
