package dev.ancestral.model.tree;

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
import dev.ancestral.model.RowModel;
import dev.ancestral.model.RowModel.Completion;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.SmallEvents;
import dev.ancestral.model.SmallRows;
import dev.ancestral.model.StatisticsContract;
import dev.ancestral.model.StatisticsFit;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.rows.ConditionalRowModel;
import dev.ancestral.model.tree.ChowLiuTrees.ChowLiuTreesFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.NamedArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees against sums over all trees, all states and all rows, written out here. */
final class ChowLiuTreesTest {
  private static final RandomKey KEY = RandomKey.of(31);

  private static StatisticsModel trees(EventSpec event, Map<String, Object> settings) {
    return (StatisticsModel) new ChowLiuTreesFamily().define(Settings.of(settings), event);
  }

  private static int[] level(Batch x, int i, int size) {
    int[] levels = new int[size];
    Arrays.setAll(levels, d -> (int) x.values()[i * size + d]);
    return levels;
  }

  /** Every tree of labelled nodes as parents with root 0, by its Prüfer sequence. */
  private static List<int[]> everyTree(int size) {
    List<int[]> trees = new ArrayList<>();
    int count = (int) Math.round(Math.pow(size, size - 2));
    for (int code = 0; code < count; code++) {
      int[] degree = new int[size];
      Arrays.fill(degree, 1);
      int[] sequence = new int[size - 2];
      int rest = code;
      for (int s = 0; s < sequence.length; s++) {
        sequence[s] = rest % size;
        degree[sequence[s]]++;
        rest /= size;
      }
      boolean[][] edges = new boolean[size][size];
      for (int node : sequence) {
        int leaf = IntStream.range(0, size).filter(d -> degree[d] == 1).findFirst().orElseThrow();
        edges[leaf][node] = edges[node][leaf] = true;
        degree[leaf]--;
        degree[node]--;
      }
      int[] last = IntStream.range(0, size).filter(d -> degree[d] == 1).toArray();
      edges[last[0]][last[1]] = edges[last[1]][last[0]] = true;
      int[] parents = new int[size];
      hang(edges, 0, 0, parents);
      trees.add(parents);
    }
    return trees;
  }

  private static void hang(boolean[][] edges, int node, int parent, int[] parents) {
    parents[node] = parent;
    for (int d = 0; d < edges.length; d++) {
      if (edges[node][d] && d != parent) {
        hang(edges, d, node, parents);
      }
    }
  }

