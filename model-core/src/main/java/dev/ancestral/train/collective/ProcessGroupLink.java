package dev.ancestral.train.collective;

import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.torch.ProcessGroup;
import dev.ancestral.tensor.torch.UseCount;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Exchanges between JVMs through a {@link ProcessGroup}.
 *
 * <p>Ordered: the vector is cut into one part a JVM; an all-to-all brings every replica's piece of
 * part j to JVM j, which adds them in ascending replica index; an all-gather hands the sums out.
 * Each JVM sends as much as in a ring all-reduce. Fast: the JVM's replicas are added first, then
 * libtorch's all-reduce adds the JVMs. Two replicas in two JVMs swap their vectors instead.
 */
public final class ProcessGroupLink implements InProcessGroup.Link {
  private final ProcessGroup group;
  private final int[][] replicasByRank;
  private final boolean ordered;
  private final int mostMembers;
  private final UseCount uses = new UseCount("the link to the other executors");
  private FlatVector pieces;
  private FlatVector outgoing;
  private FlatVector message;
  private FlatVector gathered;

  /**
   * A link over a process group, which it closes when it is closed.
   *
   * @param replicasByRank ascending replica indices in the JVM of each rank
   * @param ordered whether to add in ascending replica index
   */
  public ProcessGroupLink(ProcessGroup group, int[][] replicasByRank, boolean ordered) {
    this.group = group;
    this.replicasByRank = replicasByRank;
    this.ordered = ordered;
    int most = 0;
    for (int[] replicas : replicasByRank) {
      most = Math.max(most, replicas.length);
    }
    mostMembers = most;
  }

  @Override
  public void sum(FlatVector[] vectors, double[][] scalars) {
    uses.run(() -> add(vectors, scalars));
  }

  private void add(FlatVector[] vectors, double[][] scalars) {
    if (group.size() == 2 && mostMembers == 1 && group.swaps()) {
      sumOfTwo(vectors[0], scalars[0]);
    } else if (ordered) {
      sumOrdered(vectors, scalars);
    } else {
      sumFast(vectors, scalars);
    }
  }

  /**
   * Two replicas in two JVMs hand each other their whole vectors, which is as many bytes as an
   * all-to-all and an all-gather of halves, in one trip instead of two. x + y and y + x are the
   * same bytes, so both orders are the ascending one.
   */
  private void sumOfTwo(FlatVector vector, double[] scalars) {
    message = fitting(message, Math.max(1, 2L * scalars.length));
    gathered = fitting(gathered, message.size());
    pieces = fitting(pieces, vector.size());
    ByteBuffer own = buffer(scalars.length * Double.BYTES);
    for (double value : scalars) {
      own.putDouble(value);
    }
    own.rewind();
    message.write(0, own.asFloatBuffer());
    group.swap(
        1 - group.rank(), new FlatVector[] {vector, message}, new FlatVector[] {pieces, gathered});
    vector.addScaled(pieces, 1);
    ByteBuffer other = buffer(scalars.length * Double.BYTES);
    gathered.read(0, other.asFloatBuffer());
    for (int i = 0; i < scalars.length; i++) {
      scalars[i] += other.getDouble();
    }
  }

  private void sumOrdered(FlatVector[] vectors, double[][] scalars) {
    int processes = group.size();
    int rank = group.rank();
    int members = vectors.length;
    long size = vectors[0].size();
    long part = (size + processes - 1) / processes;
    long mine = partSize(rank, part, size);

    long[] inSizes = new long[processes];
    long[] outSizes = new long[processes];
    long incoming = 0;
    for (int other = 0; other < processes; other++) {
      inSizes[other] = members * partSize(other, part, size);
      outSizes[other] = replicasByRank[other].length * mine;
      incoming += outSizes[other];
    }
    pieces = fitting(pieces, incoming);
    group.allToAll(outgoing(vectors, part, size), inSizes, pieces, outSizes);

    // The message of the all-gather: my part of the sum, then my replicas' scalars as raw float64.
    int scalarFloats = 2 * scalars[0].length * mostMembers;
    message = fitting(message, part + scalarFloats);
    addPieces(mine);
    ByteBuffer raw = buffer(scalarFloats * Float.BYTES);
    for (double[] values : scalars) {
      for (double value : values) {
        raw.putDouble(value);
      }
    }
    raw.rewind();
    message.write(part, raw.asFloatBuffer());

    gathered = fitting(gathered, processes * message.size());
    group.allGather(message, gathered);
    for (int other = 0; other < processes; other++) {
      long otherSize = partSize(other, part, size);
      if (otherSize > 0) {
        try (FlatVector sum = gathered.window(other * message.size(), otherSize)) {
          for (FlatVector vector : vectors) {
            try (FlatVector into = vector.window(other * part, otherSize)) {
              into.copyFrom(sum);
            }
          }
        }
      }
    }
    sumScalars(scalars, part, scalarFloats);
  }

  private static long partSize(int rank, long part, long size) {
    return Math.max(0, Math.min(part, size - rank * part));
  }

  /** The pieces for rank 0, 1, …: of each member in turn. One member's vector is that already. */
  private FlatVector outgoing(FlatVector[] vectors, long part, long size) {
    if (vectors.length == 1) {
      return vectors[0];
    }
    outgoing = fitting(outgoing, size * vectors.length);
    long at = 0;
    for (int rank = 0; rank < group.size(); rank++) {
      long length = partSize(rank, part, size);
      for (FlatVector vector : vectors) {
        if (length > 0) {
          try (FlatVector into = outgoing.window(at, length);
              FlatVector from = vector.window(rank * part, length)) {
            into.copyFrom(from);
          }
        }
        at += length;
      }
    }
    return outgoing;
  }

