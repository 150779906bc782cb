package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;

/**
 * Whole numbers as equally spaced places in [−1, 1].
 *
 * @param count how many: 0 stands at −1, count − 1 at 1
 */
public record Levels(int count) {

  /** Levels to their places. */
  public Tensor scaled(Tensor x) {
    return x.mul(2.0 / (count - 1)).add(-1);
  }

  /** Places to the levels nearest to them. */
  public Tensor nearest(Tensor y) {
    int top = count - 1;
    return y.add(1).mul(top / 2.0).add(0.5).floor().clamp(0, top);
  }

  /** Places to numbers between the levels, within their range. */
  public Tensor unrounded(Tensor y) {
    int top = count - 1;
    return y.add(1).mul(top / 2.0).clamp(0, top);
  }
}
