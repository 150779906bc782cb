package dev.ancestral.job.train.transport;

import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.torch.ProcessGroup;
import dev.ancestral.train.collective.CollectiveException;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * The first exchange of a group: every member shows every other one that it knows the run's secret.
 * Gloo gives a connection to the first process that sends a small number to its port, so before
 * this the other end of a connection is unknown. A proof holds for one connection alone: passed on
 * over another one it is none.
 */
final class GroupProof {
  private GroupProof() {}

  /**
   * Shows and asks for proofs.
   *
   * @param name of the group
   * @param connections between this member and the rank, as both see it
   * @param members what a rank is called in messages
   * @throws CollectiveException naming the rank whose proof is wrong
   */
  static void exchange(
      ProcessGroup group,
      GroupSecret secret,
      String name,
      IntFunction<String> connections,
      IntFunction<String> members) {
    int size = group.size();
    int length = GroupSecret.PROOF_BYTES;
    long[] lengths = new long[size];
    Arrays.fill(lengths, length);
    // A byte a float: arithmetic units may change the bits of floats that are not numbers.
    FloatBuffer shown = FloatBuffer.allocate(size * length);
    for (int to = 0; to < size; to++) {
      for (byte each : secret.proof(name, group.rank(), to, connections.apply(to))) {
        shown.put(each);
      }
    }
    shown.rewind();
    FloatBuffer seen = FloatBuffer.allocate(size * length);
    // Closed only after success: libtorch may still be using them when a call has timed out.
    FlatVector out = group.vector((long) size * length);
    FlatVector in = group.vector((long) size * length);
    out.write(0, shown);
    group.allToAll(out, lengths, in, lengths);
    in.read(0, seen);
    out.close();
    in.close();
    seen.rewind();
    for (int from = 0; from < size; from++) {
      byte[] proof = new byte[length];
      for (int i = 0; i < length; i++) {
        proof[i] = (byte) seen.get(from * length + i);
      }
      byte[] expected = secret.proof(name, from, group.rank(), connections.apply(from));
      if (!MessageDigest.isEqual(expected, proof)) {
        throw new CollectiveException(
            members.apply(from)
                + " did not show the run's secret: a stranger is connected in its place; close the"
                + " executors' ports to others, or set transport: spark");
      }
    }
  }
}
