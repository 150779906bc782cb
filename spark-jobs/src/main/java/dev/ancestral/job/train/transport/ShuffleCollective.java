package dev.ancestral.job.train.transport;

import dev.ancestral.Failures;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.FlatVectors;
import dev.ancestral.train.TrainState;
import dev.ancestral.train.collective.Collective;
import dev.ancestral.train.collective.CollectiveException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A replica's end of a group that exchanges over Spark's shuffle. The training loop runs on the
 * thread of its replica. At an exchange it stops and offers what it contributes to the task that
 * waits for it; the next task of the replica brings the sums, and the loop goes on.
 *
 * <p>Vectors belong to the loop's thread. While the loop waits, it reads and writes them for the
 * task, slice by slice, so that no exchange is held in memory as a whole.
 */
public final class ShuffleCollective implements Collective {
  private static final int POLL_MILLIS = 100;

  /** How the loop's thread reads elements of a contribution. */
  private interface Reader {
    void read(long offset, FloatBuffer into);
  }

  /** How the loop's thread writes elements of the sums. */
  private interface Writer {
    void write(long offset, FloatBuffer from);
  }

  /**
   * What a replica contributes to one exchange: floats, or a message.
   *
   * @param size number of floats
   * @param message of a compressed update, or null
   * @param scalars that are summed too
   */
  private record Offer(long size, Reader reader, Writer writer, byte[] message, double[] scalars) {}

  private final int replicas;
  private final BlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<Offer> offers = new LinkedBlockingQueue<>();
  private final List<byte[]> received = new ArrayList<>();
  private Offer offered;
  private boolean answered;
  private final AtomicLong bytesSent = new AtomicLong();
  private volatile String failure;

  /**
   * @param replicas of the group
   */
  public ShuffleCollective(int replicas) {
    this.replicas = replicas;
  }

  // On the loop's thread.

  @Override
  public void allReduce(FlatVector vector, double[] scalars) {
    exchange(new Offer(vector.size(), vector::read, vector::write, null, scalars));
  }

  /** All vectors in one exchange: each is a Spark job. */
  @Override
  public void average(FlatVectors vectors, double weight, FlatVector buffer, double[] scalars) {
    float factor = (float) weight;
    Reader weighted =
        (offset, into) -> {
          vectors.read(offset, into);
          for (int i = 0; i < into.limit(); i++) {
            into.put(i, into.get(i) * factor); // In float32, as FlatVector.scale does.
          }
        };
    exchange(new Offer(vectors.size(), weighted, vectors::write, null, scalars));
  }

  @Override
  public byte[][] allGather(byte[] message, double[] scalars) {
    exchange(new Offer(0, null, null, message, scalars));
    return received.toArray(byte[][]::new);
  }

  private void exchange(Offer offer) {
    received.clear();
    answered = false;
    offers.add(offer);
    try {
      while (!answered) {
        requests.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CollectiveException("interrupted while waiting for the other replicas", e);
    }
  }

  @Override
  public long bytesSent() {
    return bytesSent.get();
  }

  /** Makes the loop fail where it waits, or will wait, for an exchange. */
  @Override
  public void abort(String reason) {
    failure = reason;
    requests.add(
        () -> {
          throw new CollectiveException(reason);
        });
  }

  @Override
  public void close() {}

  // On the threads of tasks.

  /**
   * Waits until the loop contributes to an exchange.
   *
   * @param check called again and again while the loop computes; throws to give up
   */
  public void awaitOffer(Runnable check) {
    try {
      Offer next = offers.poll();
      while (next == null) {
        check.run();
        next = offers.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
      }
      offered = next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      check.run();
      throw new CollectiveException("interrupted while waiting for the replica", e);
    }
  }

  /** The scalars of the contribution. */
  public double[] scalars() {
    return offered.scalars().clone();
  }

  /** Whether the contribution is a message, not floats. */
  public boolean isOfMessages() {
    return offered.message() != null;
  }

  /** The message of the contribution. */
  public byte[] message() {
    bytesSent.addAndGet((long) offered.message().length * (replicas - 1));
    return offered.message();
  }

  /** Floats of the contribution. */
  public long size() {
    return offered.size();
  }

  /** Floats of a slice: as many slices as replicas, unless they were too large. */
  public long sliceSize() {
    long even = (size() + replicas - 1) / replicas;
    return Math.min(TrainState.AVERAGED_AT_ONCE, even);
  }

  /** A slice of the contribution. */
  public byte[] slice(int slice) {
    long from = slice * sliceSize();
    int count = (int) Math.min(sliceSize(), size() - from);
    byte[] bytes =
        onLoop(
            () -> {
              ByteBuffer copy =
                  ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
              offered.reader().read(from, copy.asFloatBuffer());
              return copy.array();
            });
    // Out as a contribution, and as much again when the sums are handed out.
    bytesSent.addAndGet(2L * bytes.length);
    return bytes;
  }

  /** Takes in a slice of the sums. */
  public void takeIn(int slice, byte[] sums) {
    long from = slice * sliceSize();
    onLoop(
        () -> {
          FloatBuffer values = ByteBuffer.wrap(sums).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
          offered.writer().write(from, values);
          return null;
        });
  }

  /** Takes in the message of a replica; they come in ascending replica index. */
  public void takeIn(byte[] message) {
    onLoop(() -> received.add(message));
  }

  /** Ends the exchange: the loop goes on with the sums that were taken in. */
  public void answer(double[] sums) {
    onLoop(
        () -> {
          System.arraycopy(sums, 0, offered.scalars(), 0, offered.scalars().length);
          answered = true;
          return null;
        });
  }

  private <T> T onLoop(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    requests.add(task);
    boolean interrupted = false;
    try {
      while (true) {
        if (failure != null) {
          throw new CollectiveException(failure);
        }
        try {
          return task.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // The loop has not come to it; or it has failed, which is seen next.
        } catch (InterruptedException e) {
          interrupted = true; // A copy takes little time: the caller looks afterwards.
        } catch (ExecutionException e) {
          throw Failures.unchecked(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
