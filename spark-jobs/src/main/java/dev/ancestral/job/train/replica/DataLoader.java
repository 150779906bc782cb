package dev.ancestral.job.train.replica;

import dev.ancestral.Failures;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.loader.DistributedSampler;
import dev.ancestral.data.loader.MultisetHash;
import dev.ancestral.data.loader.ShardCache;
import dev.ancestral.data.loader.ShardDataset;
import dev.ancestral.job.train.audit.EpochAuditEntry;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Network;
import dev.ancestral.train.BatchProvider;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * The batches of one replica, step by step, and its page of the ledger of what was handed out.
 * While a batch is used, the next one is put together on a thread of its own.
 */
public final class DataLoader implements BatchProvider, AutoCloseable {
  /** The windows of an epoch that are being used. */
  private record Held(long epoch, int first, int last) {}

  /** A batch that is put together. */
  private record Prepared(
      long step, Network.View view, long[] ids, Map<Integer, MultisetHash> touched) {}

  private final TrainingContext run;
  private final int replica;
  private final Network network;

  // The loop's thread alone uses these.
  private MessageDigest handedOut = Sha256.digest();
  private Map<Long, MultisetHash> used = new TreeMap<>();
  private Map<Integer, MultisetHash> touched = new TreeMap<>();
  private Future<Prepared> ahead;
  private long aheadStep = -1;
  private long waitNanos;

  // The thread that puts batches together alone uses these.
  private final ExecutorService thread;
  private final ShardDataset examples;
  private long epoch = -1;
  private DistributedSampler.EpochPermutation order;
  private Held held = new Held(-1, 0, 0);

  public DataLoader(TrainingContext run, int replica, Network network) {
    this(run, replica, network, ShardCache.shared());
  }

  public DataLoader(TrainingContext run, int replica, Network network, ShardCache cache) {
    this.run = run;
    this.replica = replica;
    this.network = network;
    this.examples = new ShardDataset(run.dataset(), run.trainSplit(), cache);
    thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = new Thread(work, "batches-of-replica-" + replica);
              made.setDaemon(true);
              return made;
            });
  }

  /** Begins a round: the page is empty. */
  public void begin() {
    handedOut = Sha256.digest();
    used = new TreeMap<>();
    touched = new TreeMap<>();
  }

  /** What was handed out since {@link #begin}. */
  public EpochAuditEntry ledger() {
    return new EpochAuditEntry(Sha256.hex(handedOut), used, touched);
  }

  @Override
  public int count(long step) {
    return run.shares().count(replica, step);
  }

  @Override
  public long total(long step) {
    return run.shares().total(step);
  }

  @Override
  public long stepsPerEpoch() {
    return run.shares().stepsPerEpoch();
  }

  /** The batch of a step, which goes into the ledger. */
  @Override
  public Network.View batch(long step) {
    Prepared prepared = take(step);
    prepareAhead(step + 1);
    ByteBuffer ids = ByteBuffer.allocate(prepared.ids().length * Long.BYTES);
    for (long id : prepared.ids()) {
      ids.putLong(id);
    }
    handedOut.update(ids.array());
    used.merge(step / stepsPerEpoch(), MultisetHash.of(prepared.ids()), MultisetHash::plus);
    touched.putAll(prepared.touched());
    return prepared.view();
  }

  /** The batch of a step, for a second look at it. */
  public Network.View unnoted(long step) {
    return take(step).view();
  }

  private Prepared take(long step) {
    long started = System.nanoTime();
    Future<Prepared> wanted =
        ahead != null && aheadStep == step ? ahead : thread.submit(() -> prepare(step));
    ahead = null;
    try {
      return wanted.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the batch of step " + step, e);
    } catch (ExecutionException e) {
      throw Failures.unchecked(e);
    } finally {
      waitNanos += System.nanoTime() - started;
    }
  }

  private void prepareAhead(long step) {
    if (step < run.totalSteps() && count(step) > 0) {
      aheadStep = step;
      ahead = thread.submit(() -> prepare(step));
    }
  }

  private Prepared prepare(long step) {
    long perEpoch = stepsPerEpoch();
    if (step / perEpoch != epoch) {
      epoch = step / perEpoch;
      order = run.shares().order(run.key("data"), replica, epoch);
    }
    long from = step % perEpoch * run.spec().batchSize();
    long to = from + count(step);
    hold(order.visit(from), order.visit(to - 1));
    examples.forgetTouched();
    Batch batch = examples.batch(order.positions(from, to));
    Batch modelled = run.recipe().modelled().apply(batch, run.key("dequantize").fold(epoch));
    Network.View view =
        network.trainingView(network.admitted(modelled), run.key("view").fold(epoch));
    return new Prepared(step, view, batch.ids(), examples.touched());
  }

  /** Reads the shards of the next window, perhaps of the next epoch, while this one is used. */
  private void hold(int first, int last) {
    if (held.equals(new Held(epoch, first, last))) {
      return;
    }
    held = new Held(epoch, first, last);
    List<DistributedSampler.Window> now =
        IntStream.rangeClosed(first, last).mapToObj(order::window).toList();
    List<DistributedSampler.Window> next = List.of();
    if (last + 1 < order.windows()) {
      next = List.of(order.window(last + 1));
    } else if ((epoch + 1) * run.shares().stepsPerEpoch() < run.totalSteps()) {
      next = List.of(run.shares().order(run.key("data"), replica, epoch + 1).window(0));
    }
    examples.hold(now, next);
  }

  @Override
  public long takeWaitNanos() {
    long waited = waitNanos;
    waitNanos = 0;
    return waited;
  }

  /** Waits for a batch that is being put together, and releases the shards. */
  @Override
  public void close() {
    Future<?> closed = thread.submit(examples::close);
    thread.shutdown();
    boolean interrupted = false;
    while (true) {
      try {
        closed.get();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        throw Failures.unchecked(e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
