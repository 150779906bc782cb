package dev.ancestral.job.train.dl4j;

import dev.ancestral.job.train.backend.BackendInputs;
import dev.ancestral.optimize.Adam;
import dev.ancestral.optimize.OptimizerSettings;
import dev.ancestral.optimize.Sgd;
import dev.ancestral.train.TrainOptions.Strategy;
import java.io.Serializable;
import java.util.List;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/**
 * How DeepLearning4J moves a player's parameters.
 *
 * <p>Its Adam adds ε to the root before the bias correction instead of after it, which differs in
 * the first steps only; its Nesterov momentum holds −η times ours. Weight decay follows the updater
 * and is scaled by the learning rate, so it is decoupled as ours is.
 *
 * @param prefix of the names of its parameters
 * @param updater the rule
 * @param decay weight decay, or nothing
 * @param schedule learning rate by step
 */
record PlayerRule(String prefix, IUpdater updater, List<Regularization> decay, RunSchedule schedule)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The rules of a run's players. */
  static List<PlayerRule> of(BackendInputs inputs) {
    return inputs.network().players().stream()
        .map(
            player ->
                of(
                    player.parameterPrefix(),
                    player.optimizer().orElse(inputs.spec().optimizer()),
                    inputs))
        .toList();
  }

  private static PlayerRule of(String prefix, OptimizerSettings settings, BackendInputs inputs) {
    RunSchedule schedule =
        new RunSchedule(
            settings.learningRate() / moves(settings, inputs),
            inputs.spec().schedule(),
            inputs.totalSteps());
    if (settings.optimizer() instanceof Adam adam) {
      return new PlayerRule(
          prefix,
          org.nd4j.linalg.learning.config.Adam.builder()
              .learningRateSchedule(schedule)
              .beta1(adam.beta1())
              .beta2(adam.beta2())
              .epsilon(adam.epsilon())
              .build(),
          decay(adam.weightDecay()),
          schedule);
    }
    Sgd sgd = (Sgd) settings.optimizer();
    return new PlayerRule(
        prefix,
        sgd.momentum() == 0
            ? new org.nd4j.linalg.learning.config.Sgd(schedule)
            : new Nesterovs(schedule, sgd.momentum()),
        decay(sgd.weightDecay()),
        schedule);
  }

  /**
   * By what the steps of R replicas, which DeepLearning4J adds up, exceed the one step that is
   * meant.
   *
   * <p>Gradients add up to R times their mean. Adam's steps have the size of the rate whatever the
   * gradients are, and where noise is most of them, their mean over R batches is √R smaller and its
   * step that much larger: so only √R remains.
   */
  private static double moves(OptimizerSettings settings, BackendInputs inputs) {
    if (inputs.spec().strategy() != Strategy.GRADIENT_SHARING) {
      return 1;
    }
    return settings.optimizer() instanceof Adam ? Math.sqrt(inputs.replicas()) : inputs.replicas();
  }

  private static List<Regularization> decay(double weightDecay) {
    return weightDecay == 0 ? List.of() : List.of(new WeightDecay(weightDecay, true));
  }
}
