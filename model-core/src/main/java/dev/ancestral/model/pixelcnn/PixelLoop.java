package dev.ancestral.model.pixelcnn;

import dev.ancestral.nn.Activation;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorCache;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Goes through images pixel by pixel and computes every feature of {@link GatedStacks} once: the
 * vertical stack a row at a time from a window of the rows above, the horizontal stack a pixel at a
 * time from what the pixels to the left have contributed to it.
 *
 * <p>Between two steps only caches live: r rows of each vertical layer, and r columns of partial
 * sums of each horizontal one. The naive loop computes the whole network for every pixel
 * (Ramachandran et al. 2017 compare the two on the PixelCNN++).
 */
final class PixelLoop {
  private final GatedStacks stacks;
  private final TensorMap weights;
  private final Tensor label;
  private final UnaryOperator<Tensor> scaling;
  private final Engine engine;
  private final int layers;
  private final int width; // C

  /** Decides on a pixel of every image. */
  @FunctionalInterface
  interface Choice {
    /**
     * The pixel's levels, [B, K, 1, 1].
     *
     * @param features of what comes before it, [B, C, 1, 1]
     */
    Tensor of(long row, long column, Tensor features);
  }

  /**
   * @param label [B], or null without classes
   * @param scaling from levels to what the stacks take
   */
  PixelLoop(GatedStacks stacks, TensorMap weights, Tensor label, UnaryOperator<Tensor> scaling) {
    this.stacks = stacks;
    this.weights = weights;
    this.label = label;
    this.scaling = scaling;
    engine = weights.engine();
    layers = stacks.layers();
    width = stacks.width();
  }

  /** The images, [B, K, H, W]. */
  Tensor run(long batch, long height, long across, Choice choice) {
    try (TensorCache cache = engine.cache()) {
      return new Pass(cache, batch, height, across, choice).run();
    }
  }

  /** One pass over a batch of images, with its caches. */
  private final class Pass {
    private final TensorCache cache;
    private final long height;
    private final long across;
    private final Choice choice;
    private final Rows above; // scaled pixels
    private final Rows[] aboveLayers; // vertical features that enter each layer
    private final Columns left;
    private final Columns[] leftLayers;
    private final Tensor firstBias; // [1, C]
    private final Tensor[] out = new Tensor[layers]; // [C, C or 2C]

    Pass(TensorCache cache, long batch, long height, long across, Choice choice) {
      this.cache = cache;
      this.height = height;
      this.across = across;
      this.choice = choice;
      above = new Rows(batch, stacks.inputs(), GatedStacks.FIRST_REACH);
      aboveLayers = new Rows[layers];
      leftLayers = new Columns[layers];
      left = new Columns("first.horizontal.weight");
      firstBias = weights.get("first.horizontal.bias").reshape(1, -1);
      for (int l = 0; l < layers; l++) {
        aboveLayers[l] = new Rows(batch, width, stacks.reach());
        leftLayers[l] = new Columns(GatedStacks.name(l, "horizontal.weight"));
        out[l] =
            weights
                .get(GatedStacks.name(l, "out.weight"))
                .reshape(stacks.outputs(l), width)
                .permute(1, 0);
      }
    }

    Tensor run() {
      List<Tensor> rows = new ArrayList<>();
      for (long y = 0; y < height; y++) {
        Tensor[] across = verticalRow();
        List<Tensor> pixels = new ArrayList<>();
        for (long x = 0; x < this.across; x++) {
          pixels.add(pixel(y, x, across));
        }
        rows.add(
            engine.scoped(
                () -> {
                  Tensor row = joined(3, pixels); // [B, K, 1, W]
                  above.push(scaling.apply(row));
                  return cache.keep(row);
                }));
        pixels.forEach(cache::release);
        for (Tensor kept : across) {
          cache.release(kept);
        }
        left.clear();
        for (Columns columns : leftLayers) {
          columns.clear();
        }
      }
      return joined(2, rows);
    }

    /**
     * What the vertical stack adds to each horizontal layer's gates in the next row, [W, B, 2C].
     */
    private Tensor[] verticalRow() {
      Tensor[] across = new Tensor[layers];
      engine.scoped(
          () -> {
            Tensor v = stacks.firstVertical(weights, above.rows); // [B, C, 1, W]
            for (int l = 0; l < layers; l++) {
              Tensor rows = aboveLayers[l].rows.concat(2, v); // [B, C, r + 1, W]
              aboveLayers[l].push(v);
              v = stacks.vertical(weights, l, rows, label); // [B, C, 1, W]
              Tensor z = stacks.across(weights, l, v, label); // [B, 2C, 1, W]
              // Columns outermost in memory: each pixel reads its own in one piece.
              across[l] = cache.keep(z.permute(3, 0, 1, 2).reshape(this.across, -1, 2L * width));
            }
            return null;
          });
      return across;
    }

