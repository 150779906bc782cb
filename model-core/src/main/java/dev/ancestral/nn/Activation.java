package dev.ancestral.nn;

import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;

/** What stands between two layers, elementwise. */
public enum Activation {
  TANH,
  RELU,
  /** Slope 0.2 below zero (Radford et al. 2016, section 3). */
  LEAKY_RELU,
  IDENTITY;

  private static final double SLOPE = 0.2;

  /** The same shape. */
  public Tensor apply(Tensor h) {
    return switch (this) {
      case TANH -> h.tanh();
      case RELU -> h.relu();
      case LEAKY_RELU -> h.leakyRelu(SLOPE);
      case IDENTITY -> h;
    };
  }

  /** How the weights of a layer before this start: by He for rectifiers, else by Glorot. */
  public Initializer initializer(long in, long out) {
    return switch (this) {
      case RELU, LEAKY_RELU -> Initializer.he(in);
      case TANH, IDENTITY -> Initializer.glorot(in, out);
    };
  }

  /** tanh of the first half of an axis times σ of the second (van den Oord et al. 2016, eq. 2). */
  public static Tensor gate(Tensor z, int axis) {
    var halves = z.split(axis, 2);
    return halves.get(0).tanh().mul(halves.get(1).sigmoid());
  }
}
