package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;
import java.util.Arrays;

/** What distributions do with the last axis of tensors. */
final class Axes {
  private Axes() {}

  /** Element {@code i} of the last axis, which disappears. */
  static Tensor only(Tensor values, int i) {
    return values.slice(-1, i, i + 1L).reshape(leading(values));
  }

  /** All axes but the last. */
  static long[] leading(Tensor values) {
    long[] sizes = values.shape();
    return Arrays.copyOf(sizes, sizes.length - 1);
  }

  /** 1 where a tensor of zeros and ones is 0, and the other way round. */
  static Tensor not(Tensor flags) {
    return flags.neg().add(1);
  }

  /** The index of the largest element of the last axis, the last of them; no gradient. */
  static Tensor largest(Tensor values) {
    int count = Math.toIntExact(values.shape()[values.shape().length - 1]);
    double[] places = new double[count];
    Arrays.setAll(places, i -> i);
    Tensor fixed = values.stopGradient();
    return not(fixed.max(-1).expandDims(-1).greater(fixed))
        .mul(values.engine().constant(places, count))
        .max(-1);
  }
}
