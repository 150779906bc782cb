package dev.ancestral.model.naivebayes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.RowModel;
import dev.ancestral.model.RowModel.Completion;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.SmallRows;
import dev.ancestral.model.StatisticsFit;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.rows.ConditionalRowModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.NamedArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Naive Bayes of rows against sums over all values, and against formulas written out. */
final class RowNaiveBayesTest {
  private static final int TAIL = 90;
  private static final double STEP = 0.05;

  /** One column of each kind; the amount is far from zero and in large units. */
  private static RowSchema mixed(RowSchema.Nulls nulls) {
    return new RowSchema(
        List.of(
            SmallRows.category("colour", false, true, "red", "green"),
            SmallRows.whole("count", true, 5, 100L, 105L, 115L, 135L),
            SmallRows.real("amount", true, 5e6, 2e3)),
        nulls);
  }

  private static StatisticsModel model(EventSpec event, Object... settings) {
    Map<String, Object> all = new HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      all.put((String) settings[i], settings[i + 1]);
    }
    return (StatisticsModel) Families.define("naive-bayes", Settings.of(all), event);
  }

  private static NamedArrays parameters(StatisticsModel model) {
    Batch data = SmallRows.correlated(model.event(), 400, 1);
    return StatisticsFit.of(model, data, RandomKey.of(3)).parameters();
  }

  /** Every value that a column takes, with the size of the cell that stands for it. */
  private static Map<Object, Double> cells(RowColumn column) {
    Map<Object, Double> cells = new HashMap<>();
    if (column.type() instanceof ColumnType.Category category) {
      category.vocabulary().forEach(text -> cells.put(text, 1.0));
      cells.put("what nobody saw", 1.0);
    } else if (column.type() instanceof ColumnType.Whole whole) {
      for (long i = -TAIL; whole.least() + i * whole.step() <= whole.greatest(); i++) {
        cells.put(whole.least() + i * whole.step(), 1.0);
      }
      for (long i = 1; i <= TAIL; i++) {
        cells.put(whole.greatest() + i * whole.step(), 1.0);
      }
    } else {
      ColumnType.Real real = (ColumnType.Real) column.type();
      for (double z = -10; z <= 10; z += STEP) {
        cells.put(real.shift() + real.scale() * z, STEP * real.scale());
      }
    }
    return cells;
  }

  private static Batch rows(EventSpec event, List<Object[]> rows) {
    RowSchema schema = event.schema().orElseThrow();
    float[] values = new float[rows.size() * schema.size()];
    for (int i = 0; i < rows.size(); i++) {
      for (int c = 0; c < schema.columns().size(); c++) {
        schema.columns().get(c).encode(rows.get(i)[c], values, i * schema.size() + schema.begin(c));
      }
    }
    return Batch.of(event, LongStream.range(0, rows.size()).toArray(), values);
  }

  private static Object[] row(Object... values) {
    return values;
  }

  private static Object[] with(Object[] row, int column, Object value) {
    Object[] other = row.clone();
    other[column] = value;
    return other;
  }

  private static Object[] decoded(Batch batch, int i) {
    RowSchema schema = batch.event().schema().orElseThrow();
    return IntStream.range(0, schema.columns().size())
        .mapToObj(
            c ->
                schema.columns().get(c).decode(batch.values(), i * schema.size() + schema.begin(c)))
        .toArray();
  }

  @ParameterizedTest
  @EnumSource(RowSchema.Nulls.class)
  void probability_sums_and_integrates_to_one(RowSchema.Nulls nulls) {
    EventSpec event = EventSpec.rows(mixed(nulls));
    StatisticsModel model = model(event, "components", 3, "iterations", 8, "smoothing", 5);
    List<RowColumn> columns = event.schema().orElseThrow().columns();
    List<List<Object>> values = new ArrayList<>();
    List<Map<Object, Double>> cells = new ArrayList<>();
    for (RowColumn column : columns) {
      cells.add(cells(column));
      values.add(new ArrayList<>(cells.get(cells.size() - 1).keySet()));
      if (nulls == RowSchema.Nulls.VALUE) {
        values.get(values.size() - 1).add(null);
      }
    }
    double sum = 0;
    try (ExactModel bound = model.bind(parameters(model))) {
      for (Object first : values.get(0)) {
        for (Object second : values.get(1)) {
          List<Object[]> some = values.get(2).stream().map(v -> row(first, second, v)).toList();
          double[] logProb = bound.logProb(rows(event, some));
          for (int i = 0; i < logProb.length; i++) {
            sum += Math.exp(logProb[i]) * cells.get(2).getOrDefault(some.get(i)[2], 1.0);
          }
        }
      }
    }
    assertEquals(1, sum, 1e-9);
  }

  /** p(observed) is the sum of p(row) over all values of what is missing. */
  @Test
  void a_missing_value_is_integrated_out() {
    EventSpec event = EventSpec.rows(mixed(RowSchema.Nulls.MISSING));
    StatisticsModel model = model(event, "components", 3, "iterations", 8);
    Object[] whole = row("green", 110L, 5_001_000.0);
    try (ExactModel bound = model.bind(parameters(model))) {
      for (int c = 0; c < whole.length; c++) {
        Map<Object, Double> cells = cells(event.schema().orElseThrow().columns().get(c));
        double sum = 0;
        for (Map.Entry<Object, Double> cell : cells.entrySet()) {
          Batch one = rows(event, List.<Object[]>of(with(whole, c, cell.getKey())));
          sum += Math.exp(bound.logProb(one)[0]) * cell.getValue();
        }
        Batch part = rows(event, List.<Object[]>of(with(whole, c, null)));
        assertEquals(Math.log(sum), bound.logProb(part)[0], 1e-9);
      }
    }
  }

  /** log Σ_k p(k) Π_c p_kc, every factor written out. */
  @Test
  void a_mixture_is_what_its_formula_says() {
    EventSpec event = EventSpec.rows(mixed(RowSchema.Nulls.VALUE));
    StatisticsModel model = model(event, "components", 2);
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {0.3, 0.7}, 2)
            .with("probability.colour", new double[] {0.5, 0.4, 0.1, 0.2, 0.7, 0.1}, 2, 3)
            .with("null.colour", new double[] {0.1, 0.2}, 2)
            .with(
                "probability.count",
                new double[] {0.01, 0.5, 0.2, 0.28, 0.01, 0.02, 0.1, 0.4, 0.38, 0.1},
                2,
                5)
            .with("null.count", new double[] {0.3, 0.05}, 2)
            .with("mean.amount", new double[] {-0.5, 1}, 2)
            .with("variance.amount", new double[] {0.25, 2}, 2)
            .with("null.amount", new double[] {0.15, 0.25}, 2);
    List<Object[]> rows =
        List.of(
            row("red", 105L, 4_999_500.0),
            row("never seen", 95L, 5_004_001.5),
            row(null, 150L, 5e6),
            row("green", null, null));
    // Seven values of 5 apart: the tails begin with mean 2 + 7/8.
    double first = 1 / 2.875;
    double[][] factors = {
      {
        0.3 * 0.9 * 0.5 * 0.7 * 0.2 / 2 * 0.85 * normal(-0.25, -0.5, 0.25) / 2e3,
        0.7 * 0.8 * 0.2 * 0.95 * 0.4 / 2 * 0.75 * normal(-0.25, 1, 2) / 2e3
      },
      {
        0.3 * 0.9 * 0.1 * 0.7 * 0.01 * first * 0.85 * normal(2.00075, -0.5, 0.25) / 2e3,
        0.7 * 0.8 * 0.1 * 0.95 * 0.02 * first * 0.75 * normal(2.00075, 1, 2) / 2e3
      },
      {
        0.3
            * 0.1
            * 0.7
            * 0.01
            * first
            * Math.pow(1 - first, 3)
            * 0.85
            * normal(0, -0.5, 0.25)
            / 2e3,
        0.7 * 0.2 * 0.95 * 0.1 * first * Math.pow(1 - first, 3) * 0.75 * normal(0, 1, 2) / 2e3
      },
      {0.3 * 0.9 * 0.4 * 0.3 * 0.15, 0.7 * 0.8 * 0.7 * 0.05 * 0.25}
    };
    try (ExactModel bound = model.bind(parameters)) {
      double[] logProb = bound.logProb(rows(event, rows));
      for (int i = 0; i < logProb.length; i++) {
        assertEquals(Math.log(factors[i][0] + factors[i][1]), logProb[i], 1e-12, "row " + i);
      }
      double[][] components = ((RowModel) bound).componentProbabilities(rows(event, rows));
      for (int i = 0; i < logProb.length; i++) {
        double share = factors[i][1] / (factors[i][0] + factors[i][1]);
        assertEquals(share, components[i][1], 1e-12);
      }
    }
  }

  private static double normal(double x, double mean, double variance) {
    double deviation = x - mean;
    return Math.exp(-deviation * deviation / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
  }

  /** Without smoothing the likelihood, with it its product with the priors never falls. */
  @ParameterizedTest
  @EnumSource(RowSchema.Nulls.class)
  void em_never_goes_down(RowSchema.Nulls nulls) {
    EventSpec event = EventSpec.rows(mixed(nulls));
    Batch data = SmallRows.correlated(event, 300, 1);
    for (double smoothing : new double[] {0, 4}) {
      StatisticsModel model =
          model(event, "components", 4, "iterations", 40, "smoothing", smoothing);
      NamedArrays parameters = model.initial(RandomKey.of(5));
      NamedArrays overall = overall(model, data, smoothing);
      double before = Double.NEGATIVE_INFINITY;
      for (int pass = 0; pass < model.iterations(); pass++) {
        double[] statistics = new double[model.statisticsSize()];
        model.accumulate(parameters, data, statistics);
        if (pass > 0) {
          double objective =
              model.logLikelihood(statistics).orElseThrow()
                  + logPrior(parameters, overall, smoothing);
          assertTrue(objective >= before - 1e-8, "pass " + pass + ": " + before + ", " + objective);
          before = objective;
        }
        parameters = model.maximize(statistics);
      }
    }
  }

  /** The distribution over all states by its formula: shares with α more of each, and s². */
  private static NamedArrays overall(StatisticsModel model, Batch data, double smoothing) {
    RowSchema schema = model.event().schema().orElseThrow();
    NamedArrays overall = NamedArrays.empty();
    for (int c = 0; c < schema.columns().size(); c++) {
      RowColumn column = schema.columns().get(c);
      Map<Object, Double> counts = new TreeMap<>();
      double nulls = 0;
      double seen = 0;
      List<Double> numbers = new ArrayList<>();
      for (int i = 0; i < data.size(); i++) {
        Object value = decoded(data, i)[c];
        if (value == null) {
          nulls++;
          continue;
        }
        seen++;
        Object outcome =
            column.type() instanceof ColumnType.Whole whole
                ? IntStream.range(0, whole.edges().size() - 1)
                    .filter(bin -> (Long) value < whole.edges().get(bin + 1))
                    .findFirst()
                    .orElseThrow()
                : value;
        if (outcome instanceof Double number) {
          numbers.add((number - 5e6) / 2e3);
        } else {
          counts.merge(outcome, 1.0, Double::sum);
        }
      }
      overall =
          overall.with(
              "null." + column.name(),
              new double[] {(nulls + smoothing) / (nulls + seen + 2 * smoothing)},
              1);
      if (column.type() instanceof ColumnType.Category category) {
        double[] shares = new double[category.codes()];
        for (int v = 0; v < shares.length; v++) {
          Object text = v < category.other() ? category.vocabulary().get(v) : "none of them";
          shares[v] =
              (counts.getOrDefault(text, 0.0) + smoothing) / (seen + shares.length * smoothing);
        }
        overall = overall.with("probability." + column.name(), shares, shares.length);
      } else if (column.type() instanceof ColumnType.Whole whole) {
        double[] shares = new double[whole.edges().size() + 1];
        for (int v = 0; v < shares.length; v++) {
          shares[v] =
              (counts.getOrDefault(v - 1, 0.0) + smoothing) / (seen + shares.length * smoothing);
        }
        overall = overall.with("probability." + column.name(), shares, shares.length);
      } else {
        double mean = numbers.stream().mapToDouble(v -> v).average().orElseThrow();
        double variance =
            numbers.stream().mapToDouble(v -> (v - mean) * (v - mean)).average().orElseThrow();
        overall = overall.with("variance." + column.name(), new double[] {variance}, 1);
      }
    }
    return overall;
  }

  private static double logPrior(NamedArrays parameters, NamedArrays overall, double smoothing) {
    double sum = 0;
    for (Map.Entry<String, NamedArrays.Array> entry : parameters.byName().entrySet()) {
      double[] own = entry.getValue().values();
      for (int i = 0; smoothing > 0 && i < own.length; i++) {
        double[] all =
            overall.byName().containsKey(entry.getKey())
                ? overall.byName().get(entry.getKey()).values()
                : new double[0];
        if (entry.getKey().startsWith("probability.")) {
          sum += smoothing * all[i % all.length] * Math.log(own[i]);
        } else if (entry.getKey().startsWith("null.")) {
          sum += smoothing * (all[0] * Math.log(own[i]) + (1 - all[0]) * Math.log1p(-own[i]));
        } else if (entry.getKey().startsWith("variance.")) {
          sum -= smoothing / 2 * (Math.log(own[i]) + all[0] / own[i]);
        }
      }
    }
    return sum;
  }

  /** log p(x_c | the rest) is log p(x) less the sum over all values of x_c. */
  @ParameterizedTest
  @EnumSource(RowSchema.Nulls.class)
  void a_column_is_scored_given_the_others(RowSchema.Nulls nulls) {
    EventSpec event = EventSpec.rows(mixed(nulls));
    StatisticsModel model = model(event, "components", 3, "iterations", 8);
    List<Object[]> some =
        List.of(
            row("red", 100L, 4_998_000.0),
            row("unseen", 80L, 5_002_345.678),
            row("green", null, 5_001_000.0),
            row(null, 130L, null));
    try (ExactModel bound = model.bind(parameters(model))) {
      double[] logProb = bound.logProb(rows(event, some));
      double[][] found = ((RowModel) bound).columnLogProb(rows(event, some));
      for (int i = 0; i < some.size(); i++) {
        for (int c = 0; c < 3; c++) {
          if (some.get(i)[c] == null && nulls == RowSchema.Nulls.MISSING) {
            assertTrue(Double.isNaN(found[i][c]));
            continue;
          }
          Map<Object, Double> cells = cells(event.schema().orElseThrow().columns().get(c));
          double rest =
              nulls == RowSchema.Nulls.VALUE
                  ? Math.exp(
                      bound.logProb(rows(event, List.<Object[]>of(with(some.get(i), c, null))))[0])
                  : 0;
          for (Map.Entry<Object, Double> cell : cells.entrySet()) {
            Batch one = rows(event, List.<Object[]>of(with(some.get(i), c, cell.getKey())));
            rest += Math.exp(bound.logProb(one)[0]) * cell.getValue();
          }
          assertEquals(logProb[i] - Math.log(rest), found[i][c], 1e-9);
        }
      }
    }
  }

  /** A value that its own component alone can have, against the others: nothing becomes NaN. */
  @Test
  void a_column_that_rules_out_components_is_scored_exactly() {
    RowSchema schema =
        new RowSchema(
            List.of(
                SmallRows.category("a", true, false, "x", "y"),
                SmallRows.category("b", true, false, "x", "y")),
            RowSchema.Nulls.MISSING);
    EventSpec event = EventSpec.rows(schema);
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {0.5, 0.5}, 2)
            .with("probability.a", new double[] {1, 0, 0, 0, 1, 0}, 2, 3)
            .with("probability.b", new double[] {0.25, 0.75, 0, 1, 0, 0}, 2, 3);
    Batch x = rows(event, List.of(row("x", "x"), row("y", "y"), row("z", "z")));
    try (ExactModel bound = model(event, "components", 2).bind(parameters)) {
      double[][] found = ((RowModel) bound).columnLogProb(x);
      assertEquals(Math.log(0.125 / 0.625), found[0][0], 1e-12);
      assertEquals(Math.log(0.125 / 0.5), found[0][1], 1e-12);
      assertArrayEquals(
          new double[] {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY}, found[1]);
      assertTrue(Double.isNaN(found[2][0]), "the others are impossible together");
    }
  }

  /** Draws of what is missing follow p(missing | observed), enumerated from log p(row). */
  @ParameterizedTest
  @EnumSource(RowSchema.Nulls.class)
  void what_is_missing_is_drawn_by_bayes_rule(RowSchema.Nulls nulls) {
    EventSpec event = EventSpec.rows(mixed(nulls));
    StatisticsModel model = model(event, "components", 3, "iterations", 8, "smoothing", 30);
    int draws = 20_000;
    float[] values = new float[draws * event.size()];
    Batch one = rows(event, List.<Object[]>of(row(null, null, 5_001_000.0)));
    for (int i = 0; i < draws; i++) {
      System.arraycopy(one.values(), 0, values, i * event.size(), event.size());
    }
    Batch many = Batch.of(event, LongStream.range(0, draws).toArray(), values);
    try (ExactModel bound = model.bind(parameters(model))) {
      Map<List<Object>, Double> probability = new HashMap<>();
      double sum = 0;
      for (Object colour : List.of("red", "green")) {
        for (long count = 100; count < 135; count += 5) {
          Object[] whole = row(colour, count, 5_001_000.0);
          double p = Math.exp(bound.logProb(rows(event, List.<Object[]>of(whole)))[0]);
          probability.put(List.of(colour, count), p);
          sum += p;
        }
      }
      Map<List<Object>, Integer> drawn = new HashMap<>();
      Batch complete = ((RowModel) bound).complete(many, Completion.DRAW, RandomKey.of(9));
      for (int i = 0; i < draws; i++) {
        Object[] row = decoded(complete, i);
        assertEquals(5_001_000.0, row[2]);
        drawn.merge(List.of(row[0], row[1]), 1, Integer::sum);
      }
      double chiSquare = 0;
      for (Map.Entry<List<Object>, Double> cell : probability.entrySet()) {
        double expected = cell.getValue() / sum * draws;
        double observed = drawn.getOrDefault(cell.getKey(), 0);
        chiSquare += (observed - expected) * (observed - expected) / expected;
      }
      assertTrue(probability.keySet().containsAll(drawn.keySet()), drawn.toString());
      assertTrue(chiSquare < 13 + 5 * Math.sqrt(26), "chi-square " + chiSquare);
      Batch again = ((RowModel) bound).complete(many, Completion.DRAW, RandomKey.of(9));
      assertArrayEquals(complete.values(), again.values());
      Batch alone = ((RowModel) bound).complete(many.slice(7, 8), Completion.DRAW, RandomKey.of(9));
      assertArrayEquals(complete.slice(7, 8).values(), alone.values());
    }
  }

  /** Given a colour, draws have the frequencies of p(count is null | colour) and of the counts. */
  @Test
  void rows_are_drawn_given_columns() {
    EventSpec event = EventSpec.rows(mixed(RowSchema.Nulls.VALUE));
    StatisticsModel model = model(event, "components", 3, "iterations", 8, "smoothing", 30);
    int draws = 20_000;
    long[] ids = LongStream.range(0, draws).toArray();
    try (ExactModel bound = model.bind(parameters(model))) {
      ConditionalRowModel rows = (ConditionalRowModel) bound;
      boolean[] nothing = new boolean[3];
      float[] any = new float[event.size()];
      assertEquals(0, rows.logProbGiven(any, nothing), 1e-12);
      assertArrayEquals(
          bound.sample(ids, RandomKey.of(6), SampleRequest.plain()).values(),
          rows.sampleGiven(ids, any, nothing, RandomKey.of(6)).values());
      for (String colour : new String[] {"green", "unseen", null}) {
        Batch one = rows(event, List.<Object[]>of(row(colour, 0L, 0.0)));
        boolean[] given = {true, false, false};
        Map<Object, Double> probability = new HashMap<>();
        double all = 0;
        for (int value = -1; value < 7; value++) {
          Long count = value < 0 ? null : 100L + 5L * value;
          Batch both = rows(event, List.<Object[]>of(row(colour, count, 0.0)));
          double p = Math.exp(rows.logProbGiven(both.values(), new boolean[] {true, true, false}));
          probability.put(count, p);
          all += p;
        }
        assertTrue(Math.log(all) < rows.logProbGiven(one.values(), given));
        Batch drawn = rows.sampleGiven(ids, one.values(), given, RandomKey.of(6));
        Map<Object, Integer> counts = new HashMap<>();
        for (int i = 0; i < draws; i++) {
          Object[] row = decoded(drawn, i);
          assertEquals(colour == null ? null : colour.equals("unseen") ? "other" : colour, row[0]);
          counts.merge(row[1] == null ? "null" : row[1], 1, Integer::sum);
        }
        double chiSquare = 0;
        for (Map.Entry<Object, Double> cell : probability.entrySet()) {
          double expected = cell.getValue() / all * draws;
          double observed = counts.getOrDefault(cell.getKey() == null ? "null" : cell.getKey(), 0);
          chiSquare += (observed - expected) * (observed - expected) / expected;
        }
        assertTrue(chiSquare < 7 + 5 * Math.sqrt(14), colour + ": chi-square " + chiSquare);
      }
    }
  }

  @Test
  void the_mode_is_that_of_the_most_probable_class() {
    EventSpec event = EventSpec.rows(mixed(RowSchema.Nulls.VALUE));
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {0.4, 0.6}, 2)
            .with("probability.colour", new double[] {0.6, 0.2, 0.2, 0.05, 0.15, 0.8}, 2, 3)
            .with("null.colour", new double[] {0.1, 0.1}, 2)
            .with(
                "probability.count", new double[] {0.7, 0.1, 0.1, 0.1, 0, 0, 0, 0.3, 0.7, 0}, 2, 5)
            .with("null.count", new double[] {0.2, 0.2}, 2)
            .with("mean.amount", new double[] {-0.5, 1.25}, 2)
            .with("variance.amount", new double[] {1, 1}, 2)
            .with("null.amount", new double[] {0.5, 0.5}, 2);
    Batch x =
        rows(event, List.of(row("red", null, null), row(null, 100L, null), row(null, null, null)));
    try (ExactModel bound = model(event, "components", 2).bind(parameters)) {
      Batch filled = ((RowModel) bound).complete(x, Completion.MODE, RandomKey.of(1));
      // A tail is never taken; values of the first bin are the most probable one by one.
      assertArrayEquals(row("red", 100L, 4_999_000.0), decoded(filled, 0));
      assertArrayEquals(row("red", 100L, 4_999_000.0), decoded(filled, 1));
      // Other texts were never seen; of the bin [115, 135) with 4 values, each has 0.175.
      assertArrayEquals(row("green", 120L, 5_002_500.0), decoded(filled, 2));
    }
  }

  /** Nulls at their rate, whole numbers within their range, texts of the vocabulary. */
  @Test
  void draws_have_the_types_and_ranges_of_the_data() {
    RowSchema schema =
        new RowSchema(
            List.of(
                SmallRows.category("colour", false, false, "red", "green"),
                SmallRows.whole("count", true, 5, 100L, 105L, 115L, 135L),
                SmallRows.real("amount", false, -7, 0.5)),
            RowSchema.Nulls.VALUE);
    EventSpec event = EventSpec.rows(schema);
    StatisticsModel model = model(event, "components", 2, "iterations", 5, "smoothing", 50);
    Batch data = SmallRows.correlated(event, 400, 1);
    NamedArrays parameters = StatisticsFit.of(model, data, RandomKey.of(3)).parameters();
    int draws = 20_000;
    try (ExactModel bound = model.bind(parameters)) {
      Batch drawn =
          bound.sample(
              LongStream.range(0, draws).toArray(), RandomKey.of(4), SampleRequest.plain());
      int nulls = 0;
      double digits = 0;
      for (int i = 0; i < draws; i++) {
        Object[] row = decoded(drawn, i);
        assertTrue(List.of("red", "green").contains(row[0]), "" + row[0]);
        nulls += row[1] == null ? 1 : 0;
        assertTrue(row[1] == null || ((Long) row[1] >= 100 && (Long) row[1] < 135), "" + row[1]);
        assertEquals(0, row[1] == null ? 0 : (Long) row[1] % 5);
        digits += drawn.values()[i * event.size() + schema.begin(2) + 1] == 0 ? 0 : 1;
      }
      double rate = 0;
      for (int i = 0; i < data.size(); i++) {
        rate += decoded(data, i)[1] == null ? 1.0 / data.size() : 0;
      }
      // The priors draw the components towards the pooled rate, which has 50 more of each kind.
      assertEquals(rate, (double) nulls / draws, 0.06);
      assertTrue(digits > 0.9 * draws, "real numbers have more digits than a float32 holds");
    }
  }

  @Test
  void settings_and_columns_that_do_not_fit_are_refused() {
    EventSpec event = EventSpec.rows(mixed(RowSchema.Nulls.VALUE));
    Settings settings = Settings.of(Map.of("likelihood", "gaussian"));
    Families.define("naive-bayes", settings, event);
    assertTrue(
        settings.problems().toString().contains("likelihood"), settings.problems().toString());

    RowColumn vast =
        new RowColumn(
            "hash",
            ColumnKind.INTEGER,
            new ColumnType.Whole(
                Long.MIN_VALUE, Long.MAX_VALUE - 1, 1, List.of(Long.MIN_VALUE, 0L, Long.MAX_VALUE)),
            false,
            "bigint");
    assertRefused(vast, ErrorCode.MISMATCH, "'hash'", "2^62");
    RowColumn hollow =
        new RowColumn(
            "price",
            ColumnKind.INTEGER,
            new ColumnType.Whole(0, 20, 10, List.of(0L, 1L, 5L, 30L)),
            false,
            "bigint");
    assertRefused(hollow, ErrorCode.MISMATCH, "'price'", "from 1 to 5");
    String[] many = IntStream.range(0, 10_000).mapToObj(i -> "v" + i).toArray(String[]::new);
    RowColumn wide = SmallRows.category("city", false, false, many);
    assertRefused(wide, ErrorCode.SPEC, "'city'", "take fewer");
  }

  private static void assertRefused(RowColumn column, ErrorCode kind, String... parts) {
    EventSpec event = EventSpec.rows(new RowSchema(List.of(column), RowSchema.Nulls.VALUE));
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> model(event, "components", 50_000));
    assertEquals(kind, refusal.code());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
  }

  /** 10,000 texts and 100 components: what a component saw is not drowned by smoothing. */
  @Test
  void columns_of_very_many_values_are_learned() {
    String[] vocabulary = IntStream.range(0, 10_000).mapToObj(i -> "v" + i).toArray(String[]::new);
    RowSchema schema =
        new RowSchema(
            List.of(
                SmallRows.category("city", false, false, vocabulary),
                SmallRows.category("half", false, false, "lower", "upper")),
            RowSchema.Nulls.VALUE);
    EventSpec event = EventSpec.rows(schema);
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      rows.add(row("v" + i, i < 5_000 ? "lower" : "upper"));
    }
    Batch data = rows(event, rows);
    StatisticsModel model = model(event, "components", 100, "iterations", 2);
    double[] nats = new double[2];
    for (int passes = 0; passes < 2; passes++) {
      StatisticsModel own = passes == 0 ? model(event) : model;
      NamedArrays parameters = StatisticsFit.of(own, data, RandomKey.of(2)).parameters();
      try (ExactModel bound = own.bind(parameters)) {
        nats[passes] = Arrays.stream(bound.logProb(data)).average().orElseThrow();
      }
    }
    // Independent: log 10,000 + log 2; the half follows from the city.
    assertEquals(-Math.log(20_000), nats[0], 0.01);
    assertTrue(nats[1] > nats[0] + 0.2, nats[0] + ", " + nats[1]);
  }
}
