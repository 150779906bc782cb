package dev.ancestral.tensor.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.Network;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.api.OutAndGrad;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every family's losses, value and whole gradient, in both engines, on random parameters and
 * inputs; the batch is not full, so rows that only fill it are among what is compared.
 */
class ObjectiveParityTest {
  private static final RandomKey KEY = RandomKey.of(87);
  private static final int EXAMPLES = 5;
  private static final int ROWS = 7;

  private static final EventSpec BINARY = EventSpec.discrete(2, 3, 3, 1);
  private static final EventSpec LEVELS = EventSpec.discrete(5, 3, 2, 3);

  @TestFactory
  Stream<DynamicTest> vae() {
    List<DynamicTest> tests = new ArrayList<>();
    Map<String, EventSpec> likelihoods = new LinkedHashMap<>();
    likelihoods.put("bernoulli", BINARY);
    likelihoods.put("logistic", EventSpec.discrete(9, 4));
    likelihoods.put("gaussian", EventSpec.continuous(4));
    likelihoods.forEach(
        (likelihood, event) -> {
          for (String objective : List.of("elbo", "iwae")) {
            for (int samples : new int[] {1, 3}) {
              tests.addAll(
                  both(
                      "vae",
                      event,
                      Map.of(
                          "hidden",
                          List.of(6, 5),
                          "latent",
                          3,
                          "likelihood",
                          likelihood,
                          "objective",
                          objective,
                          "samples",
                          samples)));
            }
          }
        });
    tests.addAll(
        both("vae", BINARY, Map.of("hidden", List.of(6), "latent", 2, "activation", "relu")));
    tests.addAll(
        both("vae", BINARY, Map.of("hidden", List.of(6), "latent", 2, "inputDropout", 0.4)));
    for (EventSpec event : List.of(BINARY, LEVELS, EventSpec.continuous(4))) {
      tests.addAll(both("vae", event, Map.of("hidden", List.of(6), "latent", 2, "sleep", 0.5)));
    }
    tests.addAll(
        both(
            "vae",
            EventSpec.continuous(4),
            Map.of(
                "hidden",
                List.of(),
                "latent",
                2,
                "likelihood",
                "gaussian",
                "activation",
                "identity")));
    return tests.stream();
  }

  /** With nulls, tails and texts that are not in the vocabulary among the examples. */
  @TestFactory
  Stream<DynamicTest> vae_on_rows() {
    List<DynamicTest> tests = new ArrayList<>();
    Map<String, Object> small = Map.of("hidden", List.of(6), "latent", 2);
    for (RowSchema.Nulls nulls : RowSchema.Nulls.values()) {
      EventSpec event = EventSpec.rows(schema(nulls));
      tests.addAll(both("vae", event, small));
      tests.addAll(both("vae", event, with(small, "objective", "iwae", "samples", 3)));
      tests.addAll(both("vae", event, with(small, "inputDropout", 0.4, "sleep", 0.5)));
    }
    return tests.stream();
  }

  private static RowSchema schema(RowSchema.Nulls nulls) {
    boolean nullable = nulls == RowSchema.Nulls.VALUE;
    return new RowSchema(
        List.of(
            new RowColumn(
                "category",
                ColumnKind.CATEGORY,
                new ColumnType.Category(List.of("a", "b", "c"), false),
                nullable,
                "string"),
            new RowColumn(
                "whole",
                ColumnKind.INTEGER,
                new ColumnType.Whole(0, 40, 10, List.of(0L, 10L, 20L, 50L)),
                nullable,
                "int"),
            new RowColumn(
                "time",
                ColumnKind.TIMESTAMP,
                new ColumnType.Whole(0, 1L << 40, 1, List.of(0L, 5L, 1L << 36, 1 + (1L << 40))),
                false,
                "timestamp"),
            new RowColumn("real", ColumnKind.REAL, new ColumnType.Real(3, 5), nullable, "double")),
        nulls);
  }

