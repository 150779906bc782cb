package dev.ancestral.oracle;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A family with an exact likelihood, fitted to a few random events: Σ_x p(x) = 1 over all of them,
 * and the sampler draws what the scorer scores.
 *
 * @param name for the table
 * @param settings the keys under {@code model:}
 * @param events the whole space
 */
record ExactOracle(
    String name, String family, Map<String, Object> settings, EnumeratedEvents events)
    implements Oracle {
  private static final int EXAMPLES = 40;
  private static final int PASSES = 3;
  private static final int DRAWS = 20_000;

  @Override
  public List<String> families() {
    return List.of(family);
  }

  @Override
  public List<Verdict> verdicts() {
    StatisticsModel definition =
        (StatisticsModel) Families.named(family).define(Settings.of(settings), events.event());
    Batch examples = examples();
    NamedArrays parameters = definition.initial(RandomKey.of(3));
    for (int pass = 0; pass < Math.min(PASSES, definition.iterations()); pass++) {
      double[] statistics = new double[definition.statisticsSize()];
      definition.accumulate(parameters, examples, statistics);
      parameters = definition.maximize(statistics);
    }
    try (ExactModel model = definition.bind(parameters)) {
      double[] probabilities = model.logProb(events.all());
      double sum = 0;
      for (int i = 0; i < probabilities.length; i++) {
        probabilities[i] = Math.exp(probabilities[i]);
        sum += probabilities[i];
      }
      SampleRequest request =
          new SampleRequest(
              OptionalInt.empty(),
              events.event().variableLength()
                  ? OptionalInt.of(events.steps())
                  : OptionalInt.empty(),
              1);
      return List.of(
          new Verdict(
              name, "probabilities of all " + events.count() + " events sum to 1", 1, sum, 1e-9),
          Frequencies.verdict(name, "", model, events, probabilities, request, DRAWS));
    }
  }

  private Batch examples() {
    Batch all = events.all();
    RandomKey key = RandomKey.of(5);
    int d = events.elements();
    long[] ids = new long[EXAMPLES];
    float[] values = new float[EXAMPLES * d];
    for (int i = 0; i < EXAMPLES; i++) {
      ids[i] = i;
      int number = (int) key.below(i, events.count());
      System.arraycopy(all.values(), number * d, values, i * d, d);
    }
    int[] lengths = all.lengths() == null ? null : Arrays.copyOf(all.lengths(), EXAMPLES);
    return new Batch(events.event(), ids, values, null, lengths);
  }

  static EventSpec sequence(int levels) {
    return new EventSpec(List.of(1), new EventSpec.Discrete(levels), true, 0, List.of(), 0);
  }
}
