package dev.ancestral.job.train;

import dev.ancestral.model.Batch;
import dev.ancestral.model.Dequantization;
import dev.ancestral.model.Network;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** The batches of one replica, step by step, and its page of the ledger of what was handed out. */
final class TrainingBatches {
  private final Run run;
  private final int replica;
  private final Network network;
  private final Examples examples;
  private MessageDigest handedOut = ReplicaState.sha256();
  private Map<Long, Tally> used = new TreeMap<>();
  private long epoch = -1;
  private Shares.Order order;

  TrainingBatches(Run run, int replica, Network network) {
    this.run = run;
    this.replica = replica;
    this.network = network;
    this.examples = new Examples(run.dataset(), run.trainSplit());
  }

  /** Begins a round: the page is empty. */
  void begin() {
    handedOut = ReplicaState.sha256();
    used = new TreeMap<>();
    examples.forgetTouched();
  }

  /** What was handed out since {@link #begin}. */
  LedgerPage ledger() {
    return new LedgerPage(HexFormat.of().formatHex(handedOut.digest()), used, examples.touched());
  }

  /**
   * What the objectives see of the examples of a step.
   *
   * @param noted whether they go into the ledger: once a step, however many players see them
   */
  Network.View at(long step, boolean noted) {
    long perEpoch = run.shares().stepsPerEpoch();
    if (step / perEpoch != epoch) {
      epoch = step / perEpoch;
      order = run.shares().order(run.key("data"), replica, epoch);
    }
    long from = step % perEpoch * run.spec().batchSize();
    long to = from + run.shares().count(replica, step);
    // The shards of the next window are read while this one is being used.
    order.next(from, to).ifPresent(window -> examples.prefetch(window.start(), window.end()));
    Batch batch = examples.batch(order.positions(from, to));
    if (noted) {
      ByteBuffer ids = ByteBuffer.allocate(batch.size() * Long.BYTES);
      for (long id : batch.ids()) {
        ids.putLong(id);
      }
      handedOut.update(ids.array());
      used.merge(epoch, Tally.of(batch.ids()), Tally::plus);
    }
    Batch modelled =
        run.recipe().isDequantized()
            ? Dequantization.apply(batch, run.key("dequantize").fold(epoch))
            : batch;
    return network.trainingView(modelled, run.key("view").fold(epoch));
  }
}
