package dev.ancestral.data.prepare;

import org.apache.spark.Partitioner;

/** Neighbouring shards to one task. */
final class ShardPartitioner extends Partitioner {
  private static final long serialVersionUID = 1L;

  private final int shards;
  private final int partitions;

  ShardPartitioner(int shards, int partitions) {
    this.shards = shards;
    this.partitions = partitions;
  }

  @Override
  public int numPartitions() {
    return partitions;
  }

  @Override
  public int getPartition(Object key) {
    return (int) ((long) ((BlockKey) key).shard() * partitions / shards);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShardPartitioner same
        && same.shards == shards
        && same.partitions == partitions;
  }

  @Override
  public int hashCode() {
    return 31 * shards + partitions;
  }
}
