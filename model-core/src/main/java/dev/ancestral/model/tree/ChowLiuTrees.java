package dev.ancestral.model.tree;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.distribution.statistics.DiscreteVariables;
import dev.ancestral.distribution.statistics.Exemplars;
import dev.ancestral.distribution.statistics.PairCounts;
import dev.ancestral.distribution.statistics.Probabilities;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Family;
import dev.ancestral.model.Marginalising;
import dev.ancestral.model.ModelsRows;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * p(x) = Σ_k p(k) Π_d p(x_d | x_parent(k, d), k): a mixture of trees (Meilă &amp; Jordan 2000) over
 * discrete variables; with one component the tree of highest likelihood (Chow &amp; Liu 1968).
 *
 * <p>For a given tree the likelihood is highest where its conditional distributions are those of
 * the pairwise counts, and is then Σ of the mutual informations of its edges, up to what is the
 * same for all trees. So the best tree is the maximum spanning tree of the mutual informations, and
 * counts of pairs are all that is needed of the data. A mixture is fitted by EM: each pass weighs
 * an example in component k by p(k | x) and finds the tree of each component anew, edges and all.
 *
 * <p>Smoothing is a Dirichlet prior of pairs: each component has seen, beside its own examples, S
 * more that are spread evenly over all values of all variables, so that a pair of outcomes of
 * variables i and j has S / (V_i V_j) more and an outcome of i has S / V_i more. These are the
 * margins of one distribution (the prior is hyperconsistent: Meilă &amp; Jaakkola 2006), so the
 * mutual informations, whichever the tree, are of one set of counts, and no pass lowers the
 * likelihood times the prior. S is α V² where all variables have V levels, so α is what is added to
 * each count of a pair, and α of rows. The weights of the components are not smoothed.
 *
 * <p>Columns of rows are taken for discrete as {@link DiscreteVariables} says; within a bin the
 * distribution is fixed, and for real numbers a density, so that log p is in the data's units.
 *
 * <p>A missing variable is integrated out of the score, and is counted by its posterior together
 * with every other variable, exactly. Where nothing is known of the parameters yet, in the first
 * pass, its outcomes are taken for even.
 *
 * <p>Parameters: {@code prior} [K]; {@code parent} [K, D], the number of the variable that each
 * depends on, the root's its own; {@code probability} [n], for one component after the other, for
 * one variable after the other, for one outcome of its parent after the other (the root: once), the
 * V probabilities of its outcomes. Statistics: Σ log p(x), the examples weighed by {@link
 * Exemplars}, and {@link PairCounts}.
 *
 * <p>Differs from Meilă &amp; Jordan: starting points come from exemplars, not from random
 * parameters, and the prior is that of the paper of 2006.
 */
public final class ChowLiuTrees implements StatisticsModel, Marginalising, ModelsRows {

  /**
   * Mixtures of trees by their settings.
   *
   * <ul>
   *   <li>{@code components} (1): K; above 1, or where elements are missing, EM of {@code
   *       iterations} (100) passes from each of {@code restarts} (1) starting points
   *   <li>{@code smoothing} (1.0): α
   *   <li>{@code bins} (32): of each column of real numbers of rows
   * </ul>
   */
  public static final class ChowLiuTreesFamily implements Family {

    @Override
    public String name() {
      return "tree";
    }

