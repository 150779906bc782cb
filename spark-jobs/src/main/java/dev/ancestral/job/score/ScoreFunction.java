package dev.ancestral.job.score;

import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The log-likelihood of a row, a struct with the columns of the model by their names, as a function
 * of SQL. A task loads the model once. It scores a row at a time: of many rows {@link RowScoring}
 * takes less time, and gives the same numbers.
 */
public final class ScoreFunction implements UDF1<Row, Double> {
  private static final long serialVersionUID = 1L;

  private final ScoringModel plan;
  private transient RowScorer scorer;
  private transient RowElements elements;

  private ScoreFunction(ScoringModel plan) {
    this.plan = plan;
  }

  /**
   * The function of a model.
   *
   * @throws dev.ancestral.AncestralException (MISMATCH) if the model has no such estimator
   */
  public static ScoreFunction of(ModelDirectory model, EvaluateSpec spec) {
    return new ScoreFunction(ScoringModel.of(model, spec));
  }

  /** Nats; null of a null. */
  @Override
  public Double call(Row row) {
    if (row == null) {
      return null;
    }
    EventSpec event = plan.directory().event().withClasses(0);
    if (elements == null) {
      elements = RowElements.of(plan.directory(), row.schema());
    }
    if (scorer == null) {
      scorer = RowScorer.load(plan);
      if (TaskContext.get() != null) {
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> close());
      }
    }
    float[] values = new float[event.size()];
    elements.encode(row, values, 0);
    return scorer.score(Batch.of(event, new long[1], values), false).nats()[0];
  }

  private void close() {
    scorer.close();
    scorer = null;
  }
}
