package dev.ancestral.optimize;

import dev.ancestral.tensor.FlatVector;

/**
 * Clipping of a gradient by its global norm (Pascanu, Mikolov &amp; Bengio 2013, algorithm 1).
 *
 * @param maxNorm the largest norm that is left as it is; 0 leaves every gradient
 */
public record NormClip(double maxNorm) {

  public NormClip {
    if (!(maxNorm >= 0)) {
      throw new IllegalArgumentException("maxNorm is " + maxNorm + "; it must be at least 0");
    }
  }

  /**
   * Scales a longer gradient down to {@code maxNorm}; one that is not a number stays so.
   *
   * @return the norm before, or NaN where clipping is off
   */
  public double apply(FlatVector gradient) {
    if (maxNorm == 0) {
      return Double.NaN;
    }
    double norm = gradient.norm();
    if (norm > maxNorm) {
      gradient.scale(maxNorm / norm);
    }
    return norm;
  }
}
