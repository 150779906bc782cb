package dev.ancestral.estimator;

import dev.ancestral.model.BoundNetwork;
import dev.ancestral.model.DecoderNetwork;
import dev.ancestral.model.Definition;
import dev.ancestral.model.ImplicitNetwork;

/**
 * What decides how a model can be evaluated.
 *
 * @param definition the mathematics, without the parameters
 * @param dequantized whether discrete data get uniform noise before they are scored
 */
public record ModelTraits(Definition definition, boolean dequantized) {

  /** Whether the loaded model is a {@link dev.ancestral.model.ExactModel}. */
  public boolean exact() {
    return !implicit() && !bound();
  }

  /**
   * Whether the loaded model is a {@link dev.ancestral.model.BoundModel}: dequantization makes a
   * bound of an exact density.
   */
  public boolean bound() {
    return !implicit() && (definition instanceof BoundNetwork || dequantized);
  }

  /** Whether it can be sampled only: an {@link dev.ancestral.model.ImplicitModel}. */
  public boolean implicit() {
    return definition instanceof ImplicitNetwork;
  }

  /** Whether the loaded model is a {@link dev.ancestral.model.DecoderModel} as well. */
  public boolean decoder() {
    return definition instanceof DecoderNetwork;
  }

  /** Whether p is a density of real numbers, that of dequantized data included. */
  public boolean continuous() {
    return !definition.event().isDiscrete();
  }
}
