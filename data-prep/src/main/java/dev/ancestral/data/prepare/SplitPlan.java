package dev.ancestral.data.prepare;

import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Which split each position of the input goes to, and how many go there before it.
 *
 * <p>A division by hash is a function of the id alone, so any task can count along: the driver only
 * holds the counts at every {@value #CELL} positions.
 */
final class SplitPlan implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int CELL = 1 << 16;

  private final SplitRule rule;
  private final RandomKey key;
  private final long firstId;
  private final long examples;
  // Examples of each split before position cell · CELL, [cells + 1][splits]; only for Auto.
  private final long[][] before;

  private SplitPlan(SplitRule rule, RandomKey key, long firstId, long examples, long[][] before) {
    this.rule = rule;
    this.key = key;
    this.firstId = firstId;
    this.examples = examples;
    this.before = before;
  }

  /**
   * @param firstId id of position 0; the others follow
   */
  static SplitPlan of(
      JavaSparkContext spark, SplitRule rule, long seed, long firstId, long examples) {
    RandomKey key = RandomKey.of(seed).fold("split");
    SplitPlan plan = new SplitPlan(rule, key, firstId, examples, new long[0][]);
    if (!(rule instanceof SplitRule.Auto)) {
      return plan;
    }
    List<Long> cells = LongStream.range(0, (examples + CELL - 1) / CELL).boxed().toList();
    List<long[]> counts =
        spark
            .parallelize(cells, Math.min(cells.size(), 4 * spark.defaultParallelism()))
            .map(cell -> plan.counts(cell * CELL, Math.min(examples, (cell + 1) * CELL)))
            .collect();
    long[][] before = new long[cells.size() + 1][SplitRule.NAMES.size()];
    for (int cell = 0; cell < cells.size(); cell++) {
      for (int s = 0; s < before[cell].length; s++) {
        before[cell + 1][s] = before[cell][s] + counts.get(cell)[s];
      }
    }
    return new SplitPlan(rule, key, firstId, examples, before);
  }

  private long[] counts(long from, long to) {
    long[] counts = new long[SplitRule.NAMES.size()];
    for (long position = from; position < to; position++) {
      counts[split(position)]++;
    }
    return counts;
  }

  /** Index in {@link SplitRule#NAMES} of the split of a position. */
  int split(long position) {
    if (rule instanceof SplitRule.Auto auto) {
      double u = key.uniform(firstId + position);
      double train = auto.fractions().get(0);
      // The last bound is 1 whatever the rounding of a sum.
      return u < train
          ? 0
          : auto.fractions().get(2) == 0 || u < train + auto.fractions().get(1) ? 1 : 2;
    }
    if (rule instanceof SplitRule.Range) {
      return position < bound(1) ? 0 : position < bound(2) ? 1 : 2;
    }
    return SplitRule.NAMES.indexOf(rule.names().get(0));
  }

  /** Position at which a split of a range begins. */
  private long bound(int split) {
    List<Double> fractions = ((SplitRule.Range) rule).fractions();
    double sum = 0;
    for (int s = 0; s < split; s++) {
      sum += fractions.get(s);
    }
    return split == SplitRule.NAMES.size()
        ? examples
        : Math.min(examples, Math.round(sum * examples));
  }

  /** Examples of each split before a position. */
  long[] ranks(long position) {
    long[] ranks = new long[SplitRule.NAMES.size()];
    if (rule instanceof SplitRule.Auto) {
      int cell = Math.toIntExact(position / CELL);
      long[] within = counts((long) cell * CELL, position);
      for (int s = 0; s < ranks.length; s++) {
        ranks[s] = before[cell][s] + within[s];
      }
    } else if (rule instanceof SplitRule.Range) {
      for (int s = 0; s < ranks.length; s++) {
        long begin = s == 0 ? 0 : bound(s);
        ranks[s] = Math.max(0, Math.min(position, bound(s + 1)) - begin);
      }
    } else {
      ranks[split(0)] = position;
    }
    return ranks;
  }

  long examples() {
    return examples;
  }

  long id(long position) {
    return firstId + position;
  }
}
