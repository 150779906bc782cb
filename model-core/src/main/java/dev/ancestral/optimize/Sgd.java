package dev.ancestral.optimize;

import dev.ancestral.tensor.FlatVector;
import java.util.List;

/**
 * Stochastic gradient descent with momentum (Sutskever et al. 2013, in the form v ← μ v + g, θ ← θ
 * − η v) and decoupled weight decay (SGDW; Loshchilov &amp; Hutter 2019, algorithm 1): a step first
 * shrinks the parameters by (1 − η λ).
 *
 * @param momentum μ; 0 keeps no moment
 * @param nesterov whether the step looks ahead: θ ← θ − η (g + μ v)
 * @param weightDecay λ
 */
public record Sgd(double momentum, boolean nesterov, double weightDecay) implements Optimizer {

  public Sgd {
    if (!(momentum >= 0 && momentum < 1 && weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "momentum must be from 0 to below 1 and weightDecay at least 0; they are "
              + List.of(momentum, weightDecay));
    }
  }

  @Override
  public int moments() {
    return momentum == 0 ? 0 : 1;
  }

  @Override
  public void step(
      FlatVector values,
      FlatVector gradient,
      List<FlatVector> moments,
      long step,
      double learningRate) {
    if (weightDecay != 0) {
      values.scale(1 - learningRate * weightDecay);
    }
    if (momentum == 0) {
      values.addScaled(gradient, -learningRate);
      return;
    }
    FlatVector velocity = moments.get(0);
    velocity.scale(momentum);
    velocity.addScaled(gradient, 1);
    if (nesterov) {
      values.addScaled(gradient, -learningRate);
      values.addScaled(velocity, -learningRate * momentum);
    } else {
      values.addScaled(velocity, -learningRate);
    }
  }

  /** 1: a step is as long as the gradient, whose mean does not change. */
  @Override
  public double gain(int batches) {
    return 1;
  }
}
