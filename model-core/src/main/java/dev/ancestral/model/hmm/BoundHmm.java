package dev.ancestral.model.hmm;

import dev.ancestral.Refusal;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.emission.EmissionSampler;
import dev.ancestral.model.emission.Probabilities;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;

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
  public int[][] mostProbablePaths(Batch x) {
    x.requireOf(event);
    int[][] paths = new int[x.size()][];
    for (int i = 0; i < x.size(); i++) {
      paths[i] = LogSpace.mostProbablePath(chain, x.values(), offset(x, i), x.lengths()[i]);
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
      throw new Refusal(
          Refusal.Kind.SPEC, "a label is asked for, but a hidden Markov model has none");
    }
    int steps =
        request
            .length()
            .orElseThrow(
                () ->
                    new Refusal(
                        Refusal.Kind.SPEC,
                        "no length is given; sequences need one: how many steps to draw"));
    if (steps < 1) {
      throw new Refusal(
          Refusal.Kind.SPEC, "length " + steps + " is asked for; it must be at least 1");
    }
    int states = chain.states();
    double[] initial = cumulative(chain.initial(), request.temperature());
    double[][] transition = new double[states][];
    for (int k = 0; k < states; k++) {
      transition[k] = cumulative(chain.transition()[k], request.temperature());
    }
    EmissionSampler sampler = chain.emission().sampler(request.temperature());
    int width = Math.multiplyExact(steps, event.size());
    float[] values = new float[Math.multiplyExact(ids.length, width)];
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
      }
    }
    int[] lengths = new int[ids.length];
    Arrays.fill(lengths, steps);
    return new Batch(event.withClasses(0), ids, values, null, lengths);
  }

  private double[] cumulative(double[] rows, double temperature) {
    return Probabilities.cumulative(
        Probabilities.tempered(rows, chain.states(), temperature), chain.states());
  }

  @Override
  public void close() {
    // All memory is Java's.
  }
}
