package dev.ancestral.model.wavenet;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorCache;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BinaryOperator;

/**
 * Draws sequences step by step with the past of every layer in a queue, so that a step computes one
 * new column of activations: its cost is linear in the layers and does not depend on how many steps
 * came before (Le Paine et al., "Fast WaveNet generation algorithm", 2016).
 *
 * <p>A queue holds columns, not copies of them: a layer's input of this step is what the layer sees
 * again, dilations later.
 *
 * @param network whose layers these are
 * @param stack the layers
 * @param label [B], or null where the network has no condition
 */
record CachedSampler(WaveNet network, CausalStack stack, TensorMap weights, Tensor label) {

  /** The last columns that went in; before the first, what was there before the start. */
  private static final class Queue {
    private final TensorCache cache;
    private final Tensor start;
    private final Tensor[] columns; // column of step t at t mod length
    private int pushed;

    Queue(TensorCache cache, Tensor start, int length) {
      this.cache = cache;
      this.start = start;
      columns = new Tensor[length];
    }

    /** The column that went in {@code steps} pushes ago. */
    Tensor back(int steps) {
      int step = pushed - steps;
      return step < 0 ? start : columns[step % columns.length];
    }

    void push(Tensor column) {
      int at = pushed % columns.length;
      if (columns[at] != null) {
        cache.release(columns[at]);
      }
      columns[at] = cache.keep(column);
      pushed++;
    }
  }

  /** Which rows have drawn the level that ends them. */
  private static final class Rows {
    private final OptionalInt end;
    private final boolean[] ended;
    private int running;

    Rows(OptionalInt end, int rows) {
      this.end = end;
      ended = new boolean[rows];
      running = rows;
    }

    boolean haveEnded() {
      return end.isPresent() && running == 0;
    }

    /** Takes the levels of a step, [B]; looks at them only where one is an end. */
    void draw(Tensor level) {
      if (end.isEmpty()) {
        return;
      }
      float[] levels = level.toFloats();
      for (int b = 0; b < ended.length; b++) {
        if (!ended[b] && levels[b] == end.getAsInt()) {
          ended[b] = true;
          running--;
        }
      }
    }
  }

  /**
   * Draws B sequences.
   *
   * <p>A row that has ended is computed on until the last one ends, and what follows its end is to
   * be cut off: the width of the matrix products is B at every step, so that a row's bits do not
   * depend on when the others end.
   *
   * @param uniforms [B, T, U], U numbers a level
   * @param end the level that ends a sequence, if one does
   * @param draw from the parameters of a step [B, P] and its numbers, [B] or [B, U], to levels [B]
   * @return [B, T, 1], or fewer steps if every row has ended before
   */
  Tensor sample(Tensor uniforms, OptionalInt end, BinaryOperator<Tensor> draw) {
    long[] shape = uniforms.shape();
    long[] ofStep = shape[2] == 1 ? new long[] {shape[0]} : new long[] {shape[0], shape[2]};
    Engine engine = weights.engine();
    List<Tensor> start = network.beforeTheStart(weights, label);
    Tensor startSymbol = engine.full(network.event().levels(), shape[0]); // [B]
    try (TensorCache cache = engine.cache()) {
      Queue levels = new Queue(cache, startSymbol, stack.kernel());
      List<Queue> queues = new ArrayList<>();
      for (int l = 0; l < stack.layers(); l++) {
        queues.add(new Queue(cache, start.get(l), stack.reach(l)));
      }
      Tensor[] drawn = new Tensor[(int) shape[1]];
      Rows rows = new Rows(end, (int) shape[0]);
      int steps = 0;
      for (int t = 0; t < drawn.length && !rows.haveEnded(); t++) {
        int step = t;
        engine.scoped(
            () -> {
              Tensor uniform = uniforms.slice(1, step, step + 1L).reshape(ofStep); // [B] or [B, U]
              Tensor level = draw.apply(column(levels, queues), uniform); // [B]
              levels.push(level);
              drawn[step] = cache.keep(level.expandDims(1)); // [B, 1]
              rows.draw(level);
              return null;
            });
        steps++;
      }
      Tensor[] others = Arrays.copyOfRange(drawn, 1, steps);
      return drawn[0].concat(1, others).expandDims(2); // [B, T, 1]
    }
  }

  /** The parameters of the next step's distribution, [B, outputs]; the queues move on. */
  private Tensor column(Queue levels, List<Queue> queues) {
    Tensor x = network.firstConvolution(weights, levels::back); // [B, C]
    List<Tensor> gates = new ArrayList<>();
    for (int l = 0; l < stack.layers(); l++) {
      Queue queue = queues.get(l);
      Tensor[] taps = new Tensor[stack.kernel()];
      taps[0] = x;
      for (int k = 1; k < taps.length; k++) {
        taps[k] = queue.back(k * stack.dilations().get(l));
      }
      Tensor gate = stack.gate(weights, l, taps, label); // [B, C]
      gates.add(gate);
      queue.push(x);
      if (l + 1 < stack.layers()) {
        x = stack.next(weights, l, x, gate);
      }
    }
    return network.project(weights, gates);
  }
}
