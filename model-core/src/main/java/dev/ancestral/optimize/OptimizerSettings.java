package dev.ancestral.optimize;

import dev.ancestral.config.Settings;
import java.io.Serializable;

/**
 * An optimizer with the learning rate that the schedule scales.
 *
 * @param optimizer the rule
 * @param learningRate before the schedule
 */
public record OptimizerSettings(Optimizer optimizer, double learningRate) implements Serializable {

  /**
   * Reads {@code {name: adam, learningRate: 0.001, weightDecay: 0, beta1: 0.9, beta2: 0.999,
   * epsilon: 1e-8}} or {@code {name: sgd, learningRate: 0.01, weightDecay: 0, momentum: 0.9,
   * nesterov: false}}.
   */
  public static OptimizerSettings read(Settings section) {
    return read(section, Adam.standard(), 1e-3);
  }

  /**
   * As {@link #read(Settings)}, with another Adam where the section leaves keys out.
   *
   * @param adam the numbers that are not given
   * @param rate Adam's learning rate if it is not given
   */
  public static OptimizerSettings read(Settings section, Adam adam, double rate) {
    String name = section.text("name", "adam", "adam", "sgd");
    boolean isAdam = name.equals("adam");
    double learningRate = section.number("learningRate", isAdam ? rate : 1e-2, 0, 1e6);
    double weightDecay = section.number("weightDecay", isAdam ? adam.weightDecay() : 0.0, 0, 1e6);
    if (isAdam) {
      return new OptimizerSettings(
          new Adam(
              section.number("beta1", adam.beta1(), 0, Math.nextDown(1.0)),
              section.number("beta2", adam.beta2(), 0, Math.nextDown(1.0)),
              section.number("epsilon", adam.epsilon(), 0, 1),
              weightDecay),
          learningRate);
    }
    return new OptimizerSettings(
        new Sgd(
            section.number("momentum", 0.9, 0, Math.nextDown(1.0)),
            section.flag("nesterov", false),
            weightDecay),
        learningRate);
  }
}
