package dev.ancestral.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An n-dimensional array of floating-point numbers on some {@link Engine}; every method returns a
 * new tensor and is differentiable unless it says otherwise.
 *
 * <p>A model is written against this interface alone, so the same mathematics runs eagerly on
 * libtorch or is traced into a graph. Shapes are static: {@link #shape()} is known while the
 * expression is written. Broadcasting follows numpy: trailing axes are aligned and axes of size 1
 * stretch. A negative axis counts from the end.
 *
 * @see Engine for constants
 */
public interface Tensor {

  /** The size along every axis; empty for a scalar. */
  long[] shape();

  /** The engine that executes this tensor's operations. */
  Engine engine();

  // --- elementwise, two operands (broadcasting) ---

  Tensor add(Tensor other);

  Tensor sub(Tensor other);

  Tensor mul(Tensor other);

  Tensor div(Tensor other);

  /** The larger of both, elementwise. */
  Tensor maximum(Tensor other);

  /** The smaller of both, elementwise. */
  Tensor minimum(Tensor other);

  // --- elementwise with a scalar ---

  Tensor add(double value);

  Tensor mul(double value);

  /** Elementwise x^exponent. */
  Tensor pow(double exponent);

  /** Limits every element to [low, high]; the gradient is zero outside. */
  Tensor clamp(double low, double high);

  // --- elementwise, one operand ---

  Tensor neg();

  Tensor exp();

  Tensor log();

  /** log(1 + x), accurate near zero. */
  Tensor log1p();

  Tensor sqrt();

  Tensor square();

  Tensor abs();

  Tensor tanh();

  Tensor cos();

  Tensor sigmoid();

  /** log(1 + e^x), finite for every finite x. */
  Tensor softplus();

  /** log(1 / (1 + e^−x)) = −softplus(−x), finite for every finite x. */
  Tensor logSigmoid();

  Tensor relu();

  /** x for x ≥ 0, slope·x below. */
  Tensor leakyRelu(double slope);

  /** The largest whole number that is not above x; no gradient. */
  Tensor floor();

  /** The same elements, and {@code value} in the place of those that are NaN; no gradient. */
  Tensor withoutNaN(double value);

  // --- comparison: 1 where it holds, else 0; no gradient ---

  Tensor greater(Tensor other);

  Tensor greater(double value);

  /**
   * {@code ifTrue} where this tensor is not zero, {@code ifFalse} elsewhere; no gradient to this.
   */
  Tensor where(Tensor ifTrue, Tensor ifFalse);

  // --- reductions ---

  /** The sum over the given axes, which disappear; over all of them when none is given. */
  Tensor sum(int... axes);

  /** The mean over the given axes, which disappear; over all of them when none is given. */
  Tensor mean(int... axes);

  /** The largest value along an axis, which disappears; ties share the gradient. */
  Tensor max(int axis);

  /** The sums of the elements up to and with each along the last axis, [.., n] → [.., n]. */
  default Tensor cumulativeSum() {
    long[] sizes = shape();
    int n = Math.toIntExact(sizes[sizes.length - 1]);
    float[] upTo = new float[n * n]; // 1 where row ≤ column
    for (int row = 0; row < n; row++) {
      Arrays.fill(upTo, row * n + row, (row + 1) * n, 1);
    }
    return reshape(-1, n).matmul(engine().constant(upTo, n, n)).reshape(sizes);
  }

  /** log Σ exp along an axis, which disappears; stable. */
  Tensor logSumExp(int axis);

  /** x − log Σ exp x along an axis; stable at any gap. */
  Tensor logSoftmax(int axis);

  // --- shape ---

  /** The same elements in row-major order under another shape; one size may be −1. */
  Tensor reshape(long... shape);

  Tensor permute(int... axes);

  /** Inserts an axis of size 1 so that it becomes axis {@code axis} of the result. */
  Tensor expandDims(int axis);

  Tensor broadcastTo(long... shape);

  /** Elements {@code from} (inclusive) to {@code to} (exclusive) along an axis. */
  Tensor slice(int axis, long from, long to);

  /**
   * Equal parts along an axis, in order. Backwards it is one concatenation, where slices would be
   * one sum of padded gradients each.
   *
   * @param parts a divisor of the axis's size
   */
  default List<Tensor> split(int axis, int parts) {
    long[] sizes = shape();
    long size = sizes[axis < 0 ? axis + sizes.length : axis];
    if (parts < 1 || size % parts != 0) {
      throw new IllegalArgumentException(
          "parts is " + parts + "; it must divide the axis's size, " + size);
    }
    List<Tensor> result = new ArrayList<>();
    for (long from = 0; from < size; from += size / parts) {
      result.add(slice(axis, from, from + size / parts));
    }
    return result;
  }

  /** This tensor followed by the others along an axis. */
  Tensor concat(int axis, Tensor... others);

  /** Zeros before and after along an axis. */
  Tensor pad(int axis, long before, long after);

  // --- linear algebra ---

  /** [n, k] · [k, m] → [n, m], or batched [b, n, k] · [b, k, m] → [b, n, m]. */
  Tensor matmul(Tensor other);

  /**
   * Cross-correlation over time: [B, I, T] with weights [O, I, K] and left zero padding only, so
   * that output t sees inputs up to t.
   *
   * @param dilation distance between the taps, at least 1
   * @param padLeft zeros put before the first step
   */
  Tensor conv1d(Tensor weights, int dilation, int padLeft);

  /** Cross-correlation: [B, I, H, W] with weights [O, I, KH, KW] → [B, O, H', W']. */
  Tensor conv2d(Tensor weights, int stride, int padY, int padX);

  /**
   * The transpose of {@link #conv2d}: [B, I, H, W] with weights [I, O, KH, KW], both pads equal.
   */
  Tensor convTranspose2d(Tensor weights, int stride, int pad);

  // --- indexing: the index holds whole numbers and gets no gradient ---

  /** 1 at the position that each element names: [..] → [.., classes]. */
  Tensor oneHot(long classes);

  /** The element of the last axis that {@code index} names: [.., n] with index [..] → [..]. */
  Tensor pick(Tensor index);

  /** Rows of this table [n, d] that {@code index} names: index [..] → [.., d]. */
  Tensor rows(Tensor index);

  // --- gradients ---

  /** The same values, through which no gradient flows. */
  Tensor stopGradient();

  // --- out of the engine (eager engines only) ---

  /** All elements in row-major order. */
  float[] toFloats();

  /** All elements in row-major order. */
  double[] toDoubles();

  /** The only element of a tensor that has one. */
  default double item() {
    double[] values = toDoubles();
    if (values.length != 1) {
      throw new IllegalStateException(
          "item() needs a tensor with one element; this one has " + values.length);
    }
    return values[0];
  }
}
