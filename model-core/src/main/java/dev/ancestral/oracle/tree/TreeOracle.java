package dev.ancestral.oracle.tree;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.RowModel;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.oracle.Laws;
import dev.ancestral.oracle.Oracle;
import dev.ancestral.oracle.Verdict;
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
import java.util.stream.LongStream;

/**
 * A mixture of two trees over four variables of three outcomes, with known parameters and with
 * missing values, against sums over all 81 states: log p of what is observed, a column given the
 * others, and a step of EM, whose trees are the best of all 16 that there are.
 */
public record TreeOracle() implements Oracle {
  private static final int SIZE = 4;
  private static final int OUTCOMES = 3;
  private static final int STATES = 81;
  private static final int COMPONENTS = 2;
  private static final int EXAMPLES = 150;
  private static final double SMOOTHING = 0.4;
  private static final double TOLERANCE = 1e-9;
  private static final int[][] PARENTS = {{1, 2, 2, 1}, {0, 0, 1, 2}};
  private static final RandomKey KEY = RandomKey.of(83);

  @Override
  public List<String> families() {
    return List.of("tree");
  }

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("tree, two components");
    EventSpec event = EventSpec.discrete(OUTCOMES, SIZE).withMissing(true);
    float[] values = values();
    double[][] tables = tables();
    Batch x = Batch.of(event, LongStream.range(0, EXAMPLES).toArray(), values);
    StatisticsModel definition = definition(event);
    NamedArrays parameters = parameters(tables);
    double[] observed = new double[EXAMPLES];
    for (int i = 0; i < EXAMPLES; i++) {
      observed[i] = Math.log(sum(joints(tables, values, i, -1)));
    }
    try (ExactModel model = definition.bind(parameters)) {
      laws.equal("log p(what is observed)", observed, model.logProb(x), TOLERANCE);
    }
    columns(laws, tables, parameters, values, observed);
    step(laws, definition, parameters, tables, x);
    return laws.verdicts();
  }

  private static StatisticsModel definition(EventSpec event) {
    return (StatisticsModel)
        Families.named("tree")
            .define(Settings.of(Map.of("components", COMPONENTS, "smoothing", SMOOTHING)), event);
  }

  /** Levels, one in five of them missing. */
  private static float[] values() {
    float[] values = new float[EXAMPLES * SIZE];
    for (int i = 0; i < values.length; i++) {
      boolean missing = KEY.fold("missing").below(i, 5) == 0;
      boolean same = i % SIZE > 0 && KEY.fold("same").below(i, 2) == 0;
      float own = KEY.fold("level").below(i, OUTCOMES);
      float before = i > 0 && !Float.isNaN(values[i - 1]) ? values[i - 1] : own;
      values[i] = missing ? Float.NaN : same ? before : own;
    }
    return values;
  }

  /** p(v | a) at 3 a + v, for each variable of each component; of a root [3]. */
  private static double[][] tables() {
    double[][] tables = new double[COMPONENTS * SIZE][];
    for (int t = 0; t < tables.length; t++) {
      boolean root = PARENTS[t / SIZE][t % SIZE] == t % SIZE;
      tables[t] = new double[root ? OUTCOMES : OUTCOMES * OUTCOMES];
      for (int c = 0; c < tables[t].length; c++) {
        tables[t][c] = 0.1 + KEY.fold("table").fold(t).uniform(c);
      }
      for (int row = 0; row < tables[t].length; row += OUTCOMES) {
        double sum = tables[t][row] + tables[t][row + 1] + tables[t][row + 2];
        for (int c = row; c < row + OUTCOMES; c++) {
          tables[t][c] /= sum;
        }
      }
    }
    return tables;
  }

  private static double prior(int k) {
    return k == 0 ? 0.3 : 0.7;
  }

  private static NamedArrays parameters(double[][] tables) {
    double[] probability = Arrays.stream(tables).flatMapToDouble(Arrays::stream).toArray();
    double[] parents =
        Arrays.stream(PARENTS).flatMapToInt(Arrays::stream).asDoubleStream().toArray();
    return NamedArrays.empty()
        .with("prior", new double[] {prior(0), prior(1)}, COMPONENTS)
        .with("parent", parents, COMPONENTS, SIZE)
        .with("probability", probability, probability.length);
  }

  /** Variable d of a state by its number. */
  private static int outcome(int state, int d) {
    return state / (int) Math.pow(OUTCOMES, d) % OUTCOMES;
  }

  /** p(k, state) of the states that an example may be, one variable set aside, [2 · 81]. */
  private static double[] joints(double[][] tables, float[] values, int example, int but) {
    double[] joints = new double[COMPONENTS * STATES];
    for (int state = 0; state < STATES; state++) {
      boolean possible = true;
      for (int d = 0; d < SIZE; d++) {
        float value = values[example * SIZE + d];
        possible &= d == but || Float.isNaN(value) || value == outcome(state, d);
      }
      for (int k = 0; possible && k < COMPONENTS; k++) {
        double p = prior(k);
        for (int d = 0; d < SIZE; d++) {
          int parent = PARENTS[k][d];
          int row = parent == d ? 0 : OUTCOMES * outcome(state, parent);
          p *= tables[k * SIZE + d][row + outcome(state, d)];
        }
        joints[k * STATES + state] = p;
      }
    }
    return joints;
  }

  private static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }

  /** The same numbers as codes of columns of a table. */
  private static void columns(
      Laws laws, double[][] tables, NamedArrays parameters, float[] values, double[] observed) {
    List<RowColumn> columns = new ArrayList<>();
    for (int d = 0; d < SIZE; d++) {
      // Two texts, and all others together.
      ColumnType type = new ColumnType.Category(List.of("a", "b"), true);
      columns.add(new RowColumn("column " + d, ColumnKind.CATEGORY, type, true, "string"));
    }
    EventSpec rows = EventSpec.rows(new RowSchema(columns, RowSchema.Nulls.MISSING));
    Batch x = Batch.of(rows, LongStream.range(0, EXAMPLES).toArray(), values);
    double[] expected = new double[EXAMPLES * SIZE];
    double[] found = new double[EXAMPLES * SIZE];
    try (ExactModel model = definition(rows).bind(parameters)) {
      double[][] given = ((RowModel) model).columnLogProb(x);
      for (int i = 0; i < expected.length; i++) {
        double own = given[i / SIZE][i % SIZE];
        boolean missing = Float.isNaN(values[i]);
        expected[i] =
            missing
                ? 0
                : observed[i / SIZE] - Math.log(sum(joints(tables, values, i / SIZE, i % SIZE)));
        // Not a number stands for what is not observed, and only for that.
        found[i] = missing && Double.isNaN(own) ? 0 : own;
      }
    }
    laws.equal("log p(column | other columns)", expected, found, TOLERANCE);
  }

  private static void step(
      Laws laws, StatisticsModel definition, NamedArrays parameters, double[][] tables, Batch x) {
    double[] statistics = new double[definition.statisticsSize()];
    for (int from = 0; from < EXAMPLES; from += 50) {
      double[] part = new double[statistics.length];
      definition.accumulate(parameters, x.slice(from, from + 50), part);
      definition.merge(part, statistics);
    }
    double[] counts = new double[COMPONENTS * STATES];
    for (int i = 0; i < EXAMPLES; i++) {
      double[] joints = joints(tables, x.values(), i, -1);
      double p = sum(joints);
      for (int c = 0; c < counts.length; c++) {
        counts[c] += joints[c] / p;
      }
    }
    double[] expected = new double[STATES];
    for (int k = 0; k < COMPONENTS; k++) {
      double[] own = Arrays.copyOfRange(counts, k * STATES, (k + 1) * STATES);
      double weight = sum(own) / EXAMPLES;
      for (int state = 0; state < STATES; state++) {
        // α for each pair of outcomes: so much for each state of the other two variables.
        own[state] += SMOOTHING / (OUTCOMES * OUTCOMES);
      }
      double[] best = best(own);
      for (int state = 0; state < STATES; state++) {
        expected[state] += weight * best[state];
      }
    }
    float[] states = new float[STATES * SIZE];
    for (int i = 0; i < states.length; i++) {
      states[i] = outcome(i / SIZE, i % SIZE);
    }
    Batch all = Batch.of(x.event(), LongStream.range(0, STATES).toArray(), states);
    try (ExactModel model = definition.bind(definition.maximize(statistics))) {
      double[] found = Arrays.stream(model.logProb(all)).map(Math::exp).toArray();
      laws.equal("p of all states after an EM step", expected, found, TOLERANCE);
    }
  }

  /** p of all states under the tree, of all there are, that makes counts most probable. */
  private static double[] best(double[] counts) {
    double[] best = null;
    double highest = Double.NEGATIVE_INFINITY;
    for (int number = 0; number < SIZE * SIZE * SIZE; number++) {
      // Every choice of a parent for variables 1 to 3; those with a circle are no trees.
      int[] parents = {0, number % SIZE, number / SIZE % SIZE, number / (SIZE * SIZE)};
      if (!leadsToRoot(parents)) {
        continue;
      }
      double[] p = fitted(counts, parents);
      double score = 0;
      for (int state = 0; state < STATES; state++) {
        score += counts[state] * Math.log(p[state]);
      }
      if (score > highest) {
        highest = score;
        best = p;
      }
    }
    return best;
  }

  private static boolean leadsToRoot(int[] parents) {
    for (int d = 0; d < SIZE; d++) {
      int up = d;
      for (int step = 0; step < SIZE; step++) {
        up = parents[up];
      }
      if (up != 0) {
        return false;
      }
    }
    return true;
  }

  private static double[] fitted(double[] counts, int[] parents) {
    double[] p = new double[STATES];
    for (int state = 0; state < STATES; state++) {
      p[state] = 1;
      for (int d = 0; d < SIZE; d++) {
        double both = 0;
        double above = 0;
        for (int other = 0; other < STATES; other++) {
          boolean same = d == 0 || outcome(other, parents[d]) == outcome(state, parents[d]);
          above += same ? counts[other] : 0;
          both += same && outcome(other, d) == outcome(state, d) ? counts[other] : 0;
        }
        p[state] *= both / above;
      }
    }
    return p;
  }
}
