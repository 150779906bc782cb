package dev.ancestral.model.wavenet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Network;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.Crops;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.model.wavenet.WaveNet.WaveNetFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaveNetTest {
  private static final RandomKey KEY = RandomKey.of(15);

  private final TorchEngine engine =
      TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));

  @AfterEach
  void close() {
    engine.close();
  }

  private double[] logProb(WaveNet network, BoundParameters parameters, Network.View view) {
    return engine.inference(
        () ->
            network
                .logProb(parameters.weights(), NetworkInputs.of(engine, view, List.of(), KEY))
                .toDoubles());
  }

  // --- what a step depends on ---

  /**
   * Every step has a level of its own, so the gradient with respect to a level's row of the first
   * convolution's tables is that with respect to the step that shows it.
   */
  @Test
  void a_step_depends_on_the_receptive_field_and_on_nothing_else() {
    int steps = 12;
    WaveNet network =
        SmallWaveNets.of(SmallWaveNets.sequences(steps), Map.of("dilations", List.of(1, 2, 3)));
    assertEquals(8, network.receptiveField());
    Batch batch = rising(network.event(), steps);
    TensorMap weights = SmallWaveNets.parameters(engine, network).weights();
    TensorMap inputs = NetworkInputs.of(engine, batch, List.of(), KEY);
    for (int i = 0; i < steps; i++) {
      double[] influence = new double[steps + 1];
      for (String table : List.of("input.tap.1", "input.tap.2")) {
        int step = i;
        Tensor gradient =
            engine
                .gradient(
                    rows -> squares(network.outputs(with(weights, table, rows), inputs), step),
                    weights.get(table))
                .gradient(); // [V + 1, C]
        double[] perLevel = gradient.abs().sum(1).toDoubles();
        Arrays.setAll(influence, j -> influence[j] + perLevel[j]);
      }
      for (int j = 0; j < steps; j++) {
        boolean before = j < i && j >= i - network.receptiveField();
        assertEquals(before, influence[j] != 0, "output " + i + ", input " + j);
      }
      assertEquals(i < network.receptiveField(), influence[steps] != 0, "start symbol, " + i);
    }
  }

  @Test
  void logistic_mixtures_see_the_past_as_numbers() {
    int steps = 9;
    WaveNet network =
        SmallWaveNets.of(SmallWaveNets.sequences(16), Map.of("head", "logistic-mixture"));
    assertEquals(5, network.receptiveField());
    TensorMap weights = SmallWaveNets.parameters(engine, network).weights();
    TensorMap inputs = NetworkInputs.of(engine, rising(network.event(), steps), List.of(), KEY);
    for (int i = 0; i < steps; i++) {
      int step = i;
      double[] influence =
          engine
              .gradient(
                  x -> squares(network.outputs(weights, with(inputs, "x", x)), step),
                  inputs.get("x"))
              .gradient()
              .toDoubles();
      for (int j = 0; j < steps; j++) {
        boolean before = j < i && j >= i - network.receptiveField();
        assertEquals(before, influence[j] != 0, "output " + i + ", input " + j);
      }
    }
  }

  private static Tensor squares(Tensor outputs, int step) {
    return outputs.slice(0, step, step + 1L).square().sum();
  }

  private static TensorMap with(TensorMap map, String name, Tensor tensor) {
    Map<String, Tensor> changed = new HashMap<>(map.byName());
    changed.put(name, tensor);
    return new TensorMap(map.engine(), changed);
  }

  private static Batch rising(EventSpec event, int steps) {
    float[] values = new float[steps];
    for (int t = 0; t < steps; t++) {
      values[t] = t;
    }
    return new Batch(event, new long[] {0}, values, null, new int[] {steps});
  }

  @Test
  void padding_does_not_count() {
    WaveNet network = SmallWaveNets.of(SmallWaveNets.sequences(4), Map.of());
    BoundParameters parameters = SmallWaveNets.parameters(engine, network);
    Batch batch = SmallWaveNets.random(network.event(), 3, 9, 0, 1);
    double[] together = logProb(network, parameters, Network.View.whole(batch));
    assertEquals(0, together[2]);
    for (int i : new int[] {0, 1, 3}) {
      Network.View alone = Network.View.whole(batch.slice(i, i + 1));
      assertEquals(logProb(network, parameters, alone)[0], together[i], 1e-12);
    }
  }

  // --- parts ---

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 13, 40})
  void pieces_add_up_to_the_whole(int most) {
    WaveNet network =
        SmallWaveNets.of(
            SmallWaveNets.sequences(4).withClasses(2),
            Map.of("dilations", List.of(1, 2, 4), "conditional", true));
    BoundParameters parameters = SmallWaveNets.parameters(engine, network);
    Batch batch = SmallWaveNets.random(network.event(), 31, 7, 18, 30);
    double[] whole = logProb(network, parameters, Network.View.whole(batch));
    double[] sum = new double[batch.size()];
    List<Network.View> pieces = new Crops(network.receptiveField(), 4).all(batch, most);
    assertEquals((31 + most - 1) / most, pieces.size());
    for (Network.View piece : pieces) {
      assertTrue(piece.batch().steps() <= most);
      double[] part = logProb(network, parameters, piece);
      Arrays.setAll(sum, i -> sum[i] + part[i]);
    }
    assertArrayEquals(whole, sum, 1e-11);
  }

  @Test
  void long_sequences_are_scored_in_pieces() {
    WaveNet network = SmallWaveNets.of(SmallWaveNets.sequences(3), Map.of("channels", 1));
    BoundParameters parameters = SmallWaveNets.parameters(engine, network);
    ExactModel model = (ExactModel) NetworkModel.bind(network, parameters);
    Batch batch = SmallWaveNets.random(network.event(), 10_000, 5000);
    assertEquals(3, network.pieces(batch).size());
    assertEquals(network.valuesPerExample(10_000), network.valuesPerExample(1_000_000));
    double[] whole = logProb(network, parameters, Network.View.whole(batch));
    double[] scored = model.logProb(batch);
    assertArrayEquals(whole, scored, 1e-9 * Math.abs(whole[0]));
  }

  @Test
  void a_chunk_that_covers_a_sequence_is_the_sequence() {
    WaveNet network = SmallWaveNets.of(SmallWaveNets.sequences(4), Map.of("chunk", 9));
    BoundParameters parameters = SmallWaveNets.parameters(engine, network);
    Batch batch = SmallWaveNets.random(network.event(), 9, 4);
    double[] whole = logProb(network, parameters, Network.View.whole(batch));
    double[] objective = objective(network, parameters, network.trainingView(batch, KEY));
    assertArrayEquals(whole, objective, 0);
  }

  @Test
  void chunks_are_on_average_the_sequence() {
    WaveNet network = SmallWaveNets.of(SmallWaveNets.sequences(4), Map.of("chunk", 4));
    BoundParameters parameters = SmallWaveNets.parameters(engine, network);
    Batch batch = SmallWaveNets.random(network.event(), 14, 6);
    double[] whole = logProb(network, parameters, Network.View.whole(batch));
    List<Set<Double>> values = List.of(new TreeSet<>(), new TreeSet<>());
    for (int epoch = 0; epoch < 60; epoch++) {
      Network.View view = network.trainingView(batch, KEY.fold(epoch));
      assertTrue(view.batch().steps() <= 4);
      assertArrayEquals(batch.ids(), view.batch().ids());
      double[] objective = objective(network, parameters, view);
      for (int i = 0; i < 2; i++) {
        values.get(i).add(Math.rint(objective[i] * 1e9) / 1e9);
      }
    }
    assertEquals(4, values.get(0).size(), "parts of the first sequence");
    assertEquals(2, values.get(1).size(), "parts of the second sequence");
    for (int i = 0; i < 2; i++) {
      double mean = values.get(i).stream().mapToDouble(x -> x).average().orElseThrow();
      assertEquals(whole[i], mean, 1e-8);
    }
  }

  @Test
  void the_same_epoch_draws_the_same_chunk_in_any_batch() {
    WaveNet network = SmallWaveNets.of(SmallWaveNets.sequences(50), Map.of());
    Batch batch = SmallWaveNets.random(network.event(), 60, 60, 60);
    Network.View together = network.trainingView(batch, KEY);
    Network.View alone = network.trainingView(batch.slice(2, 3), KEY);
    assertArrayEquals(alone.batch().values(), together.batch().slice(2, 3).values());
  }

  private double[] objective(WaveNet network, BoundParameters parameters, Network.View view) {
    return engine.inference(
        () ->
            network
                .players()
                .get(0)
                .objective()
                .of(parameters.weights(), NetworkInputs.of(engine, view, List.of(), KEY))
                .toDoubles());
  }

  // --- what cannot be ---

  @Test
  void refuses_what_is_no_sequence_of_levels() {
    for (EventSpec event :
        List.of(
            EventSpec.discrete(2, 4),
            new EventSpec(List.of(3), new EventSpec.Discrete(2), true, 0, List.of(), 0),
            new EventSpec(List.of(1), new EventSpec.Continuous(), true, 0, List.of(), 0))) {
      AncestralException refusal =
          assertThrows(AncestralException.class, () -> SmallWaveNets.of(event, Map.of()));
      assertEquals(ErrorCode.MISMATCH, refusal.code());
      assertTrue(refusal.getMessage().contains(event.describe()), refusal.getMessage());
    }
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> SmallWaveNets.of(SmallWaveNets.sequences(2), Map.of("conditional", true)));
    assertTrue(refusal.getMessage().contains("--label-pattern"), refusal.getMessage());
  }

  @Test
  void refuses_requests_that_do_not_suit() {
    WaveNet plain = SmallWaveNets.of(SmallWaveNets.sequences(3).withClasses(2), Map.of());
    WaveNet conditional =
        SmallWaveNets.of(SmallWaveNets.sequences(3).withClasses(2), Map.of("conditional", true));
    SampleRequest labelled = new SampleRequest(OptionalInt.of(1), OptionalInt.of(4), 1);
    assertEquals(1, plain.samplingNoise(SmallWaveNets.steps(4)).size());
    assertEquals(1, conditional.samplingNoise(labelled).size());
    for (Runnable wrong :
        List.<Runnable>of(
            () -> plain.samplingNoise(SampleRequest.plain()),
            () -> plain.samplingNoise(SmallWaveNets.steps(0)),
            () -> plain.samplingNoise(labelled),
            () -> conditional.samplingNoise(SmallWaveNets.steps(4)))) {
      assertEquals(ErrorCode.SPEC, assertThrows(AncestralException.class, wrong::run).code());
    }
  }

  @Test
  void reads_its_keys() {
    Settings settings =
        Settings.of(Map.of("dilations", List.of(), "kernel", 1, "head", "gaussian", "depth", 3));
    new WaveNetFamily().define(settings, SmallWaveNets.sequences(256));
    assertEquals(4, settings.problems().size(), settings.problems().toString());
    WaveNet byDefault =
        (WaveNet) new WaveNetFamily().define(Settings.of(Map.of()), SmallWaveNets.sequences(256));
    assertEquals(1025, byDefault.receptiveField());
  }

  @Test
  void labels_make_a_difference() {
    WaveNet network =
        SmallWaveNets.of(SmallWaveNets.sequences(3).withClasses(2), Map.of("conditional", true));
    BoundParameters parameters = SmallWaveNets.parameters(engine, network);
    Batch one = SmallWaveNets.random(network.event(), 5);
    Batch other = new Batch(one.event(), one.ids(), one.values(), new int[] {1}, one.lengths());
    assertFalse(
        logProb(network, parameters, Network.View.whole(one))[0]
            == logProb(network, parameters, Network.View.whole(other))[0]);
  }

  @Test
  void temperature_near_zero_draws_the_likeliest() {
    WaveNet network = SmallWaveNets.of(SmallWaveNets.sequences(4), Map.of());
    BoundParameters parameters = SmallWaveNets.parameters(engine, network);
    Batch drawn =
        NetworkModel.bind(network, parameters)
            .sample(
                LongStream.range(0, 20).toArray(),
                KEY,
                new SampleRequest(OptionalInt.empty(), OptionalInt.of(6), 1e-6));
    float[] first = Arrays.copyOf(drawn.values(), 6);
    IntStream.range(0, 20)
        .forEach(
            i -> assertArrayEquals(first, Arrays.copyOfRange(drawn.values(), 6 * i, 6 * (i + 1))));
  }
}
