package dev.ancestral.train.collective;

import dev.ancestral.Failures;
import dev.ancestral.tensor.FlatVector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The replicas of a group that share a JVM: they meet at a barrier and read each other's vectors in
 * memory.
 *
 * <p>Every member adds one slice of the vectors for all. Between groups of several JVMs the first
 * member also speaks for the others through {@link Link}.
 */
public final class InProcessGroup {

  /** What carries slices between JVMs; used by one member at a time. */
  public interface Link extends AutoCloseable {

    /** Adds the members' vectors and scalars to those of the other JVMs', in place, ordered. */
    void sum(FlatVector[] vectors, double[][] scalars);

    /** The messages of every replica of the group, given those of the members. */
    byte[][] gather(byte[][] messages);

    /** Bytes sent so far. */
    long bytesSent();

    /**
     * Cuts the connections, so that peers that wait fail; may be called while another call runs.
     */
    void abort();

    @Override
    void close();
  }

  private final int[] replicas;
  private final String description;
  private final long deadlineMillis;
  private final Link link;
  private final CyclicBarrier barrier;
  private final AtomicIntegerArray arrivals;
  private final FlatVector[] vectors;
  private final double[][] scalars;
  private final byte[][] messages;
  private byte[][] gathered;
  private volatile String failure;

  /**
   * A group of replicas in this JVM.
   *
   * @param replicas ascending indices of the members
   * @param description of the whole group for messages: which replica sits where
   * @param deadlineMillis longest wait for another member
   * @param link to the replicas in other JVMs, or null if there are none
   */
  public InProcessGroup(int[] replicas, String description, long deadlineMillis, Link link) {
    this.replicas = replicas.clone();
    this.description = description;
    this.deadlineMillis = deadlineMillis;
    this.link = link;
    int members = replicas.length;
    barrier = new CyclicBarrier(members);
    arrivals = new AtomicIntegerArray(members);
    vectors = new FlatVector[members];
    scalars = new double[members][];
    messages = new byte[members][];
  }

  /** The end that belongs to a replica. */
  public Collective member(int replica) {
    int member = Arrays.binarySearch(replicas, replica);
    if (member < 0) {
      throw new IllegalArgumentException(
          "replica " + replica + " is not among " + Arrays.toString(replicas));
    }
    return new Member(member);
  }

  private void meet(int member) {
    if (failure != null) {
      throw new CollectiveException(failure);
    }
    arrivals.incrementAndGet(member);
    try {
      if (replicas.length > 1) {
        barrier.await(deadlineMillis, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      fail("replica " + replicas[member] + " was interrupted");
      Thread.currentThread().interrupt();
      throw new CollectiveException(failure, e);
    } catch (TimeoutException e) {
      fail(
          "replica "
              + silent(member)
              + " was silent for "
              + deadlineMillis / 1000
              + " s while replica "
              + replicas[member]
              + " waited ("
              + description
              + ")");
      throw new CollectiveException(failure, e);
    } catch (BrokenBarrierException e) {
      throw new CollectiveException(failure == null ? "another replica failed" : failure, e);
    }
  }

  private List<Integer> silent(int member) {
    List<Integer> silent = new ArrayList<>();
    for (int other = 0; other < replicas.length; other++) {
      if (arrivals.get(other) < arrivals.get(member)) {
        silent.add(replicas[other]);
      }
    }
    return silent;
  }

  private void fail(String reason) {
    synchronized (this) {
      if (failure == null) {
        failure = reason;
      }
    }
    barrier.reset();
    if (link != null) {
      link.abort();
    }
  }

  private final class Member implements Collective {
    private final int member;
    private long sent;

    private Member(int member) {
      this.member = member;
    }

    @Override
    public void allReduce(FlatVector vector, double[] values) {
      vectors[member] = vector;
      scalars[member] = values;
      meet(member);
      if (link != null) {
        if (member == 0) {
          throughLink(() -> link.sum(vectors, scalars));
        }
        meet(member);
        return;
      }
      int members = replicas.length;
      long from = vector.size() * member / members;
      long size = vector.size() * (member + 1) / members - from;
      if (members > 1 && size > 0) {
        // Every view belongs to the own engine: the others' are in use on their threads.
        try (FlatVector sum = vector.viewOf(vectors[0], from, size)) {
          for (int other = 1; other < members; other++) {
            try (FlatVector addend = vector.viewOf(vectors[other], from, size)) {
              sum.addScaled(addend, 1);
            }
          }
          for (int other = 1; other < members; other++) {
            try (FlatVector copy = vector.viewOf(vectors[other], from, size)) {
              copy.copyFrom(sum);
            }
          }
        }
        sent += 2 * Float.BYTES * (vector.size() - size);
      }
      double[] total = new double[values.length];
      for (double[] each : scalars) {
        for (int i = 0; i < total.length; i++) {
          total[i] += each[i];
        }
      }
      meet(member);
      System.arraycopy(total, 0, values, 0, total.length);
    }

    @Override
    public byte[][] allGather(byte[] message, double[] values) {
      messages[member] = withScalars(message, values);
      meet(member);
      if (member == 0) {
        if (link == null) {
          gathered = messages.clone();
        } else {
          throughLink(() -> gathered = link.gather(messages));
        }
      }
      meet(member);
      sent += (long) messages[member].length * (replicas.length - 1);
      return withoutScalars(gathered, values);
    }

    private void throughLink(Runnable call) {
      try {
        call.run();
      } catch (RuntimeException e) {
        fail(
            "the exchange of replica "
                + replicas[member]
                + " with the other executors failed: "
                + Failures.firstLine(e.getMessage())
                + " ("
                + description
                + ")");
        throw new CollectiveException(failure, e);
      }
    }

    @Override
    public long bytesSent() {
      return link == null ? sent : member == 0 ? link.bytesSent() : 0;
    }

    @Override
    public void abort(String reason) {
      fail("replica " + replicas[member] + " gave up: " + reason);
    }

    @Override
    public void close() {}
  }

  private static byte[] withScalars(byte[] message, double[] scalars) {
    ByteBuffer whole = ByteBuffer.allocate(message.length + scalars.length * Double.BYTES);
    whole.put(message);
    for (double scalar : scalars) {
      whole.putDouble(scalar);
    }
    return whole.array();
  }

  /** Cuts the scalars off the messages and leaves their sum. */
  private static byte[][] withoutScalars(byte[][] messages, double[] scalars) {
    byte[][] cut = new byte[messages.length][];
    Arrays.fill(scalars, 0);
    for (int replica = 0; replica < messages.length; replica++) {
      int length = messages[replica].length - scalars.length * Double.BYTES;
      cut[replica] = Arrays.copyOf(messages[replica], length);
      ByteBuffer tail = ByteBuffer.wrap(messages[replica], length, scalars.length * Double.BYTES);
      for (int i = 0; i < scalars.length; i++) {
        scalars[i] += tail.getDouble();
      }
    }
    return cut;
  }
}
