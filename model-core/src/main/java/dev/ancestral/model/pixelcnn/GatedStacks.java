package dev.ancestral.model.pixelcnn;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorCache;
import dev.ancestral.tensor.TensorMap;
import java.util.List;

/**
 * Vertical and horizontal stacks of gated convolutions (van den Oord et al. 2016, section 2.1 to
 * 2.3 and figure 2): what is known of the pixels before each pixel.
 *
 * <p>Features of the vertical stack at (y, x) depend on the rows above y alone, those of the
 * horizontal stack also on the pixels left of x, and together on all pixels before (y, x) within
 * reach: no blind spot. Causality comes from padding and cropping, not from masks, so no product
 * with a masked zero is computed.
 *
 * <p>Layer 0 sees the 7×7 neighbourhood: three rows of seven above, three pixels to the left. A
 * gated layer with kernel k and r = (k − 1) / 2 computes, with z split into halves by gate(z) =
 * tanh(z₁) · σ(z₂):
 *
 * <pre>
 * v ← gate(convolution of v over rows y−r..y, columns x−r..x+r)
 * g = gate(convolution of h over columns x−r..x, plus 1×1 convolution of v)
 * h ← h + 1×1 convolution of g;  skip ← skip + another 1×1 convolution of g
 * </pre>
 *
 * <p>Differs from the paper: the horizontal stack is fed by the gated features of the vertical one,
 * at half the cost of the ungated ones. The layer 0 convolutions are not gated.
 *
 * <p>Images are [B, C, H, W] with the channels innermost in memory, which the convolutions of a CPU
 * like best; they inherit it from the input.
 *
 * @param inputs channels of the image, K
 * @param width features of each stack, C
 * @param layers gated layers
 * @param reach r
 * @param classes 0, or how many labels move the gates
 */
record GatedStacks(int inputs, int width, int layers, int reach, int classes) {
  /** Rows above and pixels to the left that layer 0 sees. */
  static final int FIRST_REACH = 3;

  static String name(int layer, String part) {
    return "layer." + layer + "." + part;
  }

  /** The last layer's horizontal features lead nowhere, so it has skip outputs alone. */
  int outputs(int layer) {
    return layer == layers - 1 ? width : 2 * width;
  }

  void declare(ParameterLayout.Builder layout) {
    convolution(layout, "first.vertical", width, inputs, FIRST_REACH, 2 * FIRST_REACH + 1);
    convolution(layout, "first.horizontal", width, inputs, 1, FIRST_REACH);
    for (int l = 0; l < layers; l++) {
      convolution(layout, name(l, "vertical"), 2 * width, width, reach + 1, 2 * reach + 1);
      convolution(layout, name(l, "horizontal"), 2 * width, width, 1, reach + 1);
      layout.add(
          name(l, "across.weight"), Initializer.glorot(width, 2L * width), 2L * width, width, 1, 1);
      layout.add(name(l, "out.weight"), Initializer.glorot(width, width), outputs(l), width, 1, 1);
      if (classes > 0) {
        layout.add(name(l, "class"), Initializer.zeros(), classes, 4L * width);
      }
    }
  }

  private static void convolution(
      ParameterLayout.Builder layout, String name, int out, int in, int height, int across) {
    long fanIn = (long) in * height * across;
    layout.add(name + ".weight", Initializer.glorot(fanIn, out), out, in, height, across);
    layout.add(name + ".bias", Initializer.zeros(), out);
  }

