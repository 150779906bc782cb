package dev.ancestral.model.hmm;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.distribution.statistics.Emission;
import dev.ancestral.distribution.statistics.Exemplars;
import dev.ancestral.distribution.statistics.MixedEmission;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Family;
import dev.ancestral.model.Marginalising;
import dev.ancestral.model.ModelsRows;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.hmm.BoundHmm.Chain;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntPredicate;

/**
 * p(x | T) = Σ_z p(z_0) p(x_0 | z_0) Π_{t=1}^{T−1} p(z_t | z_{t−1}) p(x_t | z_t), given its length
 * T.
 *
 * <p>Where the event's end is learned, the end symbol is a value that any state may emit, and the
 * same product is p(x) itself: the probability that the chain emits x and the end symbol there for
 * the first time. Over all sequences that end it sums to the probability that the chain ever emits
 * an end symbol: 1 if one can be reached from every state, as it can with smoothing.
 *
 * <p>EM with exact posteriors (Baum–Welch): each pass never lowers the likelihood times the prior
 * of the smoothing. A first pass picks exemplar steps for the states to start from; transitions
 * start even.
 *
 * <p>Parameters: {@code initial} [K], {@code transition} [K, K] and those of the emission.
 * Statistics: Σ log p(x), the steps weighed by {@link Exemplars}, posterior beginnings [K] and
 * transitions [K, K], and the counts of the emission. A sequence that is impossible under the
 * parameters of a pass has no posterior and is not counted.
 */