  /** Σ n log n over the values of variables i and j together; of i alone where they are one. */
  private static double[][] sums(List<int[]> states, double[] counts) {
    int size = states.get(0).length;
    double[][] sums = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        Map<List<Integer>, Double> cells = new HashMap<>();
        for (int s = 0; s < counts.length; s++) {
          cells.merge(List.of(states.get(s)[i], states.get(s)[j]), counts[s], Double::sum);
        }
        for (double n : cells.values()) {
          sums[i][j] += n > 0 ? n * Math.log(n) : 0;
        }
      }
    }
    return sums;
  }

  /** Σ n(x) log p(x) of a tree whose conditional distributions are those of the counts. */
  private static double fitOf(int[] parents, double[][] sums, double[] counts) {
    double all = Arrays.stream(counts).sum();
    double fit = -all * Math.log(all);
    for (int d = 0; d < parents.length; d++) {
      boolean root = parents[d] == d;
      fit += root ? sums[d][d] : sums[parents[d]][d] - sums[parents[d]][parents[d]];
    }
    return fit;
  }

  private static List<int[]> states(EventSpec event) {
    Batch every = SmallEvents.every(event, 1);
    return IntStream.range(0, every.size()).mapToObj(i -> level(every, i, event.size())).toList();
  }

  /** The examples, and the smoothing as examples of every state. */
  private static double[] counts(Batch data, List<int[]> states, double smoothing) {
    double[] counts = new double[states.size()];
    int size = data.event().size();
    double pseudoExamples = smoothing * data.event().levels() * data.event().levels();
    for (int s = 0; s < counts.length; s++) {
      counts[s] = pseudoExamples / counts.length;
      for (int i = 0; i < data.size(); i++) {
        counts[s] += Arrays.equals(level(data, i, size), states.get(s)) ? 1 : 0;
      }
    }
    return counts;
  }

  @ParameterizedTest
  @CsvSource({"2, 0", "2, 1", "3, 0", "3, 0.7"})
  void the_tree_is_the_best_of_all(int levels, double smoothing) {
    EventSpec event = EventSpec.discrete(levels, 5);
    List<int[]> states = states(event);
    List<int[]> trees = everyTree(5);
    assertEquals(125, trees.stream().map(Arrays::toString).distinct().count());
    for (int set = 0; set < 3; set++) {
      Batch data = ChowLiuTreesContractTest.chained(event, 25 + 20 * set);
      double[] counts = counts(data, states, smoothing);
      double[][] sums = sums(states, counts);
      double best = trees.stream().mapToDouble(t -> fitOf(t, sums, counts)).max().orElseThrow();
      StatisticsModel model = trees(event, Map.of("smoothing", smoothing));
      NamedArrays found = StatisticsFit.of(model, data, KEY).parameters();
      int[] parents = Arrays.stream(found.array("parent", 1, 5)).mapToInt(p -> (int) p).toArray();
      assertEquals(best, fitOf(parents, sums, counts), 1e-9 * Math.abs(best));
      // Its distribution is the one that the counts give: smoothing is examples of every state.
      try (ExactModel bound = model.bind(found)) {
        double[] logProb = bound.logProb(SmallEvents.every(event, 1));
        double score = 0;
        for (int s = 0; s < counts.length; s++) {
          score += counts[s] > 0 ? counts[s] * logProb[s] : 0;
        }
        assertEquals(best, score, 1e-9 * Math.abs(best));
      }
    }
  }

  @Test
  void of_equal_edges_the_lower_number_is_taken() {
    assertArrayEquals(new int[] {0, 0, 0, 0}, ChowLiuTrees.maximumSpanningTree(4, (i, j) -> 1));
    // A ring: its lightest edge, 2 – 3, is left out.
    double[][] ring = {{0, 2, 0, 2}, {2, 0, 2, 0}, {0, 2, 0, 1}, {2, 0, 1, 0}};
    assertArrayEquals(
        new int[] {0, 0, 1, 0}, ChowLiuTrees.maximumSpanningTree(4, (i, j) -> ring[i][j]));
  }

  /** Two components with different trees. */
  private static NamedArrays twoTrees() {
    double[] probability = new double[2 * 2 * (1 + 2 + 2 + 2)];
    for (int i = 0; i < probability.length; i += 2) {
      probability[i] = 0.1 + 0.8 * KEY.uniform(i);
      probability[i + 1] = 1 - probability[i];
    }
    return NamedArrays.empty()
        .with("prior", new double[] {0.35, 0.65}, 2)
        .with("parent", new double[] {1, 2, 2, 1, 0, 0, 1, 2}, 2, 4)
        .with("probability", probability, probability.length);
  }

  private static final int[][] PARENTS = {{1, 2, 2, 1}, {0, 0, 1, 2}};

  /** p(k, x), from the arrays alone. */
  private static double joint(NamedArrays parameters, int k, int[] x) {
    double[] probability = parameters.byName().get("probability").values();
    double p = parameters.array("prior", 2)[k];
    int at = k == 0 ? 0 : 14;
    for (int d = 0; d < 4; d++) {
      boolean root = PARENTS[k][d] == d;
      p *= probability[at + (root ? 0 : 2 * x[PARENTS[k][d]]) + x[d]];
      at += root ? 2 : 4;
    }
    return p;
  }

  @Test
  void the_score_is_the_product_along_the_trees() {
    EventSpec event = EventSpec.discrete(2, 4);
    NamedArrays parameters = twoTrees();
    try (ExactModel model = trees(event, Map.of("components", 2)).bind(parameters)) {
      double[] logProb = model.logProb(SmallEvents.every(event, 1));
      double sum = 0;
      for (int s = 0; s < logProb.length; s++) {
        int[] x = states(event).get(s);
        double expected = joint(parameters, 0, x) + joint(parameters, 1, x);
        assertEquals(expected, Math.exp(logProb[s]), 1e-15);
        sum += expected;
      }
      assertEquals(1, sum, 1e-12);
    }
  }

  /**
   * A pass of EM against the posterior over components and completions, enumerated: the expected
   * counts, the best tree for them among all, and its conditional distributions.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_pass_is_that_of_the_enumerated_posterior(boolean missing) {
    EventSpec event = EventSpec.discrete(2, 4).withMissing(missing);
    Batch whole = ChowLiuTreesContractTest.chained(EventSpec.discrete(2, 4), 40);
    Batch data = missing ? StatisticsContract.withGaps(whole) : whole;
    double smoothing = 0.3;
    StatisticsModel model = trees(event, Map.of("components", 2, "smoothing", smoothing));
    NamedArrays parameters = twoTrees();
    List<int[]> states = states(event);
    double[][] expected = new double[2][states.size()];
    double logLikelihood = 0;
    for (int i = 0; i < data.size(); i++) {
      double[][] posterior = new double[2][states.size()];
      double sum = 0;
      for (int s = 0; s < states.size(); s++) {
        boolean fits = true;
        for (int d = 0; d < 4; d++) {
          float value = data.values()[4 * i + d];
          fits &= Float.isNaN(value) || value == states.get(s)[d];
        }
        for (int k = 0; fits && k < 2; k++) {
          posterior[k][s] = joint(parameters, k, states.get(s));
          sum += posterior[k][s];
        }
      }
      logLikelihood += Math.log(sum);
      for (int k = 0; k < 2; k++) {
        for (int s = 0; s < states.size(); s++) {
          expected[k][s] += posterior[k][s] / sum;
        }
      }
    }
    double[] statistics = new double[model.statisticsSize()];
    model.accumulate(parameters, data, statistics);
    assertEquals(logLikelihood, model.logLikelihood(statistics).orElseThrow(), 1e-9);
    NamedArrays next = model.maximize(statistics);
    try (ExactModel bound = model.bind(next)) {
      double[] found = bound.logProb(SmallEvents.every(EventSpec.discrete(2, 4), 1));
      double[] mixture = new double[states.size()];
      for (int k = 0; k < 2; k++) {
        double weight = Arrays.stream(expected[k]).sum();
        assertEquals(weight / data.size(), next.array("prior", 2)[k], 1e-12);
        double[] counts = expected[k].clone();
        for (int s = 0; s < counts.length; s++) {
          counts[s] += smoothing * 4 / counts.length;
        }
        int[] parents = new int[4];
        for (int d = 0; d < 4; d++) {
          parents[d] = (int) next.array("parent", 2, 4)[4 * k + d];
        }
        double[][] sums = sums(states, counts);
        double best =
            everyTree(4).stream().mapToDouble(t -> fitOf(t, sums, counts)).max().orElseThrow();
        assertEquals(best, fitOf(parents, sums, counts), 1e-9);
        for (int s = 0; s < states.size(); s++) {
          mixture[s] += weight / data.size() * Math.exp(conditionalsOf(parents, states, counts, s));
        }
      }
      for (int s = 0; s < states.size(); s++) {
        assertEquals(mixture[s], Math.exp(found[s]), 1e-12);
      }
    }
  }

  /** log p(state) of a tree whose conditional distributions are those of the counts. */
  private static double conditionalsOf(
      int[] parents, List<int[]> states, double[] counts, int state) {
    double sum = 0;
    for (int d = 0; d < parents.length; d++) {
      double both = 0;
      double above = 0;
      for (int t = 0; t < counts.length; t++) {
        boolean same =
            d == parents[d] || states.get(t)[parents[d]] == states.get(state)[parents[d]];
        above += same ? counts[t] : 0;
        both += same && states.get(t)[d] == states.get(state)[d] ? counts[t] : 0;
      }
      sum += Math.log(both / above);
    }
    return sum;
  }

  /** The prior of each component is that of examples spread over all states. */
  @ParameterizedTest
  @CsvSource({"0, false", "0, true", "0.5, false", "2, true"})
  void no_pass_lowers_the_likelihood_times_the_prior(double smoothing, boolean missing) {
    EventSpec event = EventSpec.discrete(2, 5).withMissing(missing);
    Batch whole = ChowLiuTreesContractTest.chained(EventSpec.discrete(2, 5), 80);
    Batch data = missing ? StatisticsContract.withGaps(whole) : whole;
    Batch every = SmallEvents.every(EventSpec.discrete(2, 5), 1);
    StatisticsModel model =
        trees(event, Map.of("components", 3, "iterations", 30, "smoothing", smoothing));
    NamedArrays parameters = model.initial(KEY);
    double before = Double.NEGATIVE_INFINITY;
    double first = Double.NaN;
    for (int pass = 0; pass < model.iterations(); pass++) {
      double[] statistics = new double[model.statisticsSize()];
      model.accumulate(parameters, data, statistics);
      if (pass > 0) {
        double objective = model.logLikelihood(statistics).orElseThrow();
        ChowLiuTree[] trees = ((BoundTrees) model.bind(parameters)).trees();
        for (int i = 0; smoothing > 0 && i < every.size(); i++) {
          for (ChowLiuTree tree : trees) {
            objective += smoothing * 4 / every.size() * tree.logProb(level(every, i, 5));
          }
        }
        assertTrue(objective >= before - 1e-9, "pass " + pass + ": " + before + ", " + objective);
        before = objective;
        first = Double.isNaN(first) ? objective : first;
      }
      parameters = model.maximize(statistics);
    }
    assertTrue(before > first + 1, first + " to " + before);
  }

  private static final RowSchema SCHEMA =
      new RowSchema(
          List.of(
              SmallRows.category("colour", false, true, "red", "green", "blue"),
              SmallRows.whole("count", true, 2, 10L, 12L, 16L),
              SmallRows.category("size", false, false, "small", "large")),
          RowSchema.Nulls.MISSING);

  private static RowSchema schema(RowSchema.Nulls nulls) {
    return new RowSchema(SCHEMA.columns(), nulls);
  }

  private static ExactModel fittedRows(EventSpec event) {
    StatisticsModel model = trees(event, Map.of("components", 2, "iterations", 8));
    return model.bind(
        StatisticsFit.of(model, SmallRows.correlated(event, 120, 1), KEY).parameters());
  }

  @ParameterizedTest
  @ValueSource(strings = {"VALUE", "MISSING"})
  void a_column_given_the_others_is_a_ratio_of_sums(RowSchema.Nulls nulls) {
    EventSpec event = EventSpec.rows(schema(nulls));
    Batch data = SmallRows.correlated(event, 40, 1);
    Batch every = SmallEvents.every(event, 1);
    try (ExactModel model = fittedRows(event)) {
      double[] all = model.logProb(every);
      double[] own = model.logProb(data);
      double[][] columns = ((RowModel) model).columnLogProb(data);
      RowModel.Look look = ((RowModel) model).look(data, false);
      assertArrayEquals(own, look.logProb());
      for (int i = 0; i < data.size(); i++) {
        for (int c = 0; c < 3; c++) {
          if (nulls == RowSchema.Nulls.MISSING && Float.isNaN(data.values()[3 * i + c])) {
            assertTrue(Double.isNaN(columns[i][c]));
            continue;
          }
          boolean[] given = new boolean[3];
          for (int other = 0; other < 3; other++) {
            boolean observed =
                nulls == RowSchema.Nulls.VALUE || !Float.isNaN(data.values()[3 * i + other]);
            given[other] = other != c && observed;
          }
          float[] values = Arrays.copyOfRange(data.values(), 3 * i, 3 * i + 3);
          double rest = Math.log(sumOf(every, all, values, given));
          assertEquals(own[i] - rest, columns[i][c], 1e-9);
          assertEquals(rest, ((ConditionalRowModel) model).logProbGiven(values, given), 1e-9);
        }
      }
    }
  }

  private static double sumOf(Batch every, double[] logProb, float[] values, boolean[] given) {
    double sum = 0;
    for (int e = 0; e < logProb.length; e++) {
      sum += matches(every, e, values, given) ? Math.exp(logProb[e]) : 0;
    }
    return sum;
  }

  private static boolean matches(Batch every, int e, float[] values, boolean[] given) {
    boolean matches = true;
    for (int c = 0; c < given.length; c++) {
      matches &= !given[c] || Float.compare(every.values()[3 * e + c], values[c]) == 0;
    }
    return matches;
  }

  /** Draws given columns, and draws of what is missing, against the enumerated conditional. */
  @ParameterizedTest
  @ValueSource(strings = {"VALUE", "MISSING"})
  void conditional_draws_follow_the_enumerated_conditional(RowSchema.Nulls nulls) {
    EventSpec event = EventSpec.rows(schema(nulls));
    Batch every = SmallEvents.every(event, 1);
    long[] ids = LongStream.range(0, 20_000).toArray();
    try (ExactModel model = fittedRows(event)) {
      double[] all = model.logProb(every);
      float[] values = {1, 2, 0};
      for (boolean[] given : new boolean[][] {{true, false, false}, {false, true, true}}) {
        Batch drawn = ((ConditionalRowModel) model).sampleGiven(ids, values, given, KEY);
        assertFrequencies(every, all, drawn, values, given, nulls == RowSchema.Nulls.VALUE);
        float[] gaps = new float[3 * ids.length];
        for (int i = 0; i < gaps.length; i++) {
          gaps[i] = given[i % 3] ? values[i % 3] : Float.NaN;
        }
        Batch filled =
            ((RowModel) model).complete(Batch.of(event, ids, gaps), Completion.DRAW, KEY);
        assertFrequencies(every, all, filled, values, given, false);
      }
    }
  }

  private static void assertFrequencies(
      Batch every, double[] all, Batch drawn, float[] values, boolean[] given, boolean nulls) {
    double[] expected = new double[all.length];
    double sum = 0;
    for (int e = 0; e < all.length; e++) {
      boolean possible = matches(every, e, values, given) && SmallEvents.drawable(every, e);
      for (int c = 0; c < 3; c++) {
        possible &= nulls || !Float.isNaN(every.values()[3 * e + c]);
      }
      expected[e] = possible ? Math.exp(all[e]) : 0;
      sum += expected[e];
    }
    Map<List<Float>, Integer> counts = new HashMap<>();
    for (int i = 0; i < drawn.size(); i++) {
      counts.merge(row(drawn, i), 1, Integer::sum);
    }
    for (int e = 0; e < all.length; e++) {
      double p = expected[e] / sum;
      double found = counts.getOrDefault(row(every, e), 0) / (double) drawn.size();
      double error = Math.sqrt(p * (1 - p) / drawn.size());
      assertEquals(p, found, 5 * error + 1e-12, row(every, e).toString());
    }
  }

  private static List<Float> row(Batch batch, int i) {
    float[] values = batch.values();
    return List.of(values[3 * i], values[3 * i + 1], values[3 * i + 2]);
  }

  /** Real numbers have a density: it integrates to 1 and is that of the draws, in their units. */
  @Test
  void real_columns_have_a_density_in_their_own_units() {
    double scale = 20;
    RowColumn colour = SmallRows.category("colour", false, false, "red", "green");
    RowColumn weight = SmallRows.real("weight", false, 100, scale);
    EventSpec event = EventSpec.rows(new RowSchema(List.of(colour, weight), RowSchema.Nulls.VALUE));
    int count = 400;
    int reds = 0;
    float[] values = new float[3 * count];
    for (int i = 0; i < count; i++) {
      boolean red = KEY.fold("red").uniform(i) < 0.3;
      double own = KEY.fold("weight").normal(i);
      reds += red ? 1 : 0;
      values[3 * i] = red ? 0 : 1;
      weight.encode(red ? 80 + 5 * own : 115 + 15 * own, values, 3 * i + 1);
    }
    long[] ids = LongStream.range(0, count).toArray();
    StatisticsModel definition = trees(event, Map.of("bins", 12, "smoothing", 0.5));
    try (ExactModel model =
        definition.bind(
            StatisticsFit.of(definition, Batch.of(event, ids, values), KEY).parameters())) {
      double integral = 0;
      double below = 0; // p(red, weight < 90)
      int cells = 200_000;
      double far = 1000;
      double width = 2 * far / cells;
      float[] grid = new float[3 * cells];
      for (float code : new float[] {0, 1, 2}) {
        for (int cell = 0; cell < cells; cell++) {
          grid[3 * cell] = code;
          weight.encode(100 - far + (cell + 0.5) * width, grid, 3 * cell + 1);
        }
        Batch x = Batch.of(event, LongStream.range(0, cells).toArray(), grid);
        double[] logProb = model.logProb(x);
        for (int cell = 0; cell < cells; cell++) {
          double p = Math.exp(logProb[cell]) * width;
          integral += p;
          below += code == 0 && 100 - far + (cell + 0.5) * width < 90 ? p : 0;
        }
      }
      // What is left: nulls, of which there were none, and what lies beyond the grid.
      ConditionalRowModel rows = (ConditionalRowModel) model;
      float[] nulls = {Float.NaN, Float.NaN, 0};
      double none =
          1
              - Math.exp(rows.logProbGiven(nulls, new boolean[] {true, false}))
              - Math.exp(rows.logProbGiven(nulls, new boolean[] {false, true}))
              + Math.exp(rows.logProbGiven(nulls, new boolean[] {true, true}));
      assertEquals(none, integral, 2e-4);
      int draws = 20_000;
      float[] drawn =
          model.sample(LongStream.range(0, draws).toArray(), KEY, SampleRequest.plain()).values();
      int found = 0;
      for (int i = 0; i < draws; i++) {
        found += drawn[3 * i] == 0 && (double) weight.decode(drawn, 3 * i + 1) < 90 ? 1 : 0;
      }
      // Draws have neither nulls nor other texts, 1 in 100 or so of all.
      assertEquals(below, found / (double) draws, 0.02);
      assertEquals(reds / (double) count, below, 0.02);
      // The mode is near the mean of the normal distribution that the values were drawn from.
      float[] gap = {0, Float.NaN, 0};
      Batch filled =
          ((RowModel) model).complete(Batch.of(event, new long[] {1}, gap), Completion.MODE, KEY);
      assertEquals(80, (double) weight.decode(filled.values(), 1), 6);
    }
  }

  @Test
  void the_modes_are_the_most_probable_values_of_the_component() {
    EventSpec event = EventSpec.rows(SCHEMA);
    Batch every = SmallEvents.every(event, 1);
    StatisticsModel definition = trees(event, Map.of());
    try (ExactModel model =
        definition.bind(
            StatisticsFit.of(definition, SmallRows.correlated(event, 120, 1), KEY).parameters())) {
      double[] all = model.logProb(every);
      float[] gaps = {Float.NaN, Float.NaN, 1};
      Batch x = Batch.of(event, new long[] {5}, gaps);
      float[] filled = ((RowModel) model).complete(x, Completion.MODE, KEY).values();
      for (int c = 0; c < 2; c++) {
        double best = 0;
        double found = 0;
        for (int e = 0; e < every.size(); e++) {
          float value = every.values()[3 * e + c];
          if (SmallEvents.drawable(every, e) && !Float.isNaN(value)) {
            float[] alone = {value, value, 1};
            boolean[] given = {c == 0, c == 1, true};
            double p = sumOf(every, all, alone, given);
            best = Math.max(best, p);
            found = value == filled[c] ? p : found;
          }
        }
        assertEquals(best, found, 1e-12);
      }
      assertEquals(1, filled[2]);
      assertEquals(1, ((RowModel) model).componentProbabilities(x)[0][0], 1e-12);
    }
  }

  @Test
  void a_low_temperature_draws_what_is_most_probable() {
    EventSpec event = EventSpec.discrete(2, 4);
    NamedArrays parameters = twoTrees();
    try (ExactModel model = trees(event, Map.of("components", 2)).bind(parameters)) {
      SampleRequest cold = new SampleRequest(OptionalInt.empty(), OptionalInt.empty(), 0.01);
      float[] drawn = model.sample(LongStream.range(0, 50).toArray(), KEY, cold).values();
      for (int i = 1; i < 50; i++) {
        assertArrayEquals(Arrays.copyOf(drawn, 4), Arrays.copyOfRange(drawn, 4 * i, 4 * i + 4));
      }
    }
  }

  private static AncestralException refusal(EventSpec event, Map<String, Object> settings) {
    return assertThrows(AncestralException.class, () -> trees(event, settings));
  }

  @Test
  void what_cannot_be_modelled_is_refused() {
    EventSpec photographs = EventSpec.discrete(256, 28, 28, 1);
    AncestralException large = refusal(photographs, Map.of("components", 20));
    assertEquals(ErrorCode.SPEC, large.code());
    // 20 (1 + 784 · 255 + 784 · 783 / 2 · 255²)
    assertTrue(large.getMessage().contains("399174266420"), large.getMessage());
    assertTrue(large.getMessage().contains("134217728"), large.getMessage());
    RowSchema weights =
        new RowSchema(
            List.of(
                SmallRows.real("weight", false, 0, 1),
                SmallRows.real("height", true, 0, 1),
                SCHEMA.columns().get(0)),
            RowSchema.Nulls.VALUE);
    AncestralException wide =
        refusal(EventSpec.rows(weights), Map.of("components", 500, "bins", 1000));
    assertEquals(ErrorCode.SPEC, wide.code());
    assertTrue(wide.getMessage().contains("column 'weight' has the most"), wide.getMessage());
    assertEquals(ErrorCode.MISMATCH, refusal(EventSpec.continuous(3), Map.of()).code());
    assertEquals(
        ErrorCode.MISMATCH, refusal(EventSpec.endedSequences(3, List.of()), Map.of()).code());
  }

  @ParameterizedTest
  @CsvSource({
    "1 0 3 2, are their own parents",
    "0 1 0 0, are their own parents",
    "0 2 3 1, depends on itself",
    "0 0 4 0, depends on number 4.0",
    "0 0 1.5 0, depends on number 1.5",
  })
  void parents_that_are_no_tree_are_refused(String numbers, String why) {
    double[] parents = Arrays.stream(numbers.split(" ")).mapToDouble(Double::valueOf).toArray();
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {1}, 1)
            .with("parent", parents, 1, 4)
            .with("probability", twoTrees().byName().get("probability").values().clone(), 28);
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> trees(EventSpec.discrete(2, 4), Map.of()).bind(parameters));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
  }
}