  /**
   * The sum of all skip connections, [B, C, H, W], of a whole image.
   *
   * @param image scaled, [B, K, H, W]
   * @param label [B], or null without classes
   * @param carried holds the result; each layer frees its other intermediate results at its end
   *     (autograd keeps those that it needs)
   */
  Tensor features(TensorMap weights, Tensor image, Tensor label, TensorCache carried) {
    long height = image.shape()[2];
    long across = image.shape()[3];
    Tensor[] state = new Tensor[3]; // v, h, skip
    image
        .engine()
        .scoped(
            () -> {
              Tensor above = image.pad(2, FIRST_REACH, 0).slice(2, 0, height + FIRST_REACH - 1);
              Tensor left = image.pad(3, FIRST_REACH, 0).slice(3, 0, across + FIRST_REACH - 1);
              state[0] = carried.keep(firstVertical(weights, above));
              state[1] =
                  carried.keep(
                      biased(
                          weights,
                          "first.horizontal",
                          left.conv2d(weights.get("first.horizontal.weight"), 1, 0, 0)));
              return null;
            });
    for (int l = 0; l < layers; l++) {
      int layer = l;
      Tensor[] before = state.clone();
      image
          .engine()
          .scoped(
              () -> {
                Tensor v =
                    vertical(weights, layer, before[0].pad(2, reach, 0), label); // [B, C, H, W]
                Tensor z =
                    before[1]
                        .pad(3, reach, 0)
                        .conv2d(weights.get(name(layer, "horizontal.weight")), 1, 0, 0)
                        .add(across(weights, layer, v, label)); // [B, 2C, H, W]
                Tensor out = gate(z).conv2d(weights.get(name(layer, "out.weight")), 1, 0, 0);
                List<Tensor> parts = out.split(1, outputs(layer) / width); // skip, residual
                Tensor skip = before[2] == null ? parts.get(0) : before[2].add(parts.get(0));
                state[2] = carried.keep(skip);
                if (parts.size() > 1) {
                  state[0] = carried.keep(v);
                  state[1] = carried.keep(before[1].add(parts.get(1)));
                }
                return null;
              });
      for (Tensor old : before) {
        if (old != null && old != state[0] && old != state[1]) {
          carried.release(old);
        }
      }
    }
    return state[2];
  }

  /** Layer 0 of the vertical stack, from the rows above each: [B, K, R + 2, W] → [B, C, R, W]. */
  Tensor firstVertical(TensorMap weights, Tensor above) {
    return biased(
        weights,
        "first.vertical",
        above.conv2d(weights.get("first.vertical.weight"), 1, 0, FIRST_REACH));
  }

  /** A gated layer of the vertical stack: r rows above and R rows → R rows, [B, C, R, W]. */
  Tensor vertical(TensorMap weights, int layer, Tensor rows, Tensor label) {
    String name = name(layer, "vertical");
    Tensor z = biased(weights, name, rows.conv2d(weights.get(name + ".weight"), 1, 0, reach));
    return gate(classes > 0 ? z.add(ofClass(weights, layer, label).get(0)) : z);
  }

  /**
   * What the vertical stack, the bias and the class add to the horizontal gate, [B, 2C, R, W].
   *
   * @param v gated features [B, C, R, W]
   */
  Tensor across(TensorMap weights, int layer, Tensor v, Tensor label) {
    Tensor z =
        biased(
            weights,
            name(layer, "horizontal"),
            v.conv2d(weights.get(name(layer, "across.weight")), 1, 0, 0));
    return classes > 0 ? z.add(ofClass(weights, layer, label).get(1)) : z;
  }

  /** tanh of the first half of the channels times σ of the second. */
  static Tensor gate(Tensor z) {
    List<Tensor> halves = z.split(1, 2);
    return halves.get(0).tanh().mul(halves.get(1).sigmoid());
  }

  /** Adds the bias to each channel. */
  static Tensor biased(TensorMap weights, String name, Tensor z) {
    return z.add(weights.get(name + ".bias").reshape(1, -1, 1, 1));
  }

  /** Of the vertical and of the horizontal gate, [B, 2C, 1, 1] each. */
  private List<Tensor> ofClass(TensorMap weights, int layer, Tensor label) {
    return weights.get(name(layer, "class")).rows(label).reshape(-1, 4L * width, 1, 1).split(1, 2);
  }

  /** About how many numbers a pixel holds at once while nothing is recorded. */
  long valuesPerPixel() {
    return 30L * width;
  }
}
