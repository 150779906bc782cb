package dev.ancestral.model.naivebayes;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.distribution.statistics.BoundEmission;
import dev.ancestral.distribution.statistics.BoundRows;
import dev.ancestral.distribution.statistics.Emission;
import dev.ancestral.distribution.statistics.Exemplars;
import dev.ancestral.distribution.statistics.MixedEmission;
import dev.ancestral.distribution.statistics.Probabilities;
import dev.ancestral.distribution.statistics.Rows;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Family;
import dev.ancestral.model.Marginalising;
import dev.ancestral.model.ModelsRows;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * p(x) = Σ_c p(c) Π_d p(x_d | c).
 *
 * <p>With the class observed or absent the estimate has a closed form and takes one pass. With a
 * hidden class (the latent class model, a mixture of C products) it is found by EM: each pass
 * weighs an example by its posterior p(c | x), and the likelihood (times the smoothing prior) never
 * falls. A first pass picks exemplars to start from.
 *
 * <p>Parameters: {@code prior} [C] and those of the emission. Statistics: Σ log p(x), the examples
 * weighed by {@link Exemplars}, the weight of each class [C], and the counts of the emission. An
 * example that is impossible under the parameters of a pass has no posterior and is not counted.
 */
public final class NaiveBayes implements StatisticsModel, Marginalising, ModelsRows {

  /**
   * Naive Bayes by its settings.
   *
   * <ul>
   *   <li>{@code likelihood}: {@code bernoulli}, {@code categorical} or {@code gaussian}; left out
   *       for rows, whose columns have the distributions of their kinds ({@link MixedEmission})
   *   <li>{@code classes}: {@code none} (default) or {@code label}, the label of the event
   *   <li>{@code components} (1): above 1 a hidden class, fitted by EM in {@code iterations} (100)
   *       from each of {@code restarts} (1) starting points
   *   <li>{@code smoothing} (1.0): α, added to the count of each value of a discrete element; of
   *       rows, how many examples of all classes together count in each class; the prior of the
   *       classes is not smoothed
   * </ul>
   */
  public static final class NaiveBayesFamily implements Family {

    @Override
    public String name() {
      return "naive-bayes";
    }

