package dev.ancestral.job.impute;

import dev.ancestral.data.rows.RowDecoder;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.score.RowElements;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.RowModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.spark.TaskDevice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Completes the rows of a partition: each as often as there are draws, behind its own columns the
 * number of the draw and the columns of the model with what was chosen for those that are missing.
 *
 * @param keyed index of the column with the key of a row's draws
 */
record CompleteRows(
    ModelDirectory model,
    RowElements elements,
    RowDecoder decoder,
    int keyed,
    RowModel.Completion how,
    int draws,
    long seed)
    implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;
  private static final int ROWS_AT_ONCE = 256;

  static final String DRAW = "draw";
  static final String CHOSEN = "_ancestral_chosen";

  /** The columns of what comes out. */
  StructType after(StructType columns) {
    return columns.add(DRAW, DataTypes.IntegerType, false).add(CHOSEN, decoder.type(), true);
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return rows.hasNext() ? new Completed(rows) : rows;
  }

  private final class Completed implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final LoadedModel loaded;
    private final EventSpec event;
    private final RowSchema schema;
    private final RandomKey key = RandomKey.of(seed).fold("impute");
    private final Queue<Row> made = new ArrayDeque<>();

    Completed(Iterator<Row> rows) {
      this.rows = rows;
      event = model.event().withClasses(0);
      schema = event.schema().orElseThrow();
      loaded = model.load(TaskDevice.assigned());
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> loaded.close());
    }

    @Override
    public boolean hasNext() {
      return !made.isEmpty() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (made.isEmpty()) {
        fill();
      }
      return made.remove();
    }

    private void fill() {
      List<Row> held = new ArrayList<>();
      float[] values = new float[ROWS_AT_ONCE * event.size()];
      while (held.size() < ROWS_AT_ONCE && rows.hasNext()) {
        Row row = rows.next();
        elements.encode(row, values, held.size() * event.size());
        held.add(row);
      }
      int[] missing = IntStream.range(0, held.size()).filter(i -> isMissing(values, i)).toArray();
      List<Batch> completed = completed(held, values, missing);
      int next = 0;
      for (int i = 0; i < held.size(); i++) {
        boolean some = next < missing.length && missing[next] == i;
        for (int draw = 0; draw < draws; draw++) {
          Row chosen =
              some ? chosen(completed.get(draw).values(), next * event.size(), values, i) : null;
          made.add(row(held.get(i), draw, chosen));
        }
        next += some ? 1 : 0;
      }
    }

    private boolean isMissing(float[] values, int i) {
      for (int c = 0; c < schema.columns().size(); c++) {
        if (Float.isNaN(values[i * event.size() + schema.begin(c)])) {
          return true;
        }
      }
      return false;
    }

    /** Of each draw, the rows in which something is missing. */
    private List<Batch> completed(List<Row> held, float[] values, int[] missing) {
      int size = event.size();
      float[] taken = new float[missing.length * size];
      long[] ids = new long[missing.length];
      for (int m = 0; m < missing.length; m++) {
        System.arraycopy(values, missing[m] * size, taken, m * size, size);
        ids[m] = held.get(missing[m]).getLong(keyed);
      }
      Batch observed = Batch.of(event, ids, taken);
      List<Batch> completed = new ArrayList<>();
      for (int draw = 0; draw < draws; draw++) {
        completed.add(((RowModel) loaded.model()).complete(observed, how, key.fold(draw)));
      }
      return completed;
    }

    /** What was chosen for the columns that are missing; nulls for the others. */
    private Row chosen(float[] completed, int at, float[] values, int i) {
      Row row = decoder.decode(completed, at);
      Object[] cells = new Object[row.size()];
      for (int c = 0; c < cells.length; c++) {
        boolean missing = Float.isNaN(values[i * event.size() + schema.begin(c)]);
        cells[c] = missing ? row.get(c) : null;
      }
      return RowFactory.create(cells);
    }

    private Row row(Row own, int draw, Row chosen) {
      Object[] all = new Object[own.size() + 2];
      for (int c = 0; c < own.size(); c++) {
        all[c] = own.get(c);
      }
      all[own.size()] = draw;
      all[own.size() + 1] = chosen;
      return RowFactory.create(all);
    }
  }
}
