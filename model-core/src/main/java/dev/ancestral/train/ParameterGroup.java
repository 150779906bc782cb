package dev.ancestral.train;

import dev.ancestral.model.Network;
import dev.ancestral.optimize.OptimizerSettings;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.ParameterLayout;
import java.util.List;

/**
 * Parameters that lie side by side in the vector of all parameters, with the objective that they
 * maximise and the optimizer that moves them: one group for a likelihood or a bound, two for an
 * adversarial game.
 *
 * @param player the objective, its noise and its updates a step
 * @param offset of the first parameter
 * @param size number of parameters
 * @param optimizer rule and learning rate
 */
public record ParameterGroup(
    Network.Player player, long offset, long size, OptimizerSettings optimizer) {

  /** For metrics: {@code model}, {@code generator}, {@code discriminator}. */
  public String name() {
    return player.name();
  }

  /** Optimizer steps in a training step. */
  public int updates() {
    return player.updates();
  }

  /** Its part of a vector with an element for each parameter of the network. */
  public FlatVector of(FlatVector all) {
    return all.window(offset, size);
  }

  /**
   * The groups of a network.
   *
   * @param optimizer of the groups that bring none of their own
   */
  public static List<ParameterGroup> of(Network network, OptimizerSettings optimizer) {
    return network.players().stream()
        .map(player -> of(player, network.parameters(), optimizer))
        .toList();
  }

  private static ParameterGroup of(
      Network.Player player, ParameterLayout layout, OptimizerSettings optimizer) {
    long offset = -1;
    long end = 0;
    for (ParameterLayout.Parameter parameter : layout.parameters()) {
      if (parameter.name().startsWith(player.parameterPrefix())) {
        if (offset < 0) {
          offset = parameter.offset();
        } else if (parameter.offset() != end) {
          throw new IllegalArgumentException(
              "the parameters of player '"
                  + player.name()
                  + "' do not lie side by side: '"
                  + parameter.name()
                  + "' starts at "
                  + parameter.offset()
                  + ", not "
                  + end);
        }
        end = parameter.offset() + parameter.size();
      }
    }
    if (offset < 0) {
      throw new IllegalArgumentException(
          "no parameter starts with '"
              + player.parameterPrefix()
              + "', the prefix of player '"
              + player.name()
              + "'");
    }
    return new ParameterGroup(player, offset, end - offset, player.optimizer().orElse(optimizer));
  }
}
