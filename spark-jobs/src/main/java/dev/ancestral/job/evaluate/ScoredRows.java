package dev.ancestral.job.evaluate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What a task computed: the scores of a range of rows. It travels as a file that ends with the
 * SHA-256 of the rest, so that a rerun can tell a whole one from a damaged one.
 *
 * @param ids of the examples, in the order of the shard
 * @param nats of each example, averaged over the repeats
 * @param repeatSums Σ nats over the examples, of each repeat
 * @param elements of each example
 * @param joint log p(x, label) of each example; empty where there are no labels
 * @param correct examples whose label is the most probable class; −1 where there are no labels
 * @param diagnostics of each example, in the order in which the estimator names them
 * @param computedBy engine, versions and CPU capability
 * @param discrete what columns with masses have of the nats of each example; empty where it is not
 *     known
 * @param states the file of hidden states that belongs to them; of no bytes where there is none
 */
record ScoredRows(
    long[] ids,
    double[] nats,
    double[] repeatSums,
    long[] elements,
    double[] joint,
    int correct,
    double[][] diagnostics,
    String computedBy,
    double[] discrete,
    Storage.Written states) {
  private static final int DIGEST_BYTES = 32;

  /** What the estimator told of one of the examples. */
  double[] told(int row) {
    return Arrays.stream(diagnostics).mapToDouble(values -> values[row]).toArray();
  }

  /** The same with a file of hidden states. */
  ScoredRows withStates(Storage.Written file) {
    return new ScoredRows(
        ids, nats, repeatSums, elements, joint, correct, diagnostics, computedBy, discrete, file);
  }

  void writeTo(OutputStream out) throws IOException {
    MessageDigest digest = Sha256.digest();
    DataOutputStream data = new DataOutputStream(new DigestOutputStream(out, digest));
    data.writeInt(ids.length);
    for (int i = 0; i < ids.length; i++) {
      data.writeLong(ids[i]);
      data.writeDouble(nats[i]);
    }
    write(data, repeatSums);
    data.writeInt(elements.length);
    for (long count : elements) {
      data.writeLong(count);
    }
    write(data, joint);
    data.writeInt(correct);
    data.writeInt(diagnostics.length);
    for (double[] values : diagnostics) {
      write(data, values);
    }
    data.writeUTF(computedBy);
    write(data, discrete);
    data.writeLong(states.bytes());
    data.writeUTF(states.sha256());
    data.flush();
    out.write(digest.digest());
  }

  /** The rows in a file, or a refusal (DATA) if it is damaged. */
  static ScoredRows read(byte[] file, String where) {
    int length = file.length - DIGEST_BYTES;
    if (length < 0 || !Arrays.equals(sha256(file, length), tail(file))) {
      throw new AncestralException(
          ErrorCode.DATA, where + " is damaged; delete it and run the same command again");
    }
    try (DataInputStream data = new DataInputStream(new ByteArrayInputStream(file, 0, length))) {
      int rows = data.readInt();
      long[] ids = new long[rows];
      double[] nats = new double[rows];
      for (int i = 0; i < rows; i++) {
        ids[i] = data.readLong();
        nats[i] = data.readDouble();
      }
      double[] repeatSums = doubles(data);
      long[] elements = new long[data.readInt()];
      if (elements.length != rows) { // Earlier versions wrote their sum.
        throw new IOException("elements of " + elements.length + " examples, not of " + rows);
      }
      for (int i = 0; i < rows; i++) {
        elements[i] = data.readLong();
      }
      double[] joint = doubles(data);
      int correct = data.readInt();
      double[][] diagnostics = new double[data.readInt()][];
      for (int d = 0; d < diagnostics.length; d++) {
        diagnostics[d] = doubles(data);
      }
      return new ScoredRows(
          ids,
          nats,
          repeatSums,
          elements,
          joint,
          correct,
          diagnostics,
          data.readUTF(),
          doubles(data),
          new Storage.Written(data.readLong(), data.readUTF()));
    } catch (IOException e) { // Whole, but of another version of this program.
      throw new AncestralException(
          ErrorCode.DATA, where + " cannot be read (" + e.getMessage() + "); delete it", e);
    }
  }

  private static byte[] sha256(byte[] file, int length) {
    MessageDigest digest = Sha256.digest();
    digest.update(file, 0, length);
    return digest.digest();
  }

  private static byte[] tail(byte[] file) {
    return Arrays.copyOfRange(file, file.length - DIGEST_BYTES, file.length);
  }

  private static void write(DataOutputStream data, double[] values) throws IOException {
    data.writeInt(values.length);
    for (double value : values) {
      data.writeDouble(value);
    }
  }

  private static double[] doubles(DataInputStream data) throws IOException {
    double[] values = new double[data.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.readDouble();
    }
    return values;
  }
}
