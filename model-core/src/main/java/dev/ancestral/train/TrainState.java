package dev.ancestral.train;

import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.FlatVectors;
import dev.ancestral.train.collective.Collective;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a training step changes and replicas share, as one run of float32 numbers: the parameters,
 * then the moments of each group's optimizer, then the averaged weights. Averaging, committing and
 * loading all see this one run.
 */
public final class TrainState implements AutoCloseable {
  /** Most floats that an averaging exchanges at once. */
  public static final int AVERAGED_AT_ONCE = 1 << 22;

  private final Engine engine;
  private final BoundParameters parameters;
  private final List<List<FlatVector>> moments = new ArrayList<>();
  private final FlatVector ema;
  private final FlatVectors all;
  private final FlatVector buffer;

  /**
   * Zero moments beside bound parameters.
   *
   * @param withMoments whether the replicas share their moments
   */
  public TrainState(
      Engine engine,
      BoundParameters parameters,
      List<ParameterGroup> groups,
      boolean withMoments,
      TrainOptions options) {
    this.engine = engine;
    this.parameters = parameters;
    List<FlatVector> parts = new ArrayList<>(List.of(parameters.values()));
    for (ParameterGroup group : groups) {
      List<FlatVector> own = new ArrayList<>();
      int count = withMoments ? group.optimizer().optimizer().moments() : 0;
      for (int i = 0; i < count; i++) {
        own.add(engine.vector(group.size()));
      }
      moments.add(own);
      parts.addAll(own);
    }
    ema = options.ema() > 0 ? engine.vector(parameters.values().size()) : null;
    if (ema != null) {
      parts.add(ema);
    }
    all = new FlatVectors(parts);
    buffer =
        options.sharesGradients() ? null : engine.vector(Math.min(AVERAGED_AT_ONCE, all.size()));
  }

  /** The parameters and their gradient. */
  public BoundParameters parameters() {
    return parameters;
  }

  /** The moments of a group's optimizer. */
  public List<FlatVector> moments(int group) {
    return moments.get(group);
  }

  /** The averaged weights, or null where none are kept. */
  public FlatVector ema() {
    return ema;
  }

  /** Everything, in order. */
  public FlatVectors all() {
    return all;
  }

  /**
   * Makes everything the mean over all replicas, and the sums those over all replicas.
   *
   * @param weight of this replica's values; the weights of all replicas add up to 1
   */
  void average(Collective collective, double weight, double[] sums) {
    collective.average(all, weight, buffer, sums);
  }

  /** Sets everything but the parameters to its start. */
  public void reset() {
    for (FlatVector part : all.parts().subList(1, all.parts().size())) {
      part.fill(0);
    }
    if (ema != null) {
      ema.copyFrom(parameters.values());
    }
  }

  /** Works with the averaged weights in the place of the parameters, where they are kept. */
  public <T> T withAveragedWeights(Supplier<T> work) {
    if (ema == null) {
      return work.get();
    }
    try (FlatVector keep = engine.vector(parameters.values().size())) {
      keep.copyFrom(parameters.values());
      parameters.values().copyFrom(ema);
      try {
        return work.get();
      } finally {
        parameters.values().copyFrom(keep);
      }
    }
  }

  /** Frees everything but the parameters, which belong to the caller. */
  @Override
  public void close() {
    for (FlatVector part : all.parts().subList(1, all.parts().size())) {
      part.close();
    }
    if (buffer != null) {
      buffer.close();
    }
  }
}
