package dev.ancestral.model.pixelcnn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.model.pixelcnn.PixelCnn.PixelCnnFamily;
import dev.ancestral.optimize.Adam;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PixelCnnTest {
  private static final RandomKey KEY = RandomKey.of(9);

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());
  private final TorchEngine doubles =
      TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));

  @AfterEach
  void close() {
    engine.close();
    doubles.close();
  }

  /** A network and whether it is asked for a label. */
  record Case(String name, PixelCnn network) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> everyKind() {
    return Stream.of(
        kind("bernoulli", EventSpec.discrete(2, 6, 7, 1), Map.of("layers", 3)),
        kind("bernoulli, three channels", EventSpec.discrete(2, 5, 4, 3), Map.of()),
        kind("wide kernel", EventSpec.discrete(2, 6, 7), Map.of("kernel", 5, "layers", 3)),
        kind("one layer", EventSpec.discrete(2, 5, 5), Map.of("layers", 1)),
        kind("one column", EventSpec.discrete(2, 6, 1), Map.of()),
        kind("one row", EventSpec.discrete(2, 1, 6), Map.of()),
        kind("categorical", EventSpec.discrete(7, 5, 6, 1), Map.of("head", "categorical")),
        kind(
            "categorical, three channels",
            EventSpec.discrete(4, 4, 5, 3),
            Map.of("head", "categorical")),
        kind("logistic mixture", EventSpec.discrete(256, 5, 6, 1), Map.of("mixtures", 4)),
        kind("logistic mixture, three channels", EventSpec.discrete(256, 4, 5, 3), Map.of()),
        kind(
            "conditional",
            EventSpec.discrete(2, 5, 6, 1).withClasses(3),
            Map.of("conditional", true)));
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void cached_outputs_of_given_images_are_those_of_the_whole_network(Case given) {
    PixelCnn network = given.network();
    TensorMap weights = weights(engine, network);
    int batch = 3;
    Tensor x = network.image(someImages(engine, network, batch));
    Tensor label = label(engine, network, batch);
    long[] sizes = x.shape();
    engine.inference(
        () -> {
          Tensor whole = network.outputs(weights, x, label); // [B, P, H, W]
          double[] expected = whole.toDoubles();
          long perPixel = whole.shape()[1];
          double[] found = new double[expected.length];
          network.drawEach(
              weights,
              batch,
              label,
              (row, column, features) -> {
                Tensor pixel = x.slice(2, row, row + 1).slice(3, column, column + 1);
                double[] outputs = network.outputsOfPixel(weights, features, pixel).toDoubles();
                for (int i = 0; i < outputs.length; i++) {
                  found[(int) ((i * sizes[2] + row) * sizes[3] + column)] = outputs[i];
                }
                return pixel.mul(1);
              });
          assertEquals(batch * perPixel * sizes[2] * sizes[3], found.length);
          assertArrayEquals(expected, found, 1e-4);
          return null;
        });
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void cached_samples_are_those_of_the_naive_loop(Case given) {
    PixelCnn network = given.network();
    TensorMap weights = weights(doubles, network);
    int batch = 300;
    long[] ids = LongStream.range(0, batch).toArray();
    SampleRequest request = request(network, 0.8);
    float[] cached = sample(doubles, network, weights, ids, request);
    TensorMap inputs =
        NetworkInputs.forSampling(doubles, ids, network.samplingNoise(request), KEY, request);
    float[] naive =
        new NaiveLoop(network)
            .sample(
                weights,
                inputs.get("pixel"),
                inputs.contains("label") ? inputs.get("label") : null,
                request.temperature());
    assertArrayEquals(naive, cached, 0);
    assertTrue(Arrays.stream(toDoubles(cached)).distinct().count() > 1);
  }

  /** Output i moves with input j where, and only where, j comes before i. */
  @ParameterizedTest
  @MethodSource("everyKind")
  void outputs_depend_on_all_inputs_before_them_and_on_no_others(Case given) {
    PixelCnn network = given.network();
    BoundParameters parameters = parameters(doubles, network);
    for (ParameterLayout.Parameter parameter : network.parameters().parameters()) {
      // No rectifier of the head is shut: what is zero comes from the stacks.
      if (parameter.name().matches("head.(skip|hidden).bias")) {
        parameters.values().window(parameter.offset(), parameter.size()).fill(20);
      }
    }
    TensorMap weights = parameters.weights();
    // Enough layers that everything before a pixel of such an image is within reach.
    Tensor x = network.image(someImages(doubles, network, 1));
    Tensor label = label(doubles, network, 1);
    long[] sizes = x.shape();
    int channels = (int) sizes[1];
    int height = (int) sizes[2];
    int across = (int) sizes[3];
    long outputs = doubles.inference(() -> network.outputs(weights, x, label).shape()[1]);
    boolean inOrder = outputs % channels == 0 && network.ordersChannels();
    for (int y = 0; y < height; y++) {
      for (int at = 0; at < across; at++) {
        for (int k = 0; k < (inOrder ? channels : 1); k++) {
          long from = inOrder ? outputs / channels * k : 0;
          long to = inOrder ? from + outputs / channels : outputs;
          int row = y;
          int column = at;
          double[] gradient =
              doubles
                  .gradient(
                      t ->
                          mixed(
                              network
                                  .outputs(weights, t, label)
                                  .slice(2, row, row + 1)
                                  .slice(3, column, column + 1)
                                  .slice(1, from, to)),
                      x)
                  .gradient()
                  .toDoubles();
          for (int j = 0; j < gradient.length; j++) {
            int channel = j / (height * across);
            int pixel = j % (height * across);
            int own = row * across + column;
            boolean before = pixel < own || (inOrder && pixel == own && channel < k);
            String what = "output " + own + "." + k + ", input " + pixel + "." + channel;
            if (before) {
              assertNotEquals(0, gradient[j], what);
            } else {
              assertEquals(0, gradient[j], what);
            }
          }
        }
      }
    }
  }

  @Test
  void a_draw_holds_no_more_than_a_couple_of_steps() {
    PixelCnn network =
        PixelCnnContractTest.pixelCnn(EventSpec.discrete(2, 9, 9, 1), Map.of("layers", 3));
    TensorMap weights = weights(engine, network);
    long[] before = {0};
    long[] most = {0};
    engine.inference(
        () -> {
          before[0] = Pointer.totalCount();
          network.drawEach(
              weights,
              2,
              null,
              (row, column, features) -> {
                most[0] = Math.max(most[0], Pointer.totalCount() - before[0]);
                return engine.full(1, 2, 1, 1, 1);
              });
          return null;
        });
    // A pixel makes some 70 tensors in three layers, an image some 6000.
    assertTrue(most[0] < 500, "at most " + most[0] + " native objects at once");
    long after = Pointer.totalCount();
    sample(engine, network, weights, new long[] {1, 2}, SampleRequest.plain());
    assertEquals(after, Pointer.totalCount());
  }

  @Test
  void low_temperatures_draw_the_most_likely_level() {
    for (String head : List.of("categorical", "logistic-mixture")) {
      PixelCnn network =
          PixelCnnContractTest.pixelCnn(
              EventSpec.discrete(5, 3, 3, 1), Map.of("head", head, "mixtures", 1));
      TensorMap weights = weights(doubles, network);
      float[] cold =
          sample(doubles, network, weights, new long[] {1, 2, 3}, request(network, 1e-6));
      float[] hot = sample(doubles, network, weights, new long[] {1, 2, 3}, request(network, 3));
      float[] first = Arrays.copyOf(cold, 9);
      for (int i = 1; i < 3; i++) {
        assertArrayEquals(first, Arrays.copyOfRange(cold, 9 * i, 9 * i + 9), head);
      }
      assertTrue(!Arrays.equals(hot, cold), head);
    }
  }

  @Test
  void labels_move_the_distribution() {
    PixelCnn network =
        PixelCnnContractTest.pixelCnn(
            EventSpec.discrete(2, 3, 3, 1).withClasses(2), Map.of("conditional", true));
    BoundParameters parameters = parameters(engine, network);
    ExactModel model = (ExactModel) NetworkModel.bind(network, parameters);
    float[] same = new float[18];
    double[] nats =
        model.logProb(new Batch(network.event(), new long[] {0, 1}, same, new int[] {0, 1}, null));
    assertNotEquals(nats[0], nats[1]);
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> model.sample(new long[] {0}, KEY, SampleRequest.plain()));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains("label from 0 to 1"), refusal.getMessage());
  }

  @Test
  void training_reaches_the_entropy_of_its_data() {
    // A pixel repeats the one above with probability 0.9; the first row is fair.
    EventSpec event = EventSpec.discrete(2, 4, 4, 1);
    double repeat = -0.9 * Math.log(0.9) - 0.1 * Math.log(0.1);
    double entropy = 4 * Math.log(2) + 12 * repeat;
    PixelCnn network = PixelCnnContractTest.pixelCnn(event, Map.of("channels", 8, "layers", 1));
    BoundParameters parameters = engine.bind(network.parameters());
    network.parameters().initialize(KEY, parameters.values());
    long size = network.parameters().size();
    List<FlatVector> moments = List.of(engine.vector(size), engine.vector(size));
    for (int step = 1; step <= 250; step++) {
      Batch batch = columns(event, 64, KEY.fold(step));
      engine.scoped(
          () -> {
            TensorMap inputs = NetworkInputs.of(engine, batch, List.of(), KEY);
            return parameters.differentiate(w -> network.logProb(w, inputs).mean().neg());
          });
      Adam.standard().step(parameters.values(), parameters.gradient(), moments, step, 0.01);
    }
    ExactModel model = (ExactModel) NetworkModel.bind(network, parameters);
    double nats =
        Arrays.stream(model.logProb(columns(event, 4000, KEY.fold(-1)))).average().orElseThrow();
    assertEquals(-entropy, nats, 0.15);
  }

  @Test
  void events_that_are_no_images_are_refused() {
    refused(EventSpec.discrete(3, 2, 2), Map.of("head", "bernoulli"), "--binarize");
    refused(EventSpec.continuous(2, 2), Map.of(), "dequantize");
    refused(EventSpec.discrete(2, 9), Map.of(), "height×width");
    refused(EventSpec.discrete(2, 2, 2), Map.of("conditional", true), "labels");
    refused(
        new EventSpec(List.of(1), new EventSpec.Discrete(2), true, 0, List.of(), 0),
        Map.of(),
        "wavenet");
  }

  @Test
  void defaults_suit_the_event_and_even_kernels_are_reported() {
    assertEquals(
        3 * 10,
        outputsOf(EventSpec.discrete(256, 2, 2), Map.of()),
        "ten logistics: a weight, a mean and a scale each");
    assertEquals(16, outputsOf(EventSpec.discrete(16, 2, 2), Map.of()));
    assertEquals(1, outputsOf(EventSpec.discrete(2, 2, 2), Map.of()));
    Settings settings = Settings.of(Map.of("kernel", 4));
    new PixelCnnFamily().define(settings, EventSpec.discrete(2, 2, 2));
    assertEquals(List.of("settings: kernel is 4; it must be an odd number"), settings.problems());
  }

  private long outputsOf(EventSpec event, Map<String, Object> settings) {
    PixelCnn network = PixelCnnContractTest.pixelCnn(event, settings);
    TensorMap weights = weights(engine, network);
    return engine.inference(
        () -> network.outputs(weights, network.image(engine.full(0, 1, 2, 2)), null).shape()[1]);
  }

  private static void refused(EventSpec event, Map<String, Object> settings, String mend) {
    AncestralException refusal =
        assertThrows(
            AncestralException.class, () -> PixelCnnContractTest.pixelCnn(event, settings));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains(mend), refusal.getMessage());
  }

  private static Case kind(String name, EventSpec event, Map<String, Object> settings) {
    return new Case(name, PixelCnnContractTest.pixelCnn(event, settings));
  }

  private static SampleRequest request(PixelCnn network, double temperature) {
    return new SampleRequest(
        network.event().hasLabels() ? OptionalInt.of(1) : OptionalInt.empty(),
        OptionalInt.empty(),
        temperature);
  }

  private static float[] sample(
      TorchEngine on, PixelCnn network, TensorMap weights, long[] ids, SampleRequest request) {
    return on.inference(
        () ->
            network
                .sample(
                    weights,
                    NetworkInputs.forSampling(
                        on, ids, network.samplingNoise(request), KEY, request),
                    request)
                .toFloats());
  }

  /**
   * Starting values, moved so that none stays at zero, and larger: no output is nearly constant.
   */
  private static BoundParameters parameters(TorchEngine on, PixelCnn network) {
    BoundParameters parameters = on.bind(network.parameters());
    float[] values = new float[Math.toIntExact(network.parameters().size())];
    KEY.fold(1).fillNormal(0, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] *= 0.6f;
    }
    parameters.values().write(0, java.nio.FloatBuffer.wrap(values));
    return parameters;
  }

  private static TensorMap weights(TorchEngine on, PixelCnn network) {
    return parameters(on, network).weights();
  }

  private static Tensor label(TorchEngine on, PixelCnn network, int batch) {
    return network.event().hasLabels() ? on.full(1, batch) : null;
  }

  private static Tensor someImages(TorchEngine on, PixelCnn network, int batch) {
    EventSpec event = network.event();
    float[] values = new float[batch * event.size()];
    KEY.fold(2).fillUniform(0, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.floor(values[i] * event.levels());
    }
    return on.constant(values, batch, event.size());
  }

  /** A sum in which no two outputs cancel. */
  private static Tensor mixed(Tensor outputs) {
    long count = outputs.shape()[1];
    float[] factors = new float[(int) count];
    KEY.fold(4).fillUniform(0, factors, 0, factors.length);
    return outputs.mul(outputs.engine().constant(factors, 1, count, 1, 1).add(0.5)).sum();
  }

  private static Batch columns(EventSpec event, int count, RandomKey key) {
    float[] values = new float[count * 16];
    key.fillUniform(0, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      boolean top = i % 16 < 4;
      values[i] =
          top ? (values[i] < 0.5 ? 0 : 1) : values[i] < 0.9 ? values[i - 4] : 1 - values[i - 4];
    }
    return Batch.of(event, LongStream.range(0, count).toArray(), values);
  }

  private static double[] toDoubles(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = values[i];
    }
    return result;
  }
}
