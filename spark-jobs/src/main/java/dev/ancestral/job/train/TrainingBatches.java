package dev.ancestral.job.train;

import dev.ancestral.model.Batch;
import dev.ancestral.model.Network;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The batches of one replica, step by step, and its page of the ledger of what was handed out. */
final class TrainingBatches implements AutoCloseable {
  /** The windows of an epoch that are being used. */
  private record Held(long epoch, int first, int last) {}

  private final Run run;
  private final int replica;
  private final Network network;
  private final Examples examples;
  private MessageDigest handedOut = ReplicaState.sha256();
  private Map<Long, Tally> used = new TreeMap<>();
  private long epoch = -1;
  private Shares.Order order;
  private Held held = new Held(-1, 0, 0);

  TrainingBatches(Run run, int replica, Network network) {
    this(run, replica, network, ShardCache.shared());
  }

  TrainingBatches(Run run, int replica, Network network, ShardCache cache) {
    this.run = run;
    this.replica = replica;
    this.network = network;
    this.examples = new Examples(run.dataset(), run.trainSplit(), cache);
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

  /** Reads the shards of the next window, perhaps of the next epoch, while this one is used. */
  private void hold(int first, int last) {
    if (held.equals(new Held(epoch, first, last))) {
      return;
    }
    held = new Held(epoch, first, last);
    List<Shares.Window> now = IntStream.rangeClosed(first, last).mapToObj(order::window).toList();
    List<Shares.Window> next = List.of();
    if (last + 1 < order.windows()) {
      next = List.of(order.window(last + 1));
    } else if ((epoch + 1) * run.shares().stepsPerEpoch() < run.totalSteps()) {
      next = List.of(run.shares().order(run.key("data"), replica, epoch + 1).window(0));
    }
    examples.hold(now, next);
  }

  /** Time spent on waiting for shards since this was last asked. */
  long takeWaitNanos() {
    return examples.takeWaitNanos();
  }

  @Override
  public void close() {
    examples.close();
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
    hold(order.visit(from), order.visit(to - 1));
    Batch batch = examples.batch(order.positions(from, to));
    if (noted) {
      ByteBuffer ids = ByteBuffer.allocate(batch.size() * Long.BYTES);
      for (long id : batch.ids()) {
        ids.putLong(id);
      }
      handedOut.update(ids.array());
      used.merge(epoch, Tally.of(batch.ids()), Tally::plus);
    }
    Batch modelled = run.recipe().modelled().apply(batch, run.key("dequantize").fold(epoch));
    return network.trainingView(network.admitted(modelled), run.key("view").fold(epoch));
  }
}
