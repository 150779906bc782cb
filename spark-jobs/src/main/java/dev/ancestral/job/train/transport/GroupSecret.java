package dev.ancestral.job.train.transport;

import dev.ancestral.train.collective.CollectiveException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the members of a run's groups know and a stranger does not: 32 random bytes that travel with
 * the tasks, so as safely as Spark's own traffic.
 *
 * <p>The store through which the members meet and Gloo's ports are open to any process that reaches
 * them. With the secret, values of the store and the other ends of connections prove their origin
 * by HMAC-SHA256; a process without it can end a round, but not take part in it. Messages between
 * members are plain afterwards: on the path between two hosts they can be read and changed.
 */
public final class GroupSecret implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String ALGORITHM = "HmacSHA256";

  /** Length of a {@link #proof}. */
  public static final int PROOF_BYTES = 32;

  private final byte[] bytes;

  private GroupSecret(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new secret. It is no draw of the run: nothing in the result depends on it. */
  public static GroupSecret random() {
    byte[] bytes = new byte[PROOF_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new GroupSecret(bytes);
  }

  /** A key of the store that cannot be guessed from its meaning. */
  public String hidden(String key) {
    return HexFormat.of().formatHex(mac("key", key));
  }

  /** A value of the store with the proof that a member wrote it under this key. */
  public String seal(String key, String value) {
    return HexFormat.of().formatHex(mac("value", key, value)) + "\n" + value;
  }

  /**
   * The value in what {@link #seal} made.
   *
   * @throws CollectiveException if it is not by a member, or was written under another key
   */
  public String open(String key, String sealed) {
    int end = sealed.indexOf('\n');
    String value = sealed.substring(end + 1);
    byte[] expected =
        HexFormat.of().formatHex(mac("value", key, value)).getBytes(StandardCharsets.US_ASCII);
    byte[] found = sealed.substring(0, Math.max(0, end)).getBytes(StandardCharsets.UTF_8);
    if (!MessageDigest.isEqual(expected, found)) {
      throw new CollectiveException(
          "what the meeting's store holds was not written by a member of this run: a stranger"
              + " reaches the driver's ports; close them to others, or set transport: spark");
    }
    return value;
  }

  /** What a member shows another one in a group, {@value #PROOF_BYTES} bytes. */
  public byte[] proof(String group, int from, int to) {
    return mac("proof", group, Integer.toString(from), Integer.toString(to));
  }

  private byte[] mac(String... parts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(bytes, ALGORITHM));
      for (String part : parts) {
        byte[] text = part.getBytes(StandardCharsets.UTF_8);
        // The length first: "a" and "bc" must not look like "ab" and "c".
        mac.update(Integer.toString(text.length).getBytes(StandardCharsets.US_ASCII));
        mac.update((byte) ':');
        mac.update(text);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
