package dev.ancestral.model.hmm;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.distribution.statistics.BoundEmission;
import dev.ancestral.distribution.statistics.Emission;
import dev.ancestral.distribution.statistics.Probabilities;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.hmm.ForwardBackward.LogSpace;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A hidden Markov model with its parameters.
 *
 * <p>Draws of example id: the state of step t is uniform draw t of {@code key.fold(id).fold(0)},
 * element d of that step draw t · D + d of {@code key.fold(id).fold(1)}; so the first steps of a
 * sequence do not depend on its length.
 */
final class BoundHmm implements ExactModel, HiddenStateModel {
  private static final int STATE_DRAWS = 0;
  private static final int ELEMENT_DRAWS = 1;

  private final EventSpec event;
  private final Chain chain;

  BoundHmm(EventSpec event, Chain chain) {
    this.event = event;
    this.chain = chain;
  }

  @Override
  public EventSpec event() {
    return event;
  }

  @Override
  public int states() {
    return chain.states();
  }

  @Override
  public double[] logProb(Batch x) {
    x.requireOf(event);
    ForwardBackward recursions = new ForwardBackward(chain, x.steps());
    double[] logProb = new double[x.size()];
    for (int i = 0; i < x.size(); i++) {
      logProb[i] = recursions.logProb(x.values(), offset(x, i), x.lengths()[i]);
    }
    return logProb;
  }

  @Override
  public List<Path> mostProbablePaths(Batch x) {
    x.requireOf(event);
    List<Path> paths = new ArrayList<>(x.size());
    for (int i = 0; i < x.size(); i++) {
      paths.add(LogSpace.mostProbablePath(chain, x.values(), offset(x, i), x.lengths()[i]));
    }
    return paths;
  }

  @Override
  public double[][] posteriors(Batch x) {
    x.requireOf(event);
    ForwardBackward recursions = new ForwardBackward(chain, x.steps());
    double[][] transitions = new double[chain.states()][chain.states()];
    double[][] result = new double[x.size()][];
    for (int i = 0; i < x.size(); i++) {
      double[] posteriors = new double[Math.multiplyExact(x.lengths()[i], chain.states())];
      recursions.expectations(
          x.values(),
          offset(x, i),
          x.lengths()[i],
          transitions,
          (first, steps, block) -> {
            for (int t = 0; t < steps; t++) {
              System.arraycopy(
                  block[t], 0, posteriors, (first + t) * chain.states(), chain.states());
            }
          });
      result[i] = posteriors;
    }
    return result;
  }

  private int offset(Batch x, int i) {
    return i * x.steps() * event.size();
  }

  @Override
  public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
    if (request.label().isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC, "a label is asked for, but a hidden Markov model has none");
    }
    int steps = request.steps(event);
    int states = chain.states();
    double[] initial = cumulative(chain.initial(), request.temperature());
    double[][] transition = new double[states][];
    for (int k = 0; k < states; k++) {
      transition[k] = cumulative(chain.transition()[k], request.temperature());
    }
    BoundEmission.Sampler sampler = chain.emission().sampler(request.temperature());
    int width = Math.multiplyExact(steps, event.size());
    float[] values = new float[Math.multiplyExact(ids.length, width)];
    int[] lengths = new int[ids.length];
    Arrays.fill(lengths, steps);
    for (int i = 0; i < ids.length; i++) {
      RandomKey own = key.fold(ids[i]);
      RandomKey path = own.fold(STATE_DRAWS);
      RandomKey elements = own.fold(ELEMENT_DRAWS);
      int state = 0;
      for (int t = 0; t < steps; t++) {
        state =
            t == 0
                ? Probabilities.drawn(initial, 0, states, path.uniform(t))
                : Probabilities.drawn(transition[state], 0, states, path.uniform(t));
        long first = (long) t * event.size();
        sampler.sample(state, elements, first, values, i * width + t * event.size());
        if (event.learnedEnd() && values[i * width + t] == event.endSymbol()) {
          break;
        }
      }
    }
    Batch drawn = new Batch(event.withClasses(0), ids, values, null, lengths);
    return event.learnedEnd() ? drawn.untilEnd() : drawn;
  }

  private double[] cumulative(double[] rows, double temperature) {
    return Probabilities.cumulative(
        Probabilities.tempered(rows, chain.states(), temperature), chain.states());
  }

  @Override
  public void close() {
    // All memory is Java's.
  }

  /**
   * A Markov chain of hidden states with its emissions.
   *
   * @param states K
   * @param size D, elements of a step
   * @param initial p(z_0), [K]
   * @param transition p(z_t | z_{t−1}), [K, K], a row for each state before
   * @param transposed the same with a row for each state after
   * @param beginnings states that a sequence may begin in
   * @param successors states that may follow each state
   * @param emission p(x_t | z_t)
   */
  record Chain(
      int states,
      int size,
      double[] initial,
      double[][] transition,
      double[][] transposed,
      BitSet beginnings,
      BitSet[] successors,
      BoundEmission emission) {
    static final String INITIAL = "initial";
    static final String TRANSITION = "transition";

    /**
     * The chain with these parameters.
     *
     * @throws dev.ancestral.AncestralException (MISMATCH) if one is missing, misshapen or no
     *     distribution
     */
    static Chain of(NamedArrays parameters, Emission emission) {
      int states = emission.states();
      double[] flat =
          Probabilities.distributions(
              TRANSITION, parameters.array(TRANSITION, states, states), states);
      double[][] transition = new double[states][states];
      double[][] transposed = new double[states][states];
      BitSet[] successors = new BitSet[states];
      for (int i = 0; i < states; i++) {
        successors[i] = new BitSet(states);
        for (int j = 0; j < states; j++) {
          successors[i].set(j, flat[i * states + j] > 0);
          transition[i][j] = flat[i * states + j];
          transposed[j][i] = transition[i][j];
        }
      }
      double[] initial =
          Probabilities.distributions(INITIAL, parameters.array(INITIAL, states), states);
      BitSet beginnings = new BitSet(states);
      for (int k = 0; k < states; k++) {
        beginnings.set(k, initial[k] > 0);
      }
      return new Chain(
          states,
          emission.size(),
          initial,
          transition,
          transposed,
          beginnings,
          successors,
          emission.bind(parameters));
    }
  }
}
