package dev.ancestral.job.generate;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Family;
import dev.ancestral.model.ModelsRows;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.rows.ConditionalRowModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A distribution over a few rows whose probabilities are known: row j of {@value #ROWS} has weight
 * 1 + j mod 5. All that a job may ask of it can be counted.
 */
public final class PrototypeRows implements Family {
  static final int ROWS = 60;
  private static final Map<RowSchema, float[][]> DRAWN = new ConcurrentHashMap<>();

  @Override
  public Definition define(Settings settings, EventSpec event) {
    return new Rows(event);
  }

  /** The rows: values of each column at random, a tenth of them null where there are nulls. */
  static float[][] prototypes(RowSchema schema) {
    return DRAWN.computeIfAbsent(schema, PrototypeRows::draw);
  }

  private static float[][] draw(RowSchema schema) {
    float[][] rows = new float[ROWS][schema.size()];
    for (int j = 0; j < ROWS; j++) {
      RandomKey key = RandomKey.of(j);
      for (int c = 0; c < schema.columns().size(); c++) {
        RowColumn column = schema.columns().get(c);
        column.encode(value(column, key.fold(c)), rows[j], schema.begin(c));
      }
    }
    return rows;
  }

  private static Object value(RowColumn column, RandomKey key) {
    if (column.nullable() && key.uniform(1) < 0.2) {
      return null;
    }
    if (column.type() instanceof ColumnType.Category category) {
      return category.vocabulary().get((int) key.below(0, category.vocabulary().size()));
    }
    if (column.type() instanceof ColumnType.Whole whole) {
      long steps = (whole.greatest() - whole.least()) / whole.step();
      long drawn = (long) (key.uniform(0) * (steps + 1));
      return whole.least() + drawn * whole.step();
    }
    ColumnType.Real real = (ColumnType.Real) column.type();
    return real.shift() + real.scale() * (2 * key.uniform(0) - 1);
  }

  static double weight(int row) {
    return 1 + row % 5;
  }

  /** Whether a row has the given values, bit by bit. */
  static boolean has(RowSchema schema, float[] row, float[] values, boolean[] given) {
    for (int c = 0; c < given.length; c++) {
      for (int e = schema.begin(c); given[c] && e < schema.begin(c + 1); e++) {
        if (Float.compare(row[e], values[e]) != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private record Rows(EventSpec event) implements StatisticsModel, ModelsRows {
    @Override
    public int statisticsSize() {
      return 1;
    }

    @Override
    public int iterations() {
      return 1;
    }

    @Override
    public int restarts() {
      return 1;
    }

    @Override
    public NamedArrays initial(RandomKey key) {
      return NamedArrays.empty().with("weight", new double[] {1}, 1);
    }

    @Override
    public void accumulate(NamedArrays parameters, Batch batch, double[] statistics) {
      statistics[0] += batch.size();
    }

    @Override
    public NamedArrays maximize(double[] statistics) {
      return initial(RandomKey.of(0));
    }

    @Override
    public OptionalDouble logLikelihood(double[] statistics) {
      return OptionalDouble.empty();
    }

    @Override
    public ExactModel bind(NamedArrays parameters) {
      return event.schema().orElseThrow().names().contains("no condition")
          ? new Plain(event)
          : new Conditional(new Plain(event));
    }
  }

  private record Plain(EventSpec event) implements ExactModel {
    @Override
    public double[] logProb(Batch x) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
      int steps = event.variableLength() ? 4 : 1;
      RowSchema schema = event.schema().orElseThrow();
      boolean[] none = new boolean[schema.columns().size()];
      float[] values = new float[ids.length * steps * event.size()];
      int[] lengths = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        lengths[i] = steps == 1 ? 1 : 1 + (int) (ids[i] % steps);
        for (int step = 0; step < lengths[i]; step++) {
          float[] row = drawn(schema, new float[event.size()], none, key.fold(ids[i]), step);
          System.arraycopy(row, 0, values, (i * steps + step) * event.size(), row.length);
        }
      }
      int[] labels = new int[ids.length];
      request.label().ifPresent(label -> Arrays.fill(labels, label));
      return new Batch(
          event, ids, values, event.hasLabels() ? labels : null, steps == 1 ? null : lengths);
    }

    @Override
    public void close() {
      // All memory is Java's.
    }
  }

  private static float[] drawn(
      RowSchema schema, float[] values, boolean[] given, RandomKey key, int step) {
    float[][] rows = prototypes(schema);
    double total = 0;
    for (int j = 0; j < ROWS; j++) {
      total += has(schema, rows[j], values, given) ? weight(j) : 0;
    }
    double left = key.uniform(step) * total;
    for (int j = 0; j < ROWS; j++) {
      left -= has(schema, rows[j], values, given) ? weight(j) : 0;
      if (left < 0) {
        return rows[j];
      }
    }
    throw new IllegalStateException("no row has these values");
  }

  private record Conditional(Plain plain) implements ExactModel, ConditionalRowModel {
    @Override
    public EventSpec event() {
      return plain.event();
    }

    @Override
    public double[] logProb(Batch x) {
      return plain.logProb(x);
    }

    @Override
    public double logProbGiven(float[] values, boolean[] given) {
      RowSchema schema = event().schema().orElseThrow();
      float[][] rows = prototypes(schema);
      double sum = 0;
      double total = 0;
      for (int j = 0; j < ROWS; j++) {
        total += weight(j);
        sum += has(schema, rows[j], values, given) ? weight(j) : 0;
      }
      return Math.log(sum / total);
    }

    @Override
    public Batch sampleGiven(long[] ids, float[] values, boolean[] given, RandomKey key) {
      RowSchema schema = event().schema().orElseThrow();
      float[] drawn = new float[ids.length * schema.size()];
      for (int i = 0; i < ids.length; i++) {
        float[] row = drawn(schema, values, given, key.fold(ids[i]), 0);
        System.arraycopy(row, 0, drawn, i * row.length, row.length);
      }
      return Batch.of(event().withClasses(0), ids, drawn);
    }

    @Override
    public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
      return plain.sample(ids, key, request);
    }

    @Override
    public void close() {
      plain.close();
    }
  }
}
