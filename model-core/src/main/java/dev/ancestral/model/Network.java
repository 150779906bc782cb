package dev.ancestral.model;

import dev.ancestral.optimize.OptimizerSettings;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A definition that learns by gradients. Its methods are pure functions of tensors: weights by the
 * names of {@link #parameters()}, inputs by the names below, randomness as an input.
 *
 * <p>Inputs: {@code x} [B, shape...] ([B, T, shape...] for sequences), {@code label} [B] where
 * {@link #condition} says that it is given and nowhere else, {@code length} [B] for sequences, and
 * one tensor for every {@link Noise} asked for.
 */
public sealed interface Network extends Definition
    permits ExactNetwork, BoundNetwork, ImplicitNetwork {

  ParameterLayout parameters();

  /** Who learns what: one player for a likelihood or a bound, two for an adversarial game. */
  List<Player> players();

  /** The random inputs of {@link #sample}, drawn anew for every example. */
  List<Noise> samplingNoise(SampleRequest request);

  /**
   * Draws from the model, [B, shape...] ([B, T, shape...] for sequences).
   *
   * @param inputs the noise of {@link #samplingNoise}, and {@code label} [B] where the label is
   *     given: that of each row, which need not be the one of the request
   */
  Tensor sample(TensorMap weights, TensorMap inputs, SampleRequest request);

  /** Whether log p is that of x given its label. */
  default boolean isGivenLabels() {
    return condition().label() == Condition.Label.GIVEN;
  }

  /**
   * Examples with their labels if these are given, and without if not, so that no network sees a
   * label that its likelihood does not tell of.
   *
   * @throws IllegalArgumentException if the examples are of another event, or labels are given and
   *     they have none
   */
  default Batch admitted(Batch examples) {
    examples.requireOf(event());
    if (!isGivenLabels()) {
      return examples.labels() == null ? examples : examples.withLabels(null, 0);
    }
    if (examples.labels() == null) {
      throw new IllegalArgumentException(
          "the network models x given its label, but examples without labels were handed to it");
    }
    return examples;
  }

  /** Elements of events of fixed shape, row-major and B of them, as [B, shape...]. */
  default Tensor asEvents(Tensor elements) {
    long[] shape = new long[event().shape().size() + 1];
    shape[0] = elements.shape()[0];
    for (int i = 1; i < shape.length; i++) {
      shape[i] = event().shape().get(i - 1);
    }
    return elements.reshape(shape);
  }

  /**
   * About how many numbers the evaluation of one example (with one draw of its noise) holds at
   * once; scoring sizes its chunks by it. The default suits convolutions with 64 channels.
   *
   * @param steps of the example, 1 for events of fixed shape
   */
  default long valuesPerExample(int steps) {
    return 64L * steps * event().size();
  }

  /**
   * What the objectives see of some examples in a step of training: all of them, unless the network
   * learns from parts of long examples.
   *
   * <p>Law: the mean of an objective over the views of an example is its value on the example.
   *
   * @param key of the epoch; example id uses {@code key.fold(id)}
   */
  default View trainingView(Batch batch, RandomKey key) {
    return View.whole(batch);
  }

  /**
   * How large a {@link #trainingView} can be, for engines that are told all sizes beforehand.
   *
   * @param steps of the longest example, 1 for events of fixed shape
   */
  default ViewLimits viewLimits(int steps) {
    return new ViewLimits(steps, List.of());
  }

  /**
   * The largest view of training.
   *
   * @param steps most steps of a sequence
   * @param extras the further inputs
   */
  record ViewLimits(int steps, List<Extra> extras) {
    public ViewLimits {
      extras = List.copyOf(extras);
    }
  }

  /**
   * A further input of a view, at most {@code size} numbers an example.
   *
   * @param name of the input
   * @param size most numbers
   * @param filler what may stand in front of fewer numbers without changing an objective
   */
  record Extra(String name, int size, float filler) {}

  /**
   * Examples, or parts of them, as they are handed to a network.
   *
   * @param batch what becomes {@code x}, {@code label} and {@code length}
   * @param extras further inputs by name, each [B, n] row-major
   */
  record View(Batch batch, Map<String, float[]> extras) {
    public View {
      extras = Map.copyOf(extras);
    }

    /** The examples as they are. */
    public static View whole(Batch batch) {
      return new View(batch, Map.of());
    }
  }

  /**
   * A random input, drawn for each example from its own key, whatever batch it is in.
   *
   * @param name of the input
   * @param kind of the draws
   * @param samples 0 for an input [B, shape...]; K for an input [K, B, shape...]
   * @param shape of one draw
   */
  record Noise(String name, Kind kind, int samples, List<Integer> shape) {
    /** The distribution of an element. */
    public enum Kind {
      /** Standard normal. */
      NORMAL,
      /** Uniform on [0, 1). */
      UNIFORM
    }

    public Noise {
      shape = List.copyOf(shape);
    }

    public int size() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }

  /**
   * A part of the parameters with the objective that it maximises.
   *
   * @param name for metrics: {@code model}, {@code generator}, {@code discriminator}
   * @param parameterPrefix of the names of the parameters that it owns; empty for all
   * @param updates optimizer steps a training step
   * @param noise random inputs of the objective, drawn anew for every update
   * @param objective per-example value to maximise, [B]: log p(x), a bound on it, or a payoff
   * @param optimizer that moves its parameters; empty for the one of the training
   */
  record Player(
      String name,
      String parameterPrefix,
      int updates,
      List<Noise> noise,
      Objective objective,
      Optional<OptimizerSettings> optimizer) {
    public Player {
      noise = List.copyOf(noise);
    }

    /** A player that learns by the optimizer of the training. */
    public Player(
        String name, String parameterPrefix, int updates, List<Noise> noise, Objective objective) {
      this(name, parameterPrefix, updates, noise, objective, Optional.empty());
    }
  }

  /** A per-example value to maximise, [B], from weights and inputs. */
  @FunctionalInterface
  interface Objective {
    Tensor of(TensorMap weights, TensorMap inputs);
  }
}
