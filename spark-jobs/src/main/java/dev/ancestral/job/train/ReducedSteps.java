package dev.ancestral.job.train;

import dev.ancestral.job.train.TrainSpec.Strategy;
import dev.ancestral.job.train.collective.Reduction;
import dev.ancestral.tensor.FlatVector;
import java.util.List;

/** The steps of a replica whose exchanges go through a {@link Reduction}, as in a barrier stage. */
final class ReducedSteps {
  private final Run run;
  private final Replica replica;
  private final Learner learner;
  private final List<PlayerShare> players;
  private final Reduction reduction;

  ReducedSteps(Run run, Replica replica, Reduction reduction) {
    this.run = run;
    this.replica = replica;
    this.reduction = reduction;
    learner = replica.learner();
    players = replica.players();
  }

  /** Takes the steps of a round, exchanging as the strategy says; stops early when it diverges. */
  void steps(RoundPlan plan) {
    long step = plan.fromStep();
    while (step < plan.toStep() && !learner.diverged()) {
      long next = run.nextExchange(step);
      if (run.spec().strategy() == Strategy.GRADIENT_SHARING) {
        shareGradients(step);
      } else {
        double[] scalars = learner.localSteps(step, next);
        average(step, next, scalars);
        learner.noteDivergence(scalars, next - 1);
      }
      step = next;
    }
  }

  /** One step with what all replicas' batches say. */
  private void shareGradients(long step) {
    for (int player = 0; player < players.size(); player++) {
      for (int update = 0; update < players.get(player).player().updates(); update++) {
        double[] scalars = {learner.sharedGradient(step, player, update)};
        exchange(step, player, update, scalars);
        learner.noteDivergence(scalars, step);
      }
    }
    learner.afterStep(step);
  }

  private void exchange(long step, int player, int update, double[] scalars) {
    long started = System.nanoTime();
    if (replica.isCompressed()) {
      learner.applyMessages(
          player, reduction.gather(learner.message(step, player, update, scalars)), scalars);
      replica.addExchangeNanos(System.nanoTime() - started);
      return;
    }
    PlayerShare share = players.get(player);
    try (FlatVector own = replica.parameters().gradient().window(share.offset(), share.size())) {
      reduction.sum(own, scalars);
    }
    replica.addExchangeNanos(System.nanoTime() - started);
    learner.applyGradient(step, player, update);
  }

  private void average(long from, long to, double[] scalars) {
    long started = System.nanoTime();
    double weight = replica.weight(from, to);
    boolean[] first = {true};
    replica
        .state()
        .forEachWindow(
            (own, offset) -> {
              try (FlatVector sum = replica.window().window(0, own.size())) {
                sum.copyFrom(own);
                sum.scale(weight);
                reduction.sum(sum, first[0] ? scalars : new double[0]);
                own.copyFrom(sum);
                first[0] = false;
              }
            });
    replica.addExchangeNanos(System.nanoTime() - started);
  }
}
