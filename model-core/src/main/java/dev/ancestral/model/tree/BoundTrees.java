package dev.ancestral.model.tree;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.distribution.statistics.DiscreteVariables;
import dev.ancestral.distribution.statistics.Probabilities;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.RowModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.rows.ConditionalRowModel;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;

/**
 * A mixture of trees with its parameters: log p(x) = log Σ_k exp(log p(k) + log p(x | k)).
 *
 * <p>Draws of example id: the component is uniform draw 0 of {@code key.fold(id).fold(0)}; of
 * {@code key.fold(id).fold(1)} the outcome of variable d is draw d of {@code fold(0)}, which value
 * of a bin draw d of {@code fold(1)}. So a draw depends on nothing but the parameters, key and id.
 */
sealed class BoundTrees implements ExactModel permits BoundTrees.OfRows {
  private static final int COMPONENT_DRAW = 0;
  private static final int VARIABLE_DRAWS = 1;
  private static final int OUTCOME_DRAWS = 0;
  private static final int WITHIN_DRAWS = 1;

  private final EventSpec event;
  private final DiscreteVariables variables;
  private final double[] logPrior; // [K]
  private final ChowLiuTree[] trees; // [K]

  BoundTrees(EventSpec event, DiscreteVariables variables, double[] logPrior, ChowLiuTree[] trees) {
    this.event = event;
    this.variables = variables;
    this.logPrior = logPrior;
    this.trees = trees;
  }

  @Override
  public EventSpec event() {
    return event;
  }

  ChowLiuTree[] trees() {
    return trees;
  }

  /** Reads outcomes, [D]; gives Σ_d log p(value | outcome), which no component changes. */
  static double read(DiscreteVariables variables, float[] values, int offset, int[] into) {
    double within = 0;
    for (int d = 0; d < into.length; d++) {
      into[d] = variables.outcome(values, offset, d);
      within += variables.logWithin(values, offset, d);
    }
    return within;
  }

  static boolean isWhole(int[] x) {
    for (int outcome : x) {
      if (outcome == DiscreteVariables.MISSING) {
        return false;
      }
    }
    return true;
  }

  /**
   * log p(k) + log p(outcomes | k), [K].
   *
   * @param allowed of those that are missing, [D][V]; null for all
   */
  void joint(int[] x, boolean[][] allowed, double[] into) {
    boolean whole = isWhole(x);
    for (int k = 0; k < into.length; k++) {
      into[k] = logPrior[k] + (whole ? trees[k].logProb(x) : trees[k].given(x, allowed).logProb());
    }
  }

  @Override
  public double[] logProb(Batch x) {
    x.requireOf(event);
    double[] logProb = new double[x.size()];
    double[] joint = new double[trees.length];
    int[] outcomes = new int[variables.size()];
    for (int i = 0; i < logProb.length; i++) {
      double within = read(variables, x.values(), i * event.size(), outcomes);
      joint(outcomes, null, joint);
      logProb[i] = Probabilities.logSumExp(joint) + within;
    }
    return logProb;
  }

