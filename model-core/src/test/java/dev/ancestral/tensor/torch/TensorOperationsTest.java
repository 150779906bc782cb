package dev.ancestral.tensor.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every operation in float64: its values against plain arithmetic, its gradient against central
 * differences.
 */
class TensorOperationsTest {
  private static final Engine ENGINE =
      TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));

  /** Away from 0 and ±1, where some operations have a kink. */
  private static final double[] SIX = {-2.3, -0.7, -0.2, 0.4, 0.9, 3.1};

  private static final double[] POSITIVE = {0.1, 0.35, 0.8, 1.2, 2.5, 7};

  @AfterAll
  static void close() {
    ENGINE.close();
  }

  @TestFactory
  Stream<DynamicTest> elementwise() {
    return Stream.of(
        unary("neg", Tensor::neg, x -> -x, SIX),
        unary("exp", Tensor::exp, Math::exp, SIX),
        unary("log", Tensor::log, Math::log, POSITIVE),
        unary("log1p", Tensor::log1p, Math::log1p, POSITIVE),
        unary("sqrt", Tensor::sqrt, Math::sqrt, POSITIVE),
        unary("square", Tensor::square, x -> x * x, SIX),
        unary("abs", Tensor::abs, Math::abs, SIX),
        unary("tanh", Tensor::tanh, Math::tanh, SIX),
        unary("cos", Tensor::cos, Math::cos, SIX),
        unary("sigmoid", Tensor::sigmoid, x -> 1 / (1 + Math.exp(-x)), SIX),
        unary("softplus", Tensor::softplus, x -> Math.log1p(Math.exp(x)), SIX),
        unary("logSigmoid", Tensor::logSigmoid, x -> -Math.log1p(Math.exp(-x)), SIX),
        unary("relu", Tensor::relu, x -> Math.max(0, x), SIX),
        unary("leakyRelu", t -> t.leakyRelu(0.2), x -> x < 0 ? 0.2 * x : x, SIX),
        unary("add number", t -> t.add(1.5), x -> x + 1.5, SIX),
        unary("mul number", t -> t.mul(-2.5), x -> x * -2.5, SIX),
        unary("pow", t -> t.pow(1.7), x -> Math.pow(x, 1.7), POSITIVE),
        unary("clamp", t -> t.clamp(-0.5, 1.1), x -> Math.min(1.1, Math.max(-0.5, x)), SIX));
  }

  @TestFactory
  Stream<DynamicTest> elementwise_with_broadcasting() {
    return Stream.of(
        binary("add", Tensor::add, Double::sum),
        binary("sub", Tensor::sub, (x, y) -> x - y),
        binary("mul", Tensor::mul, (x, y) -> x * y),
        binary("div", Tensor::div, (x, y) -> x / y),
        binary("maximum", Tensor::maximum, Math::max),
        binary("minimum", Tensor::minimum, Math::min));
  }

  @Test
  void softplus_and_log_sigmoid_are_finite_and_exact_far_out() {
    double[] far = {-800, -100, -50, 30, 50, 100, 800};
    double[] softplus = {
      0, Math.exp(-100), Math.exp(-50), 30 + Math.log1p(Math.exp(-30)), 50, 100, 800
    };
    Tensor x = ENGINE.constant(far, far.length);
    assertArrayEquals(softplus, x.softplus().toDoubles(), 1e-13);
    double[] negated = Arrays.stream(softplus).map(v -> -v).toArray();
    assertArrayEquals(negated, x.neg().logSigmoid().toDoubles(), 1e-13);
  }

  @Test
  void comparisons() {
    Tensor x = ENGINE.constant(SIX, 6);
    assertArrayEquals(new double[] {0, 0, 0, 1, 1, 1}, x.greater(0.0).toDoubles());
    assertArrayEquals(
        new double[] {0, 0, 1, 0, 0, 1},
        x.greater(ENGINE.constant(new double[] {0, 0, -1, 1, 1, 3}, 6)).toDoubles());
    assertArrayEquals(new double[] {-3, -1, -1, 0, 0, 3}, x.floor().toDoubles());
    Tensor undefined = ENGINE.constant(new double[] {1, Double.NaN, Double.NEGATIVE_INFINITY}, 3);
    assertArrayEquals(
        new double[] {1, 7, Double.NEGATIVE_INFINITY}, undefined.withoutNaN(7).toDoubles());
    assertArrayEquals(
        new double[] {1, 0, 0}, undefined.greater(Double.NEGATIVE_INFINITY).toDoubles());
    check(
        "where",
        t -> t.greater(0).where(t.square(), t.mul(3)),
        new long[] {6},
        SIX,
        Arrays.stream(SIX).map(v -> v > 0 ? v * v : 3 * v).toArray());
  }

  @TestFactory
  Stream<DynamicTest> reductions() {
    double[] x = SIX; // [2, 3]
    double lse0 = Math.log(Math.exp(x[0]) + Math.exp(x[1]) + Math.exp(x[2]));
    double lse1 = Math.log(Math.exp(x[3]) + Math.exp(x[4]) + Math.exp(x[5]));
    double[] logSoftmax = {
      x[0] - lse0, x[1] - lse0, x[2] - lse0, x[3] - lse1, x[4] - lse1, x[5] - lse1
    };
    double sum = Arrays.stream(x).sum();
    return Stream.of(
        matrix("sum", Tensor::sum, sum),
        matrix("sum of an axis", t -> t.sum(0), x[0] + x[3], x[1] + x[4], x[2] + x[5]),
        matrix("sum of the last axis", t -> t.sum(-1), x[0] + x[1] + x[2], x[3] + x[4] + x[5]),
        matrix("sum of two axes", t -> t.sum(0, 1), sum),
        matrix("mean", Tensor::mean, sum / 6),
        matrix(
            "mean of an axis", t -> t.mean(1), (x[0] + x[1] + x[2]) / 3, (x[3] + x[4] + x[5]) / 3),
        matrix("max", t -> t.max(1), x[2], x[5]),
        matrix("logSumExp", t -> t.logSumExp(1), lse0, lse1),
        matrix("logSoftmax", t -> t.logSoftmax(-1), logSoftmax));
  }

  @TestFactory
  Stream<DynamicTest> parts_and_running_sums() {
    double[] x = SIX; // [2, 3]
    return Stream.of(
        matrix(
            "split",
            t -> t.split(-1, 3).get(2).mul(t.split(-1, 3).get(0)),
            x[2] * x[0],
            x[5] * x[3]),
        matrix("split of the first axis", t -> t.split(0, 2).get(1), x[3], x[4], x[5]),
        matrix(
            "cumulativeSum",
            Tensor::cumulativeSum,
            x[0],
            x[0] + x[1],
            x[0] + x[1] + x[2],
            x[3],
            x[3] + x[4],
            x[3] + x[4] + x[5]));
  }

  @Test
  void parts_divide_their_axis() {
    Tensor x = ENGINE.full(1, 2, 3);
    assertThrows(IllegalArgumentException.class, () -> x.split(1, 2));
    assertThrows(IllegalArgumentException.class, () -> x.split(0, 0));
  }

  @Test
  void log_sum_exp_and_log_softmax_are_stable() {
    Tensor x = ENGINE.constant(new double[] {-1000, 1000, 1000}, 3);
    assertEquals(1000 + Math.log(2), x.logSumExp(0).item(), 1e-12);
    assertArrayEquals(
        new double[] {-2000 - Math.log(2), -Math.log(2), -Math.log(2)},
        x.logSoftmax(0).toDoubles(),
        1e-12);
  }

  @TestFactory
  Stream<DynamicTest> shapes() {
    double[] x = SIX; // [2, 3]
    return Stream.of(
        matrix("reshape", t -> t.reshape(3, -1), x),
        matrix("permute", t -> t.permute(1, 0), x[0], x[3], x[1], x[4], x[2], x[5]),
        matrix("expandDims", t -> t.expandDims(1), x),
        matrix(
            "broadcastTo",
            t -> t.slice(0, 1, 2).broadcastTo(2, 3),
            x[3],
            x[4],
            x[5],
            x[3],
            x[4],
            x[5]),
        matrix("slice", t -> t.slice(-1, 1, 3), x[1], x[2], x[4], x[5]),
        matrix(
            "concat",
            t -> t.slice(1, 0, 1).concat(1, t.slice(1, 2, 3).mul(2), t.slice(1, 1, 2)),
            x[0],
            2 * x[2],
            x[1],
            x[3],
            2 * x[5],
            x[4]),
        matrix("pad rows", t -> t.pad(0, 1, 0), 0, 0, 0, x[0], x[1], x[2], x[3], x[4], x[5]),
        matrix("pad columns", t -> t.pad(-1, 0, 1), x[0], x[1], x[2], 0, x[3], x[4], x[5], 0));
  }

  @Test
  void shapes_are_known() {
    Tensor x = ENGINE.constant(SIX, 2, 3);
    assertArrayEquals(new long[] {2, 1, 3}, x.expandDims(1).shape());
    assertArrayEquals(new long[] {2, 3, 4}, x.abs().floor().oneHot(4).shape());
    assertArrayEquals(new long[0], x.sum().shape());
    assertArrayEquals(new long[] {3, 2}, x.permute(1, 0).shape());
  }

  @Test
  void matmul() {
    double[] b = draws(2, 12);
    check(
        "left",
        t -> t.matmul(ENGINE.constant(b, 3, 4)),
        new long[] {2, 3},
        SIX,
        times(SIX, b, 2, 3, 4));
    check(
        "right",
        t -> ENGINE.constant(b, 4, 3).matmul(t),
        new long[] {3, 2},
        SIX,
        times(b, SIX, 4, 3, 2));
    // A stack of two products [1, 3] · [3, 2].
    double[] stack = draws(3, 12);
    double[] first = times(Arrays.copyOf(SIX, 3), Arrays.copyOf(stack, 6), 1, 3, 2);
    double[] second =
        times(Arrays.copyOfRange(SIX, 3, 6), Arrays.copyOfRange(stack, 6, 12), 1, 3, 2);
    check(
        "stack",
        t -> t.matmul(ENGINE.constant(stack, 2, 3, 2)),
        new long[] {2, 1, 3},
        SIX,
        new double[] {first[0], first[1], second[0], second[1]});
    Tensor vector = ENGINE.constant(SIX, 6);
    assertThrows(IllegalArgumentException.class, () -> vector.matmul(vector));
  }

  @Test
  void conv1d_is_causal() {
    int batch = 2;
    int in = 2;
    int out = 3;
    int time = 6;
    int taps = 2;
    int dilation = 2;
    double[] x = draws(4, batch * in * time);
    double[] w = draws(5, out * in * taps);
    int padLeft = (taps - 1) * dilation;
    double[] expected = new double[batch * out * time];
    for (int b = 0; b < batch; b++) {
      for (int o = 0; o < out; o++) {
        for (int t = 0; t < time; t++) {
          for (int i = 0; i < in; i++) {
            for (int k = 0; k < taps; k++) {
              int s = t + k * dilation - padLeft;
              if (s >= 0) {
                expected[(b * out + o) * time + t] +=
                    w[(o * in + i) * taps + k] * x[(b * in + i) * time + s];
              }
            }
          }
        }
      }
    }
    Tensor weights = ENGINE.constant(w, out, in, taps);
    Tensor input = ENGINE.constant(x, batch, in, time);
    long[] shape = {batch, in, time};
    check("input", t -> t.conv1d(weights, dilation, padLeft), shape, x, expected);
    check(
        "weights",
        t -> input.conv1d(t, dilation, padLeft),
        new long[] {out, in, taps},
        w,
        expected);
  }

  @Test
  void conv2d_and_its_transpose() {
    int in = 2;
    int out = 3;
    int height = 5;
    int width = 4;
    int kernel = 3;
    int stride = 2;
    int pad = 1;
    int rows = (height + 2 * pad - kernel) / stride + 1;
    int columns = (width + 2 * pad - kernel) / stride + 1;
    double[] x = draws(6, in * height * width);
    double[] w = draws(7, out * in * kernel * kernel);
    double[] y = draws(8, out * rows * columns);
    double[] forward = new double[out * rows * columns];
    int tall = (rows - 1) * stride - 2 * pad + kernel;
    int wide = (columns - 1) * stride - 2 * pad + kernel;
    double[] transposed = new double[in * tall * wide];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        for (int r = 0; r < rows; r++) {
          for (int c = 0; c < columns; c++) {
            for (int ky = 0; ky < kernel; ky++) {
              for (int kx = 0; kx < kernel; kx++) {
                double weight = w[((o * in + i) * kernel + ky) * kernel + kx];
                int sy = r * stride + ky - pad;
                int sx = c * stride + kx - pad;
                int at = (o * rows + r) * columns + c;
                if (sy >= 0 && sy < height && sx >= 0 && sx < width) {
                  forward[at] += weight * x[(i * height + sy) * width + sx];
                }
                if (sy >= 0 && sy < tall && sx >= 0 && sx < wide) {
                  transposed[(i * tall + sy) * wide + sx] += weight * y[at];
                }
              }
            }
          }
        }
      }
    }
    Tensor weights = ENGINE.constant(w, out, in, kernel, kernel);
    Tensor image = ENGINE.constant(x, 1, in, height, width);
    Tensor maps = ENGINE.constant(y, 1, out, rows, columns);
    long[] kernels = {out, in, kernel, kernel};
    long[] images = {1, in, height, width};
    check("input", t -> t.conv2d(weights, stride, pad, pad), images, x, forward);
    check("weights", t -> image.conv2d(t, stride, pad, pad), kernels, w, forward);
    long[] mapShape = {1, out, rows, columns};
    check(
        "transposed input", t -> t.convTranspose2d(weights, stride, pad), mapShape, y, transposed);
    check("transposed weights", t -> maps.convTranspose2d(t, stride, pad), kernels, w, transposed);
  }

  @Test
  void indexing() {
    Tensor index = ENGINE.constant(new double[] {2, 0}, 2);
    check("pick", t -> t.pick(index), new long[] {2, 3}, SIX, new double[] {SIX[2], SIX[3]});
    Tensor repeated = ENGINE.constant(new double[] {1, 0, 1, 1}, 2, 2);
    check(
        "rows",
        t -> t.rows(repeated),
        new long[] {2, 3},
        SIX,
        new double[] {
          SIX[3], SIX[4], SIX[5], SIX[0], SIX[1], SIX[2], SIX[3], SIX[4], SIX[5], SIX[3], SIX[4],
          SIX[5]
        });
    assertArrayEquals(new double[] {0, 0, 1, 1, 0, 0}, index.oneHot(3).toDoubles());
  }

  @Test
  void stop_gradient_stops_it() {
    Engine.ValueAndGradient result =
        ENGINE.gradient(
            t -> t.mul(t.stopGradient()).sum(), ENGINE.constant(SIX, 6)); // d/dx (x · c) = c = x
    assertArrayEquals(SIX, result.gradient().toDoubles(), 0);
  }

  @Test
  void constants_must_fit_their_shape() {
    assertThrows(IllegalArgumentException.class, () -> ENGINE.constant(SIX, 5));
    assertThrows(IllegalArgumentException.class, () -> ENGINE.constant(new float[3], 2, 2));
    assertArrayEquals(new double[] {4, 4}, ENGINE.full(4, 2).toDoubles());
    assertArrayEquals(new double[] {0.5}, ENGINE.constant(new float[] {0.5f}, 1).toDoubles());
  }

  private static DynamicTest unary(
      String name, Function<Tensor, Tensor> operation, DoubleUnaryOperator reference, double[] x) {
    return dynamicTest(
        name,
        () -> check(name, operation, new long[] {6}, x, Arrays.stream(x).map(reference).toArray()));
  }

  private static DynamicTest matrix(
      String name, Function<Tensor, Tensor> operation, double... expected) {
    return dynamicTest(name, () -> check(name, operation, new long[] {2, 3}, SIX, expected));
  }

  /** [2, 3] with [3], each side in turn. */
  private static DynamicTest binary(
      String name,
      java.util.function.BinaryOperator<Tensor> operation,
      DoubleBinaryOperator reference) {
    double[] row = {0.5, -1.5, 2};
    double[] leftThenRow = new double[6];
    double[] rowThenLeft = new double[6];
    for (int i = 0; i < 6; i++) {
      leftThenRow[i] = reference.applyAsDouble(SIX[i], row[i % 3]);
      rowThenLeft[i] = reference.applyAsDouble(row[i % 3], SIX[i]);
    }
    Tensor rowTensor = ENGINE.constant(row, 3);
    return dynamicTest(
        name,
        () -> {
          long[] shape = {2, 3};
          check(name, t -> operation.apply(t, rowTensor), shape, SIX, leftThenRow);
          check(name, t -> operation.apply(rowTensor, t), shape, SIX, rowThenLeft);
          Tensor left = ENGINE.constant(SIX, 2, 3);
          check(name, t -> operation.apply(left, t), new long[] {3}, row, leftThenRow);
        });
  }

  /** Compares values, then the gradient of a weighted sum of them. */
  private static void check(
      String name,
      Function<Tensor, Tensor> operation,
      long[] shape,
      double[] x,
      double[] expected) {
    assertArrayEquals(
        expected, operation.apply(ENGINE.constant(x, shape)).toDoubles(), 1e-12, name);
    double[] weights = draws(1, expected.length);
    Function<Tensor, Tensor> scalar =
        t -> {
          Tensor result = operation.apply(t);
          return result.mul(ENGINE.constant(weights, result.shape())).sum();
        };
    double[] gradient = ENGINE.gradient(scalar, ENGINE.constant(x, shape)).gradient().toDoubles();
    double step = 1e-6;
    for (int i = 0; i < x.length; i++) {
      double[] up = x.clone();
      double[] down = x.clone();
      up[i] += step;
      down[i] -= step;
      double difference =
          (scalar.apply(ENGINE.constant(up, shape)).item()
                  - scalar.apply(ENGINE.constant(down, shape)).item())
              / (2 * step);
      double tolerance = 1e-7 * Math.max(1, Math.abs(difference));
      assertEquals(difference, gradient[i], tolerance, name + ", gradient of element " + i);
    }
  }

  private static double[] times(double[] a, double[] b, int n, int k, int m) {
    double[] c = new double[n * m];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < m; j++) {
        for (int l = 0; l < k; l++) {
          c[i * m + j] += a[i * k + l] * b[l * m + j];
        }
      }
    }
    return c;
  }

  private static double[] draws(long seed, int count) {
    float[] normal = new float[count];
    RandomKey.of(seed).fillNormal(0, normal, 0, count);
    double[] result = new double[count];
    for (int i = 0; i < count; i++) {
      result[i] = normal[i];
    }
    return result;
  }

  @Test
  void tensors_of_another_engine_are_refused() {
    Tensor foreign =
        (Tensor)
            java.lang.reflect.Proxy.newProxyInstance(
                Tensor.class.getClassLoader(),
                new Class<?>[] {Tensor.class},
                (proxy, method, arguments) -> null);
    Tensor x = ENGINE.constant(SIX, 6);
    for (Function<Tensor, Tensor> operation : List.<Function<Tensor, Tensor>>of(x::add, x::pick)) {
      assertThrows(IllegalArgumentException.class, () -> operation.apply(foreign));
    }
  }
}
