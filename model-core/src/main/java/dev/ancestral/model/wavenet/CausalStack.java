package dev.ancestral.model.wavenet;

import dev.ancestral.nn.Activation;
import dev.ancestral.nn.CausalConv1d;
import dev.ancestral.nn.Embedding;
import dev.ancestral.nn.Linear;
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

  private CausalConv1d convolution(int layer) {
    long c = channels;
    Initializer initial = Initializer.glorot(kernel * c, c);
    return new CausalConv1d("layer." + layer, c, 2 * c, kernel, dilations.get(layer), initial);
  }

  /** A bias of a layer by label. */
  private Embedding byLabel(int layer) {
    String name = "layer." + layer + ".label";
    return new Embedding(name, classes, 2L * channels, new Initializer.Normal(0.1));
  }

  private Linear skip() {
    long in = (long) layers() * channels;
    return new Linear("skip", in, skipChannels, Initializer.he(in));
  }

  /** Steps between the first and the last tap of a layer. */
  int reach(int layer) {
    return convolution(layer).reach();
  }

  /** Steps that the layers from {@code layer} on look back. */
  int reachFrom(int layer) {
    int reach = 0;
    for (int l = layer; l < layers(); l++) {
      reach += reach(l);
    }
    return reach;
  }

  void declare(ParameterLayout.Builder layout) {
    for (int l = 0; l < layers(); l++) {
      convolution(l).declare(layout);
      if (classes > 0) {
        byLabel(l).declare(layout);
      }
      if (l < layers() - 1) {
        layout.add(residual(l), Initializer.glorot(channels, channels), channels, channels);
      }
    }
    skip().declare(layout);
  }

  /**
   * g of a layer.
   *
   * @param taps x_0 to x_{K−1}, each [N, C]
   * @param label [B], or null where the network has no condition
   * @return [N, C]
   */
  Tensor gate(TensorMap weights, int layer, Tensor[] taps, Tensor label) {
    Tensor z = convolution(layer).apply(weights, taps); // [N, 2 C]
    if (label != null) {
      Tensor bias = byLabel(layer).apply(weights, label); // [B, 2 C]
      long width = 2L * channels;
      z = z.reshape(-1, bias.shape()[0], width).add(bias).reshape(-1, width); // [N, 2 C]
    }
    return Activation.gate(z, 1); // [N, C]
  }

  /** What the layer after {@code layer} sees, [N, C]; the last layer has none after it. */
  Tensor next(TensorMap weights, int layer, Tensor x, Tensor gate) {
    return x.add(gate.matmul(weights.get(residual(layer)))); // [N, C]
  }

  /** The skip connections of all layers, [N, skipChannels]. */
  Tensor skips(TensorMap weights, List<Tensor> gates) {
    Tensor[] others = gates.subList(1, gates.size()).toArray(Tensor[]::new);
    return skip().apply(weights, gates.get(0).concat(1, others)); // [N, L C] → [N, S]
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

  private static String residual(int layer) {
    return "layer." + layer + ".residual";
  }
}