    @Override
    public Definition define(Settings settings, EventSpec event) {
      int components = settings.count("components", 1, 1, 1_000_000);
      int iterations = settings.count("iterations", 100, 1, Integer.MAX_VALUE - 1);
      int restarts = settings.count("restarts", 1, 1, 1_000_000);
      double smoothing = settings.number("smoothing", 1.0, 0, 1e9);
      int bins = settings.count("bins", 32, 3, 1024);
      if (event.variableLength()) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "tree models events of fixed shape; these are sequences of "
                + event.describe()
                + ": choose hmm");
      }
      if (!event.isDiscrete() && !event.isRows()) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "tree models elements with levels; these are events of "
                + event.describe()
                + ": set data.dequantize to none, prepare the data with levels (--binarize), or"
                + " choose naive-bayes");
      }
      DiscreteVariables variables =
          event
              .schema()
              .map(schema -> DiscreteVariables.ofColumns(schema, bins))
              .orElseGet(() -> DiscreteVariables.ofLevels(event.size(), event.levels()));
      PairCounts counts = new PairCounts(variables, components, event.describe());
      return new ChowLiuTrees(
          event, variables, counts, components, iterations, restarts, smoothing);
    }
  }

  private static final String PRIOR = "prior";
  private static final String PARENT = "parent";
  private static final String PROBABILITY = "probability";
  private static final String START = "start";
  private static final int LOG_LIKELIHOOD = 0;
  private static final int START_EXAMPLES = 1;
  private static final int COUNTS = 2;
  private static final int SEED_BITS = 53;
  // Of a starting point: how much is uniform, and how much is a component's own.
  private static final double DOUBT = 0.04;
  private static final double OWN = 0.5;

  private final EventSpec event;
  private final DiscreteVariables variables;
  private final PairCounts counts;
  private final int components;
  private final int iterations;
  private final int restarts;
  private final double pseudoExamples; // S

  /** What the batch before was accumulated with: most batches of a pass are small. */
  private volatile Bound lastBound;

  private ChowLiuTrees(
      EventSpec event,
      DiscreteVariables variables,
      PairCounts counts,
      int components,
      int iterations,
      int restarts,
      double smoothing) {
    this.event = event;
    this.variables = variables;
    this.counts = counts;
    this.components = components;
    this.iterations = iterations;
    this.restarts = restarts;
    pseudoExamples = smoothing * (event.isRows() ? 1 : event.levels() * (double) event.levels());
  }

  @Override
  public EventSpec event() {
    return event;
  }

  @Override
  public int statisticsSize() {
    return Math.addExact(COUNTS, counts.size());
  }

  private boolean inClosedForm() {
    return components == 1 && !event.missing();
  }

  @Override
  public int iterations() {
    return inClosedForm() ? 1 : 1 + iterations;
  }

  @Override
  public int restarts() {
    return components == 1 ? 1 : restarts;
  }

  @Override
  public NamedArrays initial(RandomKey key) {
    // A float64 holds 53 bits of seed exactly.
    double seed = key.bits(0) >>> (Long.SIZE - SEED_BITS);
    return NamedArrays.empty().with(START, new double[] {seed}, 1);
  }

  // The E-step.

  @Override
  public void accumulate(NamedArrays parameters, Batch batch, double[] statistics) {
    batch.requireOf(event);
    boolean start = parameters.byName().containsKey(START);
    BoundTrees model = start ? null : bound(parameters);
    RandomKey key = start ? RandomKey.of((long) parameters.array(START, 1)[0]) : null;
    int[] x = new int[variables.size()];
    double[][] weights = new double[1][components];
    try (PairCounts.Adder adder = counts.adder(statistics, COUNTS)) {
      for (int i = 0; i < batch.size(); i++) {
        double within = BoundTrees.read(variables, batch.values(), i * event.size(), x);
        if (start) {
          statistics[START_EXAMPLES]++;
          startingWeights(key, batch.ids()[i], weights);
        } else if (!posterior(model, x, within, weights[0], statistics)) {
          continue;
        }
        if (BoundTrees.isWhole(x)) {
          adder.add(x, weights[0]);
          continue;
        }
        for (int k = 0; k < components; k++) {
          if (weights[0][k] > 0) {
            ChowLiuTree tree = start ? even() : model.trees()[k];
            adder.addExpected(k, weights[0][k], tree.pairs(tree.given(x, null)));
          }
        }
      }
    }
  }

  private void startingWeights(RandomKey key, long id, double[][] weights) {
    if (components == 1) {
      weights[0][0] = 1;
    } else {
      Exemplars.weigh(key, id, 0, 1, components, weights, 0);
    }
  }

  /** p(k | x); false of an example that is impossible, which is counted nowhere. */
  private static boolean posterior(
      BoundTrees model, int[] x, double within, double[] weights, double[] statistics) {
    model.joint(x, null, weights);
    double logProb = Probabilities.logSumExp(weights);
    statistics[LOG_LIKELIHOOD] += logProb + within;
    for (int k = 0; k < weights.length; k++) {
      weights[k] = Math.exp(weights[k] - logProb);
    }
    return logProb > Double.NEGATIVE_INFINITY;
  }

  /** All outcomes equally probable, whatever the others are. */
  private ChowLiuTree even() {
    int size = variables.size();
    double[][] p = new double[size][];
    for (int d = 0; d < size; d++) {
      p[d] = new double[variables.outcomes(d) * (d == 0 ? 1 : variables.outcomes(0))];
      Arrays.fill(p[d], 1.0 / variables.outcomes(d));
    }
    int[] order = new int[size];
    Arrays.setAll(order, d -> d);
    return new ChowLiuTree(new int[size], order, outcomes(), p);
  }

  private int[] outcomes() {
    int[] outcomes = new int[variables.size()];
    Arrays.setAll(outcomes, variables::outcomes);
    return outcomes;
  }

  private record Bound(NamedArrays parameters, BoundTrees model) {}

  private BoundTrees bound(NamedArrays parameters) {
    Bound last = lastBound;
    if (last == null || !last.parameters().equals(parameters)) {
      last = new Bound(parameters, bind(parameters));
      lastBound = last;
    }
    return last.model();
  }

  @Override
  public OptionalDouble logLikelihood(double[] statistics) {
    return statistics[START_EXAMPLES] > 0 || inClosedForm()
        ? OptionalDouble.empty()
        : OptionalDouble.of(statistics[LOG_LIKELIHOOD]);
  }

  // The M-step.

  @Override
  public NamedArrays maximize(double[] statistics) {
    double[] prior = counts.weights(statistics, COUNTS);
    double total = Arrays.stream(prior).sum();
    if (!(total > 0)) {
      throw new AncestralException(
          ErrorCode.DATA,
          "there is no example that the model could learn from: the data are empty, or impossible"
              + " under the parameters so far (raise model.smoothing)");
    }
    boolean start = components > 1 && statistics[START_EXAMPLES] > 0;
    int size = variables.size();
    double[] parents = new double[Math.multiplyExact(components, size)];
    double[][] tables = new double[parents.length][];
    Pairs common = start ? common(statistics, prior) : null;
    for (int k = 0; k < components; k++) {
      Pairs pairs = start ? starting(statistics, prior[k], k, common) : smoothed(statistics, k);
      int[] tree = maximumSpanningTree(size, (i, j) -> mutualInformation(pairs.of(i, j), i));
      for (int d = 0; d < size; d++) {
        parents[k * size + d] = tree[d];
        tables[k * size + d] =
            tree[d] == d ? distribution(pairs.of(d, d)) : conditional(pairs, tree[d], d);
      }
    }
    for (int k = 0; k < components; k++) {
      prior[k] = start ? 1.0 / components : prior[k] / total;
    }
    double[] probability = Arrays.stream(tables).flatMapToDouble(Arrays::stream).toArray();
    return NamedArrays.empty()
        .with(PRIOR, prior, components)
        .with(PARENT, parents, components, size)
        .with(PROBABILITY, probability, probability.length);
  }

  /**
   * Counts of pairs of outcomes in a component, [V_i, V_j]; of a variable with itself those of its
   * own outcomes, [V_i]. All have the same margins.
   */
  @FunctionalInterface
  private interface Pairs {
    double[] of(int i, int j);
  }

  private Pairs smoothed(double[] statistics, int k) {
    return (i, j) -> {
      double[] pair = counts.pair(statistics, COUNTS, k, i, j);
      for (int c = 0; c < pair.length; c++) {
        pair[c] += pseudoExamples / pair.length;
      }
      return pair;
    };
  }

  /** The exemplars of all components, each of which count as much. */
  private Pairs common(double[] statistics, double[] weights) {
    double[] factors = Arrays.stream(weights).map(w -> 1 / w / components).toArray();
    double[] all = counts.weighted(statistics, COUNTS, factors);
    PairCounts ofAll = new PairCounts(variables, 1, event.describe());
    return (i, j) -> ofAll.pair(all, 0, 0, i, j);
  }

  /** Between the exemplars of a component and those of all. */
  private Pairs starting(double[] statistics, double weight, int k, Pairs common) {
    return (i, j) -> {
      double[] own = counts.pair(statistics, COUNTS, k, i, j);
      double[] others = common.of(i, j);
      for (int c = 0; c < own.length; c++) {
        double mixed = OWN * own[c] / weight + (1 - OWN) * others[c];
        own[c] = DOUBT / own.length + (1 - DOUBT) * mixed;
      }
      return own;
    };
  }

  /** p(x_d | x_parent) at a · V_d + v; given an outcome that was never seen, p(x_d). */
  private double[] conditional(Pairs pairs, int parent, int d) {
    double[] pair = pairs.of(parent, d);
    int outcomes = variables.outcomes(d);
    double[] margin = new double[outcomes];
    for (int c = 0; c < pair.length; c++) {
      margin[c % outcomes] += pair[c];
    }
    for (int from = 0; from < pair.length; from += outcomes) {
      double[] row = Arrays.copyOfRange(pair, from, from + outcomes);
      boolean seen = Arrays.stream(row).sum() > 0;
      System.arraycopy(distribution(seen ? row : margin), 0, pair, from, outcomes);
    }
    return pair;
  }

  /** Counts divided by their sum; even where there are none. */
  private static double[] distribution(double[] counts) {
    double sum = Arrays.stream(counts).sum();
    return Arrays.stream(counts).map(c -> sum > 0 ? c / sum : 1.0 / counts.length).toArray();
  }

  /** Σ p(a, b) log (p(a, b) / (p(a) p(b))) in nats of counts [V_i, V_j]. */
  private double mutualInformation(double[] pair, int i) {
    int width = pair.length / variables.outcomes(i);
    double[] rows = new double[variables.outcomes(i)];
    double[] columns = new double[width];
    double sum = 0;
    for (int c = 0; c < pair.length; c++) {
      rows[c / width] += pair[c];
      columns[c % width] += pair[c];
      sum += pair[c];
    }
    double information = 0;
    for (int c = 0; c < pair.length; c++) {
      if (pair[c] > 0) {
        information +=
            pair[c] / sum * Math.log(pair[c] * sum / (rows[c / width] * columns[c % width]));
      }
    }
    return information;
  }

  /** The weight of an edge. */
  @FunctionalInterface
  interface Weight {
    double of(int i, int j);
  }

  /**
   * The parents of the spanning tree of highest weight with variable 0 as its root, its own parent
   * (Prim 1957). Of equal edges the one to the variable of lower number is taken, and of its edges
   * the one from the variable that joined the tree first. Each weight is asked for once.
   */
  static int[] maximumSpanningTree(int size, Weight weight) {
    int[] parents = new int[size];
    double[] best = new double[size];
    boolean[] joined = new boolean[size];
    Arrays.fill(best, Double.NEGATIVE_INFINITY);
    int last = 0;
    for (int edges = 1; edges < size; edges++) {
      joined[last] = true;
      int next = -1;
      for (int j = 0; j < size; j++) {
        if (joined[j]) {
          continue;
        }
        double own = weight.of(last, j);
        if (own > best[j]) {
          best[j] = own;
          parents[j] = last;
        }
        next = next < 0 || best[j] > best[next] ? j : next;
      }
      last = next;
    }
    return parents;
  }

  // The model.

  @Override
  public BoundTrees bind(NamedArrays parameters) {
    int size = variables.size();
    double[] prior =
        Probabilities.distributions(PRIOR, parameters.array(PRIOR, components), components);
    double[] parents = parameters.array(PARENT, components, size);
    int[] outcomes = outcomes();
    int[][] trees = new int[components][];
    int[][] orders = new int[components][];
    int length = 0;
    for (int k = 0; k < components; k++) {
      trees[k] = parents(Arrays.copyOfRange(parents, k * size, (k + 1) * size), k);
      orders[k] = order(trees[k], k);
      for (int d = 0; d < size; d++) {
        int rows = trees[k][d] == d ? 1 : outcomes[trees[k][d]];
        length = Math.addExact(length, Math.multiplyExact(rows, outcomes[d]));
      }
    }
    double[] probability = parameters.array(PROBABILITY, length);
    parameters.requireOnly(List.of(PRIOR, PARENT, PROBABILITY));
    ChowLiuTree[] bound = new ChowLiuTree[components];
    int at = 0;
    for (int k = 0; k < components; k++) {
      double[][] p = new double[size][];
      for (int d = 0; d < size; d++) {
        int end = at + outcomes[d] * (trees[k][d] == d ? 1 : outcomes[trees[k][d]]);
        double[] table = Arrays.copyOfRange(probability, at, end);
        p[d] = Probabilities.distributions(PROBABILITY, table, outcomes[d]);
        at = end;
      }
      bound[k] = new ChowLiuTree(trees[k], orders[k], outcomes, p);
    }
    double[] logPrior = Arrays.stream(prior).map(Math::log).toArray();
    return event.isRows()
        ? new BoundTrees.OfRows(event, variables, logPrior, bound)
        : new BoundTrees(event, variables, logPrior, bound);
  }

  private static int[] parents(double[] numbers, int component) {
    int[] parents = new int[numbers.length];
    for (int d = 0; d < parents.length; d++) {
      parents[d] = (int) numbers[d];
      if (parents[d] != numbers[d] || parents[d] < 0 || parents[d] >= parents.length) {
        throw noTree(
            component,
            "variable " + d + " depends on number " + numbers[d] + " of " + parents.length);
      }
    }
    return parents;
  }

  /** The variables, parents before children. */
  private static int[] order(int[] parents, int component) {
    int[] order = new int[parents.length];
    boolean[] placed = new boolean[parents.length];
    int count = 0;
    for (int d = 0; d < parents.length; d++) {
      if (parents[d] == d) {
        order[count++] = d;
        placed[d] = true;
      }
    }
    if (count != 1) {
      throw noTree(component, count + " variables are their own parents; one must be, the root");
    }
    // The way from a variable up to what has its place already, written down from its end.
    for (int d = 0; d < parents.length; d++) {
      int length = 0;
      for (int up = d; !placed[up]; up = parents[up]) {
        length++;
        if (length > parents.length - count) {
          throw noTree(component, "variable " + d + " depends on itself through others");
        }
      }
      int up = d;
      for (int place = count + length - 1; place >= count; place--) {
        order[place] = up;
        placed[up] = true;
        up = parents[up];
      }
      count += length;
    }
    return order;
  }

  private static AncestralException noTree(int component, String why) {
    return new AncestralException(
        ErrorCode.MISMATCH,
        "parameter '"
            + PARENT
            + "' is no tree in component "
            + component
            + ": "
            + why
            + "; it holds the number of the variable that each depends on, and the root's own");
  }

  @Override
  public String toString() {
    return components + " trees over " + event.describe();
  }
}
