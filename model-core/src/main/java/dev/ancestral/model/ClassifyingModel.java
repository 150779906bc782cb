package dev.ancestral.model;

/** A model of (x, class) whose joint log p(x, c) can be computed: Σ_c p(x, c) = p(x). */
public interface ClassifyingModel {

  /** log p(x, c) in nats, [B][classes]. */
  double[][] jointLogProb(Batch x);
}
