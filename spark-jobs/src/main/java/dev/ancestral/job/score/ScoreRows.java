package dev.ancestral.job.score;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/** Scores the rows of a partition, some at a time, by a model that is loaded once. */
record ScoreRows(ScoreColumns columns, RowElements elements)
    implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return rows.hasNext() ? new Scored(rows) : rows;
  }

  private final class Scored implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final EventSpec event;
    private final RowScorer scorer;
    private final List<Row> held = new ArrayList<>();
    private final int most;
    private final float[] values;
    private RowScores scores;
    private int next;

    Scored(Iterator<Row> rows) {
      this.rows = rows;
      ScoringModel plan = columns.plan();
      event = plan.directory().event().withClasses(0);
      most = plan.rowsAtOnce();
      values = new float[Math.multiplyExact(most, event.size())];
      scorer = RowScorer.load(plan);
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> scorer.close());
    }

    @Override
    public boolean hasNext() {
      return next < held.size() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (next == held.size()) {
        fill();
      }
      Row row = held.get(next);
      Object[] own = new Object[row.size()];
      for (int c = 0; c < own.length; c++) {
        own[c] = row.get(c);
      }
      return columns.append(own, scores, next++);
    }

    private void fill() {
      next = 0;
      held.clear();
      while (held.size() < most && rows.hasNext()) {
        Row row = rows.next();
        elements.encode(row, values, held.size() * event.size());
        held.add(row);
      }
      int count = held.size();
      float[] filled = count == most ? values : Arrays.copyOf(values, count * event.size());
      scores = scorer.score(Batch.of(event, new long[count], filled), columns.reference() != null);
    }
  }
}
