package dev.ancestral.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.optimize.Adam;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/**
 * What every {@link Network} owes, whatever its family. A test of a family extends this and gives a
 * network over so few events that they can be counted out (or over real numbers, where the laws
 * that need counting are passed over).
 */
public abstract class NetworkContract {
  private static final RandomKey KEY = RandomKey.of(20260101);
  private static final int MANY_SAMPLES = 3000;
  private static final int DRAWS = 20_000;

  private TorchEngine engine;
  private Network network;
  private BoundParameters parameters;
  private GenerativeModel model;

  /** The network under test; its event has at most a few hundred values. */
  protected abstract Network network();

  /** The request that its samples are drawn with: with a length for sequences. */
  protected SampleRequest request() {
    return SampleRequest.plain();
  }

  @BeforeEach
  final void bind() {
    engine = TorchEngine.open(TorchEngine.Options.cpu());
    network = network();
    parameters = engine.bind(network.parameters());
    parameters.values().write(0, FloatBuffer.wrap(values(network.parameters())));
    model = NetworkModel.bind(network, parameters);
  }

  /**
   * Some training on an uneven choice of events: importance weights from a posterior at random have
   * no variance, and no number of samples would bring the bound near log p(x).
   */
  private void fitPosterior() {
    Batch all = allEvents();
    long size = network.parameters().size();
    List<FlatVector> moments = List.of(engine.vector(size), engine.vector(size));
    Network.Player player = network.players().get(0);
    float[] uniform = new float[32];
    for (int step = 1; step <= 400; step++) {
      RandomKey key = KEY.fold(3).fold(step);
      key.fillUniform(0, uniform, 0, uniform.length);
      long[] ids = new long[uniform.length];
      float[] values = new float[uniform.length * (all.values().length / all.size())];
      for (int i = 0; i < ids.length; i++) {
        int event = (int) (uniform[i] * uniform[i] * all.size());
        float[] one = all.slice(event, event + 1).values();
        ids[i] = i;
        System.arraycopy(one, 0, values, i * one.length, one.length);
      }
      Batch drawn = batch(ids, values);
      engine.scoped(
          () -> {
            TensorMap inputs = NetworkInputs.of(engine, drawn, player.noise(), key);
            return parameters.differentiate(
                weights -> player.objective().of(weights, inputs).mean().neg());
          });
      Adam.standard().step(parameters.values(), parameters.gradient(), moments, step, 0.01);
    }
    moments.forEach(FlatVector::close);
  }

  @AfterEach
  final void close() {
    model.close();
    engine.close();
  }

  /** What a family owes that has a likelihood or a bound; an implicit one has nothing to check. */
  @TestFactory
  final List<DynamicTest> laws_of_its_likelihood() {
    List<DynamicTest> laws = new ArrayList<>();
    if (!(model instanceof ImplicitModel)) {
      laws.add(law("score does not depend on the batch", this::scoreDoesNotDependOnTheBatch));
      if (isCountable()) {
        laws.add(law("probabilities sum to one", this::probabilitiesSumToOne));
        laws.add(
            law(
                "sample frequencies match probabilities",
                this::sampleFrequenciesMatchProbabilities));
      }
    }
    if (model instanceof BoundModel) {
      laws.add(law("bounds tighten with samples", this::boundsTightenWithSamples));
    }
    return laws;
  }

