package dev.ancestral.tensor.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
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

/** Every operation in float64 against the torch engine: its value and its gradient. */
class OperationParityTest {
  private static final double TOLERANCE = 1e-9;

  /** Kinks at 0, ±1 and ±1.5 among them, and what overflows exp. */
  private static final float[] EDGES = {0, -0f, 1, -1, 1.5f, -1.5f, 30, -30, 120, -120, 800, -800};

  private static final long[] PLAIN = {2, 3, 4};

  @TestFactory
  Stream<DynamicTest> elementwise() {
    return Stream.of(
        one("neg", Tensor::neg, PLAIN),
        one("exp", Tensor::exp, PLAIN),
        one("log", t -> t.square().add(0.1).log(), PLAIN),
        one("log1p", t -> t.square().log1p(), PLAIN),
        one("sqrt", t -> t.square().add(0.1).sqrt(), PLAIN),
        one("square", Tensor::square, PLAIN),
        one("abs", Tensor::abs, PLAIN),
        one("tanh", Tensor::tanh, PLAIN),
        one("cos", Tensor::cos, PLAIN),
        one("withoutNaN", t -> t.withoutNaN(2).mul(t), PLAIN),
        one("withoutNaN of a quotient", t -> undefinedBelowZero(t).withoutNaN(2).mul(t), PLAIN),
        one("NaN is greater than nothing", t -> undefinedBelowZero(t).greater(-1e9).mul(t), PLAIN),
        one(
            "all but NaN is greater than the least",
            t -> undefinedBelowZero(t).greater(Double.NEGATIVE_INFINITY).mul(t),
            PLAIN),
        one("sigmoid", Tensor::sigmoid, PLAIN),
        one("softplus", Tensor::softplus, PLAIN),
        one("logSigmoid", Tensor::logSigmoid, PLAIN),
        one("relu", Tensor::relu, PLAIN),
        one("leakyRelu", t -> t.leakyRelu(0.2), PLAIN),
        one("floor", t -> t.mul(3).floor().mul(t), PLAIN),
        one("add number", t -> t.add(1.5), PLAIN),
        one("mul number", t -> t.mul(-2.5), PLAIN),
        one("pow", t -> t.square().add(0.2).pow(1.7), PLAIN),
        one("clamp", t -> t.clamp(-0.5, 0.7), PLAIN),
        one("greater number", t -> t.greater(0.1).mul(t), PLAIN),
        one("where", t -> t.greater(0).where(t.square(), t.mul(3)), PLAIN));
  }

  /** The same elements, and NaN in the place of those that are not above 0; no gradient. */
  private static Tensor undefinedBelowZero(Tensor t) {
    Tensor above = t.greater(0);
    return t.add(above.div(above).add(-1)).stopGradient();
  }

  @TestFactory
  Stream<DynamicTest> far_out_and_at_kinks() {
    return Stream.of(
        at("softplus", Tensor::softplus),
        at("logSigmoid", Tensor::logSigmoid),
        at("sigmoid", Tensor::sigmoid),
        at("tanh", Tensor::tanh),
        at("relu", Tensor::relu),
        at("abs", Tensor::abs),
        at("clamp", t -> t.clamp(-1, 1.5)),
        at("logSoftmax", t -> t.reshape(3, 4).logSoftmax(-1)),
        at("logSoftmax of the first axis", t -> t.reshape(3, 4).logSoftmax(0)),
        at("logSumExp", t -> t.reshape(3, 4).logSumExp(0)));
  }

