package dev.ancestral.job.train.dl4j;

import dev.ancestral.train.collective.TernaryCode;
import java.io.Serializable;
import java.nio.FloatBuffer;
import org.deeplearning4j.optimize.solvers.accumulation.encoding.ThresholdAlgorithm;
import org.deeplearning4j.optimize.solvers.accumulation.encoding.ThresholdAlgorithmReducer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a replica's step says to the others: the signs of the elements that exceed 0.7 times the
 * mean magnitude, and the mean magnitude of these as their common size; the rest is kept for later
 * steps (error feedback). As on the torch engine ({@link TernaryCode}), but with one size for all
 * tensors, because a message of DeepLearning4J has one.
 *
 * <p>DeepLearning4J encodes as ±τ what is at least τ, and keeps the rest itself. This serves badly
 * for updates of Adam, most of which are small and some of which are large for many steps: a large
 * one leaves in steps of τ, a small one waits until it has grown to τ, and a negative one leaves at
 * τ/2 already. So the array, of which the algorithm is only asked for a threshold, is rounded here:
 * what DeepLearning4J then finds is 0 or ±τ, and it keeps nothing.
 *
 * <p>It sends two bits an element, or indices once fewer than one element in 32 was sent. When they
 * become more than one in 16 again, its {@code EncodingHandler} encodes the same array a second
 * time and discards the first result, with what that has taken out of the array. So no more than
 * that are chosen then.
 *
 * @see <a href="https://doi.org/10.21437/Interspeech.2015-354">Strom: Scalable distributed DNN
 *     training using commodity GPU cloud computing, 2015</a>
 */
final class TernaryUpdates implements ThresholdAlgorithm, ThresholdAlgorithmReducer {
  private static final long serialVersionUID = 1L;

  /** So that τ is not above the size that it came from, as a float or a double. */
  private static final double JUST_BELOW = 1 - 1e-6;

  private static final double RAISED = 1.3;

  /** Elements in a word of its dense form; the numbers are those of EncodingHandler. */
  private static final int DENSE_PER_WORD = 16;

  private static final int DENSE_HEADER = 5;
  private static final int SPARSE_HEADER = 4;

  /**
   * What was not sent, of a process: its tasks come in threads of which each has a copy of this.
   */
  private static final class Rest implements Serializable {
    private static final long serialVersionUID = 1L;

    private transient float[] kept;
  }

  private final Rest rest;
  private transient boolean sparse;

  TernaryUpdates() {
    this(new Rest());
  }

  private TernaryUpdates(Rest rest) {
    this.rest = rest;
  }

  @Override
  public double calculateThreshold(
      int iteration,
      int epoch,
      Double lastThreshold,
      Boolean lastWasDense,
      Double lastSparsityRatio,
      INDArray updates) {
    FloatBuffer values = updates.data().asNioFloat();
    float[] all = new float[Math.toIntExact(updates.length())];
    values.get(0, all);
    float size;
    synchronized (rest) {
      if (rest.kept == null) {
        rest.kept = new float[all.length];
      }
      size = round(all, rest.kept);
    }
    values.put(0, all);
    return size * JUST_BELOW;
  }

  /**
   * Rounds values to 0 or ± a size, and keeps the difference.
   *
   * @param values in: what a step adds; out: what is sent
   * @param kept in and out: what has not been sent
   * @return the size
   */
  private float round(float[] values, float[] kept) {
    for (int i = 0; i < values.length; i++) {
      values[i] += kept[i];
    }
    double sum = TernaryCode.sumOfMagnitudes(values, 0, values.length);
    // Zeros are never sent; nor is anything where a value is not finite: nothing exceeds NaN.
    float threshold =
        sum < Double.POSITIVE_INFINITY
            ? Math.max(
                Float.MIN_NORMAL, (float) (TernaryCode.THRESHOLD_FACTOR * sum / values.length))
            : Float.NaN;
    int most = sparse ? values.length / DENSE_PER_WORD - SPARSE_HEADER - 1 : values.length;
    Chosen chosen = choose(values, threshold);
    while (chosen.count > most) {
      threshold *= (float) RAISED;
      chosen = choose(values, threshold);
    }
    sparse |= chosen.count < (values.length / DENSE_PER_WORD + DENSE_HEADER) / 2;
    float size = chosen.count == 0 ? Float.MIN_NORMAL : (float) (chosen.sum / chosen.count);
    for (int i = 0; i < values.length; i++) {
      float sent = TernaryCode.sign(values[i], threshold) * size;
      kept[i] = values[i] - sent;
      values[i] = sent;
    }
    return size;
  }

  /** What has not been sent yet, in this process. */
  float[] kept() {
    synchronized (rest) {
      return rest.kept.clone();
    }
  }

  private record Chosen(int count, double sum) {}

  // About two elements in five are above the threshold, at random: no loop over them branches.
  private static Chosen choose(float[] values, float threshold) {
    int count = 0;
    double sum = 0;
    for (float value : values) {
      int sign = TernaryCode.sign(value, threshold);
      count += sign & 1;
      sum += sign * value;
    }
    return new Chosen(count, sum);
  }

  @Override
  @SuppressWarnings("PMD.ProperCloneImplementation")
  public ThresholdAlgorithm clone() {
    return new TernaryUpdates(rest);
  }

  @Override
  public ThresholdAlgorithmReducer newReducer() {
    return this;
  }

  @Override
  public void add(ThresholdAlgorithm other) {} // all are the same

  @Override
  public ThresholdAlgorithmReducer merge(ThresholdAlgorithmReducer other) {
    return this;
  }

  @Override
  public ThresholdAlgorithm getFinalResult() {
    return this;
  }
}
