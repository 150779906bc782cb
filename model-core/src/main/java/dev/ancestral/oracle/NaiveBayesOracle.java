package dev.ancestral.oracle;

import dev.ancestral.config.Settings;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.Definition;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/**
 * Naive Bayes with missing elements. With labels: the estimates in closed form (shares with
 * smoothing, means and variances; the prior is not smoothed), log p(x, class) of each class and log
 * p(x) as their sum. With a hidden class: log p(x) and one step of EM from known parameters.
 *
 * @param elements given the class
 */
record NaiveBayesOracle(Elements elements) implements Oracle {
  private static final int CLASSES = 3;
  private static final int SIZE = 4;
  private static final int EXAMPLES = 900; // more than a block in each of three parts
  private static final double SMOOTHING = 0.75;
  private static final double TOLERANCE = 1e-9;
  private static final int DRAWS = 9_000;
  private static final int LABEL = 1;

  @Override
  public List<String> families() {
    return List.of("naive-bayes");
  }

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("naive-bayes, " + elements.text());
    labelled(laws);
    hidden(laws);
    return laws.verdicts();
  }

  private void labelled(Laws laws) {
    StatisticsModel definition = definition(Map.of("classes", "label"), CLASSES);
    RandomKey key = RandomKey.of(61);
    Batch x = examples(definition, key);
    double[] prior = new double[CLASSES];
    double[][] weights = new double[EXAMPLES][CLASSES];
    for (int i = 0; i < EXAMPLES; i++) {
      prior[x.labels()[i]] += 1.0 / EXAMPLES;
      weights[i][x.labels()[i]] = 1;
    }
    NamedArrays fitted = step(definition, definition.initial(key), x).fitted();
    laws.equal(
        "class prior is the share of labels", prior, Elements.values(fitted, "prior"), TOLERANCE);
    laws.equal(
        "estimates of each class in closed form",
        elements.estimate(x.values(), weights, SIZE, SMOOTHING),
        elements.fitted(fitted),
        TOLERANCE);
    double[][] joint = joint(fitted, x);
    try (ExactModel model = definition.bind(fitted)) {
      double[][] found = ((ClassifyingModel) model).jointLogProb(x);
      laws.equal("log p(x, class)", flat(joint), flat(found), TOLERANCE);
      laws.equal("log p(x) sums over classes", logSums(joint), model.logProb(x), TOLERANCE);
      draws(laws, model, prior, fitted);
    }
  }

  /** Draws without a label have the classes of the prior; with one they have the label. */
  private void draws(Laws laws, ExactModel model, double[] prior, NamedArrays fitted) {
    long[] ids = LongStream.range(0, DRAWS).toArray();
    long[] counts = new long[CLASSES];
    for (int label : model.sample(ids, RandomKey.of(62), SampleRequest.plain()).labels()) {
      counts[label]++;
    }
    laws.equal(
        "classes of draws have the prior (chi-square, z)",
        0,
        Frequencies.deviations(counts, prior),
        Frequencies.DEVIATIONS);
    for (double temperature : new double[] {1, 0.5}) {
      SampleRequest request =
          new SampleRequest(OptionalInt.of(LABEL), OptionalInt.empty(), temperature);
      Batch ofOne = model.sample(ids, RandomKey.of(63), request);
      laws.equal(
          "draws of another class than the one asked for",
          0,
          (double) Arrays.stream(ofOne.labels()).filter(label -> label != LABEL).count(),
          0);
      laws.means(
          "moments of draws of a class at temperature " + temperature,
          elements.moments(fitted, SIZE, LABEL, temperature),
          moments(ofOne.values()));
    }
  }

  private static Moments[] moments(float[] x) {
    Moments[] moments = new Moments[2 * SIZE];
    Arrays.setAll(moments, i -> new Moments());
    for (int i = 0; i < x.length; i++) {
      moments[i % SIZE].add(x[i]);
      moments[SIZE + i % SIZE].add((double) x[i] * x[i]);
    }
    return moments;
  }

  private void hidden(Laws laws) {
    StatisticsModel definition = definition(Map.of("components", CLASSES), 0);
    RandomKey key = RandomKey.of(64);
    Batch x = examples(definition, key);
    double[] prior = Elements.distributions(1, CLASSES, key.fold("prior"));
    NamedArrays parameters =
        elements.parameters(
            CLASSES, SIZE, key.fold("elements"), NamedArrays.empty().with("prior", prior, CLASSES));
    double[][] joint = joint(parameters, x);
    double[] nats = logSums(joint);
    try (ExactModel model = definition.bind(parameters)) {
      laws.equal("latent class log p(x)", nats, model.logProb(x), TOLERANCE);
    }
    double[][] weights = new double[EXAMPLES][CLASSES];
    double[] shares = new double[CLASSES];
    for (int i = 0; i < EXAMPLES; i++) {
      for (int c = 0; c < CLASSES; c++) {
        weights[i][c] = Math.exp(joint[i][c] - nats[i]);
        shares[c] += weights[i][c] / EXAMPLES;
      }
    }
    Step step = step(definition, parameters, x);
    laws.equal(
        "log-likelihood of the pass", Arrays.stream(nats).sum(), step.logLikelihood(), TOLERANCE);
    laws.equal(
        "prior after an EM step", shares, Elements.values(step.fitted(), "prior"), TOLERANCE);
    laws.equal(
        "estimates after an EM step",
        elements.estimate(x.values(), weights, SIZE, SMOOTHING),
        elements.fitted(step.fitted()),
        TOLERANCE);
  }

  private StatisticsModel definition(Map<String, Object> settings, int classes) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("likelihood", elements.text());
    all.put("smoothing", SMOOTHING);
    Definition definition =
        Families.named("naive-bayes")
            .define(Settings.of(all), elements.event(SIZE, false, classes));
    return (StatisticsModel) definition;
  }

  private Batch examples(StatisticsModel definition, RandomKey key) {
    float[] values = elements.values(EXAMPLES * SIZE, key.fold("values"));
    int[] labels = definition.event().hasLabels() ? new int[EXAMPLES] : null;
    for (int i = 0; labels != null && i < EXAMPLES; i++) {
      // The first label is rarer than the others, so that the prior is not even.
      labels[i] = (int) Math.min(CLASSES - 1, 3 * key.fold("label").uniform(i) * 1.3);
    }
    long[] ids = LongStream.range(0, EXAMPLES).toArray();
    return new Batch(definition.event(), ids, values, labels, null);
  }

  /** log p(x, c), [B][C], from probabilities element by element. */
  private double[][] joint(NamedArrays parameters, Batch x) {
    double[][] joint = new double[EXAMPLES][CLASSES];
    double[] prior = Elements.values(parameters, "prior");
    for (int i = 0; i < EXAMPLES; i++) {
      for (int c = 0; c < CLASSES; c++) {
        joint[i][c] =
            Math.log(prior[c] * elements.probability(parameters, SIZE, c, x.values(), i * SIZE));
      }
    }
    return joint;
  }

  private static double[] logSums(double[][] rows) {
    return Arrays.stream(rows)
        .mapToDouble(row -> Math.log(Arrays.stream(row).map(Math::exp).sum()))
        .toArray();
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  /** A pass over the data. */
  private record Step(NamedArrays fitted, double logLikelihood) {}

  private static Step step(StatisticsModel definition, NamedArrays parameters, Batch x) {
    double[] statistics = Elements.statistics(definition, parameters, x);
    return new Step(
        definition.maximize(statistics), definition.logLikelihood(statistics).orElse(Double.NaN));
  }
}
