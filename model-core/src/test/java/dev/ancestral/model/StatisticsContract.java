package dev.ancestral.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.NamedArrays;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What every family that learns from statistics promises. The event is small: discrete and
 * enumerable, or one real number. Rows are enumerable.
 */
public abstract class StatisticsContract {
  private static final int DRAWS = 40_000;
  private static final double RANGE = 40;

  /** A family with its settings. */
  protected abstract StatisticsModel model();

  /** Examples to learn from, at least 20, with different ids. */
  protected abstract Batch data();

  /** Steps of the sequences that are enumerated; empty for events of fixed shape. */
  protected OptionalInt steps() {
    return OptionalInt.empty();
  }

  @Test
  final void probabilities_sum_to_one() {
    try (ExactModel model = fitted()) {
      double sum = Arrays.stream(cells(model)).sum();
      assertEquals(1, sum, SmallEvents.enumerable(model.event()) ? 1e-12 : 1e-6);
    }
  }

  /** p(observed) is the sum of p over all values of what is missing. */
  @Test
  final void missing_elements_are_summed_over() {
    try (ExactModel model = fitted()) {
      EventSpec event = model.event();
      if (!SmallEvents.enumerable(event)) {
        Batch one = SmallEvents.batch(event.withMissing(true), 1, 1, new float[] {Float.NaN});
        assertEquals(0, model.logProb(one)[0], 1e-12);
        return;
      }
      if (event.schema().filter(rows -> rows.nulls() == RowSchema.Nulls.VALUE).isPresent()) {
        return; // NaN is a value.
      }
      Batch every = SmallEvents.every(event, steps().orElse(1));
      int stride = every.values().length / every.size();
      double[] probability = cells(model);
      for (int mask = 1; mask < 1 << stride; mask++) {
        float[] values = every.values().clone();
        for (int i = 0; i < values.length; i++) {
          values[i] = (mask >> (i % stride) & 1) == 1 ? Float.NaN : values[i];
        }
        Batch partial =
            SmallEvents.batch(event.withMissing(true), steps().orElse(1), every.size(), values);
        Map<List<Float>, Double> sums = new HashMap<>();
        for (int i = 0; i < every.size(); i++) {
          sums.merge(values(partial, i), probability[i], Double::sum);
        }
        double[] logProb = model.logProb(partial);
        for (int i = 0; i < every.size(); i++) {
          assertEquals(sums.get(values(partial, i)), Math.exp(logProb[i]), 1e-12);
        }
      }
    }
  }

  @Test
  final void draws_follow_the_probabilities() {
    try (ExactModel model = fitted()) {
      double[] probability = drawable(model.event(), cells(model));
      long[] observed = new long[probability.length];
      long[] ids = LongStream.range(0, DRAWS).toArray();
      Batch drawn = model.sample(ids, RandomKey.of(11), request());
      assertArrayEquals(ids, drawn.ids());
      Map<List<Float>, Integer> cellOf = cellsByValue(model.event());
      for (int i = 0; i < DRAWS; i++) {
        observed[cell(drawn, i, cellOf, probability.length)]++;
      }
      int cells = probability.length;
      double chiSquare = 0;
      int degrees = -1;
      double restExpected = 0;
      double restObserved = 0;
      for (int c = 0; c < cells; c++) {
        double expected = probability[c] * DRAWS;
        if (probability[c] == 0) {
          assertEquals(0, observed[c], "an impossible event was drawn");
        } else if (expected < 5) {
          restExpected += expected;
          restObserved += observed[c];
        } else {
          chiSquare += Math.pow(observed[c] - expected, 2) / expected;
          degrees++;
        }
      }
      if (restExpected > 0) {
        chiSquare += Math.pow(restObserved - restExpected, 2) / Math.max(1, restExpected);
        degrees++;
      }
      // Mean and variance of chi-square are the degrees of freedom and twice them.
      assertTrue(
          chiSquare < degrees + 5 * Math.sqrt(2.0 * Math.max(1, degrees)),
          "chi-square is " + chiSquare + " with " + degrees + " degrees of freedom");
    }
  }

  /** Given that all values are of those that the data that fixed a schema had. */
  private double[] drawable(EventSpec event, double[] probability) {
    if (!event.isRows()) {
      return probability;
    }
    Batch every = SmallEvents.every(event, steps().orElse(1));
    double[] kept = probability.clone();
    for (int i = 0; i < kept.length; i++) {
      kept[i] = SmallEvents.drawable(every, i) ? kept[i] : 0;
    }
    double sum = Arrays.stream(kept).sum();
    return Arrays.stream(kept).map(p -> p / sum).toArray();
  }