  @Override
  public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
    if (request.label().isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "a label is asked for, but trees are learned without labels; leave it out");
    }
    if (request.length().isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "a length is asked for, but examples are of fixed shape, "
              + event.describe()
              + "; leave it out");
    }
    int[] nothing = new int[variables.size()];
    Arrays.fill(nothing, DiscreteVariables.MISSING);
    return drawn(ids, key, nothing, drawable(), request.temperature());
  }

  /** Outcomes that may be drawn, [D][V]. */
  final boolean[][] drawable() {
    boolean[][] drawable = new boolean[variables.size()][];
    for (int d = 0; d < drawable.length; d++) {
      drawable[d] = new boolean[variables.outcomes(d)];
      for (int v = 0; v < drawable[d].length; v++) {
        drawable[d][v] = variables.drawable(d, v);
      }
    }
    return drawable;
  }

  /** Draws of what is missing given the rest, all of one condition. */
  final Batch drawn(
      long[] ids, RandomKey key, int[] given, boolean[][] allowed, double temperature) {
    double[] joint = new double[trees.length];
    joint(given, allowed, joint);
    double[] cumulative =
        Probabilities.cumulative(
            Probabilities.tempered(distribution(joint), joint.length, temperature), joint.length);
    ChowLiuTree.Given[] conditions = new ChowLiuTree.Given[trees.length];
    float[] values = new float[Math.multiplyExact(ids.length, event.size())];
    int[] x = new int[given.length];
    for (int i = 0; i < ids.length; i++) {
      RandomKey own = key.fold(ids[i]);
      double uniform = own.fold(COMPONENT_DRAW).uniform(0);
      int k = Probabilities.drawn(cumulative, 0, joint.length, uniform);
      if (conditions[k] == null) {
        conditions[k] = trees[k].given(given, allowed);
      }
      System.arraycopy(given, 0, x, 0, x.length);
      RandomKey draws = own.fold(VARIABLE_DRAWS);
      trees[k].fill(x, conditions[k], drawing(draws, temperature));
      for (int d = 0; d < x.length; d++) {
        if (given[d] == DiscreteVariables.MISSING) {
          variables.draw(d, x[d], draws.fold(WITHIN_DRAWS), values, i * event.size());
        }
      }
    }
    return Batch.of(event.withClasses(0), ids, values);
  }

  /** Logits of values are divided by the temperature: those of a bin count as often as they are. */
  private ChowLiuTree.Choice drawing(RandomKey key, double temperature) {
    RandomKey outcomes = key.fold(OUTCOME_DRAWS);
    return (d, conditional) -> {
      double[] weights = conditional;
      if (temperature != 1) {
        double largest = Arrays.stream(conditional).max().orElseThrow();
        double sum = 0;
        for (int v = 0; v < weights.length; v++) {
          double extent = variables.extent(d, v);
          weights[v] = extent * Math.pow(conditional[v] / largest / extent, 1 / temperature);
          sum += weights[v];
        }
        for (int v = 0; v < weights.length; v++) {
          weights[v] /= sum;
        }
      }
      double[] cumulative = Probabilities.cumulative(weights, weights.length);
      return Probabilities.drawn(cumulative, 0, weights.length, outcomes.uniform(d));
    };
  }

  /** exp of logarithms up to a factor, with sum 1; the prior where all are −∞. */
  final double[] distribution(double[] log) {
    double sum = Probabilities.logSumExp(log);
    double[] terms = sum == Double.NEGATIVE_INFINITY ? logPrior : log;
    double shift = sum == Double.NEGATIVE_INFINITY ? 0 : sum;
    return Arrays.stream(terms).map(term -> Math.exp(term - shift)).toArray();
  }

  @Override
  public void close() {
    // All memory is Java's.
  }

  /**
   * A mixture of trees of rows. Draws are of p(row) given that nothing in it is what the data that
   * fixed the schema did not have.
   */
  static final class OfRows extends BoundTrees implements RowModel, ConditionalRowModel {
    private final EventSpec event;
    private final DiscreteVariables variables;
    private final ChowLiuTree[] trees;
    private final int[][][] children; // [K][D][]
    private final boolean[][] drawable;
    private final boolean[][] fillable; // [D][V]: drawable and no null

    OfRows(EventSpec event, DiscreteVariables variables, double[] logPrior, ChowLiuTree[] trees) {
      super(event, variables, logPrior, trees);
      this.event = event;
      this.variables = variables;
      this.trees = trees;
      children = Arrays.stream(trees).map(ChowLiuTree::children).toArray(int[][][]::new);
      drawable = drawable();
      fillable = drawable();
      for (int d = 0; d < fillable.length; d++) {
        for (int v = 0; v < fillable[d].length; v++) {
          fillable[d][v] &= !variables.isNull(d, v);
        }
      }
    }

    @Override
    public double[][] componentProbabilities(Batch x) {
      x.requireOf(event);
      double[][] result = new double[x.size()][];
      double[] joint = new double[trees.length];
      int[] outcomes = new int[variables.size()];
      for (int i = 0; i < result.length; i++) {
        read(variables, x.values(), i * event.size(), outcomes);
        joint(outcomes, null, joint);
        result[i] = distribution(joint);
      }
      return result;
    }

    @Override
    public Look look(Batch x, boolean byColumn) {
      x.requireOf(event);
      double[] logProb = new double[x.size()];
      int[] components = new int[x.size()];
      double[][] columns = byColumn ? new double[x.size()][variables.size()] : null;
      double[] joint = new double[trees.length];
      int[] outcomes = new int[variables.size()];
      for (int i = 0; i < logProb.length; i++) {
        int offset = i * event.size();
        double within = read(variables, x.values(), offset, outcomes);
        joint(outcomes, null, joint);
        double ofOutcomes = Probabilities.logSumExp(joint);
        logProb[i] = ofOutcomes + within;
        components[i] = highest(distribution(joint));
        for (int d = 0; byColumn && d < outcomes.length; d++) {
          columns[i][d] =
              outcomes[d] == DiscreteVariables.MISSING
                  ? Double.NaN
                  : ofOutcomes
                      - logWithout(outcomes, d, joint)
                      + variables.logWithin(x.values(), offset, d);
        }
      }
      return new Look(logProb, components, columns);
    }

    /** log p(all observed columns but one); NaN where they are impossible together. */
    private double logWithout(int[] x, int d, double[] joint) {
      double[] rest = new double[joint.length];
      boolean possible = isWhole(x);
      for (int k = 0; possible && k < rest.length; k++) {
        possible = joint[k] > Double.NEGATIVE_INFINITY;
        rest[k] = possible ? joint[k] + trees[k].logWithout(x, d, children[k][d]) : 0;
      }
      if (!possible) {
        int own = x[d];
        x[d] = DiscreteVariables.MISSING;
        joint(x, null, rest);
        x[d] = own;
      }
      double logRest = Probabilities.logSumExp(rest);
      return logRest == Double.NEGATIVE_INFINITY ? Double.NaN : logRest;
    }

    @Override
    public double logProbGiven(float[] values, boolean[] given) {
      double[] joint = new double[trees.length];
      double within = 0;
      for (int d = 0; d < given.length; d++) {
        within += given[d] ? variables.logWithin(values, 0, d) : 0;
      }
      joint(outcomes(values, given), null, joint);
      return Probabilities.logSumExp(joint) + within;
    }

    private int[] outcomes(float[] values, boolean[] given) {
      int[] outcomes = new int[given.length];
      Arrays.setAll(
          outcomes, d -> given[d] ? variables.outcome(values, 0, d) : DiscreteVariables.MISSING);
      return outcomes;
    }

    @Override
    public Batch sampleGiven(long[] ids, float[] values, boolean[] given, RandomKey key) {
      Batch drawn = drawn(ids, key, outcomes(values, given), drawable, 1);
      for (int i = 0; i < ids.length; i++) {
        for (int d = 0; d < given.length; d++) {
          if (given[d]) {
            variables.copy(d, values, 0, drawn.values(), i * event.size());
          }
        }
      }
      return drawn;
    }

    @Override
    public Batch complete(Batch x, Completion how, RandomKey key) {
      x.requireOf(event);
      float[] values = x.values().clone();
      int[] outcomes = new int[variables.size()];
      double[] joint = new double[trees.length];
      for (int i = 0; i < x.size(); i++) {
        int offset = i * event.size();
        read(variables, values, offset, outcomes);
        for (int d = 0; d < outcomes.length; d++) {
          boolean isNull =
              outcomes[d] != DiscreteVariables.MISSING && variables.isNull(d, outcomes[d]);
          outcomes[d] = isNull ? DiscreteVariables.MISSING : outcomes[d];
        }
        if (isWhole(outcomes)) {
          continue;
        }
        joint(outcomes, fillable, joint);
        double[] posterior = distribution(joint);
        if (how == Completion.DRAW) {
          draw(outcomes, posterior, key.fold(x.ids()[i]), values, offset);
        } else {
          modes(outcomes, trees[highest(posterior)], values, offset);
        }
      }
      return new Batch(x.event(), x.ids(), values, x.labels(), x.lengths());
    }

    private void draw(
        int[] outcomes, double[] posterior, RandomKey key, float[] values, int offset) {
      double[] cumulative = Probabilities.cumulative(posterior, posterior.length);
      double uniform = key.fold(COMPONENT_DRAW).uniform(0);
      ChowLiuTree tree = trees[Probabilities.drawn(cumulative, 0, posterior.length, uniform)];
      RandomKey draws = key.fold(VARIABLE_DRAWS);
      int[] filled = outcomes.clone();
      tree.fill(filled, tree.given(outcomes, fillable), super.drawing(draws, 1));
      for (int d = 0; d < filled.length; d++) {
        if (outcomes[d] == DiscreteVariables.MISSING) {
          variables.draw(d, filled[d], draws.fold(WITHIN_DRAWS), values, offset);
        }
      }
    }

    /** The value of highest probability of each column that is missing. */
    private void modes(int[] outcomes, ChowLiuTree tree, float[] values, int offset) {
      double[][] marginals = tree.marginals(tree.given(outcomes, fillable));
      for (int d = 0; d < outcomes.length; d++) {
        int best = -1;
        for (int v = 0; outcomes[d] == DiscreteVariables.MISSING && v < marginals[d].length; v++) {
          boolean better =
              best < 0
                  || marginals[d][v] / variables.extent(d, v)
                      > marginals[d][best] / variables.extent(d, best);
          best = fillable[d][v] && better ? v : best;
        }
        if (best >= 0) {
          variables.middle(d, best, values, offset);
        }
      }
    }

    private static int highest(double[] posterior) {
      int highest = 0;
      for (int k = 1; k < posterior.length; k++) {
        highest = posterior[k] > posterior[highest] ? k : highest;
      }
      return highest;
    }
  }
}
