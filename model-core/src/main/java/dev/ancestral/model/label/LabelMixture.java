package dev.ancestral.model.label;

import dev.ancestral.model.Batch;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.LogSum;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;

/**
 * p(x) = Σ_c p(c) p(x | c) of a model of p(x | label) and the frequencies of labels, exactly: a
 * pass of the model for each label that occurs, summed in float64.
 */
public final class LabelMixture implements ExactModel, ClassifyingModel {
  private final ExactModel given;
  private final LabelFrequencies frequencies;
  private Batch last;
  private double[][] jointOfLast;

  /**
   * @param given p(x | label), closed with this
   * @param frequencies p(label)
   */
  public LabelMixture(ExactModel given, LabelFrequencies frequencies) {
    this.given = given;
    this.frequencies = frequencies;
  }

  @Override
  public EventSpec event() {
    return given.event();
  }

  @Override
  public double[] logProb(Batch x) {
    double[][] joint = jointLogProb(x);
    double[] logProb = new double[joint.length];
    for (int i = 0; i < logProb.length; i++) {
      LogSum sum = new LogSum();
      Arrays.stream(joint[i]).forEach(sum::add);
      logProb[i] = sum.value();
    }
    return logProb;
  }

  /** log p(x, c); −∞ for labels that do not occur, whatever p(x | c) is. */
  @Override
  @SuppressWarnings("ReferenceEquality") // The same object is wanted, not an equal one.
  public double[][] jointLogProb(Batch x) {
    if (x == last) { // One who asks for both sums and terms pays once.
      return jointOfLast;
    }
    double[][] joint = new double[x.size()][frequencies.classes()];
    for (int label = 0; label < frequencies.classes(); label++) {
      double prior = frequencies.logProb(label);
      double[] likelihood = null;
      if (prior > Double.NEGATIVE_INFINITY) {
        int[] labels = new int[x.size()];
        Arrays.fill(labels, label);
        likelihood = given.logProb(x.withLabels(labels, frequencies.classes()));
      }
      for (int i = 0; i < joint.length; i++) {
        joint[i][label] = likelihood == null ? prior : prior + likelihood[i];
      }
    }
    last = x;
    jointOfLast = joint;
    return joint;
  }

  /** A single pass: the labels are known. */
  @Override
  public double[] labelledLogProb(Batch x) {
    double[] logProb = given.logProb(x);
    for (int i = 0; i < logProb.length; i++) {
      double prior = frequencies.logProb(x.labels()[i]);
      logProb[i] = prior == Double.NEGATIVE_INFINITY ? prior : prior + logProb[i];
    }
    return logProb;
  }

  @Override
  public double classLogProb(int label) {
    return frequencies.logProb(label);
  }

  @Override
  public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
    return given.sample(ids, key, request);
  }

  @Override
  public void close() {
    given.close();
  }
}
