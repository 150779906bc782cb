package dev.ancestral.distribution;

import dev.ancestral.schema.ColumnType;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import java.util.Arrays;

/**
 * A whole number by a histogram: it lies in a bin of the column with the probability that the
 * softmax of the logits gives, and is one of the values of the bin, each as probable. Below the
 * first bin and above the last one is a tail each ({@link ColumnType.Whole#meanDistanceOfTails}).
 *
 * <p>Values are digits to the base 2^24 of the number of steps above the least value, which float32
 * holds exactly; nothing here puts them together into one float32. Parameters: the logits of the B
 * bins, of the lower and of the upper tail. Noise: one uniform number for the bin, one a digit.
 * Draws lie in the bins. A uniform number has 24 bits, so in a bin of very many values the first
 * digit that is not the same in all of them is drawn in proportion to its values to within 2^−24.
 */
public final class WholeDistribution implements ColumnDistribution {
  private static final int BASE_BITS = 24;
  private static final double BASE = 1 << BASE_BITS;

  private final int bins; // B
  private final int digits; // E
  private final double[][] edges; // [E][B + 1]
  private final double[] logShare; // of one value of a bin, or the first of a tail, [B + 2]
  private final double logDecay;
  private final double[] draws; // [B, 3 E]: least value of a bin, last offset, bound of the offset
  private final double[] middles; // [B, E]

  /** The histogram over the bins of a column. */
  public WholeDistribution(ColumnType.Whole type) {
    bins = type.edges().size() - 1;
    digits = type.elements();
    edges = new double[digits][bins + 1];
    logShare = new double[bins + 2];
    draws = new double[bins * 3 * digits];
    middles = new double[bins * digits];
    long[] begins = type.begins();
    for (int edge = 0; edge <= bins; edge++) {
      for (int d = 0; d < digits; d++) {
        edges[d][edge] = digit(begins[edge], d);
      }
    }
    for (int bin = 0; bin < bins; bin++) {
      long first = begins[bin];
      long last = begins[bin + 1] - first - 1;
      if (last < 0) {
        throw new IllegalArgumentException("bin " + bin + " of " + type + " holds no value");
      }
      logShare[bin] = -Math.log(last + 1.0);
      for (int d = 0; d < digits; d++) {
        int at = bin * 3 * digits + d;
        long rest = d == 0 ? last : last % weight(d - 1);
        draws[at] = digit(first, d);
        draws[at + digits] = Math.floorDiv(rest, weight(d));
        draws[at + 2 * digits] = (rest + 1.0) / weight(d);
        middles[bin * digits + d] = digit(first + last / 2, d);
      }
    }
    double mean = type.meanDistanceOfTails();
    logDecay = Math.log1p(-1 / mean);
    Arrays.fill(logShare, bins, bins + 2, -Math.log(mean));
  }

  /** Of bins and tails. */
  public int cells() {
    return bins + 2;
  }

  @Override
  public int elements() {
    return digits;
  }

  @Override
  public int parametersPerElement() {
    return cells();
  }

  @Override
  public int noisePerElement() {
    return 1 + digits;
  }

  @Override
  public Tensor logProb(Tensor parameters, Tensor x) {
    Tensor tails = parameters.slice(-1, bins, bins + 2L).add(UNSEEN);
    Tensor logits = parameters.slice(-1, 0, bins).concat(-1, tails); // [.., B + 2]
    Tensor cell = cell(x); // [..]
    Tensor ofCell =
        new Categorical(cells()).logProb(logits, cell.broadcastTo(Axes.leading(parameters)));
    return ofCell.add(logShare(x, cell)); // [..]
  }

  /** Where digits lie, [.., E] → [..]: bin 0 to B − 1, B below them all, B + 1 above. */
  public Tensor cell(Tensor x) {
    Engine engine = x.engine();
    Tensor reached = null; // 1 for every edge that is not above the value, [.., B + 1]
    for (int d = digits - 1; d >= 0; d--) {
      Tensor own = x.slice(-1, d, d + 1L); // [.., 1]
      Tensor edge = engine.constant(edges[d], bins + 1L);
      Tensor beyond = own.greater(edge);
      Tensor equal = Axes.not(beyond.add(edge.greater(own)));
      reached = beyond.add(reached == null ? equal : equal.mul(reached));
    }
    Tensor count = reached.sum(-1); // [..]
    Tensor below = Axes.not(count.greater(0.5));
    Tensor above = count.greater(bins + 0.5);
    return count.add(-1).add(below.mul(bins + 1.0)).add(above);
  }

