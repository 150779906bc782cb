package dev.ancestral.job.train.audit;

import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.loader.MultisetHash;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The audit of a run's epochs: an epoch is accepted only if it used every example of the split
 * once. The two sides come from different places: the uses from the batches that were handed to the
 * loss, the examples from the shards that the manifest lists.
 *
 * @param from the first epoch that is audited: 0, except in a run that was begun by a version
 *     without an audit
 * @param epochs that are over
 * @param open uses in the epoch that is under way
 * @param whole every example of the split once, or null until every shard has been read
 * @param held the shards read so far, by index, until {@code whole} is known
 */
public record EpochAudit(
    long from, long epochs, MultisetHash open, MultisetHash whole, Map<Integer, MultisetHash> held)
    implements Serializable {

  /** The audit of a run of which every use from a step on will be recorded. */
  public static EpochAudit begun(long step, long stepsPerEpoch) {
    long epochs = step / stepsPerEpoch;
    long from = (step + stepsPerEpoch - 1) / stepsPerEpoch;
    return new EpochAudit(from, epochs, MultisetHash.NONE, null, Map.of());
  }

  /**
   * The audit after a round.
   *
   * @param pages the entries of all replicas, or of all tasks, of the round
   * @param split that is learned from
   * @param ended epochs that are over after it
   * @throws EpochAuditException if an epoch that is over has not used every example once, or if one
   *     was used in another epoch
   */
  public EpochAudit after(List<EpochAuditEntry> pages, DatasetManifest.Split split, long ended) {
    TreeMap<Long, MultisetHash> used = new TreeMap<>();
    used.put(epochs, open);
    TreeMap<Integer, MultisetHash> shards = new TreeMap<>(held);
    for (EpochAuditEntry page : pages) {
      page.used().forEach((epoch, tally) -> used.merge(epoch, tally, MultisetHash::plus));
      shards.putAll(page.held());
    }
    MultisetHash all = whole;
    for (long epoch = epochs; epoch < ended; epoch++) {
      MultisetHash tally = used.containsKey(epoch) ? used.remove(epoch) : MultisetHash.NONE;
      if (epoch >= from) {
        all = all == null ? whole(split, shards) : all;
        requireOnce(epoch, tally, all);
      }
    }
    MultisetHash next = used.containsKey(ended) ? used.remove(ended) : MultisetHash.NONE;
    if (!used.isEmpty()) {
      throw new EpochAuditException(
          "the ledger does not balance: examples were used in the epochs "
              + used.keySet()
              + " while it was epoch "
              + ended
              + "'s turn");
    }
    return new EpochAudit(from, ended, next, all, all == null ? shards : Map.of());
  }

  private static void requireOnce(long epoch, MultisetHash used, MultisetHash all) {
    if (used.uses() != all.uses()) {
      throw new EpochAuditException(
          "the ledger of epoch "
              + epoch
              + " does not balance: "
              + used.uses()
              + " uses of "
              + all.uses()
              + " examples; each must be used once");
    }
    if (!used.equals(all)) {
      throw new EpochAuditException(
          "the ledger of epoch "
              + epoch
              + " does not balance: "
              + used.uses()
              + " uses are as many as there are examples, but some were used twice and others"
              + " not at all");
    }
  }

  private static MultisetHash whole(
      DatasetManifest.Split split, Map<Integer, MultisetHash> shards) {
    MultisetHash all = MultisetHash.NONE;
    for (int index = 0; index < split.shards().size(); index++) {
      ShardEntry entry = split.shards().get(index);
      MultisetHash shard = shards.get(index);
      if (entry.examples() > 0 && shard == null) {
        throw new EpochAuditException(
            "the ledger does not balance: no replica used " + entry.file() + " in a whole epoch");
      }
      all = shard == null ? all : all.plus(shard);
    }
    if (all.uses() != split.examples()) {
      throw new EpochAuditException(
          "the ledger does not balance: the shards hold "
              + all.uses()
              + " examples, the manifest lists "
              + split.examples());
    }
    return all;
  }
}
