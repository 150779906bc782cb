package dev.ancestral.oracle;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.RowModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.NamedArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.LongStream;

/**
 * Rows of a text, a whole number and a real number under a latent class model with known
 * parameters, each factor from the values and not from the elements that stand for them: log
 * p(row), its sum and integral, a column given the others, one step of EM, draws, and draws of what
 * is missing given the rest by Bayes' rule.
 *
 * @param nulls what a null is
 */
record RowsOracle(RowSchema.Nulls nulls) implements Oracle {
  private static final int CLASSES = 3;
  private static final int EXAMPLES = 600;
  private static final int DRAWS = 9_000;
  private static final double SMOOTHING = 2.5;
  private static final double TOLERANCE = 1e-9;
  private static final List<String> COLOURS = List.of("red", "green");
  private static final long[] EDGES = {-3, 1, 3, 9};
  private static final long STEP = 2;
  private static final long[] VALUES_OF_BIN = {2, 1, 3};
  private static final double TAIL_MEAN = 2 + 6 / 8.0;
  private static final int TAIL = 60;
  private static final double SHIFT = 120;
  private static final double SCALE = 7;
  private static final double CELL = 0.05;
  private static final double FARTHEST = 10;

  @Override
  public List<String> families() {
    return List.of("naive-bayes");
  }

  private boolean nullIsValue() {
    return nulls == RowSchema.Nulls.VALUE;
  }