  /** log of the share that a value has of its bin or tail, [..]. */
  private Tensor logShare(Tensor x, Tensor cell) {
    Tensor steps = null; // above the least value
    Tensor over = null; // above the first value of the upper tail
    for (int d = 0; d < digits; d++) {
      Tensor own = Axes.only(x, d); // [..]
      Tensor beyond = own.add(-edges[d][bins]).mul((double) weight(d));
      own = own.mul((double) weight(d));
      steps = steps == null ? own : steps.add(own);
      over = over == null ? beyond : over.add(beyond);
    }
    Tensor above = cell.greater(bins + 0.5);
    Tensor below = cell.greater(bins - 0.5).sub(above);
    Tensor distance = above.mul(over).add(below.mul(steps.neg().add(-1)));
    Tensor shares = cell.engine().constant(logShare, cells(), 1);
    return Axes.only(shares.rows(cell), 0).add(distance.mul(logDecay));
  }

  @Override
  public Tensor sample(Tensor parameters, Tensor uniform, double temperature) {
    Tensor inside = parameters.slice(-1, 0, bins); // [.., B]
    Tensor first = uniform.slice(-1, 0, 1); // [.., 1]
    Tensor bin =
        bins == 1
            ? Axes.only(first, 0).mul(0)
            : new Categorical(bins).sample(inside, Axes.only(first, 0), temperature); // [..]
    Tensor table = parameters.engine().constant(draws, bins, 3L * digits).rows(bin); // [.., 3 E]
    Tensor[] offset = new Tensor[digits]; // [..] each
    Tensor tight = null; // 1 where the digits so far are those of the last offset
    for (int d = 0; d < digits; d++) {
      Tensor last = Axes.only(table, digits + d);
      Tensor bound = Axes.only(table, 2 * digits + d);
      if (tight != null) {
        last = tight.mul(last.add(-(BASE - 1))).add(BASE - 1);
        bound = tight.mul(bound).add(Axes.not(tight).mul(BASE));
      }
      offset[d] = Axes.only(uniform, 1 + d).mul(bound).floor().minimum(last);
      Tensor isLast = Axes.not(last.greater(offset[d]));
      tight = tight == null ? isLast : tight.mul(isLast);
    }
    return sum(table, offset);
  }

  /** The digits of the first value of a bin and an offset, from the last, with a carry. */
  private Tensor sum(Tensor table, Tensor[] offset) {
    Tensor[] digit = new Tensor[digits]; // [..] each
    Tensor carry = null;
    for (int d = digits - 1; d >= 0; d--) {
      Tensor start = Axes.only(table, d);
      Tensor added = carry == null ? offset[d] : offset[d].add(carry);
      if (d == 0) {
        digit[d] = start.add(added);
      } else {
        Tensor room = start.neg().add(BASE); // no sum exceeds 2^24, where float32 has gaps
        carry = Axes.not(room.greater(added));
        digit[d] = carry.where(added.sub(room), added.add(start));
      }
    }
    Tensor result = digit[0].expandDims(-1);
    for (int d = 1; d < digits; d++) {
      result = result.concat(-1, digit[d].expandDims(-1));
    }
    return result; // [.., E]
  }

  /** The middle of the most probable bin. */
  @Override
  public Tensor center(Tensor parameters) {
    Tensor bin = Axes.largest(parameters.slice(-1, 0, bins)); // [..]
    return parameters.engine().constant(middles, bins, digits).rows(bin); // [.., E]
  }

  private long weight(int digit) {
    return 1L << (BASE_BITS * (digits - 1 - digit));
  }

  private double digit(long steps, int digit) {
    long above = Math.floorDiv(steps, weight(digit));
    return digit == 0 ? above : Math.floorMod(above, (long) BASE);
  }
}
