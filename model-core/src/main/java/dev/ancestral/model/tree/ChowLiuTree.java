package dev.ancestral.model.tree;

import dev.ancestral.distribution.statistics.DiscreteVariables;
import dev.ancestral.distribution.statistics.PairCounts;
import dev.ancestral.distribution.statistics.Probabilities;
import java.util.Arrays;

/**
 * A distribution of D discrete variables each of which depends on one other: p(x) = Π_d p(x_d |
 * x_parent(d)), where the root has no parent.
 *
 * <p>Everything that is asked of it is exact by one pass from the leaves to the root (Pearl 1988,
 * section 4.2), in time Σ_d V_parent V_d: the probability of any evidence, and the conditional
 * distributions of a tree of the same shape given the evidence.
 */
final class ChowLiuTree {
  private final int[] parents; // [D]; the root is its own
  private final int[] order; // [D]: parents before children
  private final int[] outcomes; // [D]: V
  private final double[][] p; // [D][V_parent · V_d]; of the root [V]
  private final double[][] log;

  /**
   * A tree.
   *
   * @param parents [D]; the root is its own
   * @param order the variables, parents before children
   * @param p p(x_d = v | x_parent = a) at a · V_d + v, [D][V_parent · V_d]; of the root [V]
   */
  ChowLiuTree(int[] parents, int[] order, int[] outcomes, double[][] p) {
    this.parents = parents;
    this.order = order;
    this.outcomes = outcomes;
    this.p = p;
    log = new double[p.length][];
    for (int d = 0; d < p.length; d++) {
      log[d] = Arrays.stream(p[d]).map(Math::log).toArray();
    }
  }

  int size() {
    return parents.length;
  }

  /** log p(x) in nats of outcomes none of which is missing, [D]. */
  double logProb(int[] x) {
    double sum = 0;
    for (int d = 0; d < x.length; d++) {
      sum += log[d][row(d, x) + x[d]];
    }
    return sum;
  }

  private int row(int d, int[] x) {
    return parents[d] == d ? 0 : x[parents[d]] * outcomes[d];
  }

  /**
   * The tree given evidence.
   *
   * @param logProb of the evidence in nats
   * @param belief p(evidence at d and below | x_d = v) up to a factor of d, [D][V]
   */
  record Given(double logProb, double[][] belief) {}

  /**
   * The upward pass.
   *
   * @param x outcomes, or {@link DiscreteVariables#MISSING}, [D]
   * @param allowed outcomes that a missing variable may have, [D][V]; null for all
   */
  Given given(int[] x, boolean[][] allowed) {
    double[][] belief = new double[x.length][];
    for (int d = 0; d < x.length; d++) {
      belief[d] = new double[outcomes[d]];
      for (int v = 0; v < outcomes[d]; v++) {
        boolean possible =
            x[d] == DiscreteVariables.MISSING ? allowed == null || allowed[d][v] : x[d] == v;
        belief[d][v] = possible ? 1 : 0;
      }
    }
    double logProb = 0;
    for (int place = order.length - 1; place >= 0; place--) {
      int d = order[place];
      double[] own = belief[d];
      double largest = Arrays.stream(own).max().orElseThrow();
      if (!(largest > 0)) {
        return new Given(Double.NEGATIVE_INFINITY, belief);
      }
      for (int v = 0; v < own.length; v++) {
        own[v] /= largest;
      }
      logProb += Math.log(largest);
      if (parents[d] == d) {
        return new Given(logProb + Math.log(message(d, 0, own)), belief);
      }
      double[] above = belief[parents[d]];
      for (int a = 0; a < above.length; a++) {
        above[a] *= above[a] == 0 ? 0 : message(d, a * own.length, own);
      }
    }
    throw new IllegalStateException("a tree without a root");
  }

  /** p(evidence at d and below | value of the parent) up to the factor of d. */
  private double message(int d, int row, double[] belief) {
    double sum = 0;
    for (int v = 0; v < belief.length; v++) {
      sum += p[d][row + v] * belief[v];
    }
    return sum;
  }

  /**
   * p(x_d = v | value of the parent, evidence), [V]: uniform over what is allowed where that is
   * impossible.
   *
   * @param parentOutcome of the parent; any of the root
   */
  double[] conditional(int d, int parentOutcome, Given given) {
    int row = parents[d] == d ? 0 : parentOutcome * outcomes[d];
    double[] belief = given.belief()[d];
    double sum = message(d, row, belief);
    double[] conditional = new double[belief.length];
    if (sum > 0) {
      Arrays.setAll(conditional, v -> p[d][row + v] * belief[v] / sum);
    } else {
      double possible = Arrays.stream(belief).filter(b -> b > 0).count();
      Arrays.setAll(
          conditional,
          v -> possible > 0 ? (belief[v] > 0 ? 1 / possible : 0) : 1.0 / conditional.length);
    }
    return conditional;
  }

