package dev.ancestral.job.train;

import dev.ancestral.model.Network;
import dev.ancestral.model.NetworkInputs;
import dev.ancestral.optimize.NormClip;
import dev.ancestral.optimize.WeightAverage;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * What a replica learns from its own batches: gradients, and the optimizer's steps by them or by
 * what all replicas say. It exchanges nothing itself.
 */
final class Learner implements AutoCloseable {
  private final Run run;
  private final int index;
  private final List<PlayerShare> players;
  private final Engine engine;
  private final BoundParameters parameters;
  private final NormClip clip;
  private final WeightAverage average;
  private final ReplicaState state;
  private final TrainingBatches batches;
  private final CompressedUpdates compressed;

  private double[] objective;
  private long divergedAt;
  private long computeNanos;
  private long inputNanos;

  /**
   * A learner of a replica's state.
   *
   * @param compressed what is kept where replicas exchange compressed updates, or null
   */
  Learner(
      Run run,
      int index,
      Network network,
      List<PlayerShare> players,
      Engine engine,
      BoundParameters parameters,
      ReplicaState state,
      CompressedUpdates compressed) {
    this.run = run;
    this.index = index;
    this.players = players;
    this.engine = engine;
    this.parameters = parameters;
    this.state = state;
    this.compressed = compressed;
    clip = new NormClip(run.spec().clipNorm());
    average = new WeightAverage(run.spec().ema());
    batches = new TrainingBatches(run, index, network);
  }

  /** Begins a round. */
  void begin() {
    batches.begin();
    objective = new double[players.size()];
    divergedAt = -1;
    computeNanos = 0;
    inputNanos = 0;
  }

  /**
   * Leaves this replica's part of a shared step in the gradient: of the mean over all replicas'
   * batches or, where updates are compressed, of the mean over its own.
   *
   * @return Σ objective in nats
   */
  double sharedGradient(long step, int player, int update) {
    long examples =
        compressed == null
            ? run.shares().total(step)
            : Math.max(1, run.shares().count(index, step));
    return gradient(step, player, update, 1.0 / examples);
  }

  /** The compressed update that follows from the gradient, followed by the scalars. */
  byte[] message(long step, int player, int update, double[] scalars) {
    byte[] encoded;
    PlayerShare share = players.get(player);
    int count = run.shares().count(index, step);
    try (FlatVector values = parameters.values().window(share.offset(), share.size());
        FlatVector gradient = parameters.gradient().window(share.offset(), share.size())) {
      if (count > 0) {
        clip.apply(gradient);
        double weight = (double) count / run.shares().total(step);
        compressed.add(
            player,
            values,
            gradient,
            updates(step, player, update),
            rate(step, player),
            weight,
            run.replicas());
      }
      encoded = compressed.message(player);
    }
    ByteBuffer message = ByteBuffer.allocate(encoded.length + scalars.length * Double.BYTES);
    message.put(encoded);
    for (double scalar : scalars) {
      message.putDouble(scalar);
    }
    return message.array();
  }

  /** Moves a player's parameters by the messages of all replicas and adds up their scalars. */
  void applyMessages(int player, byte[][] messages, double[] scalars) {
    Arrays.fill(scalars, 0);
    for (byte[] message : messages) {
      int tail = message.length - scalars.length * Double.BYTES;
      ByteBuffer rest = ByteBuffer.wrap(message, tail, scalars.length * Double.BYTES);
      for (int i = 0; i < scalars.length; i++) {
        scalars[i] += rest.getDouble();
      }
    }
    PlayerShare share = players.get(player);
    try (FlatVector values = parameters.values().window(share.offset(), share.size())) {
      compressed.apply(player, messages, values);
    }
  }

  /**
   * Leaves the gradient of −scale·Σ objective over this replica's batch.
   *
   * @return Σ objective in nats
   */
  double gradient(long step, int player, int update, double scale) {
    long started = System.nanoTime();
    Network.Player learner = players.get(player).player();
    int count = run.shares().count(index, step);
    double sum = 0;
    if (count == 0) {
      parameters.gradient().fill(0);
    } else {
      Network.View view = batches.at(step, player == 0 && update == 0);
      RandomKey key =
          run.key("noise")
              .fold(step / run.shares().stepsPerEpoch())
              .fold(players.size() * (long) update + player);
      sum =
          engine.scoped(
              () -> {
                TensorMap inputs = NetworkInputs.of(engine, view, learner.noise(), key);
                double value =
                    parameters.differentiate(
                        weights -> objective(learner, weights, inputs).mul(-scale));
                return -value / scale;
              });
    }
    objective[player] += sum;
    long waited = batches.takeWaitNanos();
    inputNanos += waited;
    computeNanos += System.nanoTime() - started - waited;
    return sum;
  }

  private static Tensor objective(Network.Player player, TensorMap weights, TensorMap inputs) {
    return player.objective().of(weights, inputs).sum();
  }

  /** Moves a player's parameters by its gradient. */
  void applyGradient(long step, int player, int update) {
    long started = System.nanoTime();
    PlayerShare share = players.get(player);
    try (FlatVector values = parameters.values().window(share.offset(), share.size());
        FlatVector gradient = parameters.gradient().window(share.offset(), share.size())) {
      clip.apply(gradient);
      share
          .optimizer()
          .optimizer()
          .step(
              values,
              gradient,
              state.moments(player),
              updates(step, player, update),
              rate(step, player));
    }
    computeNanos += System.nanoTime() - started;
  }

  /** The number of a player's update in a step, from 1. */
  private long updates(long step, int player, int update) {
    return step * players.get(player).player().updates() + update + 1;
  }

  private double rate(long step, int player) {
    return players.get(player).optimizer().learningRate()
        * run.spec().schedule().factor(step + 1, run.totalSteps());
  }

  /** What follows the optimizer in every step. */
  void afterStep(long step) {
    if (average.enabled()) {
      average.update(state.ema(), parameters.values(), step + 1);
    }
  }

  /**
   * Local steps [from, to).
   *
   * @return Σ objective of each player in nats
   */
  double[] localSteps(long from, long to) {
    double[] before = objective.clone();
    for (long step = from; step < to; step++) {
      int count = run.shares().count(index, step);
      if (count > 0) {
        for (int player = 0; player < players.size(); player++) {
          for (int update = 0; update < players.get(player).player().updates(); update++) {
            gradient(step, player, update, 1.0 / count);
            applyGradient(step, player, update);
          }
        }
        afterStep(step);
      }
    }
    double[] since = objective.clone();
    for (int player = 0; player < since.length; player++) {
      since[player] -= before[player];
    }
    return since;
  }

  /** Remembers the step at which the objective of all replicas was not a finite number. */
  void noteDivergence(double[] scalars, long step) {
    for (double scalar : scalars) {
      if (!Double.isFinite(scalar) && divergedAt < 0) {
        divergedAt = step;
      }
    }
  }

  boolean diverged() {
    return divergedAt >= 0;
  }

  /** The first step at which the objective was not a finite number, or −1. */
  long divergedAt() {
    return divergedAt;
  }

  /** Σ objective of each player over this replica's batches since the round began, in nats. */
  double[] objective() {
    return objective;
  }

  /** Time spent on gradients and optimizer since the round began. */
  long computeNanos() {
    return computeNanos;
  }

  /** Time spent on waiting for shards since the round began. */
  long inputNanos() {
    return inputNanos;
  }

  /** Lets go of the shards that it works on. */
  @Override
  public void close() {
    batches.close();
  }

  /** The page of the ledger about the examples used since the round began; it can be had once. */
  LedgerPage ledger() {
    return batches.ledger();
  }
}
