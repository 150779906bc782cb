package dev.ancestral.train;

import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.FlatVectors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a training step changes and replicas share, as one run of float32 numbers: the parameters,
 * then the moments of each group's optimizer, then the averaged weights. Averaging, committing and
 * loading all see this one run.
 */
public final class TrainState implements AutoCloseable {
  private final Engine engine;
  private final BoundParameters parameters;
  private final List<List<FlatVector>> moments = new ArrayList<>();
  private final FlatVector ema;
  private final FlatVectors all;

  /**
   * Zero moments beside bound parameters.
   *
   * @param withMoments whether the replicas share their moments
   * @param withEma whether averaged weights are kept
   */
  public TrainState(
      Engine engine,
      BoundParameters parameters,
      List<ParameterGroup> groups,
      boolean withMoments,
      boolean withEma) {
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
    ema = withEma ? engine.vector(parameters.values().size()) : null;
    if (withEma) {
      parts.add(ema);
    }
    all = new FlatVectors(parts);
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
  }
}