  /** A check of a model of its own: some train it further. */
  private DynamicTest law(String name, Executable check) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          close();
          bind();
          check.execute();
        });
  }

  private void probabilitiesSumToOne() {
    double total = DoubleStream.of(logProbabilities()).map(Math::exp).sum();
    assertEquals(1, total, model instanceof ExactModel ? 1e-5 : 0.03);
  }

  private void sampleFrequenciesMatchProbabilities() {
    double[] logProbabilities = logProbabilities();
    Batch drawn = model.sample(LongStream.range(0, DRAWS).toArray(), KEY, request());
    int[] counts = new int[logProbabilities.length];
    int perExample = drawn.values().length / DRAWS;
    for (int i = 0; i < DRAWS; i++) {
      int code = 0;
      for (int d = 0; d < perExample; d++) {
        float value = drawn.values()[i * perExample + d];
        if (network.event().isRows()) {
          code = code * symbols(d) + (Float.isNaN(value) ? symbols(d) - 1 : (int) value);
        } else {
          assertEquals(Math.rint(value), value, "discrete samples are whole numbers");
          code = code * drawn.event().levels() + (int) value;
        }
      }
      counts[code]++;
    }
    // What Monte Carlo leaves in the probabilities of a bound.
    double slack = model instanceof ExactModel ? 1e-6 : 0.004;
    for (int code = 0; code < counts.length; code++) {
      double p = Math.exp(logProbabilities[code]);
      double tolerance = slack + 5 * Math.sqrt(p * (1 - p) / DRAWS) + 1.0 / DRAWS;
      assertEquals(p, (double) counts[code] / DRAWS, tolerance, "event " + code);
    }
  }

  @Test
  final void same_key_same_bytes_in_any_order() {
    long[] ids = {5, 3, 1L << 40, 9};
    Batch drawn = model.sample(ids, KEY, request());
    assertArrayEquals(drawn.values(), model.sample(ids, KEY, request()).values(), 0);
    Batch reordered = model.sample(new long[] {9, 1L << 40, 5, 3}, KEY, request());
    int[] from = {3, 2, 0, 1};
    int perExample = drawn.values().length / ids.length;
    for (int i = 0; i < from.length; i++) {
      assertArrayEquals(
          Arrays.copyOfRange(drawn.values(), from[i] * perExample, (from[i] + 1) * perExample),
          Arrays.copyOfRange(reordered.values(), i * perExample, (i + 1) * perExample),
          0);
    }
    long[] many = LongStream.range(0, 64).toArray();
    assertFalse(
        Arrays.equals(
            model.sample(many, KEY, request()).values(),
            model.sample(many, KEY.fold(1), request()).values()),
        "another key draws something else");
  }

  @Test
  final void saved_and_loaded_parameters_score_the_same_bits() {
    float[] saved = new float[Math.toIntExact(network.parameters().size())];
    parameters.values().read(0, FloatBuffer.wrap(saved));
    TorchEngine other = TorchEngine.open(TorchEngine.Options.cpu());
    BoundParameters loaded = other.bind(network().parameters());
    loaded.values().write(0, FloatBuffer.wrap(saved));
    GenerativeModel copy = NetworkModel.bind(network(), loaded);
    long[] ids = {2, 7};
    assertArrayEquals(
        model.sample(ids, KEY, request()).values(), copy.sample(ids, KEY, request()).values(), 0);
    Batch batch = someExamples();
    if (!(model instanceof ImplicitModel)) {
      assertArrayEquals(score(model, batch), score(copy, batch), 0);
    }
    copy.close();
    other.close();
  }

  private void scoreDoesNotDependOnTheBatch() {
    Batch batch = someExamples();
    double[] together = score(model, batch);
    for (int i = 0; i < batch.size(); i++) {
      double alone = score(model, batch.slice(i, i + 1))[0];
      assertEquals(together[i], alone, 1e-4 * Math.max(1, Math.abs(alone)));
    }
  }

  private void boundsTightenWithSamples() {
    BoundModel bound = (BoundModel) model;
    Batch batch = someExamples();
    double elbo = DoubleStream.of(bound.elbo(batch, MANY_SAMPLES, KEY)).sum();
    double iwae = DoubleStream.of(bound.iwae(batch, MANY_SAMPLES, KEY)).sum();
    double between = 0;
    for (int repeat = 0; repeat < 100; repeat++) {
      between += DoubleStream.of(bound.iwae(batch, 5, KEY.fold(repeat))).sum() / 100;
    }
    assertTrue(elbo < between && between < iwae, elbo + " < " + between + " < " + iwae);
    double one = DoubleStream.of(bound.iwae(batch, 1, KEY)).sum();
    assertTrue(Double.isFinite(one));
  }

  @Test
  final void objectives_agree_with_finite_differences() {
    TorchEngine doubles =
        TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));
    ParameterLayout layout = network.parameters();
    float[] start = values(layout);
    double[] point = new double[start.length];
    for (int i = 0; i < point.length; i++) {
      point[i] = start[i];
    }
    Batch batch = someExamples();
    for (Network.Player player : network.players()) {
      TensorMap inputs = NetworkInputs.of(doubles, batch, player.noise(), KEY);
      Function<Tensor, Tensor> objective =
          flat -> player.objective().of(views(layout, flat), inputs).mean();
      double[] gradient =
          doubles.gradient(objective, doubles.constant(point, point.length)).gradient().toDoubles();
      int checked = 0;
      for (int i = 0; i < point.length; i += Math.max(1, point.length / 150)) {
        if (!nameAt(layout, i).startsWith(player.parameterPrefix())) {
          continue;
        }
        double difference =
            (valueAt(doubles, objective, point, i, 1e-5)
                    - valueAt(doubles, objective, point, i, -1e-5))
                / 2e-5;
        assertEquals(
            difference,
            gradient[i],
            1e-6 * Math.max(1, Math.abs(difference)),
            player.name() + ", parameter " + nameAt(layout, i) + ", element " + i);
        checked++;
      }
      assertTrue(checked > 0, "player " + player.name() + " owns parameters");
    }
    doubles.close();
  }

  /** Starting values, moved so that none stays at zero. */
  private static float[] values(ParameterLayout layout) {
    Engine engine = TorchEngine.open(TorchEngine.Options.cpu());
    BoundParameters start = engine.bind(layout);
    layout.initialize(KEY, start.values());
    float[] values = new float[Math.toIntExact(layout.size())];
    start.values().read(0, FloatBuffer.wrap(values));
    start.close();
    engine.close();
    float[] noise = new float[values.length];
    KEY.fold(1).fillNormal(0, noise, 0, noise.length);
    for (int i = 0; i < values.length; i++) {
      values[i] += 0.3f * noise[i];
    }
    return values;
  }

  private static TensorMap views(ParameterLayout layout, Tensor flat) {
    Map<String, Tensor> byName = new HashMap<>();
    for (ParameterLayout.Parameter p : layout.parameters()) {
      byName.put(
          p.name(), flat.slice(0, p.offset(), p.offset() + p.size()).reshape(p.dimensions()));
    }
    return new TensorMap(flat.engine(), byName);
  }

  private static double valueAt(
      Engine engine, Function<Tensor, Tensor> function, double[] point, int index, double by) {
    double[] moved = point.clone();
    moved[index] += by;
    return engine.inference(() -> function.apply(engine.constant(moved, moved.length)).item());
  }

  private static String nameAt(ParameterLayout layout, long index) {
    return layout.parameters().stream()
        .filter(p -> index >= p.offset() && index < p.offset() + p.size())
        .findFirst()
        .orElseThrow()
        .name();
  }

  /** Whether all events can be tried: levels, or rows of categories alone. */
  private boolean isCountable() {
    return network.event().isDiscrete()
        || network
            .event()
            .schema()
            .map(
                schema ->
                    schema.columns().stream()
                        .allMatch(column -> column.type() instanceof ColumnType.Category))
            .orElse(false);
  }

  /** Codes of a category, with that of other texts, and a null. */
  private int symbols(int column) {
    RowColumn described = network.event().schema().orElseThrow().columns().get(column);
    return ((ColumnType.Category) described.type()).codes() + 1;
  }

  private Batch allRows() {
    int columns = network.event().size();
    int count = 1;
    for (int c = 0; c < columns; c++) {
      count *= symbols(c);
    }
    float[] values = new float[count * columns];
    for (int i = 0; i < count; i++) {
      int rest = i;
      for (int c = columns - 1; c >= 0; c--) {
        int symbol = rest % symbols(c);
        values[i * columns + c] = symbol == symbols(c) - 1 ? Float.NaN : symbol;
        rest /= symbols(c);
      }
    }
    return batch(LongStream.range(0, count).toArray(), values);
  }

  /** log p of every event, in the order of its code in base {@code levels}. */
  private double[] logProbabilities() {
    Batch all = allEvents();
    if (model instanceof BoundModel bound) {
      fitPosterior();
      return bound.iwae(all, MANY_SAMPLES, KEY);
    }
    return ((ExactModel) model).logProb(all);
  }

  private Batch allEvents() {
    EventSpec event = network.event();
    if (event.isRows()) {
      return allRows();
    }
    int size = event.size() * request().length().orElse(1);
    int count = Math.toIntExact(Math.round(Math.pow(event.levels(), size)));
    float[] values = new float[count * size];
    for (int i = 0; i < count; i++) {
      int code = i;
      for (int d = size - 1; d >= 0; d--) {
        values[i * size + d] = code % event.levels();
        code /= event.levels();
      }
    }
    return batch(LongStream.range(0, count).toArray(), values);
  }

  /** Five of the events, or five draws of real numbers, or of rows. */
  private Batch someExamples() {
    if (isCountable()) {
      Batch all = allEvents();
      int first = all.size() / 3;
      return all.slice(first, first + 5);
    }
    if (network.event().isRows()) {
      return model.sample(new long[] {0, 1, 2, 3, 4}, KEY.fold(2), request());
    }
    float[] values = new float[5 * network.event().size() * request().length().orElse(1)];
    KEY.fold(2).fillNormal(0, values, 0, values.length);
    return batch(new long[] {0, 1, 2, 3, 4}, values);
  }

  private Batch batch(long[] ids, float[] values) {
    int[] labels = request().label().isPresent() ? new int[ids.length] : null;
    int[] lengths = request().length().isPresent() ? new int[ids.length] : null;
    if (labels != null) {
      Arrays.fill(labels, request().label().getAsInt());
    }
    if (lengths != null) {
      Arrays.fill(lengths, request().length().getAsInt());
    }
    return new Batch(network.event(), ids, values, labels, lengths);
  }

  private static double[] score(GenerativeModel model, Batch batch) {
    return model instanceof BoundModel bound
        ? bound.iwae(batch, 7, KEY)
        : ((ExactModel) model).logProb(batch);
  }
}
