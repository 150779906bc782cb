package dev.ancestral.data.prepare;

import java.io.Serializable;

/** Orders blocks by shard, and by id within it. */
final class BlockKey implements Serializable, Comparable<BlockKey> {
  private static final long serialVersionUID = 1L;

  private final int shard;
  private final long firstId;

  BlockKey(int shard, long firstId) {
    this.shard = shard;
    this.firstId = firstId;
  }

  int shard() {
    return shard;
  }

  @Override
  public int compareTo(BlockKey other) {
    int byShard = Integer.compare(shard, other.shard);
    return byShard != 0 ? byShard : Long.compare(firstId, other.firstId);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockKey key && compareTo(key) == 0;
  }

  @Override
  public int hashCode() {
    return Integer.hashCode(shard) * 31 + Long.hashCode(firstId);
  }
}
