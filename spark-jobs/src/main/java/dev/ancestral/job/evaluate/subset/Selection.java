package dev.ancestral.job.evaluate.subset;

import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Which examples of a split are scored: all, or the N whose ids have the smallest keyed hashes. The
 * choice depends on the ids alone, so equal data give equal choices whatever the model and seed.
 *
 * @param last the largest pair (hash, id) that is in; null for all
 */
public record Selection(Entry last) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final RandomKey KEY = RandomKey.of(0).fold("evaluate limit");

  /** An id with its hash, ordered by hash as an unsigned number. */
  public record Entry(long hash, long id) implements Comparable<Entry>, Serializable {
    private static final long serialVersionUID = 1L;

    /** The entry of an id. */
    public static Entry of(long id) {
      return new Entry(KEY.fold(id).bits(0), id);
    }

    @Override
    public int compareTo(Entry other) {
      int byHash = Long.compareUnsigned(hash, other.hash);
      return byHash != 0 ? byHash : Long.compare(id, other.id);
    }
  }

  /** Every example. */
  public static Selection all() {
    return new Selection(null);
  }

  /** Whether an example is scored. */
  public boolean contains(long id) {
    return last == null || Entry.of(id).compareTo(last) <= 0;
  }

  /** The rows that are scored, ascending. */
  public int[] rows(long[] ids) {
    return java.util.stream.IntStream.range(0, ids.length).filter(i -> contains(ids[i])).toArray();
  }

  /** The N smallest of a stream of entries. */
  public static final class Smallest {
    private final int limit;
    private final PriorityQueue<Entry> entries = new PriorityQueue<>(Comparator.reverseOrder());

    /**
     * @param limit N
     */
    public Smallest(long limit) {
      this.limit = Math.toIntExact(limit);
    }

    /** Adds an entry; only the N smallest are kept. */
    public void add(Entry entry) {
      if (entries.size() < limit) {
        entries.add(entry);
      } else if (entry.compareTo(entries.peek()) < 0) {
        entries.poll();
        entries.add(entry);
      }
    }

    /** What was kept, in no order. */
    public Entry[] entries() {
      return entries.toArray(Entry[]::new);
    }

    /** The selection of what was kept: of everything if there were no more than N. */
    public Selection selection() {
      return entries.isEmpty() ? all() : new Selection(entries.peek());
    }
  }

  /** The selection of a limit, from the N smallest entries of each shard. */
  public static Selection of(long limit, List<Entry[]> shards) {
    Smallest smallest = new Smallest(limit);
    for (Entry[] entries : shards) {
      for (Entry entry : entries) {
        smallest.add(entry);
      }
    }
    return smallest.selection();
  }

  /** How many of these entries are in. */
  public long count(Entry[] entries) {
    return Arrays.stream(entries).filter(e -> last == null || e.compareTo(last) <= 0).count();
  }
}
