package dev.ancestral.train;

import dev.ancestral.model.Network;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.train.collective.Collective;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * The training loop of one replica. Gradient sharing and parameter averaging, one group of
 * parameters or two, compressed updates or whole gradients are the same loop; another {@link
 * Collective} carries the exchanges through memory, over Gloo or NCCL, or over Spark's shuffle.
 *
 * <p>Gradient sharing (synchronous SGD, Chen et al. 2016): each replica's gradient is of the mean
 * over all replicas' examples, and the sum of the gradients moves every replica alike. Parameter
 * averaging (local SGD, McMahan et al. 2017, algorithm 1): each replica moves by its own examples,
 * and every {@link TrainOptions#averagingFrequency} steps parameters, moments and averaged weights
 * become their mean, weighted by examples.
 *
 * <p>Law: with an ordered {@link Collective} the state after a step is a function of the options,
 * the seed, the data and the number of replicas alone.
 */
public final class TrainLoop {
  private final TrainStep trainStep;
  private final List<ParameterGroup> groups;
  private final TrainState state;
  private final TrainOptions options;
  private final BatchProvider batches;
  private final int replicas;
  private final double[] objective;
  private long divergedAt = -1;
  private final LoopTimes times = new LoopTimes();

  /** A loop over the batches of one of {@code replicas} replicas. */
  public TrainLoop(
      TrainStep trainStep,
      TrainState state,
      TrainOptions options,
      BatchProvider batches,
      int replicas) {
    this.trainStep = trainStep;
    this.groups = trainStep.groups();
    this.state = state;
    this.options = options;
    this.batches = batches;
    this.replicas = replicas;
    objective = new double[groups.size()];
  }

  /** Takes steps [from, to); ends early where the objective is no longer a finite number. */
  public void run(long from, long to, Collective collective) {
    double[] sinceAverage = new double[groups.size()];
    long examples = 0;
    long total = 0;
    for (long step = from; step < to && !diverged(); step++) {
      int count = batches.count(step);
      Network.View batch = count == 0 ? null : batches.batch(step);
      times.waitedForInput(batches.takeWaitNanos());
      if (options.sharesGradients() || count > 0) {
        for (int group = 0; group < groups.size(); group++) {
          for (int update = 0; update < groups.get(group).updates(); update++) {
            double[] nats = {backward(group, update, step, batch)};
            if (options.sharesGradients()) {
              share(group, update, step, collective, nats);
            } else {
              sinceAverage[group] += nats[0];
              optimize(group, update, step);
            }
          }
        }
        trainStep.averageWeights(step);
      }
      examples += count;
      total += batches.total(step);
      if (options.averagesAfter(step)) {
        long started = System.nanoTime();
        state.average(collective, (double) examples / total, sinceAverage);
        times.exchangedSince(started);
        note(sinceAverage, step);
        sinceAverage = new double[groups.size()];
        examples = 0;
        total = 0;
      }
    }
  }

  /** The gradient of the mean over all replicas' examples where it is summed, else over its own. */
  private double backward(int group, int update, long step, Network.View batch) {
    boolean summed = options.sharesGradients() && !trainStep.isCompressed();
    long examples = summed ? batches.total(step) : Math.max(1, batches.count(step));
    long started = System.nanoTime();
    double nats =
        trainStep.backward(group, update, batch, step / batches.stepsPerEpoch(), 1.0 / examples);
    times.computedSince(started);
    objective[group] += nats;
    return nats;
  }

  private void optimize(int group, int update, long step) {
    long started = System.nanoTime();
    trainStep.optimize(group, update, step);
    times.computedSince(started);
  }

  private void share(int group, int update, long step, Collective collective, double[] nats) {
    long started = System.nanoTime();
    if (trainStep.isCompressed()) {
      byte[] message =
          trainStep.encode(group, update, step, batches.count(step), batches.total(step), replicas);
      trainStep.decode(group, collective.allGather(message, nats));
      times.exchangedSince(started);
    } else {
      try (FlatVector gradient = trainStep.gradient(group)) {
        collective.allReduce(gradient, nats);
      }
      times.exchangedSince(started);
      optimize(group, update, step);
    }
    note(nats, step);
  }

  private void note(double[] nats, long step) {
    if (divergedAt < 0 && !DoubleStream.of(nats).allMatch(Double::isFinite)) {
      divergedAt = step;
    }
  }

  /** Whether the objective of all replicas stopped being a finite number. */
  public boolean diverged() {
    return divergedAt >= 0;
  }

  /** The first step at which the objective was not a finite number, or −1. */
  public long divergedAt() {
    return divergedAt;
  }

  /** Σ objective of each group over this replica's batches, in nats. */
  public double[] objective() {
    return objective.clone();
  }

  /** Where the time went. */
  public LoopTimes times() {
    return times;
  }
}
