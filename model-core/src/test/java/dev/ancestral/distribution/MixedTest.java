package dev.ancestral.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.schema.RowSchema.Nulls;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The laws of the distributions of columns, on values of the data rather than on elements. */
class MixedTest {
  private static final TorchEngine ENGINE =
      TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT32));
  private static final RandomKey KEY = RandomKey.of(34);

  private static final ColumnType.Whole DECADES =
      new ColumnType.Whole(-20, 60, 10, List.of(-20L, 0L, 10L, 70L));

  /** Microseconds of a century: three digits, bins of more than 2^24 values. */
  private static final ColumnType.Whole CENTURY =
      new ColumnType.Whole(
          -1_000_000_000_000_007L,
          2_155_760_000_000_000L,
          1,
          List.of(
              -1_000_000_000_000_007L,
              -999_999_999_999_990L,
              3L + (1L << 49),
              2_155_760_000_000_001L));

  @AfterAll
  static void close() {
    ENGINE.close();
  }

  @Test
  void masses_of_categories_and_their_nulls_sum_to_one() {
    RowColumn column = category(List.of("a", "b", "c"), false, false);
    double total = 0;
    for (String text : new String[] {"a", "b", "c", "unknown", null}) {
      total += Math.exp(logProb(column, Nulls.VALUE, text));
    }
    assertEquals(1, total, 1e-6);
    double other = Math.exp(logProb(column, Nulls.VALUE, "unknown"));
    double isNull = Math.exp(logProb(column, Nulls.VALUE, new Object[] {null}));
    assertTrue(other > 0 && other < 0.01, "what was not seen has a small mass: " + other);
    assertTrue(isNull > 0 && isNull < 0.01, "what was not seen has a small mass: " + isNull);
    double missing = 0;
    for (String text : List.of("a", "b", "c", "unknown")) {
      missing += Math.exp(logProb(column, Nulls.MISSING, text));
    }
    assertEquals(1, missing, 1e-6);
    assertEquals(0, logProb(column, Nulls.MISSING, new Object[] {null}), 0.0);
  }

  @Test
  void masses_of_whole_numbers_sum_to_one_with_both_tails() {
    RowColumn column = whole(DECADES, false);
    double inside = 0;
    double tails = Math.exp(logProb(column, Nulls.VALUE, new Object[] {null}));
    for (long value = -20 - 300 * 9; value <= 60 + 300 * 9; value += 10) {
      double p = Math.exp(logProb(column, Nulls.VALUE, value));
      if (value < -20 || value > 60) {
        tails += p;
      } else {
        inside += p;
      }
    }
    assertEquals(1, inside + tails, 1e-6);
    assertTrue(tails < 0.01, "tails weigh " + tails);
    double first = logProb(column, Nulls.VALUE, 70L);
    double decay = Math.log(1 - 1 / (2 + 9 / 8.0)); // nine values lie in the bins
    assertEquals(decay, logProb(column, Nulls.VALUE, 80L) - first, 1e-5);
    assertEquals(13 * decay, logProb(column, Nulls.VALUE, 200L) - first, 1e-5);
    assertEquals(
        13 * decay, logProb(column, Nulls.VALUE, -160L) - logProb(column, Nulls.VALUE, -30L), 1e-5);
    // Values of a bin share its mass.
    double one = logProb(column, Nulls.VALUE, 10L);
    for (long value = 20; value <= 60; value += 10) {
      assertEquals(one, logProb(column, Nulls.VALUE, value), 1e-6);
    }
    assertEquals(logProb(column, Nulls.VALUE, -20L), logProb(column, Nulls.VALUE, -10L), 1e-6);
  }

  @Test
  void bins_of_more_values_than_float32_tells_apart_have_exact_ends() {
    RowColumn column = whole(CENTURY, false);
    List<Long> edges = CENTURY.edges();
    double[] ofBin = new double[3];
    for (int bin = 0; bin < 3; bin++) {
      double first = logProb(column, Nulls.VALUE, edges.get(bin));
      double last = logProb(column, Nulls.VALUE, edges.get(bin + 1) - 1);
      assertEquals(first, last, 1e-5);
      ofBin[bin] = Math.exp(first + Math.log((double) edges.get(bin + 1) - edges.get(bin)));
    }
    double isNull = Math.exp(logProb(column, Nulls.VALUE, new Object[] {null}));
    assertEquals(1, ofBin[0] + ofBin[1] + ofBin[2] + isNull, 0.01);
    double below = logProb(column, Nulls.VALUE, CENTURY.least() - 1);
    assertTrue(below < logProb(column, Nulls.VALUE, CENTURY.least()) - 10);
  }

  @Test
  void densities_of_real_numbers_integrate_to_one_in_their_own_units() {
    RowColumn column = real(1e9, 250, true);
    double total = Math.exp(logProb(column, Nulls.VALUE, new Object[] {null}));
    int cells = 4000;
    double step = 250 * 40.0 / cells;
    Object[] middles =
        IntStream.range(0, cells)
            .mapToObj(i -> 1e9 - 250 * 20 + (i + 0.5) * step)
            .toArray(Object[]::new);
    for (double logProb : logProbs(column, Nulls.VALUE, middles)) {
      total += Math.exp(logProb) * step;
    }
    assertEquals(1, total, 1e-4);
  }

  /** At m = 0 and v = e^−12 a step of 2^−30 standard units is seen beside a value of 1000. */
  @Test
  void the_low_element_counts_in_float32() {
    ColumnDistribution real = new RealDistribution(1);
    double[] logProb =
        ENGINE.inference(
            () ->
                real.logProb(
                        ENGINE.constant(new float[] {1000, -12}, 1, 2),
                        ENGINE.constant(new float[] {1000, 0, 1000, 0x1p-16f}, 2, 2))
                    .toDoubles());
    double variance = Math.exp(-12);
    assertEquals(-0.5 * 0x1p-32 / variance, logProb[1] - logProb[0], 1e-6);
  }

  @Test
  void draws_follow_the_probabilities_given_what_was_seen() {
    RowSchema schema =
        new RowSchema(
            List.of(
                category(List.of("a", "b", "c"), false, true),
                category(List.of("x"), true, false),
                whole(DECADES, true)),
            Nulls.VALUE);
    int draws = 40_000;
    List<Object[]> drawn = draw(schema, draws);
    for (int c = 0; c < schema.columns().size(); c++) {
      RowColumn column = schema.columns().get(c);
      Map<Object, Integer> counts = new HashMap<>();
      for (Object[] row : drawn) {
        counts.merge(String.valueOf(row[c]), 1, Integer::sum);
      }
      List<Object> values = new ArrayList<>();
      if (c == 0) {
        values.addAll(List.of("a", "b", "c"));
      } else if (c == 1) {
        values.addAll(List.of("x", "other"));
      } else {
        for (long value = -20; value <= 60; value += 10) {
          values.add(value);
        }
      }
      if (column.nullable()) {
        values.add(null);
      }
      double[] p = new double[values.size()];
      double total = 0;
      double[] logProbs = logProbs(schema, c, values.toArray());
      for (int i = 0; i < p.length; i++) {
        p[i] = Math.exp(logProbs[i]);
        total += p[i];
      }
      int seen = 0;
      for (int i = 0; i < p.length; i++) {
        int count = counts.getOrDefault(String.valueOf(values.get(i)), 0);
        double expected = p[i] / total;
        assertEquals(
            expected,
            (double) count / draws,
            5 * Math.sqrt(expected / draws) + 1e-3,
            column.name() + " " + values.get(i));
        seen += count;
      }
      assertEquals(draws, seen, "a draw of '" + column.name() + "' is nothing else");
    }
  }

  @Test
  void draws_of_many_values_lie_in_their_bin_and_fill_it() {
    RowSchema schema = new RowSchema(List.of(whole(CENTURY, false)), Nulls.VALUE);
    int draws = 20_000;
    long from = CENTURY.edges().get(1);
    long to = CENTURY.edges().get(2);
    int[] quarters = new int[4];
    int odd = 0;
    int narrow = 0;
    int inside = 0;
    for (Object[] row : draw(schema, draws)) {
      long value = (Long) row[0];
      assertTrue(value >= CENTURY.least() && value <= CENTURY.greatest(), "drew " + value);
      narrow += value < from ? 1 : 0;
      if (value >= from && value < to) {
        quarters[(int) ((value - from) / ((to - from) / 4 + 1))]++;
        odd += (int) (value & 1);
        inside++;
      }
    }
    assertTrue(narrow > 100 && inside > 1000, narrow + " of " + inside);
    for (int quarter : quarters) {
      assertEquals(0.25, (double) quarter / inside, 5 * 0.5 / Math.sqrt(inside));
    }
    assertEquals(0.5, (double) odd / inside, 5 * 0.5 / Math.sqrt(inside));
  }

  @Test
  void draws_of_real_numbers_have_the_moments_of_the_density() {
    RowSchema schema = new RowSchema(List.of(real(100, 5, false)), Nulls.VALUE);
    int draws = 40_000;
    double mean = 0;
    double squares = 0;
    double fourth = 0;
    List<Object[]> drawn = draw(schema, draws);
    for (Object[] row : drawn) {
      mean += (Double) row[0] / draws;
    }
    for (Object[] row : drawn) {
      double d = (Double) row[0] - mean;
      squares += d * d / draws;
      fourth += d * d * d * d / draws;
    }
    float[] parameters = parameters(Mixed.of(schema)); // null, mean, log variance
    assertEquals(100 + 5 * parameters[1], mean, 5 * 5 * 2 / Math.sqrt(draws));
    double variance = 25 * Math.exp(parameters[2]);
    assertEquals(variance, squares, 0.04 * variance);
    assertEquals(3, fourth / (squares * squares), 0.15); // of a normal
  }

  @Test
  void centers_are_what_is_most_probable_or_the_mean() {
    RowSchema schema =
        new RowSchema(
            List.of(
                category(List.of("a", "b"), false, false), whole(DECADES, true), real(2, 4, false)),
            Nulls.VALUE);
    float[] parameters = {9, 1, 2, 50, 9, 0, 3, 1, 50, 50, 0, -0.5f, 1};
    double[] elements =
        ENGINE.inference(
            () ->
                Mixed.of(schema)
                    .center(ENGINE.constant(parameters, 1, parameters.length))
                    .toDoubles());
    assertEquals(1, elements[0]); // "b": the other was never seen, whatever its logit
    float[] row = {1, (float) elements[1]};
    assertEquals(0L, DECADES.decode(row, 1)); // the only value of [0, 10)
    assertEquals(-0.5, elements[2]);
  }

  @Test
  void bins_without_values_are_refused() {
    ColumnType.Whole bad = new ColumnType.Whole(0, 20, 10, List.of(0L, 11L, 15L, 30L));
    assertThrows(IllegalArgumentException.class, () -> new WholeDistribution(bad));
  }

  private static RowColumn category(List<String> vocabulary, boolean other, boolean nullable) {
    return new RowColumn(
        "c" + vocabulary.size(),
        ColumnKind.CATEGORY,
        new ColumnType.Category(vocabulary, other),
        nullable,
        "string");
  }

  private static RowColumn whole(ColumnType.Whole type, boolean nullable) {
    return new RowColumn("whole", ColumnKind.INTEGER, type, nullable, "bigint");
  }

  private static RowColumn real(double shift, double scale, boolean nullable) {
    return new RowColumn(
        "real", ColumnKind.REAL, new ColumnType.Real(shift, scale), nullable, "double");
  }

  private static double logProb(RowColumn column, Nulls nulls, Object... values) {
    return logProbs(column, nulls, values)[0];
  }

  private static double[] logProbs(RowColumn column, Nulls nulls, Object... values) {
    return logProbs(new RowSchema(List.of(column), nulls), 0, values);
  }

  /** log p of values of a column of a row whose parameters are {@link #parameters}. */
  private static double[] logProbs(RowSchema schema, int c, Object... values) {
    Mixed mixed = Mixed.of(schema);
    float[] elements = new float[values.length * schema.size()];
    for (int i = 0; i < values.length; i++) {
      schema.columns().get(c).encode(values[i], elements, i * schema.size() + schema.begin(c));
    }
    return ENGINE.inference(
        () -> {
          Tensor parameters = ENGINE.constant(parameters(mixed), 1, mixed.parametersPerElement());
          Tensor x = ENGINE.constant(elements, values.length, schema.size());
          Tensor rows = parameters.broadcastTo(values.length, mixed.parametersPerElement());
          return mixed.logProbs(rows, x).get(c).toDoubles();
        });
  }

  private static List<Object[]> draw(RowSchema schema, int draws) {
    Mixed mixed = Mixed.of(schema);
    float[] uniform = new float[draws * mixed.noisePerElement()];
    KEY.fold("draws").fillUniform(0, uniform, 0, uniform.length);
    float[] elements =
        ENGINE.inference(
            () ->
                mixed
                    .sample(
                        ENGINE
                            .constant(parameters(mixed), 1, mixed.parametersPerElement())
                            .broadcastTo(draws, mixed.parametersPerElement()),
                        ENGINE.constant(uniform, draws, mixed.noisePerElement()),
                        1)
                    .toFloats());
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < draws; i++) {
      Object[] row = new Object[schema.columns().size()];
      for (int c = 0; c < row.length; c++) {
        row[c] = schema.columns().get(c).decode(elements, i * schema.size() + schema.begin(c));
      }
      rows.add(row);
    }
    return rows;
  }

  private static float[] parameters(Mixed mixed) {
    float[] values = new float[mixed.parametersPerElement()];
    KEY.fold("parameters").fillNormal(0, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] *= 0.7f;
    }
    return values;
  }
}
