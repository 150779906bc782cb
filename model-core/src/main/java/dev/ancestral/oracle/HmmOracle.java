package dev.ancestral.oracle;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A hidden Markov model with known parameters, against the sum over all paths of its states: log
 * p(x) of sequences of several lengths with missing elements, posteriors, the most probable path,
 * and one Baum–Welch step (Rabiner 1989, eq. 40a–c) for beginnings, transitions and emissions.
 *
 * @param elements of a step given its state
 */
record HmmOracle(Elements elements) implements Oracle {
  private static final int STATES = 3;
  private static final int SIZE = 2;
  private static final int[] LENGTHS = {5, 1, 4, 2, 5, 3};
  private static final double SMOOTHING = 0.25;
  private static final double TOLERANCE = 1e-9;

  @Override
  public List<String> families() {
    return List.of("hmm");
  }

  @Override
  public List<Verdict> verdicts() {
    RandomKey key = RandomKey.of(51);
    StatisticsModel definition =
        (StatisticsModel)
            Families.named("hmm")
                .define(
                    Settings.of(
                        Map.of(
                            "states",
                            STATES,
                            "emissions",
                            elements.text(),
                            "smoothing",
                            SMOOTHING)),
                    elements.event(SIZE, true, 0));
    NamedArrays parameters =
        elements.parameters(
            STATES,
            SIZE,
            key.fold("emission"),
            NamedArrays.empty()
                .with("initial", Elements.distributions(1, STATES, key.fold("initial")), STATES)
                .with(
                    "transition",
                    Elements.distributions(STATES, STATES, key.fold("transition")),
                    STATES,
                    STATES));
    Batch x = sequences(definition, key.fold("values"));
    List<StatePaths> paths = new ArrayList<>();
    List<double[][]> emissions = new ArrayList<>();
    for (int i = 0; i < LENGTHS.length; i++) {
      emissions.add(emission(parameters, x, i));
      paths.add(
          new StatePaths(
              Elements.values(parameters, "initial"),
              Elements.values(parameters, "transition"),
              emissions.get(i)));
    }
    Laws laws = new Laws("hmm, " + elements.text());
    try (ExactModel model = definition.bind(parameters)) {
      double[] nats = paths.stream().mapToDouble(StatePaths::logProb).toArray();
      laws.equal("log p(x) is the sum over paths", nats, model.logProb(x), TOLERANCE);
      states(laws, (HiddenStateModel) model, parameters, x, paths, emissions);
    }
    step(laws, definition, parameters, x, paths);
    return laws.verdicts();
  }

  private Batch sequences(StatisticsModel definition, RandomKey key) {
    int longest = Arrays.stream(LENGTHS).max().orElseThrow();
    float[] values = new float[LENGTHS.length * longest * SIZE];
    long[] ids = new long[LENGTHS.length];
    for (int i = 0; i < LENGTHS.length; i++) {
      ids[i] = i;
      float[] own = elements.values(LENGTHS[i] * SIZE, key.fold(i));
      System.arraycopy(own, 0, values, i * longest * SIZE, own.length);
    }
    return new Batch(definition.event(), ids, values, null, LENGTHS.clone());
  }

  private double[][] emission(NamedArrays parameters, Batch x, int i) {
    double[][] emission = new double[LENGTHS[i]][STATES];
    for (int t = 0; t < LENGTHS[i]; t++) {
      for (int k = 0; k < STATES; k++) {
        int offset = (i * x.steps() + t) * SIZE;
        emission[t][k] = elements.probability(parameters, SIZE, k, x.values(), offset);
      }
    }
    return emission;
  }

  private static void states(
      Laws laws,
      HiddenStateModel model,
      NamedArrays parameters,
      Batch x,
      List<StatePaths> paths,
      List<double[][]> emissions) {
    double[][] posteriors = model.posteriors(x);
    List<HiddenStateModel.Path> best = model.mostProbablePaths(x);
    double[] highest = new double[best.size()];
    double[] reached = new double[best.size()];
    double[] told = best.stream().mapToDouble(HiddenStateModel.Path::logProb).toArray();
    double error = 0;
    for (int i = 0; i < best.size(); i++) {
      highest[i] = paths.get(i).logBest();
      reached[i] =
          Math.log(
              StatePaths.joint(
                  best.get(i).states(),
                  Elements.values(parameters, "initial"),
                  Elements.values(parameters, "transition"),
                  emissions.get(i)));
      for (int t = 0; t < LENGTHS[i]; t++) {
        for (int k = 0; k < STATES; k++) {
          double difference = posteriors[i][t * STATES + k] - paths.get(i).posterior(t, k);
          error = Math.max(error, Math.abs(difference));
        }
      }
    }
    laws.equal("posteriors are shares of paths, largest error", 0, error, TOLERANCE);
    laws.equal("no path beats Viterbi's", highest, reached, TOLERANCE);
    laws.equal("log p(x, path) of Viterbi's path", highest, told, TOLERANCE);
  }

