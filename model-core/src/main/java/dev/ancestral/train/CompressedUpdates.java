package dev.ancestral.train;

import dev.ancestral.optimize.Optimizer;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.FlatVectors;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.train.collective.TernaryCode;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a replica keeps to itself when replicas exchange compressed updates: the moments of its own
 * optimizer and what it has not sent yet.
 *
 * <p>Each replica lets its optimizer take the step that its own batch asks for, and sends the
 * difference that this makes, compressed with error feedback; everyone adds the differences of all
 * (Chen, Shen, Huang &amp; Liu: Quantized Adam with error feedback, 2021, algorithm 2). Compressing
 * gradients in front of one common optimizer would not do: Adam divides by the root of a mean of
 * squares, and the squares of delayed, lumped gradients are far too large.
 *
 * <p>Differs from the paper: the replicas' updates are weighted by their examples, and the sums are
 * not compressed again on their way back.
 */
public final class CompressedUpdates implements AutoCloseable {
  private final List<ParameterGroup> groups;
  private final List<Own> own = new ArrayList<>();
  private final FlatVector stepped;
  private final float[] floats;

  /** What belongs to one group: its code, what is unsent, the moments of its optimizer. */
  private record Own(TernaryCode code, FlatVector unsent, List<FlatVector> moments) {}

  /** No moments and nothing unsent. */
  public CompressedUpdates(Engine engine, ParameterLayout layout, List<ParameterGroup> groups) {
    this.groups = groups;
    long largest = 0;
    for (ParameterGroup share : groups) {
      largest = Math.max(largest, share.size());
      long[] ends =
          layout.parameters().stream()
              .filter(p -> p.name().startsWith(share.player().parameterPrefix()))
              .mapToLong(p -> p.offset() + p.size() - share.offset())
              .toArray();
      List<FlatVector> moments = new ArrayList<>();
      for (int i = 0; i < share.optimizer().optimizer().moments(); i++) {
        moments.add(engine.vector(share.size()));
      }
      own.add(
          new Own(
              new TernaryCode(ends, TernaryCode.THRESHOLD_FACTOR),
              engine.vector(share.size()),
              moments));
    }
    stepped = engine.vector(largest);
    floats = new float[Math.toIntExact(largest)];
  }

  /** Forgets everything. */
  public void reset() {
    vectors().forEach(vector -> vector.fill(0));
  }

  /**
   * Adds to what is unsent the update that a gradient makes to a group's parameters.
   *
   * @param values the group's parameters, which stay as they are
   * @param gradient of the mean over this replica's batch
   * @param count number of this update, from 1
   * @param weight of this replica among all
   * @param replicas how many there are
   */
  void add(
      int group,
      FlatVector values,
      FlatVector gradient,
      long count,
      double learningRate,
      double weight,
      int replicas) {
    Optimizer optimizer = groups.get(group).optimizer().optimizer();
    try (FlatVector moved = stepped.window(0, values.size())) {
      moved.copyFrom(values);
      optimizer.step(moved, gradient, own.get(group).moments(), count, learningRate);
      moved.addScaled(values, -1);
      own.get(group).unsent().addScaled(moved, weight * optimizer.gain(replicas));
    }
  }

  /** Takes out of what is unsent what the message says. */
  byte[] message(int group) {
    FlatVector unsent = own.get(group).unsent();
    int size = Math.toIntExact(unsent.size());
    unsent.read(0, FloatBuffer.wrap(floats, 0, size));
    byte[] message = own.get(group).code().encode(floats);
    unsent.write(0, FloatBuffer.wrap(floats, 0, size));
    return message;
  }

  /** Adds what the messages of all replicas say, in their order, to a group's parameters. */
  void apply(int group, byte[][] messages, FlatVector values) {
    int size = Math.toIntExact(values.size());
    Arrays.fill(floats, 0, size, 0);
    for (byte[] message : messages) {
      own.get(group).code().decode(message, floats);
    }
    try (FlatVector sum = stepped.window(0, size)) {
      sum.write(0, FloatBuffer.wrap(floats, 0, size));
      values.addScaled(sum, 1);
    }
  }

  /** For each group what is unsent, then the moments. */
  public FlatVectors state() {
    return new FlatVectors(vectors());
  }

  private List<FlatVector> vectors() {
    List<FlatVector> vectors = new ArrayList<>();
    for (Own each : own) {
      vectors.add(each.unsent());
      vectors.addAll(each.moments());
    }
    return vectors;
  }

  @Override
  public void close() {
    stepped.close();
    vectors().forEach(FlatVector::close);
  }
}
