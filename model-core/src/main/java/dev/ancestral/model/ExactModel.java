package dev.ancestral.model;

/** A model whose log p(x) can be computed exactly. */
public non-sealed interface ExactModel extends GenerativeModel {

  /**
   * log p(x) in nats of each example, [B]; a log density where the event is continuous.
   *
   * <p>Law: over all events it sums (or integrates) to 1 in probability.
   */
  double[] logProb(Batch x);
}
