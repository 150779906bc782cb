package dev.ancestral.model.hmm;

import dev.ancestral.Refusal;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Family;
import dev.ancestral.model.emission.Emission;

/**
 * Hidden Markov models by their settings.
 *
 * <ul>
 *   <li>{@code states}: K
 *   <li>{@code emissions}: {@code bernoulli}, {@code categorical} or {@code gaussian}; the elements
 *       of a step are independent given the state
 *   <li>{@code topology}: {@code ergodic} (default) or {@code left-right}
 *   <li>{@code beginnings} and {@code successors} in its place: structural zeros, as digits 0 and 1
 *       for each state: {@code beginnings: "100", successors: ["110", "011", "001"]}
 *   <li>{@code iterations} (100) of EM from each of {@code restarts} (1) starting points
 *   <li>{@code smoothing} (0.1): α, added to the count of each beginning, each transition and each
 *       value of a discrete element that the topology allows
 * </ul>
 */
public final class HmmFamily implements Family {

  @Override
  public String name() {
    return "hmm";
  }

  @Override
  public Definition define(Settings settings, EventSpec event) {
    int states = settings.count("states", null, 1, 10_000);
    String emissions = settings.text("emissions", null, "bernoulli", "categorical", "gaussian");
    Topology topology = Topology.read(settings, states);
    int iterations = settings.count("iterations", 100, 1, Integer.MAX_VALUE - 1);
    int restarts = settings.count("restarts", 1, 1, 1_000_000);
    double smoothing = settings.number("smoothing", 0.1, 0, 1e9);
    if (!event.variableLength()) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "hmm models sequences; these are events of fixed shape, "
              + event.describe()
              + ": prepare sequences, or choose naive-bayes");
    }
    // A missing value is already reported; the reading goes on with something that fits.
    String suitable =
        emissions == null ? (event.isDiscrete() ? "categorical" : "gaussian") : emissions;
    return new Hmm(
        event,
        Emission.named(suitable, event, states, smoothing),
        topology,
        iterations,
        restarts,
        smoothing);
  }
}
