package dev.ancestral.distribution;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * One of the whole numbers 0 to count − 1, with probabilities that are the softmax of as many
 * logits.
 *
 * @param count of the values, P
 * @param runningSums of the last axis, [.., count] → the same shape, for draws
 */
public record Categorical(int count, UnaryOperator<Tensor> runningSums) implements Distribution {

  /** A distribution of so many values. */
  public Categorical(int count) {
    this(count, Tensor::cumulativeSum);
  }

  /** Running sums become products with a matrix that is made once. */
  @Override
  public Categorical forManyDraws(Engine engine) {
    float[] upTo = new float[count * count]; // 1 where row ≤ column
    for (int row = 0; row < count; row++) {
      java.util.Arrays.fill(upTo, row * count + row, (row + 1) * count, 1);
    }
    Tensor triangle = engine.constant(upTo, count, count);
    return new Categorical(count, probabilities -> probabilities.matmul(triangle));
  }

  @Override
  public int parametersPerElement() {
    return count;
  }

  @Override
  public Tensor logProb(Tensor logits, Tensor x) {
    return logits.logSoftmax(-1).pick(x);
  }

  /**
   * The value that a uniform number draws by the inverse of the distribution function: the first
   * whose running sum exceeds it.
   */
  @Override
  public Tensor sample(Tensor logits, Tensor uniform, double temperature) {
    Tensor probabilities = logits.mul(1 / temperature).logSoftmax(-1).exp();
    // P(≤ m) for all m but the last, which may round below 1.
    Tensor below = runningSums.apply(probabilities).slice(-1, 0, count - 1L);
    return below.greater(uniform.expandDims(-1)).sum(-1).neg().add(count - 1);
  }
}