public final class Hmm
    implements StatisticsModel, Marginalising, ModelsRows, Definition.LearnsEnds {
  /**
   * Hidden Markov models by their settings.
   *
   * <ul>
   *   <li>{@code states}: K
   *   <li>{@code emissions}: {@code bernoulli}, {@code categorical} or {@code gaussian}; the
   *       elements of a step are independent given the state; left out for sequences of rows, whose
   *       columns have the distributions of their kinds ({@link MixedEmission})
   *   <li>{@code topology}: {@code ergodic} (default) or {@code left-right}
   *   <li>{@code beginnings} and {@code successors} in its place: structural zeros, as digits 0 and
   *       1 for each state: {@code beginnings: "100", successors: ["110", "011", "001"]}
   *   <li>{@code iterations} (100) of EM from each of {@code restarts} (1) starting points
   *   <li>{@code smoothing} (0.1): α, added to the count of each beginning, each transition and
   *       each value of a discrete element that the topology allows; of rows, how many steps of all
   *       states together count in each state
   * </ul>
   */
  public static final class HmmFamily implements Family {

    @Override
    public String name() {
      return "hmm";
    }

    @Override
    public Definition define(Settings settings, EventSpec event) {
      int states = settings.count("states", null, 1, 10_000);
      String emissions = emissions(settings, event);
      Topology topology = Topology.read(settings, states);
      int iterations = settings.count("iterations", 100, 1, Integer.MAX_VALUE - 1);
      int restarts = settings.count("restarts", 1, 1, 1_000_000);
      double smoothing = settings.number("smoothing", 0.1, 0, 1e9);
      if (!event.variableLength()) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "hmm models sequences; these are events of fixed shape, "
                + event.describe()
                + ": prepare sequences, or choose naive-bayes");
      }
      Emission emission =
          event.schema().isPresent()
              ? new MixedEmission(event.schema().get(), states, smoothing)
              : Emission.named(
                  emissions,
                  new Emission.Elements(event.size(), event.levels(), event.describe()),
                  states,
                  smoothing);
      return new Hmm(event, emission, topology, iterations, restarts, smoothing);
    }

    private static String emissions(Settings settings, EventSpec event) {
      if (event.isRows()) {
        if (settings.has("emissions")) {
          settings.wrong(
              "emissions",
              settings.text("emissions", ""),
              "left out where steps are rows: each column has the distribution of its kind");
        }
        return "";
      }
      String emissions = settings.text("emissions", null, "bernoulli", "categorical", "gaussian");
      // A missing value is already reported; the reading goes on with something that fits.
      return emissions == null ? (event.isDiscrete() ? "categorical" : "gaussian") : emissions;
    }
  }

  private static final String START = "start";
  private static final int SEED_BITS = 53;
  private static final int LOG_LIKELIHOOD = 0;
  private static final int START_STEPS = 1;
  private static final int BEGINNINGS = 2;
  private static final int STEPS_AT_ONCE = 256;

  private final EventSpec event;
  private final Emission emission;
  private final Topology topology;
  private final int iterations;
  private final int restarts;
  private final double smoothing;
  private final int states;
  private final int transitionsAt;
  private final int emissionAt;

  Hmm(
      EventSpec event,
      Emission emission,
      Topology topology,
      int iterations,
      int restarts,
      double smoothing) {
    this.event = event;
    this.emission = emission;
    this.topology = topology;
    this.iterations = iterations;
    this.restarts = restarts;
    this.smoothing = smoothing;
    states = emission.states();
    transitionsAt = BEGINNINGS + states;
    emissionAt = Math.addExact(transitionsAt, Math.multiplyExact(states, states));
  }

  @Override
  public EventSpec event() {
    return event;
  }

  @Override
  public int statisticsSize() {
    return Math.addExact(emissionAt, emission.statisticsSize());
  }

  @Override
  public int iterations() {
    return 1 + iterations;
  }

  @Override
  public int restarts() {
    return restarts;
  }

  @Override
  public NamedArrays initial(RandomKey key) {
    // A float64 holds 53 bits of seed exactly.
    double seed = key.bits(0) >>> (Long.SIZE - SEED_BITS);
    return NamedArrays.empty().with(START, new double[] {seed}, 1);
  }

  @Override
  public void accumulate(NamedArrays parameters, Batch batch, double[] statistics) {
    batch.requireOf(event);
    if (parameters.byName().containsKey(START)) {
      RandomKey key = RandomKey.of((long) parameters.array(START, 1)[0]);
      accumulateExemplars(key, batch, statistics);
      return;
    }
    Chain chain = Chain.of(parameters, emission);
    emission.centre(parameters, statistics, emissionAt);
    ForwardBackward recursions = new ForwardBackward(chain, batch.steps());
    double[][] transitions = new double[states][];
    for (int from = 0; from < states; from++) {
      int at = transitionsAt + from * states;
      transitions[from] = Arrays.copyOfRange(statistics, at, at + states);
    }
    int stride = batch.steps() * event.size();
    for (int i = 0; i < batch.size(); i++) {
      int offset = i * stride;
      statistics[LOG_LIKELIHOOD] +=
          recursions.expectations(
              batch.values(),
              offset,
              batch.lengths()[i],
              transitions,
              (first, steps, posteriors) -> {
                if (first == 0) {
                  for (int k = 0; k < states; k++) {
                    statistics[BEGINNINGS + k] += posteriors[0][k];
                  }
                }
                emission.accumulate(
                    batch.values(),
                    offset + first * event.size(),
                    steps,
                    posteriors,
                    statistics,
                    emissionAt);
              });
    }
    for (int from = 0; from < states; from++) {
      System.arraycopy(transitions[from], 0, statistics, transitionsAt + from * states, states);
    }
  }

  private void accumulateExemplars(RandomKey key, Batch batch, double[] statistics) {
    double[][] weights = new double[Math.min(STEPS_AT_ONCE, batch.steps())][states];
    int stride = batch.steps() * event.size();
    for (int i = 0; i < batch.size(); i++) {
      for (int first = 0; first < batch.lengths()[i]; first += STEPS_AT_ONCE) {
        int steps = Math.min(STEPS_AT_ONCE, batch.lengths()[i] - first);
        Exemplars.weigh(key, batch.ids()[i], first, steps, states, weights, 0);
        emission.accumulate(
            batch.values(),
            i * stride + first * event.size(),
            steps,
            weights,
            statistics,
            emissionAt);
        statistics[START_STEPS] += steps;
      }
    }
  }

  @Override
  public void merge(double[] from, double[] into) {
    for (int i = 0; i < emissionAt; i++) {
      into[i] += from[i];
    }
    emission.merge(from, into, emissionAt);
  }

  @Override
  public NamedArrays maximize(double[] statistics) {
    boolean start = statistics[START_STEPS] > 0;
    double[] beginnings = new double[states];
    double[] transitions = new double[states * states];
    double total = 0;
    for (int i = 0; i < states; i++) {
      total += statistics[BEGINNINGS + i];
      beginnings[i] = topology.begins(i) ? statistics[BEGINNINGS + i] + smoothing : 0;
      for (int j = 0; j < states; j++) {
        transitions[i * states + j] =
            topology.follows(i, j) ? statistics[transitionsAt + i * states + j] + smoothing : 0;
      }
    }
    if (!start && !(total > 0)) {
      throw new AncestralException(
          ErrorCode.DATA,
          "there is no sequence that the model could learn from: the data are empty, or impossible"
              + " under the parameters so far (raise model.smoothing)");
    }
    normalize(beginnings, 0, k -> topology.begins(k));
    for (int i = 0; i < states; i++) {
      int state = i;
      normalize(transitions, i * states, j -> topology.follows(state, j));
    }
    NamedArrays chain =
        NamedArrays.empty()
            .with(Chain.INITIAL, beginnings, states)
            .with(Chain.TRANSITION, transitions, states, states);
    return start
        ? emission.start(statistics, emissionAt, chain)
        : emission.maximize(statistics, emissionAt, chain);
  }

  /** Divides a row by its sum; one without weight becomes even over what is allowed. */
  private void normalize(double[] rows, int from, IntPredicate allowed) {
    double sum = 0;
    int count = 0;
    for (int k = 0; k < states; k++) {
      sum += rows[from + k];
      count += allowed.test(k) ? 1 : 0;
    }
    for (int k = 0; k < states; k++) {
      if (sum > 0) {
        rows[from + k] /= sum;
      } else {
        rows[from + k] = allowed.test(k) ? 1.0 / count : 0;
      }
    }
  }

  @Override
  public OptionalDouble logLikelihood(double[] statistics) {
    return statistics[START_STEPS] > 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(statistics[LOG_LIKELIHOOD]);
  }

  @Override
  public ExactModel bind(NamedArrays parameters) {
    Chain chain = Chain.of(parameters, emission);
    List<String> names = new ArrayList<>(List.of(Chain.INITIAL, Chain.TRANSITION));
    names.addAll(emission.parameterNames());
    parameters.requireOnly(names);
    requireTopology(chain);
    return new BoundHmm(event, chain);
  }

  private void requireTopology(Chain chain) {
    for (int i = 0; i < states; i++) {
      if (chain.initial()[i] > 0 && !topology.begins(i)) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "parameter '"
                + Chain.INITIAL
                + "' has "
                + chain.initial()[i]
                + " for state "
                + i
                + ", in which the topology lets no sequence begin; it must be 0");
      }
      for (int j = 0; j < states; j++) {
        if (chain.transition()[i][j] > 0 && !topology.follows(i, j)) {
          throw new AncestralException(
              ErrorCode.MISMATCH,
              "parameter '"
                  + Chain.TRANSITION
                  + "' has "
                  + chain.transition()[i][j]
                  + " from state "
                  + i
                  + " to state "
                  + j
                  + ", which the topology forbids; it must be 0");
        }
      }
    }
  }

  /**
   * Which states a chain may begin in and which may follow which; the rest has probability zero.
   */
  interface Topology {
    /** Anything may follow anything. */
    Topology ERGODIC = new Topology() {};

    /** Begins in state 0, and each step stays or goes on to the next state (Bakis). */
    Topology LEFT_RIGHT =
        new Topology() {
          @Override
          public boolean begins(int state) {
            return state == 0;
          }

          @Override
          public boolean follows(int state, int next) {
            return next == state || next == state + 1;
          }
        };

    /** Whether a sequence may begin in the state. */
    default boolean begins(int state) {
      return true;
    }

    /** Whether the next state may come after the state. */
    default boolean follows(int state, int next) {
      return true;
    }

    /**
     * Zeros and ones that were written out.
     *
     * @param beginnings a digit for each state; empty for all
     * @param successors a row of digits for each state before; none for all
     */
    record Pattern(String beginnings, List<String> successors) implements Topology {
      public Pattern {
        successors = List.copyOf(successors);
      }

      @Override
      public boolean begins(int state) {
        return beginnings.isEmpty() || beginnings.charAt(state) == '1';
      }

      @Override
      public boolean follows(int state, int next) {
        return successors.isEmpty() || successors.get(state).charAt(next) == '1';
      }
    }

    /** Reads {@code topology}, or {@code beginnings} and {@code successors} in its place. */
    static Topology read(Settings settings, int states) {
      String name = settings.text("topology", "ergodic", "ergodic", "left-right");
      String beginnings = settings.text("beginnings", "");
      List<String> successors = settings.texts("successors", List.of());
      String digits = states + " digits 0 or 1, one a state and at least one of them 1";
      if (!beginnings.isEmpty() && !isRow(beginnings, states)) {
        settings.wrong("beginnings", beginnings, digits);
        return ERGODIC;
      }
      boolean rows =
          successors.size() == states && successors.stream().allMatch(row -> isRow(row, states));
      if (!successors.isEmpty() && !rows) {
        settings.wrong("successors", successors, states + " texts in quotes, each of " + digits);
        return ERGODIC;
      }
      if (beginnings.isEmpty() && successors.isEmpty()) {
        return name.equals("left-right") ? LEFT_RIGHT : ERGODIC;
      }
      if (!name.equals("ergodic")) {
        settings.wrong("topology", name, "left out where beginnings or successors are given");
      }
      return new Pattern(beginnings, successors);
    }

    private static boolean isRow(String row, int states) {
      return row.matches("[01]*1[01]*") && row.length() == states;
    }
  }
}