    @Override
    public Definition define(Settings settings, EventSpec event) {
      String likelihood = likelihood(settings, event);
      boolean labelled = settings.text("classes", "none", "none", "label").equals("label");
      int components = settings.count("components", 1, 1, 1_000_000);
      int iterations = settings.count("iterations", 100, 1, Integer.MAX_VALUE - 1);
      int restarts = settings.count("restarts", 1, 1, 1_000_000);
      double smoothing = settings.number("smoothing", 1.0, 0, 1e9);
      if (labelled && components > 1) {
        settings.wrong("components", components, "1 where classes is label");
      }
      if (event.variableLength()) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "naive-bayes models events of fixed shape; these are sequences of "
                + event.describe()
                + ": choose hmm");
      }
      if (labelled && !event.hasLabels()) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "model.classes is label but the data have none ("
                + event.describe()
                + "); prepare them with labels, or set classes to none");
      }
      Classes classes = labelled ? Classes.LABEL : components > 1 ? Classes.HIDDEN : Classes.NONE;
      int states = labelled ? event.classes() : components;
      Emission emission =
          event.schema().isPresent()
              ? new MixedEmission(event.schema().get(), states, smoothing)
              : Emission.named(
                  likelihood,
                  new Emission.Elements(event.size(), event.levels(), event.describe()),
                  states,
                  smoothing);
      return new NaiveBayes(event, emission, classes, iterations, restarts);
    }

    private static String likelihood(Settings settings, EventSpec event) {
      if (event.isRows()) {
        if (settings.has("likelihood")) {
          settings.wrong(
              "likelihood",
              settings.text("likelihood", ""),
              "left out where examples are rows: each column has the distribution of its kind");
        }
        return "";
      }
      String likelihood = settings.text("likelihood", null, "bernoulli", "categorical", "gaussian");
      // What was missing or wrong is already reported; the reading goes on with something that
      // fits.
      return likelihood == null ? byElements(event) : likelihood;
    }

    private static String byElements(EventSpec event) {
      return event.isDiscrete() ? "categorical" : "gaussian";
    }
  }

  /** What the classes are. */
  enum Classes {
    /** There is one. */
    NONE,
    /** The label of the example. */
    LABEL,
    /** Not observed. */
    HIDDEN
  }

  private static final String PRIOR = "prior";
  private static final String START = "start";
  private static final int LOG_LIKELIHOOD = 0;
  private static final int START_EXAMPLES = 1;
  private static final int CLASS_WEIGHTS = 2;
  private static final int BLOCK = 256;
  private static final int SEED_BITS = 53;

  private final EventSpec event;
  private final Emission emission;
  private final Classes classes;
  private final int iterations;
  private final int restarts;

  /** What the batch before was accumulated with: most batches of a pass are small. */
  private volatile Bound lastBound;

  NaiveBayes(EventSpec event, Emission emission, Classes classes, int iterations, int restarts) {
    this.event = event;
    this.emission = emission;
    this.classes = classes;
    this.iterations = iterations;
    this.restarts = restarts;
  }

  @Override
  public EventSpec event() {
    return event;
  }

  @Override
  public int statisticsSize() {
    return Math.addExact(CLASS_WEIGHTS + emission.states(), emission.statisticsSize());
  }

  @Override
  public int iterations() {
    return classes == Classes.HIDDEN ? 1 + iterations : 1;
  }

  @Override
  public int restarts() {
    return classes == Classes.HIDDEN ? restarts : 1;
  }

  @Override
  public NamedArrays initial(RandomKey key) {
    if (classes == Classes.HIDDEN) {
      // A float64 holds 53 bits of seed exactly.
      double seed = key.bits(0) >>> (Long.SIZE - SEED_BITS);
      return NamedArrays.empty().with(START, new double[] {seed}, 1);
    }
    double[] uniform = new double[emission.states()];
    Arrays.fill(uniform, 1.0 / uniform.length);
    return emission.ignorant(NamedArrays.empty().with(PRIOR, uniform, uniform.length));
  }

  @Override
  public void accumulate(NamedArrays parameters, Batch batch, double[] statistics) {
    batch.requireOf(event);
    Weigher weigher = weigher(parameters, statistics);
    int states = emission.states();
    int size = emission.size();
    double[][] weights = new double[Math.min(BLOCK, batch.size())][states];
    for (int from = 0; from < batch.size(); from += BLOCK) {
      int rows = Math.min(BLOCK, batch.size() - from);
      weigher.weigh(batch, from, rows, weights);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < states; c++) {
          statistics[CLASS_WEIGHTS + c] += weights[r][c];
        }
      }
      emission.accumulate(
          batch.values(), from * size, rows, weights, statistics, CLASS_WEIGHTS + states);
    }
  }

  /** How much of each row of a block each class takes, [rows, C]. */
  private interface Weigher {
    void weigh(Batch batch, int from, int rows, double[][] weights);
  }

  private Weigher weigher(NamedArrays parameters, double[] statistics) {
    return switch (classes) {
      case NONE ->
          (batch, from, rows, weights) -> {
            for (int r = 0; r < rows; r++) {
              weights[r][0] = 1;
            }
          };
      case LABEL -> this::byLabel;
      case HIDDEN -> {
        if (parameters.byName().containsKey(START)) {
          RandomKey key = RandomKey.of((long) parameters.array(START, 1)[0]);
          yield (batch, from, rows, weights) -> {
            for (int r = 0; r < rows; r++) {
              Exemplars.weigh(key, batch.ids()[from + r], 0, 1, emission.states(), weights, r);
            }
            statistics[START_EXAMPLES] += rows;
          };
        }
        Bound bound = bound(parameters);
        emission.centre(parameters, statistics, CLASS_WEIGHTS + emission.states());
        yield (batch, from, rows, weights) ->
            posteriors(bound, batch, from, rows, weights, statistics);
      }
    };
  }

  private void byLabel(Batch batch, int from, int rows, double[][] weights) {
    int states = emission.states();
    for (int r = 0; r < rows; r++) {
      int label = batch.labels()[from + r];
      if (label < 0 || label >= states) {
        throw new AncestralException(
            ErrorCode.DATA,
            "example "
                + batch.ids()[from + r]
                + " has label "
                + label
                + "; it must be from 0 to "
                + (states - 1));
      }
      Arrays.fill(weights[r], 0);
      weights[r][label] = 1;
    }
  }

  /** Parameters ready for the E-step. */
  private record Bound(NamedArrays parameters, BoundEmission emission, double[] logPrior) {}

  private Bound bound(NamedArrays parameters) {
    Bound last = lastBound;
    if (last == null || !last.parameters().equals(parameters)) {
      last = new Bound(parameters, emission.bind(parameters), logPrior(parameters));
      lastBound = last;
    }
    return last;
  }

  /** The E-step. */
  private void posteriors(
      Bound bound, Batch batch, int from, int rows, double[][] weights, double[] statistics) {
    bound.emission().logProb(batch.values(), from * emission.size(), rows, weights);
    for (int r = 0; r < rows; r++) {
      double[] row = weights[r];
      Rows.add(bound.logPrior(), row);
      double logProb = Probabilities.logSumExp(row);
      statistics[LOG_LIKELIHOOD] += logProb;
      for (int c = 0; c < row.length; c++) {
        row[c] = logProb == Double.NEGATIVE_INFINITY ? 0 : Math.exp(row[c] - logProb);
      }
    }
  }

  @Override
  public void merge(double[] from, double[] into) {
    for (int i = 0; i < CLASS_WEIGHTS + emission.states(); i++) {
      into[i] += from[i];
    }
    emission.merge(from, into, CLASS_WEIGHTS + emission.states());
  }

  @Override
  public NamedArrays maximize(double[] statistics) {
    int states = emission.states();
    double[] prior = Arrays.copyOfRange(statistics, CLASS_WEIGHTS, CLASS_WEIGHTS + states);
    double total = Arrays.stream(prior).sum();
    if (!(total > 0)) {
      throw new AncestralException(
          ErrorCode.DATA,
          "there is no example that the model could learn from: the data are empty, or impossible"
              + " under the parameters so far (raise model.smoothing)");
    }
    int at = CLASS_WEIGHTS + states;
    if (statistics[START_EXAMPLES] > 0) {
      Arrays.fill(prior, 1.0 / states);
      return emission.start(statistics, at, NamedArrays.empty().with(PRIOR, prior, states));
    }
    for (int c = 0; c < states; c++) {
      prior[c] /= total;
    }
    return emission.maximize(statistics, at, NamedArrays.empty().with(PRIOR, prior, states));
  }

  @Override
  public OptionalDouble logLikelihood(double[] statistics) {
    return classes == Classes.HIDDEN && statistics[START_EXAMPLES] == 0
        ? OptionalDouble.of(statistics[LOG_LIKELIHOOD])
        : OptionalDouble.empty();
  }

  @Override
  public ExactModel bind(NamedArrays parameters) {
    BoundEmission bound = emission.bind(parameters);
    double[] logPrior = logPrior(parameters);
    List<String> names = new ArrayList<>(List.of(PRIOR));
    names.addAll(emission.parameterNames());
    parameters.requireOnly(names);
    if (bound instanceof BoundRows rows) {
      RowConditionals conditionals = new RowConditionals(event, rows, logPrior);
      return classes == Classes.LABEL
          ? new RowClassifier(conditionals)
          : new RowNaiveBayes(conditionals);
    }
    return classes == Classes.LABEL
        ? new BoundNaiveBayes.Classifier(event, bound, logPrior)
        : new BoundNaiveBayes(event, bound, logPrior);
  }

  private double[] logPrior(NamedArrays parameters) {
    int states = emission.states();
    double[] prior = Probabilities.distributions(PRIOR, parameters.array(PRIOR, states), states);
    return Arrays.stream(prior).map(Math::log).toArray();
  }
}