  @TestFactory
  Stream<DynamicTest> two_operands() {
    List<DynamicTest> tests = new ArrayList<>();
    Map<String, BinaryOperator<Tensor>> operations =
        Map.of(
            "add", Tensor::add,
            "sub", Tensor::sub,
            "mul", Tensor::mul,
            "div", (a, b) -> a.div(b.square().add(0.5)),
            "maximum", Tensor::maximum,
            "minimum", Tensor::minimum,
            "greater", (a, b) -> a.greater(b).mul(a).mul(b));
    operations.forEach(
        (name, operation) -> {
          tests.add(two(name, operation, PLAIN, PLAIN));
          tests.add(two(name + " of a row", operation, PLAIN, new long[] {4}));
          tests.add(two(name + " of a column", operation, PLAIN, new long[] {3, 1}));
          tests.add(two(name + " of one", operation, PLAIN, new long[] {1}));
          tests.add(two(name + " one of", operation, new long[] {1, 1}, PLAIN));
          tests.add(two(name + " both ways", operation, new long[] {3, 1}, new long[] {2, 1, 4}));
        });
    tests.add(two("maximum of equals", (a, b) -> a.maximum(a.add(0)).mul(b), PLAIN, PLAIN));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> reductions_and_shapes() {
    return Stream.of(
        one("sum", Tensor::sum, PLAIN),
        one("sum of an axis", t -> t.sum(1), PLAIN),
        one("sum of two axes", t -> t.sum(0, -1), PLAIN),
        one("mean", Tensor::mean, PLAIN),
        one("mean of an axis", t -> t.mean(-1), PLAIN),
        one("max", t -> t.max(1), PLAIN),
        one("sum of one element", Tensor::sum, 1),
        one("sum of an axis of one", t -> t.sum(1), 2, 1, 3),
        one("mean of the only axis", t -> t.mean(0), 1),
        one("mean of axes of one", t -> t.mean(0, -1), 1, 4, 1),
        one("max of an axis of one", t -> t.max(0), 1, 4),
        one("logSumExp of an axis of one", t -> t.logSumExp(0), 1, 4),
        one("logSoftmax of an axis of one", t -> t.logSoftmax(1), 4, 1),
        one("reshape to a scalar", t -> t.reshape().mul(2), 1, 1),
        one("logSumExp", t -> t.logSumExp(1), PLAIN),
        one("logSumExp of the last axis", t -> t.logSumExp(-1), PLAIN),
        one("logSoftmax", t -> t.logSoftmax(-1), PLAIN),
        one("logSoftmax of an axis", t -> t.logSoftmax(1), PLAIN),
        one("cumulativeSum", Tensor::cumulativeSum, PLAIN),
        one("reshape", t -> t.reshape(4, -1), PLAIN),
        one("permute", t -> t.permute(2, 0, 1), PLAIN),
        one("permute and reshape", t -> t.permute(1, 2, 0).reshape(-1, 2), PLAIN),
        one("expandDims", t -> t.expandDims(1), PLAIN),
        one("expandDims at the end", t -> t.expandDims(-1), PLAIN),
        one("broadcastTo", t -> t.broadcastTo(5, 2, 4), 2, 1),
        one("slice", t -> t.slice(1, 1, 3), PLAIN),
        one("slice of the last axis", t -> t.slice(-1, 0, 3), PLAIN),
        one("split", t -> t.split(-1, 2).get(1).mul(t.split(-1, 2).get(0)), PLAIN),
        one("pad", t -> t.pad(1, 2, 1), PLAIN),
        two("concat", (a, b) -> a.concat(1, b, a), new long[] {2, 3, 4}, new long[] {2, 1, 4}),
        one("stopGradient", t -> t.stopGradient().mul(t), PLAIN));
  }

  @TestFactory
  Stream<DynamicTest> linear_algebra() {
    return Stream.of(
        two("matmul", Tensor::matmul, new long[] {3, 4}, new long[] {4, 2}),
        two("stacked matmul", Tensor::matmul, new long[] {2, 3, 4}, new long[] {2, 4, 5}),
        two("conv1d", (x, w) -> x.conv1d(w, 1, 1), new long[] {2, 3, 7}, new long[] {4, 3, 2}),
        two(
            "dilated conv1d",
            (x, w) -> x.conv1d(w, 4, 8),
            new long[] {2, 3, 7},
            new long[] {2, 3, 3}),
        two(
            "conv2d",
            (x, w) -> x.conv2d(w, 1, 1, 2),
            new long[] {2, 3, 5, 4},
            new long[] {4, 3, 3, 2}),
        two(
            "conv2d of as many channels",
            (x, w) -> x.conv2d(w, 1, 0, 0),
            new long[] {2, 3, 4, 4},
            new long[] {3, 3, 1, 1}),
        two(
            "conv2d of channels innermost",
            (x, w) -> x.permute(0, 3, 1, 2).conv2d(w, 1, 0, 3),
            new long[] {2, 4, 5, 2},
            new long[] {3, 2, 2, 7}),
        two(
            "conv2d of stride 2",
            (x, w) -> x.conv2d(w, 2, 1, 1),
            new long[] {2, 3, 4, 6},
            new long[] {5, 3, 4, 4}),
        two(
            "convTranspose2d",
            (x, w) -> x.convTranspose2d(w, 2, 1),
            new long[] {2, 3, 2, 3},
            new long[] {3, 5, 4, 4}));
  }

  @TestFactory
  Stream<DynamicTest> indexing() {
    UnaryOperator<Tensor> index = t -> t.engine().constant(new float[] {2, 0, 3, 1, 1, 0}, 2, 3);
    return Stream.of(
        one("pick", t -> t.pick(index.apply(t)), PLAIN),
        one("rows", t -> t.rows(index.apply(t)), 4, 5),
        one("oneHot", t -> index.apply(t).oneHot(4).mul(t), PLAIN));
  }

  @Test
  void what_a_graph_does_not_have_is_refused() {
    TracingEngine engine = new TracingEngine(SameDiff.create(), Precision.FLOAT32);
    Tensor x = engine.full(1, 2);
    for (org.junit.jupiter.api.function.Executable unsupported :
        List.<org.junit.jupiter.api.function.Executable>of(
            () -> engine.differentiableGradient(Tensor::sum, x),
            () -> engine.gradient(Tensor::sum, x),
            () -> engine.vector(3),
            () -> engine.bind(ParameterLayout.builder().build()),
            x::toFloats,
            x::toDoubles)) {
      AncestralException refusal = assertThrows(AncestralException.class, unsupported);
      assertEquals(ErrorCode.SPEC, refusal.code(), refusal.getMessage());
    }
  }

  private static DynamicTest one(String name, UnaryOperator<Tensor> operation, long... shape) {
    return dynamicTest(
        name, () -> compare(t -> operation.apply(t[0]), List.of(random(1, shape)), shape));
  }

  private static DynamicTest at(String name, UnaryOperator<Tensor> operation) {
    return dynamicTest(
        name, () -> compare(t -> operation.apply(t[0]), List.of(EDGES), new long[] {EDGES.length}));
  }

  private static DynamicTest two(
      String name, BinaryOperator<Tensor> operation, long[] first, long[] second) {
    return dynamicTest(
        name,
        () ->
            compare(
                t -> operation.apply(t[0], t[1]),
                List.of(random(1, first), random(2, second)),
                first,
                second));
  }

  private static float[] random(int stream, long... shape) {
    long size = 1;
    for (long n : shape) {
      size *= n;
    }
    float[] values = new float[(int) size];
    RandomKey.of(3).fold(stream).fillNormal(0, values, 0, values.length);
    return values;
  }

  /** An operation on all operands. */
  @FunctionalInterface
  private interface Operation {
    Tensor on(Tensor[] operands);
  }

  private static void compare(Operation operation, List<float[]> operands, long[]... shapes) {
    SameDiff graph = SameDiff.create();
    TracingEngine tracing = new TracingEngine(graph, Precision.FLOAT64);
    Tensor[] traced = new Tensor[shapes.length];
    List<String> names = new ArrayList<>();
    for (int i = 0; i < shapes.length; i++) {
      SDVariable variable =
          graph.var(
              "p" + i,
              Nd4j.createFromArray(operands.get(i)).castTo(DataType.DOUBLE).reshape(shapes[i]));
      traced[i] = tracing.tensor(variable, shapes[i]);
      names.add("p" + i);
    }
    Tensor result = operation.on(traced);
    graph.identity("result", tracing.variable(result));
    graph.identity("loss", tracing.variable(weighted(result)));
    graph.setLossVariables("loss");
    OutAndGrad found = graph.calculateGradientsAndOutputs(Map.of(), List.of("result"), names);

    try (Engine torch =
        TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64))) {
      for (int i = 0; i < shapes.length; i++) {
        int moved = i;
        Engine.ValueAndGradient expected =
            torch.gradient(
                point -> {
                  Tensor[] own = new Tensor[shapes.length];
                  for (int j = 0; j < own.length; j++) {
                    own[j] = j == moved ? point : torch.constant(operands.get(j), shapes[j]);
                  }
                  Tensor made = operation.on(own);
                  assertArrayEquals(made.shape(), result.shape(), "shape");
                  assertClose("value", made.toDoubles(), doubles(found.getOutputs().get("result")));
                  return weighted(made);
                },
                torch.constant(operands.get(i), shapes[i]));
        assertClose(
            "gradient of operand " + i,
            expected.gradient().toDoubles(),
            doubles(found.getGradients().get("p" + i)));
      }
    }
  }

  private static double[] doubles(INDArray array) {
    return array.dup('c').data().asDouble();
  }

  /** A sum in which every element has a weight of its own. */
  private static Tensor weighted(Tensor result) {
    int size = 1;
    for (long n : result.shape()) {
      size *= (int) n;
    }
    float[] weights = random(7, size);
    return result.reshape(-1).mul(result.engine().constant(weights, size)).sum();
  }

  private static void assertClose(String what, double[] expected, double[] found) {
    assertEquals(expected.length, found.length, what);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          expected[i], found[i], TOLERANCE * Math.max(1, Math.abs(expected[i])), what + " " + i);
    }
  }
}