  @TestFactory
  Stream<DynamicTest> pixel_cnn() {
    List<DynamicTest> tests = new ArrayList<>();
    Map<String, Object> small = Map.of("channels", 3, "layers", 2);
    tests.addAll(both("pixelcnn", BINARY, with(small, "head", "bernoulli")));
    tests.addAll(both("pixelcnn", LEVELS, with(small, "head", "categorical")));
    tests.addAll(both("pixelcnn", LEVELS, with(small, "head", "logistic-mixture", "mixtures", 2)));
    tests.addAll(
        both("pixelcnn", BINARY.withClasses(4), with(small, "conditional", true, "kernel", 5)));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> wave_net() {
    EventSpec sequences =
        new EventSpec(List.of(1), new EventSpec.Discrete(6), true, 0, List.of(), 0);
    Map<String, Object> small =
        Map.of("channels", 4, "skipChannels", 5, "dilations", List.of(1, 2, 4), "mixtures", 2);
    List<DynamicTest> tests = new ArrayList<>();
    for (String head : List.of("categorical", "logistic-mixture")) {
      tests.addAll(both("wavenet", sequences, with(small, "head", head)));
      tests.addAll(both("wavenet", sequences, with(small, "head", head, "chunk", 4)));
      tests.addAll(
          both(
              "wavenet",
              sequences.withClasses(3),
              with(small, "head", head, "conditional", true, "kernel", 3)));
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> gan() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String loss : List.of("non-saturating", "minimax", "hinge")) {
      tests.addAll(
          both(
              "gan",
              EventSpec.discrete(5, 6),
              Map.of("hidden", List.of(6, 4), "latent", 3, "loss", loss)));
    }
    tests.addAll(
        both(
            "gan",
            EventSpec.discrete(5, 4, 8, 2),
            Map.of("network", "dcgan", "hidden", List.of(3, 4), "latent", 3)));
    tests.addAll(
        both(
            "gan",
            EventSpec.continuous(4),
            Map.of("hidden", List.of(5), "latent", 3, "output", "sigmoid")));
    return tests.stream();
  }

  @Test
  void a_gradient_penalty_is_refused() {
    Network network =
        network(
            "gan",
            EventSpec.discrete(2, 4),
            Map.of("hidden", List.of(3), "latent", 2, "gradientPenalty", 1));
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> new Traced(network, 1, Precision.FLOAT32));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains("gradientPenalty: 0"), refusal.getMessage());
  }

  private static Map<String, Object> with(Map<String, Object> settings, Object... more) {
    Map<String, Object> all = new HashMap<>(settings);
    for (int i = 0; i < more.length; i += 2) {
      all.put((String) more[i], more[i + 1]);
    }
    return all;
  }

  /** A comparison in float32 and one in float64. */
  private static List<DynamicTest> both(
      String family, EventSpec event, Map<String, Object> settings) {
    List<DynamicTest> tests = new ArrayList<>();
    for (Precision precision : List.of(Precision.FLOAT32, Precision.FLOAT64)) {
      tests.add(
          dynamicTest(
              family + " " + settings + " " + precision,
              () -> compare(network(family, event, settings), precision)));
    }
    return tests;
  }

  private static Network network(String family, EventSpec event, Map<String, Object> settings) {
    Settings read = Settings.of(settings);
    Network network = (Network) Families.named(family).define(read, event);
    if (!read.problems().isEmpty()) {
      throw new IllegalArgumentException(read.problems().toString());
    }
    return network;
  }

  private static void compare(Network network, Precision precision) {
    Batch batch = batch(network.event());
    Network.View view = network.trainingView(batch, KEY.fold("view"));
    List<RandomKey> keys = new ArrayList<>();
    for (int player = 0; player < network.players().size(); player++) {
      keys.add(KEY.fold("noise").fold(player));
    }
    float[] parameters = random("parameters", network.parameters().size());
    double weight = 0.25; // a float32 holds it

    Traced traced = new Traced(network, batch.steps(), precision);
    OutAndGrad found =
        traced.evaluate(
            parameters, traced.objective.columns().matrix(network, view, keys, weight, ROWS));

    double loss = 0;
    Map<String, double[]> expected = new HashMap<>();
    try (Engine torch = TorchEngine.open(new TorchEngine.Options(Device.cpu(), precision))) {
      for (int i = 0; i < network.players().size(); i++) {
        Network.Player player = network.players().get(i);
        RandomKey key = keys.get(i);
        Engine.ValueAndGradient own =
            torch.gradient(
                flat ->
                    player
                        .objective()
                        .of(
                            windows(network, flat),
                            NetworkInputs.of(torch, view, player.noise(), key))
                        .sum()
                        .mul(-weight),
                torch.constant(parameters, parameters.length));
        loss += own.value().item();
        double[] gradient = own.gradient().toDoubles();
        for (ParameterLayout.Parameter parameter : network.parameters().parameters()) {
          if (parameter.name().startsWith(player.parameterPrefix())) {
            expected.put(
                parameter.name(),
                Arrays.copyOfRange(
                    gradient,
                    (int) parameter.offset(),
                    (int) (parameter.offset() + parameter.size())));
          }
        }
      }
    }
    double tolerance = precision == Precision.FLOAT32 ? 1e-4 : 1e-9;
    double value = found.getOutputs().get(ObjectiveGraph.LOSS).getDouble(0);
    assertEquals(loss, value, tolerance * Math.abs(loss), "loss");
    assertEquals(
        0, found.getGradients().get("input").amaxNumber().doubleValue(), "gradient of the input");
    double largest = 0;
    for (double[] gradient : expected.values()) {
      largest = Math.max(largest, largest(gradient));
    }
    for (ParameterLayout.Parameter parameter : network.parameters().parameters()) {
      double[] wanted = expected.get(parameter.name());
      double[] gradient = found.getGradients().get(parameter.name()).dup('c').data().asDouble();
      // What is nothing but rounding beside the other gradients has no digits to agree in.
      double scale = Math.max(largest(wanted), 1e-3 * largest);
      for (int i = 0; i < wanted.length; i++) {
        assertEquals(wanted[i], gradient[i], tolerance * scale, parameter.name() + " " + i);
      }
    }
  }

  /** The weights as windows of one vector. */
  private static TensorMap windows(Network network, Tensor flat) {
    Map<String, Tensor> weights = new HashMap<>();
    for (ParameterLayout.Parameter parameter : network.parameters().parameters()) {
      weights.put(
          parameter.name(),
          flat.slice(0, parameter.offset(), parameter.offset() + parameter.size())
              .reshape(parameter.dimensions()));
    }
    return new TensorMap(flat.engine(), weights);
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** Half a standard deviation: no unit is saturated, none is idle. */
  private static float[] random(String name, long size) {
    float[] values = new float[(int) size];
    KEY.fold(name).fillNormal(0, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] *= 0.5f;
    }
    return values;
  }

  private static Batch batch(EventSpec event) {
    int[] lengths = event.variableLength() ? new int[] {7, 9, 1, 4, 8} : null;
    int[] labels = event.hasLabels() ? new int[EXAMPLES] : null;
    int perExample = event.size() * (lengths == null ? 1 : 9);
    float[] values = new float[EXAMPLES * perExample];
    for (int i = 0; i < EXAMPLES; i++) {
      RandomKey own = KEY.fold("example").fold(i);
      int used = lengths == null ? perExample : lengths[i];
      if (event.isRows()) {
        Object[][] rows = {
          {"a", 0L, 1L << 37, 2.5},
          {"b", 35L, 4L, -1e3},
          {"unknown", 90L, -7L, 3.0},
          {null, null, 1L << 42, null},
          {"c", -20L, 1L << 36, 1e9}
        };
        RowSchema schema = event.schema().orElseThrow();
        for (int c = 0; c < schema.columns().size(); c++) {
          schema.columns().get(c).encode(rows[i][c], values, i * perExample + schema.begin(c));
        }
      } else if (event.isDiscrete()) {
        for (int j = 0; j < used; j++) {
          values[i * perExample + j] = own.below(j, event.levels());
        }
      } else {
        own.fillNormal(0, values, i * perExample, used);
      }
      if (labels != null) {
        labels[i] = i % event.classes();
      }
    }
    return new Batch(event, LongStream.range(0, EXAMPLES).toArray(), values, labels, lengths);
  }

  /** A loss as a graph, evaluated as a layer of DeepLearning4J does it. */
  private static final class Traced {
    private final Network network;
    private final DataType type;
    private final ObjectiveGraph objective;
    private final SameDiff graph = SameDiff.create();

    Traced(Network network, int steps, Precision precision) {
      this.network = network;
      type = precision == Precision.FLOAT32 ? DataType.FLOAT : DataType.DOUBLE;
      objective = ObjectiveGraph.of(network, steps, ROWS);
      SDVariable input = graph.placeHolder("input", type, -1, objective.columns().width());
      Map<String, SDVariable> variables = new HashMap<>();
      for (ParameterLayout.Parameter parameter : network.parameters().parameters()) {
        variables.put(parameter.name(), graph.var(parameter.name(), type, parameter.dimensions()));
      }
      objective.define(graph, input, variables, precision);
      graph.setLossVariables(ObjectiveGraph.LOSS);
    }

    OutAndGrad evaluate(float[] parameters, float[] matrix) {
      List<String> wanted = new ArrayList<>(List.of("input"));
      for (ParameterLayout.Parameter parameter : network.parameters().parameters()) {
        float[] own =
            Arrays.copyOfRange(
                parameters,
                (int) parameter.offset(),
                (int) (parameter.offset() + parameter.size()));
        graph.associateArrayWithVariable(
            Nd4j.createFromArray(own).castTo(type).reshape(parameter.dimensions()),
            parameter.name());
        wanted.add(parameter.name());
      }
      INDArray input =
          Nd4j.createFromArray(matrix).castTo(type).reshape(ROWS, objective.columns().width());
      graph.createGradFunction("input");
      return graph.calculateGradientsAndOutputs(
          Map.of("input", input), List.of(ObjectiveGraph.LOSS), wanted);
    }
  }
}
