package dev.ancestral.tensor.dl4j;

import dev.ancestral.model.Network;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * What a network is trained by, as a graph: loss = −Σ_players Σ_b w_b objective_player(b), from one
 * matrix of inputs ({@link InputColumns}).
 *
 * <p>The objectives of an adversarial game stop the gradient at the weights of the other player, so
 * one backward pass through their sum leaves to each player's weights the gradient of its own
 * objective: no reversal of gradients, and no second graph, is needed. Both players then see each
 * other as they were before the step (simultaneous gradients), where the torch engine lets the
 * generator see the discriminator after its update. Two graphs in turn would keep that order, but
 * DeepLearning4J's masters train one graph for a whole round, so each player would take a round's
 * steps against a standing opponent.
 *
 * @param network whose players' objectives
 * @param columns of the matrix
 * @param rows of the matrix, B
 */
public record ObjectiveGraph(Network network, InputColumns columns, int rows) {
  /** The variable that is minimised. */
  public static final String LOSS = "loss";

  /** The variable that holds Σ_b w_b objective(b) of a player. */
  public static String objective(int player) {
    return "objective-" + player;
  }

  /** The graph of batches of this size. */
  public static ObjectiveGraph of(Network network, int steps, int rows) {
    return new ObjectiveGraph(network, InputColumns.of(network, steps), rows);
  }

  /**
   * Adds the loss to a graph.
   *
   * @param input [B, {@link InputColumns#width}]
   * @param parameters by the names of the network's layout, in its shapes
   * @return the loss, a scalar named {@link #LOSS}
   * @throws dev.ancestral.AncestralException (SPEC) if an objective asks for what a graph does not
   *     have
   */
  public SDVariable define(
      SameDiff graph, SDVariable input, Map<String, SDVariable> parameters, Precision precision) {
    TracingEngine engine = new TracingEngine(graph, precision);
    Map<String, Tensor> weights = new HashMap<>();
    for (ParameterLayout.Parameter parameter : network.parameters().parameters()) {
      weights.put(
          parameter.name(),
          engine.tensor(parameters.get(parameter.name()), parameter.dimensions()));
    }
    TensorMap weightMap = new TensorMap(engine, weights);
    Tensor matrix = engine.tensor(input, rows, columns.width());
    Tensor data = matrix.stopGradient();
    Tensor rowWeights = part(data, columns.weight()); // [B]
    // DeepLearning4J asks for the gradient of the layer's input as well. It is zero, but there has
    // to be a path to it, which an input that is only an index would not have. It leads through the
    // weights of the rows: other inputs may be NaN, which no factor makes zero.
    Tensor loss = part(matrix, columns.weight()).mul(0).sum();
    List<Network.Player> players = network.players();
    for (int player = 0; player < players.size(); player++) {
      TensorMap inputs = inputs(engine, data, player);
      Tensor objective = players.get(player).objective().of(weightMap, inputs); // [B]
      Tensor sum = objective.mul(rowWeights).sum();
      graph.identity(objective(player), engine.variable(sum));
      loss = loss.sub(sum);
    }
    for (ParameterLayout.Parameter parameter : network.parameters().parameters()) {
      // A parameter that the loss does not use would end in a null pointer.
      if (graph.getVariables().get(parameters.get(parameter.name()).name()).getInputsForOp()
          == null) {
        loss = loss.add(weightMap.get(parameter.name()).mul(0).sum());
      }
    }
    return graph.identity(LOSS, engine.variable(loss));
  }

  private TensorMap inputs(TracingEngine engine, Tensor data, int player) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (InputColumns.Column column : columns.columns()) {
      if (!column.equals(columns.weight()) && (column.player() < 0 || column.player() == player)) {
        inputs.put(column.name(), part(data, column));
      }
    }
    return new TensorMap(engine, inputs);
  }

  /** An input as the objectives see it: [B, shape...], or [K, B, shape...]. */
  private Tensor part(Tensor data, InputColumns.Column column) {
    Tensor own = data.slice(1, column.offset(), column.offset() + (long) column.size());
    List<Integer> shape = column.shape();
    int leading = column.samples() > 0 ? 2 : 1;
    long[] sizes = new long[leading + shape.size()];
    sizes[0] = rows;
    if (leading == 2) {
      sizes[1] = column.samples();
    }
    for (int i = 0; i < shape.size(); i++) {
      sizes[leading + i] = shape.get(i);
    }
    Tensor shaped = own.reshape(sizes);
    if (leading == 1) {
      return shaped;
    }
    int[] order = new int[sizes.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i < 2 ? 1 - i : i;
    }
    return shaped.permute(order); // [K, B, shape...]
  }
}
