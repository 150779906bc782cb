package dev.ancestral.job.score;

import dev.ancestral.data.Payload;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Scores the sequences of a partition, some at a time, by a model that is loaded once.
 *
 * @param reader of the rows that come
 */
record ScoredSequences(ScoreColumns columns, Reader reader)
    implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  /**
   * A sequence.
   *
   * @param own the columns that stand before its scores
   * @param steps as {@link Payload} lays them out
   * @param length number of steps
   */
  record Sequence(Object[] own, byte[] steps, int length) {}

  /** What a row says. */
  @FunctionalInterface
  interface Reader extends Serializable {
    Sequence read(Row row);
  }

  @Override
  public Iterator<Row> call(Iterator<Row> sequences) {
    return sequences.hasNext() ? new Scored(sequences) : sequences;
  }

  private final class Scored implements Iterator<Row> {
    private final Iterator<Row> sequences;
    private final EventSpec event;
    private final RowScorer scorer;
    private final List<Sequence> held = new ArrayList<>();
    private RowScores scores;
    private int next;

    Scored(Iterator<Row> sequences) {
      this.sequences = sequences;
      event = columns.plan().directory().event().withClasses(0);
      scorer = RowScorer.load(columns.plan());
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> scorer.close());
    }

    @Override
    public boolean hasNext() {
      return next < held.size() || sequences.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (next == held.size()) {
        fill();
      }
      Object[] own = held.get(next).own();
      return columns.append(own, scores, next++);
    }

    private void fill() {
      next = 0;
      held.clear();
      int longest = 0;
      while (held.size() < columns.plan().rowsAtOnce() && sequences.hasNext()) {
        Sequence sequence = reader.read(sequences.next());
        longest = Math.max(longest, sequence.length());
        held.add(sequence);
      }
      int width = Math.multiplyExact(longest, event.size());
      float[] values = new float[Math.multiplyExact(held.size(), width)];
      int[] lengths = new int[held.size()];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = held.get(i).length();
        int elements = lengths[i] * event.size();
        Payload.decode(event, held.get(i).steps(), 0, elements, values, i * width);
      }
      Batch batch = new Batch(event, new long[lengths.length], values, null, lengths);
      scores = scorer.score(batch, false);
    }
  }
}