  /** Adds the pieces of my part in ascending replica index into the message. */
  private void addPieces(long mine) {
    if (mine == 0) {
      return;
    }
    try (FlatVector sum = message.window(0, mine)) {
      for (int replica = 0; replica < replicas(); replica++) {
        try (FlatVector piece = pieces.window(place(replica) * mine, mine)) {
          if (replica == 0) {
            sum.copyFrom(piece);
          } else {
            sum.addScaled(piece, 1);
          }
        }
      }
    }
  }

  private void sumScalars(double[][] scalars, long part, int scalarFloats) {
    int count = scalars[0].length;
    double[][] byReplica = new double[replicas()][count];
    for (int rank = 0; rank < group.size(); rank++) {
      ByteBuffer raw = buffer(scalarFloats * Float.BYTES);
      gathered.read(rank * message.size() + part, raw.asFloatBuffer());
      for (int replica : replicasByRank[rank]) {
        for (int i = 0; i < count; i++) {
          byReplica[replica][i] = raw.getDouble();
        }
      }
    }
    for (int i = 0; i < count; i++) {
      double total = 0;
      for (double[] values : byReplica) {
        total += values[i];
      }
      for (double[] values : scalars) {
        values[i] = total;
      }
    }
  }

  private void sumFast(FlatVector[] vectors, double[][] scalars) {
    for (int member = 1; member < vectors.length; member++) {
      vectors[0].addScaled(vectors[member], 1);
    }
    group.allReduce(vectors[0]);
    for (int member = 1; member < vectors.length; member++) {
      vectors[member].copyFrom(vectors[0]);
    }
    int scalarFloats = 2 * scalars[0].length * mostMembers;
    message = fitting(message, scalarFloats);
    ByteBuffer raw = buffer(scalarFloats * Float.BYTES);
    for (double[] values : scalars) {
      for (double value : values) {
        raw.putDouble(value);
      }
    }
    raw.rewind();
    message.write(0, raw.asFloatBuffer());
    gathered = fitting(gathered, group.size() * message.size());
    group.allGather(message, gathered);
    sumScalars(scalars, 0, scalarFloats);
  }

  @Override
  public byte[][] gather(byte[][] messages) {
    return uses.during(() -> gathered(messages));
  }

  private byte[][] gathered(byte[][] messages) {
    // First the lengths, then everyone's messages padded to the longest JVM's.
    FloatBuffer lengths = FloatBuffer.allocate(mostMembers);
    for (int member = 0; member < messages.length; member++) {
      lengths.put(member, Float.intBitsToFloat(messages[member].length));
    }
    int[][] lengthsByRank = gatherLengths(lengths);
    int longest = 0;
    for (int[] each : lengthsByRank) {
      int sum = 0;
      for (int length : each) {
        sum += length;
      }
      longest = Math.max(longest, sum);
    }
    int floats = (longest + Float.BYTES - 1) / Float.BYTES;
    message = fitting(message, floats);
    ByteBuffer raw = buffer(floats * Float.BYTES);
    for (byte[] each : messages) {
      raw.put(each);
    }
    raw.rewind();
    message.write(0, raw.asFloatBuffer());
    gathered = fitting(gathered, (long) group.size() * floats);
    group.allGather(message, gathered);
    byte[][] all = new byte[replicas()][];
    for (int rank = 0; rank < group.size(); rank++) {
      ByteBuffer from = buffer(floats * Float.BYTES);
      gathered.read((long) rank * floats, from.asFloatBuffer());
      for (int member = 0; member < replicasByRank[rank].length; member++) {
        byte[] each = new byte[lengthsByRank[rank][member]];
        from.get(each);
        all[replicasByRank[rank][member]] = each;
      }
    }
    return all;
  }

  private int[][] gatherLengths(FloatBuffer lengths) {
    message = fitting(message, mostMembers);
    message.write(0, lengths);
    gathered = fitting(gathered, (long) group.size() * mostMembers);
    group.allGather(message, gathered);
    FloatBuffer all = FloatBuffer.allocate(group.size() * mostMembers);
    gathered.read(0, all);
    int[][] byRank = new int[group.size()][mostMembers];
    for (int rank = 0; rank < group.size(); rank++) {
      for (int member = 0; member < mostMembers; member++) {
        byRank[rank][member] = Float.floatToRawIntBits(all.get(rank * mostMembers + member));
      }
    }
    return byRank;
  }

  private int replicas() {
    int replicas = 0;
    for (int[] each : replicasByRank) {
      replicas += each.length;
    }
    return replicas;
  }

  /** Where a replica stands when the ranks' replicas are laid one after the other. */
  private int place(int replica) {
    int place = 0;
    for (int[] each : replicasByRank) {
      for (int other : each) {
        if (other == replica) {
          return place;
        }
        place++;
      }
    }
    throw new IllegalArgumentException("no rank holds replica " + replica);
  }

  private FlatVector fitting(FlatVector vector, long size) {
    if (vector != null && vector.size() == size) {
      return vector;
    }
    if (vector != null) {
      vector.close();
    }
    return group.vector(size);
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public long bytesSent() {
    return group.bytesSent();
  }

  @Override
  public void abort() {
    // Closing waits for calls under way, until the deadline at the worst: not on this thread. The
    // buffers stay: another thread may be in the middle of a call that uses them.
    Thread closing = new Thread(group::close, "abort-exchange");
    closing.setDaemon(true);
    closing.start();
  }

  @Override
  public void close() {
    uses.close(
        () -> {
          group.close();
          for (FlatVector vector : new FlatVector[] {pieces, outgoing, message, gathered}) {
            if (vector != null) {
              vector.close();
            }
          }
        });
  }
}
