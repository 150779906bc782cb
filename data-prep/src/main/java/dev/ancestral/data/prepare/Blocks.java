package dev.ancestral.data.prepare;

import dev.ancestral.data.source.Source.RawExample;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import scala.Tuple2;

/**
 * Packs the examples of a partition into blocks, each of one shard. At any time one block of each
 * split is open.
 */
final class Blocks implements Iterator<Tuple2<BlockKey, Block>> {
  private final Iterator<RawExample> examples;
  private final ShardPlan plan;
  private final long limit;
  private final Block[] open = new Block[SplitRule.NAMES.size()];
  private final int[] shards = new int[SplitRule.NAMES.size()];
  private final Deque<Tuple2<BlockKey, Block>> ready = new ArrayDeque<>();
  private long[] ranks;
  private long expected = -1;

  /**
   * @param limit positions from here on are left out
   */
  Blocks(Iterator<RawExample> examples, ShardPlan plan, long limit) {
    this.examples = examples;
    this.plan = plan;
    this.limit = limit;
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && examples.hasNext()) {
      add(examples.next());
      if (!examples.hasNext()) {
        closeAll();
      }
    }
    return !ready.isEmpty();
  }

  @Override
  public Tuple2<BlockKey, Block> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  private void add(RawExample example) {
    long position = example.position();
    if (position >= limit) {
      return;
    }
    if (position != expected) {
      // A new run: blocks hold neighbours only, so that they sort into the order of the input.
      closeAll();
      ranks = plan.splits().ranks(position);
    }
    expected = position + 1;
    int split = plan.splits().split(position);
    int shard = plan.shard(split, ranks[split]++);
    if (open[split] != null && (open[split].isFull() || shards[split] != shard)) {
      close(split);
    }
    if (open[split] == null) {
      open[split] = new Block();
      shards[split] = shard;
    }
    open[split].add(example);
  }

  private void closeAll() {
    for (int split = 0; split < open.length; split++) {
      if (open[split] != null) {
        close(split);
      }
    }
  }

  private void close(int split) {
    Block block = open[split].trimmed();
    ready.add(new Tuple2<>(new BlockKey(shards[split], block.firstPosition()), block));
    open[split] = null;
  }
}