  /** What chooses the outcome of a variable from its conditional distribution, [V]. */
  @FunctionalInterface
  interface Choice {
    int of(int d, double[] conditional);
  }

  /**
   * Gives every variable that is missing an outcome, parents first.
   *
   * @param x what the evidence is of; filled in
   */
  void fill(int[] x, Given given, Choice choice) {
    for (int d : order) {
      if (x[d] == DiscreteVariables.MISSING) {
        int above = parents[d] == d ? 0 : x[parents[d]];
        x[d] = choice.of(d, conditional(d, above, given));
      }
    }
  }

  /** p(x_d = v | evidence) of every variable, [D][V]. */
  double[][] marginals(Given given) {
    double[][] marginals = new double[size()][];
    for (int d : order) {
      double[] above = parents[d] == d ? new double[] {1} : marginals[parents[d]];
      marginals[d] = new double[outcomes[d]];
      for (int a = 0; a < above.length; a++) {
        if (above[a] > 0) {
          double[] conditional = conditional(d, a, given);
          for (int v = 0; v < conditional.length; v++) {
            marginals[d][v] += above[a] * conditional[v];
          }
        }
      }
    }
    return marginals;
  }

  /**
   * p(x_i = a, x_j = b | evidence) of every pair, in time D² V³: given its parent, a variable is
   * independent of all that stand before it in the order.
   */
  PairCounts.PairProbabilities pairs(Given given) {
    double[][] marginals = marginals(given);
    double[][][] pairs = new double[size()][size()][]; // [i][j], [V_i, V_j]
    for (int place = 1; place < order.length; place++) {
      int d = order[place];
      int parent = parents[d];
      double[][] conditional = new double[outcomes[parent]][];
      for (int a = 0; a < conditional.length; a++) {
        conditional[a] = conditional(d, a, given);
      }
      for (int earlier = 0; earlier < place; earlier++) {
        int i = order[earlier];
        double[] both = new double[outcomes[i] * outcomes[d]];
        for (int u = 0; u < outcomes[i]; u++) {
          for (int a = 0; a < conditional.length; a++) {
            double above =
                i == parent
                    ? (u == a ? marginals[i][u] : 0)
                    : pairs[i][parent][u * conditional.length + a];
            for (int v = 0; above > 0 && v < outcomes[d]; v++) {
              both[u * outcomes[d] + v] += above * conditional[a][v];
            }
          }
        }
        pairs[i][d] = both;
        pairs[d][i] = transposed(both, outcomes[i], outcomes[d]);
      }
    }
    return new PairCounts.PairProbabilities() {
      @Override
      public double[] of(int i) {
        return marginals[i];
      }

      @Override
      public double[] of(int i, int j) {
        return pairs[i][j];
      }
    };
  }

  private static double[] transposed(double[] matrix, int rows, int columns) {
    double[] result = new double[matrix.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        result[c * rows + r] = matrix[r * columns + c];
      }
    }
    return result;
  }

  /**
   * log p(all variables but one) − log p(x), of outcomes none of which is missing: Σ_v p(v |
   * parent) Π_children p(child | v), over the term of x.
   *
   * @param children of the variable
   */
  double logWithout(int[] x, int d, int[] children) {
    double[] terms = new double[outcomes[d]];
    int row = row(d, x);
    for (int v = 0; v < terms.length; v++) {
      terms[v] = log[d][row + v];
      for (int child : children) {
        terms[v] += log[child][v * outcomes[child] + x[child]];
      }
    }
    return Probabilities.logSumExp(terms) - terms[x[d]];
  }

  /** The children of each variable, in their order, [D][]. */
  int[][] children() {
    int[] counts = new int[size()];
    for (int d = 0; d < counts.length; d++) {
      counts[parents[d]] += parents[d] == d ? 0 : 1;
    }
    int[][] children = new int[counts.length][];
    Arrays.setAll(children, d -> new int[counts[d]]);
    for (int d = counts.length - 1; d >= 0; d--) {
      if (parents[d] != d) {
        children[parents[d]][--counts[parents[d]]] = d;
      }
    }
    return children;
  }
}
