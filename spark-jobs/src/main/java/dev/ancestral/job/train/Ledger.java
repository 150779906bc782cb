package dev.ancestral.job.train;

import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.ShardEntry;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The books of a run: each epoch is closed only when its uses are those of every example of the
 * split, once. The two sides come from different places: the uses from the batches that were handed
 * to the loss, the examples from the shards that the manifest lists.
 *
 * @param from the first epoch that is judged: 0, but for runs that began before there were books
 * @param epochs that are over
 * @param open uses in the epoch that is under way
 * @param whole every example of the split once, or null until every shard has been read
 * @param held the shards read so far, by index, until {@code whole} is known
 */
record Ledger(long from, long epochs, Tally open, Tally whole, Map<Integer, Tally> held)
    implements Serializable {

  /** The books of a run that stands at a step from which on everything will be written down. */
  static Ledger begun(long step, long stepsPerEpoch) {
    long epochs = step / stepsPerEpoch;
    long from = (step + stepsPerEpoch - 1) / stepsPerEpoch;
    return new Ledger(from, epochs, Tally.NONE, null, Map.of());
  }

  /**
   * The books after a round.
   *
   * @param pages of everyone who took part in it
   * @param split that is learned from
   * @param ended epochs that are over after it
   * @throws LedgerException if an epoch that is over has not used every example once, or if one was
   *     used that was not its turn
   */
  Ledger after(List<LedgerPage> pages, DatasetManifest.Split split, long ended) {
    TreeMap<Long, Tally> used = new TreeMap<>();
    used.put(epochs, open);
    TreeMap<Integer, Tally> shards = new TreeMap<>(held);
    for (LedgerPage page : pages) {
      page.used().forEach((epoch, tally) -> used.merge(epoch, tally, Tally::plus));
      shards.putAll(page.held());
    }
    Tally all = whole;
    for (long epoch = epochs; epoch < ended; epoch++) {
      Tally tally = used.containsKey(epoch) ? used.remove(epoch) : Tally.NONE;
      if (epoch >= from) {
        all = all == null ? whole(split, shards) : all;
        requireOnce(epoch, tally, all);
      }
    }
    Tally next = used.containsKey(ended) ? used.remove(ended) : Tally.NONE;
    if (!used.isEmpty()) {
      throw new LedgerException(
          "the ledger does not balance: examples were used in the epochs "
              + used.keySet()
              + " while it was epoch "
              + ended
              + "'s turn");
    }
    return new Ledger(from, ended, next, all, all == null ? shards : Map.of());
  }

  private static void requireOnce(long epoch, Tally used, Tally all) {
    if (used.uses() != all.uses()) {
      throw new LedgerException(
          "the ledger of epoch "
              + epoch
              + " does not balance: "
              + used.uses()
              + " uses of "
              + all.uses()
              + " examples; each must be used once");
    }
    if (!used.equals(all)) {
      throw new LedgerException(
          "the ledger of epoch "
              + epoch
              + " does not balance: "
              + used.uses()
              + " uses are as many as there are examples, but some were used twice and others"
              + " not at all");
    }
  }

  private static Tally whole(DatasetManifest.Split split, Map<Integer, Tally> shards) {
    Tally all = Tally.NONE;
    for (int index = 0; index < split.shards().size(); index++) {
      ShardEntry entry = split.shards().get(index);
      Tally shard = shards.get(index);
      if (entry.examples() > 0 && shard == null) {
        throw new LedgerException(
            "the ledger does not balance: nobody used " + entry.file() + " in a whole epoch");
      }
      all = shard == null ? all : all.plus(shard);
    }
    if (all.uses() != split.examples()) {
      throw new LedgerException(
          "the ledger does not balance: the shards hold "
              + all.uses()
              + " examples, the manifest lists "
              + split.examples());
    }
    return all;
  }
}
