package dev.ancestral.model;

/** A model of (x, class) whose joint log p(x, c) can be computed: Σ_c p(x, c) = p(x). */
public interface ClassifyingModel {

  /** log p(x, c) in nats, [B][classes]. */
  double[][] jointLogProb(Batch x);

  /** log p(c) in nats, which {@link #jointLogProb} includes. */
  double classLogProb(int label);

  /** log p(x, label) in nats of examples with their labels, [B]. */
  default double[] labelledLogProb(Batch x) {
    double[][] joint = jointLogProb(x);
    double[] own = new double[joint.length];
    for (int i = 0; i < own.length; i++) {
      own[i] = joint[i][x.labels()[i]];
    }
    return own;
  }
}