  /** One pass of EM; counts and smoothing by the definition. */
  private void step(
      Laws laws,
      StatisticsModel definition,
      NamedArrays parameters,
      Batch x,
      List<StatePaths> paths) {
    double[] statistics = Elements.statistics(definition, parameters, x);
    NamedArrays fitted = definition.maximize(statistics);
    double total = 0;
    double[] beginnings = new double[STATES];
    double[] transitions = new double[STATES * STATES];
    Arrays.fill(beginnings, SMOOTHING);
    Arrays.fill(transitions, SMOOTHING);
    List<double[]> weights = new ArrayList<>();
    float[] rows = new float[Arrays.stream(LENGTHS).sum() * SIZE];
    for (int i = 0; i < LENGTHS.length; i++) {
      StatePaths own = paths.get(i);
      total += own.logProb();
      for (int t = 0; t < LENGTHS[i]; t++) {
        int offset = (i * x.steps() + t) * SIZE;
        System.arraycopy(x.values(), offset, rows, weights.size() * SIZE, SIZE);
        int step = t;
        double[] posterior = new double[STATES];
        Arrays.setAll(posterior, k -> own.posterior(step, k));
        weights.add(posterior);
      }
      for (int k = 0; k < STATES; k++) {
        beginnings[k] += own.posterior(0, k);
        for (int j = 0; j < STATES; j++) {
          transitions[k * STATES + j] += own.transition(k, j);
        }
      }
    }
    laws.equal(
        "log-likelihood of the pass",
        total,
        definition.logLikelihood(statistics).orElse(Double.NaN),
        TOLERANCE);
    laws.equal(
        "beginnings after a Baum-Welch step",
        normalized(beginnings),
        Elements.values(fitted, "initial"),
        TOLERANCE);
    laws.equal(
        "transitions after a Baum-Welch step",
        normalized(transitions),
        Elements.values(fitted, "transition"),
        TOLERANCE);
    laws.equal(
        "emissions after a Baum-Welch step",
        elements.estimate(rows, weights.toArray(double[][]::new), SIZE, SMOOTHING),
        elements.fitted(fitted),
        TOLERANCE);
  }

  private static double[] normalized(double[] rows) {
    double[] normalized = rows.clone();
    for (int from = 0; from < rows.length; from += STATES) {
      double sum = Arrays.stream(rows, from, from + STATES).sum();
      for (int k = from; k < from + STATES; k++) {
        normalized[k] /= sum;
      }
    }
    return normalized;
  }

  /**
   * Everything about one sequence of a hidden Markov model by summing over all K^T paths of its
   * states.
   */
  private static final class StatePaths {
    private final int states;
    private final int steps;
    private double probability;
    private double best;
    private final double[] posteriors; // [T · K], not divided by the probability yet
    private final double[] transitions; // [K · K], the same

    /**
     * Sums over all paths.
     *
     * @param initial p(z_0), [K]
     * @param transition p(z_t | z_{t−1}), [K · K], a row for each state before
     * @param emission p(x_t | z_t), [T][K]
     */
    StatePaths(double[] initial, double[] transition, double[][] emission) {
      states = initial.length;
      steps = emission.length;
      posteriors = new double[steps * states];
      transitions = new double[states * states];
      int[] path = new int[steps];
      do {
        double weight = joint(path, initial, transition, emission);
        probability += weight;
        best = Math.max(best, weight);
        for (int t = 0; t < steps; t++) {
          posteriors[t * states + path[t]] += weight;
          if (t > 0) {
            transitions[path[t - 1] * states + path[t]] += weight;
          }
        }
      } while (next(path));
    }

    /** p(x, path). */
    static double joint(int[] path, double[] initial, double[] transition, double[][] emission) {
      double weight = initial[path[0]] * emission[0][path[0]];
      for (int t = 1; t < path.length; t++) {
        weight *= transition[path[t - 1] * initial.length + path[t]] * emission[t][path[t]];
      }
      return weight;
    }

    private boolean next(int[] path) {
      for (int t = 0; t < steps; t++) {
        path[t]++;
        if (path[t] < states) {
          return true;
        }
        path[t] = 0;
      }
      return false;
    }

    double logProb() {
      return Math.log(probability);
    }

    /** log p(x, z) of the most probable path z. */
    double logBest() {
      return Math.log(best);
    }

    /** p(z_t = k | x). */
    double posterior(int t, int k) {
      return posteriors[t * states + k] / probability;
    }

    /** Σ_t p(z_t = i, z_{t+1} = j | x). */
    double transition(int i, int j) {
      return transitions[i * states + j] / probability;
    }
  }
}
