package dev.ancestral.job.train;

import dev.ancestral.model.Network;
import dev.ancestral.optimize.OptimizerSettings;
import dev.ancestral.tensor.ParameterLayout;
import java.util.List;

/**
 * A player with the window of the parameter vector that it owns and the rule that moves it.
 *
 * @param player who learns
 * @param offset of its first parameter
 * @param size of its window
 * @param optimizer that moves it
 */
record PlayerShare(Network.Player player, long offset, long size, OptimizerSettings optimizer) {

  /**
   * The windows of a network's players.
   *
   * @param optimizer of the players that bring none of their own
   */
  static List<PlayerShare> of(Network network, OptimizerSettings optimizer) {
    return network.players().stream()
        .map(player -> of(player, network.parameters(), optimizer))
        .toList();
  }

  private static PlayerShare of(
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
    return new PlayerShare(player, offset, end - offset, player.optimizer().orElse(optimizer));
  }
}
