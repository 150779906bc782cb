package dev.ancestral.data.rows.survey;

import java.util.ArrayList;
import java.util.List;

/**
 * Edges of bins that hold about as many values each, from the values in ascending order with their
 * counts. A value that holds more than a bin's share has a bin of its own.
 */
final class BinEdges {
  private static final int BINS = 64;

  private final long all;
  private final long step;
  private final List<Long> edges = new ArrayList<>();
  private int bin = -1;
  private boolean afterHeavy;

  /**
   * @param all number of values, counted as often as they occur
   * @param step between neighbours
   */
  BinEdges(long all, long step) {
    this.all = all;
    this.step = step;
  }

  /** The bin that a value begins in which has so many before it. */
  static int bin(long before, long all) {
    return Math.toIntExact(Math.multiplyExact(before, BINS) / all);
  }

  /** Whether a value has a bin of its own. */
  static boolean isHeavy(long count, long all) {
    return count > all / BINS;
  }

  /**
   * Adds a value above those before; one that is neither heavy nor begins in another bin than the
   * one before may be left out.
   *
   * @param before how many values are below
   * @param count how often it occurs
   */
  void add(long value, long before, long count) {
    int at = bin(before, all);
    if (isHeavy(count, all)) {
      addEdge(value);
      addEdge(value + step);
      afterHeavy = true;
    } else if (!afterHeavy && at != bin) {
      addEdge(value);
    } else {
      afterHeavy = false;
    }
    bin = at;
  }

  private void addEdge(long edge) {
    if (edges.isEmpty() || edges.get(edges.size() - 1) < edge) {
      edges.add(edge);
    }
  }

  /** The edges, when all values are added. */
  List<Long> edges(long greatest) {
    addEdge(greatest + step);
    return List.copyOf(edges);
  }
}