  @Test
  final void a_draw_depends_on_its_key_and_id_alone() {
    try (ExactModel model = fitted()) {
      long[] ids = {5, 0, 99, 7, -3};
      Batch together = model.sample(ids, RandomKey.of(4), request());
      Batch again = model.sample(ids, RandomKey.of(4), request());
      assertArrayEquals(together.values(), again.values());
      int stride = together.values().length / ids.length;
      for (int i = 0; i < ids.length; i++) {
        Batch alone = model.sample(new long[] {ids[i]}, RandomKey.of(4), request());
        assertArrayEquals(
            Arrays.copyOfRange(together.values(), i * stride, (i + 1) * stride), alone.values());
      }
      long[] many = LongStream.range(0, 200).toArray();
      assertNotEquals(
          Arrays.toString(model.sample(many, RandomKey.of(4), request()).values()),
          Arrays.toString(model.sample(many, RandomKey.of(5), request()).values()));
    }
  }

  @Test
  final void how_a_batch_is_cut_changes_no_bit() {
    StatisticsModel model = model();
    for (Batch data : List.of(data(), withGaps(data()))) {
      for (NamedArrays parameters : List.of(model.initial(RandomKey.of(1)), parameters())) {
        double[] whole = statistics(model, parameters, data, data.size());
        for (int width : new int[] {1, 3, 17}) {
          assertArrayEquals(whole, statistics(model, parameters, data, width));
        }
        try (ExactModel bound = model.bind(parameters())) {
          double[] scores = bound.logProb(data);
          for (int i = 0; i < data.size(); i++) {
            assertEquals(scores[i], bound.logProb(data.slice(i, i + 1))[0]);
          }
        }
      }
    }
  }

  /** The same examples, a third of whose elements are missing. */
  public static Batch withGaps(Batch whole) {
    float[] values = whole.values().clone();
    int stride = values.length / whole.size();
    for (int i = 0; i < whole.size(); i++) {
      for (int d = 0; d < whole.elements(i); d++) {
        boolean gap = RandomKey.of(17).fold(whole.ids()[i]).uniform(d) < 1.0 / 3;
        values[i * stride + d] = gap ? Float.NaN : values[i * stride + d];
      }
    }
    return new Batch(
        whole.event().withMissing(true), whole.ids(), values, whole.labels(), whole.lengths());
  }

  @Test
  final void statistics_of_parts_merge_into_those_of_the_whole() {
    StatisticsModel model = model();
    NamedArrays parameters = parameters();
    double[] whole = statistics(model, parameters, data(), data().size());
    double[] merged = new double[model.statisticsSize()];
    for (int from = 0; from < data().size(); from += 6) {
      Batch shard = data().slice(from, Math.min(data().size(), from + 6));
      model.merge(statistics(model, parameters, shard, shard.size()), merged);
      double[] unchanged = merged.clone();
      model.merge(new double[merged.length], merged);
      assertArrayEquals(unchanged, merged);
    }
    NamedArrays expected = model.maximize(whole);
    NamedArrays actual = model.maximize(merged);
    expected
        .byName()
        .forEach(
            (name, array) -> {
              double[] other = actual.byName().get(name).values();
              for (int i = 0; i < other.length; i++) {
                double value = array.values()[i];
                assertEquals(value, other[i], 1e-12 * Math.max(1, Math.abs(value)), name);
              }
            });
    if (model.logLikelihood(whole).isPresent()) {
      double value = model.logLikelihood(whole).getAsDouble();
      double other = model.logLikelihood(merged).orElseThrow();
      assertEquals(value, other, 1e-12 * Math.max(1, Math.abs(value)));
    }
  }

  @Test
  final void the_log_likelihood_of_a_pass_is_that_of_its_parameters() {
    StatisticsModel model = model();
    NamedArrays parameters = parameters();
    OptionalDouble known = model.logLikelihood(statistics(model, parameters, data(), 7));
    if (model.iterations() == 1) {
      assertTrue(known.isEmpty());
    } else {
      try (ExactModel bound = model.bind(parameters)) {
        double scored = Arrays.stream(bound.logProb(data())).sum();
        assertEquals(scored, known.orElseThrow(), 1e-9 * Math.abs(scored));
      }
    }
  }

  @Test
  final void same_key_same_parameters() {
    assertSame(
        StatisticsFit.of(model(), data(), RandomKey.of(8)).parameters(),
        StatisticsFit.of(model(), data(), RandomKey.of(8)).parameters());
  }

