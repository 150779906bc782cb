package dev.ancestral.model.wavenet;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.List;

/**
 * The layers of a WaveNet, as matrix products over activations [N, C] (van den Oord et al. 2016,
 * eq. 2 and figure 4): with taps x_k that lie k dilations back,
 *
 * <p>g = tanh(Σ_k x_k F_k + f + l_f) ⊙ σ(Σ_k x_k G_k + e + l_g), x ← x_0 + g R,
 *
 * <p>and the skip connections of all layers in one product, [g_1, ..., g_L] S. l is a bias by
 * label, where there is one. N is one step of B sequences or many, in time-major order (step t of
 * sequence b is row t B + b), so that a shift in time is a range of rows and nothing is copied.
 *
 * @param channels C
 * @param skipChannels columns of S
 * @param dilations of every layer, blocks unrolled
 * @param kernel K, taps of a layer
 * @param classes labels to condition on; 0 for none
 */
record CausalStack(
    int channels, int skipChannels, List<Integer> dilations, int kernel, int classes) {

  int layers() {
    return dilations.size();
  }

  /** Steps between the first and the last tap of a layer. */
  int reach(int layer) {
    return (kernel - 1) * dilations.get(layer);
  }

  /** Steps that the layers from {@code layer} on look back. */
  int reachFrom(int layer) {
    int reach = 0;
    for (int l = layer; l < layers(); l++) {
      reach += reach(l);
    }
    return reach;
  }

  void addParameters(ParameterLayout.Builder layout) {
    int c = channels;
    for (int l = 0; l < layers(); l++) {
      for (int k = 0; k < kernel; k++) {
        layout.add(tap(l, k), Initializer.glorot((long) kernel * c, c), c, 2L * c);
      }
      layout.add("layer." + l + ".bias", Initializer.zeros(), 2L * c);
      if (classes > 0) {
        layout.add("layer." + l + ".label", new Initializer.Normal(0.1), classes, 2L * c);
      }
      if (l < layers() - 1) {
        layout.add(residual(l), Initializer.glorot(c, c), c, c);
      }
    }
    layout.add(
        "skip.weight", Initializer.he((long) layers() * c), (long) layers() * c, skipChannels);
    layout.add("skip.bias", Initializer.zeros(), skipChannels);
  }

  /**
   * g of a layer.
   *
   * @param taps x_0 to x_{K−1}, each [N, C]
   * @param label [B], or null where the network has no condition
   * @return [N, C]
   */
  Tensor gate(TensorMap weights, int layer, Tensor[] taps, Tensor label) {
    long c = channels;
    Tensor z = taps[0].matmul(weights.get(tap(layer, 0))); // [N, 2 C]
    for (int k = 1; k < kernel; k++) {
      z = z.add(taps[k].matmul(weights.get(tap(layer, k)))); // [N, 2 C]
    }
    z = z.add(weights.get("layer." + layer + ".bias")); // [N, 2 C]
    if (label != null) {
      Tensor bias = weights.get("layer." + layer + ".label").rows(label); // [B, 2 C]
      z = z.reshape(-1, bias.shape()[0], 2 * c).add(bias).reshape(-1, 2 * c); // [N, 2 C]
    }
    List<Tensor> halves = z.split(1, 2);
    return halves.get(0).tanh().mul(halves.get(1).sigmoid()); // [N, C]
  }

  /** What the layer after {@code layer} sees, [N, C]; the last layer has none after it. */
  Tensor next(TensorMap weights, int layer, Tensor x, Tensor gate) {
    return x.add(gate.matmul(weights.get(residual(layer)))); // [N, C]
  }

  /** The skip connections of all layers, [N, skipChannels]. */
  Tensor skips(TensorMap weights, List<Tensor> gates) {
    Tensor[] others = gates.subList(1, gates.size()).toArray(Tensor[]::new);
    return gates
        .get(0)
        .concat(1, others) // [N, L C]
        .matmul(weights.get("skip.weight"))
        .add(weights.get("skip.bias")); // [N, S]
  }

  /**
   * What each layer sees long before a sequence begins: every tap of every layer is constant there.
   *
   * @param x of the first layer, [1, C]
   * @return for every layer [1, C], or [B, C] where labels make a difference
   */
  List<Tensor> beforeTheStart(TensorMap weights, Tensor x, Tensor label) {
    List<Tensor> columns = new ArrayList<>(List.of(columnOfEach(x, label)));
    for (int l = 0; l < layers() - 1; l++) {
      Tensor column = columns.get(l);
      Tensor[] taps = new Tensor[kernel];
      java.util.Arrays.fill(taps, column);
      columns.add(next(weights, l, column, gate(weights, l, taps, label)));
    }
    return columns;
  }

  private Tensor columnOfEach(Tensor x, Tensor label) {
    return label == null ? x : x.broadcastTo(label.shape()[0], channels);
  }

  private static String tap(int layer, int k) {
    return "layer." + layer + ".tap." + k;
  }

  private static String residual(int layer) {
    return "layer." + layer + ".residual";
  }
}
