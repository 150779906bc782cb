package dev.ancestral.job.score;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.spark.BlockFunction;
import java.util.Arrays;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/** Scores the rows of a partition, some at a time, by a model that is loaded once. */
record ScoreRows(ScoreColumns columns, RowElements elements) implements BlockFunction {
  private static final long serialVersionUID = 1L;

  @Override
  public Block open() {
    return new Scored();
  }

  private final class Scored implements Block {
    private final EventSpec event;
    private final RowScorer scorer;
    private final int most;
    private final float[] values;
    private RowScores scores;

    Scored() {
      ScoringModel plan = columns.plan();
      event = plan.directory().event().withClasses(0);
      most = plan.rowsAtOnce();
      values = new float[Math.multiplyExact(most, event.size())];
      scorer = RowScorer.load(plan);
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> scorer.close());
    }

    @Override
    public int most() {
      return most;
    }

    @Override
    public void put(Row row, int i) {
      elements.encode(row, values, i * event.size());
    }

    @Override
    public void compute(int count) {
      float[] filled = count == most ? values : Arrays.copyOf(values, count * event.size());
      scores = scorer.score(Batch.of(event, new long[count], filled), columns.reference() != null);
    }

    @Override
    public Object[] columns(int i) {
      return columns.values(scores, i);
    }
  }
}
