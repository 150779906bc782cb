package dev.ancestral.train;

import dev.ancestral.model.Network;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.optimize.NormClip;
import dev.ancestral.optimize.WeightAverage;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.List;

/**
 * The parts of a training step on one replica: the gradient of a group's objective, and the
 * optimizer's step by it. It exchanges nothing itself.
 */
public final class TrainStep {
  private final Engine engine;
  private final List<ParameterGroup> groups;
  private final TrainState state;
  private final CompressedUpdates compressed;
  private final TrainOptions options;
  private final RandomKey noise;
  private final NormClip clip;
  private final WeightAverage average;

  /**
   * A step of a replica.
   *
   * @param compressed what is not yet sent where replicas exchange compressed updates, or null
   * @param noise of which epoch e, update u and group g (of G) use {@code fold(e).fold(G·u + g)}
   */
  public TrainStep(
      Engine engine,
      List<ParameterGroup> groups,
      TrainState state,
      CompressedUpdates compressed,
      TrainOptions options,
      RandomKey noise) {
    this.engine = engine;
    this.groups = List.copyOf(groups);
    this.state = state;
    this.compressed = compressed;
    this.options = options;
    this.noise = noise;
    clip = new NormClip(options.clipNorm());
    average = new WeightAverage(options.ema());
  }

  /** The groups, in the order in which they are updated. */
  public List<ParameterGroup> groups() {
    return groups;
  }

  /** Whether replicas exchange compressed updates instead of gradients. */
  public boolean isCompressed() {
    return compressed != null;
  }

  /** The part of the gradient that belongs to a group. */
  public FlatVector gradient(int group) {
    return groups.get(group).of(state.parameters().gradient());
  }

  /**
   * Leaves the gradient of −scale·Σ objective over a batch in {@link #gradient}.
   *
   * @param view the batch; null for an empty one, whose gradient is 0
   * @return Σ objective in nats
   */
  public double backward(int group, int update, Network.View view, long epoch, double scale) {
    if (view == null) {
      state.parameters().gradient().fill(0);
      return 0;
    }
    Network.Player player = groups.get(group).player();
    RandomKey key = noise.fold(epoch).fold(groups.size() * (long) update + group);
    return engine.scoped(
        () -> {
          TensorMap inputs = NetworkInputs.of(engine, view, player.noise(), key);
          double value =
              state
                  .parameters()
                  .differentiate(weights -> objective(player, weights, inputs).mul(-scale));
          return -value / scale;
        });
  }

  private static Tensor objective(Network.Player player, TensorMap weights, TensorMap inputs) {
    return player.objective().of(weights, inputs).sum();
  }

  /** Moves a group's parameters by its gradient. */
  public void optimize(int group, int update, long step) {
    ParameterGroup moved = groups.get(group);
    try (FlatVector values = moved.of(state.parameters().values());
        FlatVector gradient = gradient(group)) {
      clip.apply(gradient);
      moved
          .optimizer()
          .optimizer()
          .step(
              values,
              gradient,
              state.moments(group),
              number(group, update, step),
              rate(group, step));
    }
  }

  /**
   * The compressed update that follows from this replica's gradient.
   *
   * @param examples of this replica in the step
   * @param total examples of all replicas in the step
   */
  public byte[] encode(int group, int update, long step, int examples, long total, int replicas) {
    ParameterGroup moved = groups.get(group);
    try (FlatVector values = moved.of(state.parameters().values());
        FlatVector gradient = gradient(group)) {
      if (examples > 0) {
        clip.apply(gradient);
        compressed.add(
            group,
            values,
            gradient,
            number(group, update, step),
            rate(group, step),
            (double) examples / total,
            replicas);
      }
      return compressed.message(group);
    }
  }

  /** Moves a group's parameters by the compressed updates of all replicas, in their order. */
  public void decode(int group, byte[][] messages) {
    try (FlatVector values = groups.get(group).of(state.parameters().values())) {
      compressed.apply(group, messages, values);
    }
  }

  /** Moves the averaged weights, where they are kept, after all groups were updated. */
  public void averageWeights(long step) {
    if (average.enabled()) {
      average.update(state.ema(), state.parameters().values(), step + 1);
    }
  }

  /** The number of a group's update over the whole training, from 1. */
  private long number(int group, int update, long step) {
    return step * groups.get(group).updates() + update + 1;
  }

  private double rate(int group, long step) {
    return groups.get(group).optimizer().learningRate()
        * options.schedule().factor(step + 1, options.totalSteps());
  }
}
