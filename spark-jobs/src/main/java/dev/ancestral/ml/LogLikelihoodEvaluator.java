package dev.ancestral.ml;

import dev.ancestral.job.score.ScoreTotals;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Mean log p(row) in nats of rows that a model has scored: the larger, the better. Models of
 * densities are compared only with models of the same columns in the same units; a bound is
 * compared only with bounds.
 */
public final class LogLikelihoodEvaluator extends Evaluator implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final Param<String> logLikelihoodCol;

  /** One under a name of its own. */
  public LogLikelihoodEvaluator() {
    this(Identifiable.randomUID("logLikelihood"));
  }

  /** One under a name. */
  public LogLikelihoodEvaluator(String uid) {
    this.uid = uid;
    logLikelihoodCol = new Param<>(this, "logLikelihoodCol", "column of log p(row) in nats");
    setDefault(logLikelihoodCol, OutputParams.LOG_LIKELIHOOD);
  }

  /** What {@link #save} wrote. */
  public static LogLikelihoodEvaluator load(String path) {
    return read().load(path);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<LogLikelihoodEvaluator> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The mean, which does not depend on partitions: NaN of no rows, −∞ if one is impossible. */
  @Override
  public double evaluate(Dataset<?> scored) {
    List<Column> sums = ScoreTotals.sums(getLogLikelihoodCol(), 0);
    Row found =
        scored.toDF().agg(sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new)).head();
    Map<String, Object> named = new LinkedHashMap<>();
    for (String name : found.schema().fieldNames()) {
      named.put(name, found.getAs(name));
    }
    return ScoreTotals.of(named, 0).mean();
  }

  @Override
  public boolean isLargerBetter() {
    return true;
  }

  @Override
  public LogLikelihoodEvaluator copy(ParamMap extra) {
    return this.<LogLikelihoodEvaluator>defaultCopy(extra);
  }

  /** Column of log p(row). */
  public Param<String> logLikelihoodCol() {
    return logLikelihoodCol;
  }

  public LogLikelihoodEvaluator setLogLikelihoodCol(String name) {
    set(logLikelihoodCol, name);
    return this;
  }

  public String getLogLikelihoodCol() {
    return getOrDefault(logLikelihoodCol);
  }
}
