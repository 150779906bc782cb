package dev.ancestral.tensor;

/** The numbers that an engine computes with. */
public enum Precision {
  /** Single precision everywhere. */
  FLOAT32,
  /**
   * Matrix products and convolutions in bfloat16 (8 bits of mantissa); parameters, gradients,
   * reductions and everything else in float32.
   */
  BFLOAT16,
  /** Double precision everywhere, parameters included: for checking gradients. */
  FLOAT64
}