  @Test
  final void saved_and_loaded_parameters_are_bit_equal() throws IOException {
    NamedArrays parameters = parameters();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, parameters, Map.of());
    NamedArrays read =
        Safetensors.readArrays(new ByteArrayInputStream(out.toByteArray()), "parameters");
    assertSame(parameters, read);
    try (ExactModel before = model().bind(parameters);
        ExactModel after = model().bind(read)) {
      assertArrayEquals(before.logProb(data()), after.logProb(data()));
    }
  }

  @Test
  final void parameters_that_do_not_fit_are_refused() {
    parameters()
        .byName()
        .forEach(
            (name, array) -> {
              Map<String, NamedArrays.Array> less = new LinkedHashMap<>(parameters().byName());
              less.remove(name);
              assertEquals(ErrorCode.MISMATCH, refused(new NamedArrays(less)).code());
              double[] broken = array.values().clone();
              broken[broken.length - 1] = -0.25;
              less.put(name, new NamedArrays.Array(array.shape(), broken));
              if (!name.startsWith("mean")) {
                assertTrue(refused(new NamedArrays(less)).getMessage().contains("'" + name + "'"));
              }
              broken[broken.length - 1] = Double.NaN;
              assertTrue(refused(new NamedArrays(less)).getMessage().contains("'" + name + "'"));
            });
  }

  @Test
  final void an_array_that_the_model_does_not_have_is_refused() {
    AncestralException refusal = refused(parameters().with("surplus", new double[] {1}, 1));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains("surplus"), refusal.getMessage());
  }

  private AncestralException refused(NamedArrays parameters) {
    return assertThrows(AncestralException.class, () -> model().bind(parameters));
  }

  /** The parameters that the data give. */
  protected final NamedArrays parameters() {
    return StatisticsFit.of(model(), data(), RandomKey.of(8)).parameters();
  }

  private ExactModel fitted() {
    return model().bind(parameters());
  }

  private SampleRequest request() {
    return new SampleRequest(OptionalInt.empty(), steps(), 1);
  }

  private static double[] statistics(
      StatisticsModel model, NamedArrays parameters, Batch data, int width) {
    double[] statistics = new double[model.statisticsSize()];
    for (int from = 0; from < data.size(); from += width) {
      model.accumulate(
          parameters, data.slice(from, Math.min(data.size(), from + width)), statistics);
    }
    return statistics;
  }

  private double[] cells(ExactModel model) {
    if (SmallEvents.enumerable(model.event())) {
      Batch every = SmallEvents.every(model.event(), steps().orElse(1));
      return Arrays.stream(model.logProb(every)).map(Math::exp).toArray();
    }
    int fine = 100;
    int cells = 80;
    double width = 2 * RANGE / (cells * fine);
    double[] density = model.logProb(SmallEvents.grid(model.event(), RANGE, cells * fine));
    double[] probability = new double[cells];
    for (int i = 0; i < density.length; i++) {
      probability[i / fine] += Math.exp(density[i]) * width;
    }
    return probability;
  }

  private Map<List<Float>, Integer> cellsByValue(EventSpec event) {
    Map<List<Float>, Integer> cells = new HashMap<>();
    if (SmallEvents.enumerable(event)) {
      Batch every = SmallEvents.every(event, steps().orElse(1));
      for (int i = 0; i < every.size(); i++) {
        cells.put(values(every, i), i);
      }
    }
    return cells;
  }

  private static int cell(Batch drawn, int i, Map<List<Float>, Integer> cellOf, int cells) {
    return SmallEvents.enumerable(drawn.event())
        ? cellOf.get(values(drawn, i))
        : (int) ((drawn.values()[i] + RANGE) / (2 * RANGE) * cells);
  }

  private static List<Float> values(Batch batch, int i) {
    int stride = batch.values().length / batch.size();
    Float[] values = new Float[stride];
    for (int d = 0; d < stride; d++) {
      values[d] = batch.values()[i * stride + d];
    }
    return List.of(values);
  }

  private static void assertSame(NamedArrays expected, NamedArrays actual) {
    assertEquals(List.copyOf(expected.byName().keySet()), List.copyOf(actual.byName().keySet()));
    expected
        .byName()
        .forEach(
            (name, array) -> {
              assertEquals(array.shape(), actual.byName().get(name).shape());
              assertArrayEquals(array.values(), actual.byName().get(name).values());
            });
  }
}
