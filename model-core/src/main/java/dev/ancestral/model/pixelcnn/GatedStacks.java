package dev.ancestral.model.pixelcnn;

import dev.ancestral.nn.Activation;
import dev.ancestral.nn.Conv2d;
import dev.ancestral.nn.Embedding;
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

  private Conv2d firstVertical() {
    return Conv2d.dense("first.vertical", inputs, width, FIRST_REACH, 2 * FIRST_REACH + 1);
  }

  private Conv2d firstHorizontal() {
    return Conv2d.dense("first.horizontal", inputs, width, 1, FIRST_REACH);
  }

  private Conv2d vertical(int layer) {
    return Conv2d.dense(name(layer, "vertical"), width, 2 * width, reach + 1, 2 * reach + 1);
  }

  private Conv2d horizontal(int layer) {
    return Conv2d.dense(name(layer, "horizontal"), width, 2 * width, 1, reach + 1);
  }

  private Conv2d across(int layer) {
    return Conv2d.dense(name(layer, "across"), width, 2 * width, 1, 1);
  }

  private Conv2d out(int layer) {
    Initializer initial = Initializer.glorot(width, width);
    return new Conv2d(name(layer, "out"), width, outputs(layer), 1, 1, 1, initial);
  }

  /** What a label adds to the vertical and to the horizontal gate. */
  private Embedding ofClass(int layer) {
    return new Embedding(name(layer, "class"), classes, 4L * width, Initializer.zeros());
  }

  void declare(ParameterLayout.Builder layout) {
    firstVertical().declare(layout);
    firstHorizontal().declare(layout);
    for (int l = 0; l < layers; l++) {
      vertical(l).declare(layout);
      horizontal(l).declare(layout);
      across(l).declareWeight(layout);
      out(l).declareWeight(layout);
      if (classes > 0) {
        ofClass(l).declare(layout);
      }
    }
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
              state[1] = carried.keep(firstHorizontal().apply(weights, left, 0, 0));
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
                    horizontal(layer)
                        .convolve(weights, before[1].pad(3, reach, 0), 0, 0)
                        .add(across(weights, layer, v, label)); // [B, 2C, H, W]
                Tensor out = out(layer).convolve(weights, Activation.gate(z, 1), 0, 0);
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
    return firstVertical().apply(weights, above, 0, FIRST_REACH);
  }

  /** A gated layer of the vertical stack: r rows above and R rows → R rows, [B, C, R, W]. */
  Tensor vertical(TensorMap weights, int layer, Tensor rows, Tensor label) {
    Tensor z = vertical(layer).apply(weights, rows, 0, reach);
    return Activation.gate(classes > 0 ? z.add(ofClass(weights, layer, label).get(0)) : z, 1);
  }

  /**
   * What the vertical stack, the bias and the class add to the horizontal gate, [B, 2C, R, W].
   *
   * @param v gated features [B, C, R, W]
   */
  Tensor across(TensorMap weights, int layer, Tensor v, Tensor label) {
    Tensor z =
        Conv2d.biased(weights, name(layer, "horizontal"), across(layer).convolve(weights, v, 0, 0));
    return classes > 0 ? z.add(ofClass(weights, layer, label).get(1)) : z;
  }

  /** Of the vertical and of the horizontal gate, [B, 2C, 1, 1] each. */
  private List<Tensor> ofClass(TensorMap weights, int layer, Tensor label) {
    return ofClass(layer).apply(weights, label).reshape(-1, 4L * width, 1, 1).split(1, 2);
  }

  /** About how many numbers a pixel holds at once while nothing is recorded. */
  long valuesPerPixel() {
    return 30L * width;
  }
}