    /** The horizontal stack of one column, and the pixel that is chosen there, [B, K, 1, 1]. */
    private Tensor pixel(long y, long x, Tensor[] across) {
      return engine.scoped(
          () -> {
            Tensor sum = left.take();
            Tensor h = sum == null ? firstBias : sum.add(firstBias); // [B, C], or [1, C]
            Tensor skip = null;
            for (int l = 0; l < layers; l++) {
              leftLayers[l].add(h);
              Tensor fromAbove = across[l].slice(0, x, x + 1).reshape(-1, 2L * width); // [B, 2C]
              Tensor g = Activation.gate(leftLayers[l].take().add(fromAbove), 1); // [B, C]
              List<Tensor> parts = g.matmul(out[l]).split(1, stacks.outputs(l) / width);
              skip = skip == null ? parts.get(0) : skip.add(parts.get(0)); // [B, C]
              if (parts.size() > 1) {
                h = h.add(parts.get(1)); // [B, C]
              }
            }
            Tensor chosen = choice.of(y, x, skip.reshape(-1, width, 1, 1)); // [B, K, 1, 1]
            left.add(scaling.apply(chosen).reshape(-1, stacks.inputs()));
            left.carry();
            for (Columns columns : leftLayers) {
              columns.carry();
            }
            return cache.keep(chosen);
          });
    }

    /** The last rows of a vertical layer, [B, C, r, W]; above the image they are zero. */
    private final class Rows {
      private Tensor rows;

      Rows(long batch, int features, int count) {
        rows = cache.keep(engine.full(0, batch, count, across, features).permute(0, 3, 1, 2));
      }

      /** Takes a row [B, C, 1, W] in and lets the uppermost go. */
      void push(Tensor row) {
        Tensor before = rows;
        long count = before.shape()[2];
        rows = cache.keep(before.concat(2, row).slice(2, 1, count + 1));
        cache.release(before);
      }
    }

    /**
     * A convolution over columns to the left: each column is multiplied once with all taps, and the
     * products wait as sums for the columns to the right that they belong to.
     */
    private final class Columns {
      private final Tensor taps; // [I, n · O], the tap of the nearest column first
      private final int count; // n
      private final Tensor[] sums; // of the next n columns, [B, O] each, null for zero
      private List<Tensor> kept = new ArrayList<>();

      Columns(String name) {
        Tensor kernel = weights.get(name); // [O, I, 1, n]
        long[] sizes = kernel.shape();
        count = Math.toIntExact(sizes[3]);
        List<Tensor> nearestFirst = new ArrayList<>();
        for (int d = count - 1; d >= 0; d--) {
          nearestFirst.add(
              kernel.slice(3, d, d + 1L).reshape(sizes[0], sizes[1]).permute(1, 0)); // [I, O]
        }
        taps = cache.keep(joined(1, nearestFirst));
        sums = new Tensor[count];
      }

      /** Adds what a column [B, I] contributes to the next n columns, the one to take first. */
      void add(Tensor column) {
        List<Tensor> products = column.matmul(taps).split(1, count); // [B, O] each
        for (int d = 0; d < count; d++) {
          sums[d] = sums[d] == null ? products.get(d) : sums[d].add(products.get(d));
        }
      }

      /** The sum of the next column, [B, O], or null where nothing was added yet. */
      Tensor take() {
        Tensor next = sums[0];
        System.arraycopy(sums, 1, sums, 0, count - 1);
        sums[count - 1] = null;
        return next;
      }

      /** Keeps the sums past the end of a step and lets those before it go. */
      void carry() {
        List<Tensor> before = kept;
        kept = new ArrayList<>();
        for (Tensor sum : sums) {
          if (sum != null && !before.remove(sum)) {
            cache.keep(sum);
          }
          if (sum != null) {
            kept.add(sum);
          }
        }
        before.forEach(cache::release);
      }

      /** Starts another row: left of the image everything is zero. */
      void clear() {
        java.util.Arrays.fill(sums, null);
        kept.forEach(cache::release);
        kept.clear();
      }
    }
  }

  private static Tensor joined(int axis, List<Tensor> parts) {
    return parts.get(0).concat(axis, parts.subList(1, parts.size()).toArray(new Tensor[0]));
  }
}
