package dev.ancestral.optimize;

import dev.ancestral.model.Settings;
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
    String name = section.text("name", "adam", "adam", "sgd");
    boolean adam = name.equals("adam");
    double learningRate = section.number("learningRate", adam ? 1e-3 : 1e-2, 0, 1e6);
    double weightDecay = section.number("weightDecay", 0.0, 0, 1e6);
    if (adam) {
      return new OptimizerSettings(
          new Adam(
              section.number("beta1", 0.9, 0, Math.nextDown(1.0)),
              section.number("beta2", 0.999, 0, Math.nextDown(1.0)),
              section.number("epsilon", 1e-8, 0, 1),
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
