package dev.ancestral.job.train.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.random.RandomKey;
import java.util.function.LongToDoubleFunction;
import org.deeplearning4j.optimize.solvers.accumulation.EncodedGradientsAccumulator;
import org.deeplearning4j.optimize.stepfunctions.DefaultStepFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Through DeepLearning4J's own encoder and decoder. */
class TernaryUpdatesTest {
  private static final int SIZE = 3200;

  private final TernaryUpdates updates = new TernaryUpdates();
  private final EncodedGradientsAccumulator accumulator =
      new EncodedGradientsAccumulator(1, updates, null, false);
  private final INDArray parameters = Nd4j.create(DataType.FLOAT, 1, SIZE);
  private final double[] expected = new double[SIZE];
  private int steps;

  /** Sends an update and returns what arrives. */
  private INDArray step(LongToDoubleFunction update) {
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = (float) update.applyAsDouble(i);
      expected[i] += values[i];
    }
    INDArray array = Nd4j.createFromArray(values).reshape(1, SIZE);
    accumulator.touch();
    accumulator.registerConsumers(1);
    accumulator.storeUpdate(array, steps++, 0);
    accumulator.applyUpdate(new DefaultStepFunction(), parameters, array, true);
    return array;
  }

  private void steps(int count, LongToDoubleFunction update) {
    for (int step = 0; step < count; step++) {
      float[] noise = normal(RandomKey.of(7).fold(steps));
      step(i -> update.applyAsDouble(i) * noise[(int) i]);
    }
  }

  private static float[] normal(RandomKey key) {
    float[] values = new float[SIZE];
    key.fillNormal(0, values, 0, SIZE);
    return values;
  }

  @Test
  void a_message_has_one_size() {
    float[] update = normal(RandomKey.of(3));
    double mean = 0;
    for (float value : update) {
      mean += Math.abs(value) / SIZE;
    }
    double sum = 0;
    int count = 0;
    for (float value : update) {
      if (Math.abs(value) >= 0.7 * mean) {
        sum += Math.abs(value);
        count++;
      }
    }
    INDArray arrived = step(i -> update[(int) i]);
    for (int i = 0; i < SIZE; i++) {
      double sent = Math.abs(update[i]) >= 0.7 * mean ? Math.signum(update[i]) * sum / count : 0;
      assertEquals(sent, arrived.getDouble(i), 1e-5, "element " + i + ": " + update[i]);
    }
  }

  /** Whatever share of the elements moves, and whichever form DeepLearning4J sends them in. */
  @Test
  void nothing_is_lost() {
    steps(20, i -> 1);
    steps(20, i -> i % 100 == 0 ? 10 : 0);
    steps(20, i -> i % 10 == 0 ? 3 : 0.1);
    steps(20, i -> i == 5 ? 100 : 0);
    steps(20, i -> 1);
    float[] kept = updates.kept();
    double largest = 0;
    for (int i = 0; i < SIZE; i++) {
      largest = Math.max(largest, Math.abs(parameters.getDouble(i) + kept[i] - expected[i]));
    }
    assertTrue(largest < 0.001, "lost: " + largest);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void an_update_that_is_not_finite_moves_nothing(double value) {
    step(i -> i == 3 ? value : 1);
    assertEquals(0, parameters.amaxNumber().doubleValue());
  }
}