  private EventSpec event() {
    List<Long> edges = Arrays.stream(EDGES).boxed().toList();
    return EventSpec.rows(
        new RowSchema(
            List.of(
                new RowColumn(
                    "colour",
                    ColumnKind.CATEGORY,
                    new ColumnType.Category(COLOURS, false),
                    true,
                    "string"),
                new RowColumn(
                    "count",
                    ColumnKind.INTEGER,
                    new ColumnType.Whole(EDGES[0], EDGES[EDGES.length - 1] - STEP, STEP, edges),
                    false,
                    "bigint"),
                new RowColumn(
                    "weight", ColumnKind.REAL, new ColumnType.Real(SHIFT, SCALE), false, "double")),
            nulls));
  }

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("rows, nulls " + (nullIsValue() ? "as values" : "missing"));
    StatisticsModel definition =
        (StatisticsModel)
            Families.named("naive-bayes")
                .define(
                    Settings.of(Map.of("components", CLASSES, "smoothing", SMOOTHING)), event());
    RandomKey key = RandomKey.of(71);
    NamedArrays parameters = parameters(key.fold("parameters"));
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < EXAMPLES; i++) {
      rows.add(row(key.fold("rows").fold(i)));
    }
    try (ExactModel model = definition.bind(parameters)) {
      scores(laws, model, parameters, rows);
      laws.equal("sum and integral over all rows", 1, total(model), TOLERANCE);
      draws(laws, model, parameters);
    }
    step(laws, definition, parameters, rows);
    return laws.verdicts();
  }

  private NamedArrays parameters(RandomKey key) {
    double[] deviation = new double[CLASSES];
    double[] mean = new double[CLASSES];
    double[][] nullRates = new double[3][CLASSES];
    for (int k = 0; k < CLASSES; k++) {
      deviation[k] = 0.4 + key.fold("variance").uniform(k);
      mean[k] = 3 * key.fold("mean").uniform(k) - 1.5;
      for (int c = 0; c < nullRates.length; c++) {
        nullRates[c][k] = 0.05 + 0.3 * key.fold("null").fold(c).uniform(k);
      }
    }
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", Elements.distributions(1, CLASSES, key.fold("prior")), CLASSES)
            .with(
                "probability.colour",
                Elements.distributions(CLASSES, 3, key.fold("colour")),
                CLASSES,
                3)
            .with(
                "probability.count",
                Elements.distributions(CLASSES, 5, key.fold("count")),
                CLASSES,
                5)
            .with("mean.weight", mean, CLASSES)
            .with("variance.weight", deviation, CLASSES);
    return nullIsValue()
        ? parameters
            .with("null.colour", nullRates[0], CLASSES)
            .with("null.count", nullRates[1], CLASSES)
            .with("null.weight", nullRates[2], CLASSES)
        : parameters;
  }

  /** Random values, also ones that the data that fixed the schema did not have. */
  private static Object[] row(RandomKey key) {
    int colour = (int) key.below(0, 3);
    Object[] row = {
      colour < 2 ? COLOURS.get(colour) : "blue",
      EDGES[0] + STEP * (key.below(1, 12) - 3),
      SHIFT + SCALE * 1.5 * key.normal(2)
    };
    for (int c = 0; c < row.length; c++) {
      row[c] = key.fold("null").below(c, 6) == 0 ? null : row[c];
    }
    return row;
  }

  private Batch batch(List<Object[]> rows) {
    RowSchema schema = event().schema().orElseThrow();
    float[] values = new float[rows.size() * schema.size()];
    for (int i = 0; i < rows.size(); i++) {
      for (int c = 0; c < 3; c++) {
        int at = i * schema.size() + schema.begin(c);
        schema.columns().get(c).encode(rows.get(i)[c], values, at);
      }
    }
    return Batch.of(event(), LongStream.range(0, rows.size()).toArray(), values);
  }

  private static Object value(Batch batch, int i, int column) {
    RowSchema schema = batch.event().schema().orElseThrow();
    int at = i * schema.size() + schema.begin(column);
    return schema.columns().get(column).decode(batch.values(), at);
  }

  /** Of a colour its place, of a count the tail below, the bin, the tail above. */
  private static int outcome(Object value) {
    if (value instanceof String colour) {
      int place = COLOURS.indexOf(colour);
      return place < 0 ? COLOURS.size() : place;
    }
    long count = (Long) value;
    int outcome = 0;
    while (outcome < EDGES.length && count >= EDGES[outcome]) {
      outcome++;
    }
    return outcome;
  }

  private static double value(NamedArrays parameters, String name, int at) {
    double[] values = Elements.values(parameters, name);
    return values[at];
  }

  /** p(value of column c | k). */
  private double probability(NamedArrays parameters, int k, int c, Object value) {
    String name = List.of("colour", "count", "weight").get(c);
    double none = nullIsValue() ? value(parameters, "null." + name, k) : 0;
    if (value == null) {
      return nullIsValue() ? none : 1;
    }
    if (value instanceof Double weight) {
      double mean = value(parameters, "mean.weight", k);
      double variance = value(parameters, "variance.weight", k);
      double standard = (weight - SHIFT) / SCALE;
      return (1 - none) * Math.exp(Normal.logDensity(standard, mean, variance)) / SCALE;
    }
    int outcome = outcome(value);
    double[] all = Elements.values(parameters, "probability." + name);
    double own = (1 - none) * all[k * (all.length / CLASSES) + outcome];
    if (value instanceof String) {
      return own;
    }
    long count = (Long) value;
    if (outcome > 0 && outcome <= VALUES_OF_BIN.length) {
      return own / VALUES_OF_BIN[outcome - 1];
    }
    long distance =
        outcome == 0 ? (EDGES[0] - count) / STEP - 1 : (count - EDGES[EDGES.length - 1]) / STEP;
    return own / TAIL_MEAN * Math.pow(1 - 1 / TAIL_MEAN, (double) distance);
  }

  /** p(class, row without a column), [K]; with all columns where {@code but} is −1. */
  private double[] joint(NamedArrays parameters, Object[] row, int but) {
    double[] joint = Elements.values(parameters, "prior").clone();
    for (int k = 0; k < CLASSES; k++) {
      for (int c = 0; c < row.length; c++) {
        joint[k] *= c == but ? 1 : probability(parameters, k, c, row[c]);
      }
    }
    return joint;
  }

  private static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }

  private void scores(Laws laws, ExactModel model, NamedArrays parameters, List<Object[]> rows) {
    double[] nats = new double[rows.size()];
    double[] ofColumns = new double[3 * rows.size()];
    double[] shares = new double[CLASSES * rows.size()];
    double[] foundColumns = new double[3 * rows.size()];
    double[] foundShares = new double[CLASSES * rows.size()];
    Batch x = batch(rows);
    double[][] columns = ((RowModel) model).columnLogProb(x);
    double[][] components = ((RowModel) model).componentProbabilities(x);
    for (int i = 0; i < rows.size(); i++) {
      double[] joint = joint(parameters, rows.get(i), -1);
      nats[i] = Math.log(sum(joint));
      for (int c = 0; c < 3; c++) {
        boolean observed = nullIsValue() || rows.get(i)[c] != null;
        double rest = Math.log(sum(joint(parameters, rows.get(i), c)));
        ofColumns[3 * i + c] = observed ? nats[i] - rest : 0;
        // Not a number stands for what is not observed, and only for that.
        foundColumns[3 * i + c] =
            observed || !Double.isNaN(columns[i][c]) ? columns[i][c] : ofColumns[3 * i + c];
      }
      for (int k = 0; k < CLASSES; k++) {
        shares[CLASSES * i + k] = joint[k] / sum(joint);
        foundShares[CLASSES * i + k] = components[i][k];
      }
    }
    laws.equal("log p(row)", nats, model.logProb(x), TOLERANCE);
    laws.equal("log p(column | other columns)", ofColumns, foundColumns, TOLERANCE);
    laws.equal("p(class | row)", shares, foundShares, TOLERANCE);
  }

  private double total(ExactModel model) {
    List<Object> colours = new ArrayList<>(List.of("red", "green", "blue"));
    List<Object> counts = new ArrayList<>();
    for (long count = EDGES[0] - STEP * TAIL; count < EDGES[3] + STEP * TAIL; count += STEP) {
      counts.add(count);
    }
    List<Object> weights = new ArrayList<>();
    for (double z = -FARTHEST; z <= FARTHEST; z += CELL) {
      weights.add(SHIFT + SCALE * z);
    }
    if (nullIsValue()) {
      colours.add(null);
      counts.add(null);
      weights.add(null);
    }
    double total = 0;
    for (Object colour : colours) {
      for (Object count : counts) {
        double[] logProb =
            model.logProb(
                batch(weights.stream().map(w -> new Object[] {colour, count, w}).toList()));
        for (int i = 0; i < logProb.length; i++) {
          total += Math.exp(logProb[i]) * (weights.get(i) == null ? 1 : CELL * SCALE);
        }
      }
    }
    return total;
  }

  /**
   * Cells of colour and count that may be drawn: counts of the bins, colours that the data had, and
   * null where a colour may be that.
   */
  private static int cell(Object colour, Object count) {
    boolean possible =
        (colour == null || COLOURS.contains((String) colour))
            && count != null
            && (Long) count >= EDGES[0]
            && (Long) count < EDGES[3];
    return possible
        ? (colour == null ? 2 : COLOURS.indexOf((String) colour)) * 6
            + (int) (((Long) count - EDGES[0]) / STEP)
        : 18;
  }

  private void draws(Laws laws, ExactModel model, NamedArrays parameters) {
    double[] drawable = new double[19];
    double[] missing = new double[19];
    double weight = SHIFT + SCALE;
    for (int k = 0; k < CLASSES; k++) {
      // Each draw has a weight, which is no null.
      double prior = value(parameters, "prior", k);
      double any = nullIsValue() ? 1 - value(parameters, "null.weight", k) : 1;
      double given = probability(parameters, k, 2, weight);
      for (int colour = 0; colour < 3; colour++) {
        Object text = colour < 2 ? COLOURS.get(colour) : null;
        double first =
            text == null && !nullIsValue() ? 0 : prior * probability(parameters, k, 0, text);
        for (long count = EDGES[0]; count < EDGES[3]; count += STEP) {
          double both = first * probability(parameters, k, 1, count);
          drawable[cell(text, count)] += both * any;
          missing[cell(text, count)] += text == null ? 0 : both * given;
        }
      }
    }
    Batch drawn =
        model.sample(LongStream.range(0, DRAWS).toArray(), RandomKey.of(72), SampleRequest.plain());
    laws.equal(
        "draws given what the data had (chi-square, z)",
        0,
        Frequencies.deviations(counts(drawn), normalized(drawable)),
        Frequencies.DEVIATIONS);
    List<Object[]> gaps = new ArrayList<>();
    for (int i = 0; i < DRAWS; i++) {
      gaps.add(new Object[] {null, null, weight});
    }
    Batch filled =
        ((RowModel) model).complete(batch(gaps), RowModel.Completion.DRAW, RandomKey.of(73));
    laws.equal(
        "missing values given the rest (chi-square, z)",
        0,
        Frequencies.deviations(counts(filled), normalized(missing)),
        Frequencies.DEVIATIONS);
  }

  private static long[] counts(Batch batch) {
    long[] counts = new long[19];
    for (int i = 0; i < batch.size(); i++) {
      counts[value(batch, i, 2) == null ? 18 : cell(value(batch, i, 0), value(batch, i, 1))]++;
    }
    return counts;
  }

  private static double[] normalized(double[] values) {
    double sum = sum(values);
    return Arrays.stream(values).map(value -> value / sum).toArray();
  }

  /** One pass of EM: shares with α examples of the distribution of all, means, variances. */
  private void step(
      Laws laws, StatisticsModel definition, NamedArrays parameters, List<Object[]> rows) {
    NamedArrays fitted =
        definition.maximize(Elements.statistics(definition, parameters, batch(rows)));
    double[][] weights = new double[rows.size()][];
    double[] prior = new double[CLASSES];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = normalized(joint(parameters, rows.get(i), -1));
      for (int k = 0; k < CLASSES; k++) {
        prior[k] += weights[i][k] / rows.size();
      }
    }
    laws.equal("prior after an EM step", prior, Elements.values(fitted, "prior"), TOLERANCE);
    laws.equal(
        "colours after an EM step",
        shares(column(rows, 0, RowsOracle::outcome), weights, 3),
        Elements.values(fitted, "probability.colour"),
        TOLERANCE);
    laws.equal(
        "bins of counts after an EM step",
        shares(column(rows, 1, RowsOracle::outcome), weights, 5),
        Elements.values(fitted, "probability.count"),
        TOLERANCE);
    if (nullIsValue()) {
      int[] isNull = rows.stream().mapToInt(row -> row[2] == null ? 1 : 0).toArray();
      double[] both = shares(isNull, weights, 2);
      double[] rates = new double[CLASSES];
      Arrays.setAll(rates, k -> both[2 * k + 1]);
      laws.equal(
          "nulls after an EM step", rates, Elements.values(fitted, "null.weight"), TOLERANCE);
    }
    normal(laws, fitted, rows, weights);
  }

  /** Outcomes of a column; −1 for null. */
  private static int[] column(List<Object[]> rows, int c, ToIntFunction<Object> outcome) {
    return rows.stream()
        .mapToInt(row -> row[c] == null ? -1 : outcome.applyAsInt(row[c]))
        .toArray();
  }

  private static double[] shares(int[] outcomes, double[][] weights, int count) {
    double[] pooled = new double[count];
    Arrays.fill(pooled, SMOOTHING);
    for (int outcome : outcomes) {
      if (outcome >= 0) {
        pooled[outcome]++;
      }
    }
    double all = sum(pooled);
    double[] shares = new double[CLASSES * count];
    for (int k = 0; k < CLASSES; k++) {
      double seen = SMOOTHING;
      for (int v = 0; v < count; v++) {
        shares[k * count + v] = SMOOTHING * pooled[v] / all;
      }
      for (int i = 0; i < outcomes.length; i++) {
        if (outcomes[i] >= 0) {
          shares[k * count + outcomes[i]] += weights[i][k];
          seen += weights[i][k];
        }
      }
      for (int v = 0; v < count; v++) {
        shares[k * count + v] /= seen;
      }
    }
    return shares;
  }

  private static void normal(
      Laws laws, NamedArrays fitted, List<Object[]> rows, double[][] weights) {
    double[] means = new double[CLASSES];
    double[] variances = new double[CLASSES];
    double[] seen = new double[CLASSES];
    double[] standard =
        rows.stream()
            .mapToDouble(row -> row[2] == null ? Double.NaN : ((Double) row[2] - SHIFT) / SCALE)
            .toArray();
    double[] present = Arrays.stream(standard).filter(z -> !Double.isNaN(z)).toArray();
    double mean = sum(present) / present.length;
    double variance =
        Arrays.stream(present).map(z -> (z - mean) * (z - mean)).sum() / present.length;
    for (int k = 0; k < CLASSES; k++) {
      for (int i = 0; i < standard.length; i++) {
        if (!Double.isNaN(standard[i])) {
          seen[k] += weights[i][k];
          means[k] += weights[i][k] * standard[i];
        }
      }
      means[k] /= seen[k];
      for (int i = 0; i < standard.length; i++) {
        double deviation = standard[i] - means[k];
        variances[k] += Double.isNaN(deviation) ? 0 : weights[i][k] * deviation * deviation;
      }
      variances[k] = (variances[k] + SMOOTHING * variance) / (seen[k] + SMOOTHING);
    }
    laws.equal("means after an EM step", means, Elements.values(fitted, "mean.weight"), TOLERANCE);
    laws.equal(
        "variances after an EM step",
        variances,
        Elements.values(fitted, "variance.weight"),
        TOLERANCE);
  }
}
