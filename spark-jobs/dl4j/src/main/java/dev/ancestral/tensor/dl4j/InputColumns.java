package dev.ancestral.tensor.dl4j;

import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Network;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.model.network.NetworkInputs.HostArray;
import dev.ancestral.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The inputs of all players' objectives side by side in one matrix, a row an example: what one
 * DeepLearning4J layer is fed with.
 *
 * <p>From left to right: {@code x}, {@code label} where it is given, {@code length} for sequences,
 * the extras of the network, each player's own noise, and last the weight of the row in the loss. A
 * batch that is not full is filled up with rows of weight 0.
 *
 * @param columns in their order
 */
public record InputColumns(List<Column> columns) {
  private static final String X = "x";

  /** The weight of an example's objective in the loss; 0 for a row that only fills a batch. */
  private static final String WEIGHT = "weight";

  /**
   * Neighbouring columns that hold one input.
   *
   * @param name of the input
   * @param player whose noise it is; −1 for what all players see
   * @param samples K for noise of shape [K, B, shape...], else 0
   * @param shape of one example (of one draw of it)
   * @param offset of the first column
   * @param filler what stands in front of a row that is shorter
   */
  public record Column(
      String name, int player, int samples, List<Integer> shape, int offset, float filler) {
    public Column {
      shape = List.copyOf(shape);
    }

    /** Number of columns. */
    public int size() {
      return Math.max(1, samples) * shape.stream().reduce(1, Math::multiplyExact);
    }
  }

  public InputColumns {
    columns = List.copyOf(columns);
  }

  /**
   * The columns of a network.
   *
   * @param steps of the longest example, 1 for events of fixed shape
   */
  public static InputColumns of(Network network, int steps) {
    EventSpec event = network.event();
    Network.ViewLimits limits = network.viewLimits(steps);
    List<Column> columns = new ArrayList<>();
    List<Integer> shape = new ArrayList<>(event.shape());
    if (event.variableLength()) {
      shape.add(0, limits.steps());
    }
    add(columns, X, -1, 0, shape, 0);
    if (network.isGivenLabels()) {
      add(columns, "label", -1, 0, List.of(), 0);
    }
    if (event.variableLength()) {
      add(columns, "length", -1, 0, List.of(), 0);
    }
    for (Network.Extra extra : limits.extras()) {
      add(columns, extra.name(), -1, 0, List.of(extra.size()), extra.filler());
    }
    List<Network.Player> players = network.players();
    for (int player = 0; player < players.size(); player++) {
      for (Network.Noise noise : players.get(player).noise()) {
        add(columns, noise.name(), player, noise.samples(), noise.shape(), 0);
      }
    }
    add(columns, WEIGHT, -1, 0, List.of(), 0);
    return new InputColumns(columns);
  }

  private static void add(
      List<Column> columns,
      String name,
      int player,
      int samples,
      List<Integer> shape,
      float filler) {
    int offset = 0;
    if (!columns.isEmpty()) {
      Column last = columns.get(columns.size() - 1);
      offset = last.offset() + last.size();
    }
    columns.add(new Column(name, player, samples, shape, offset, filler));
  }

  /** Columns in all. */
  public int width() {
    return weight().offset() + 1;
  }

  /** The column of the weights. */
  Column weight() {
    return columns.get(columns.size() - 1);
  }

  /**
   * A batch as a matrix, row-major.
   *
   * @param view of at most {@code rows} examples
   * @param keys of the players' noise
   * @param weight of each example in the loss
   * @param rows of the matrix
   * @throws IllegalArgumentException if an input is larger than its columns
   */
  public float[] matrix(
      Network network, Network.View view, List<RandomKey> keys, double weight, int rows) {
    float[] matrix = new float[Math.multiplyExact(rows, width())];
    Map<String, HostArray> arrays = NetworkInputs.arrays(view);
    int examples = view.batch().size();
    for (Column column : columns) {
      if (column.player() >= 0) {
        Network.Noise noise = noise(network, column);
        HostArray drawn = NetworkInputs.noise(view.batch().ids(), noise, keys.get(column.player()));
        putDraws(drawn.values(), column, examples, matrix);
      } else if (!column.name().equals(WEIGHT)) {
        put(arrays.get(column.name()), column, rows, examples, matrix);
      }
    }
    for (int row = 0; row < examples; row++) {
      matrix[row * width() + weight().offset()] = (float) weight;
    }
    return matrix;
  }

  private static Network.Noise noise(Network network, Column column) {
    return network.players().get(column.player()).noise().stream()
        .filter(noise -> noise.name().equals(column.name()))
        .findFirst()
        .orElseThrow();
  }

  /** Sequences are filled up behind, other inputs in front; rows without an example are filled. */
  private void put(HostArray array, Column column, int rows, int examples, float[] matrix) {
    int size = column.size();
    int given = array == null ? 0 : array.values().length / Math.max(1, examples);
    if (given > size) {
      throw new IllegalArgumentException(
          column.name() + " has " + given + " numbers an example; its columns hold " + size);
    }
    int first = column.name().equals(X) ? 0 : size - given;
    for (int row = 0; row < rows; row++) {
      int at = row * width() + column.offset();
      Arrays.fill(matrix, at, at + size, column.filler());
      if (row < examples && given > 0) {
        System.arraycopy(array.values(), row * given, matrix, at + first, given);
      }
    }
  }

  /** [K, B, shape...] → the K draws of an example side by side. */
  private void putDraws(float[] values, Column column, int examples, float[] matrix) {
    int samples = Math.max(1, column.samples());
    int size = column.size() / samples;
    for (int k = 0; k < samples; k++) {
      for (int row = 0; row < examples; row++) {
        System.arraycopy(
            values,
            (k * examples + row) * size,
            matrix,
            row * width() + column.offset() + k * size,
            size);
      }
    }
  }
}
