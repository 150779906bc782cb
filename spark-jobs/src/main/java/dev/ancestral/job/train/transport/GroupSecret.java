package dev.ancestral.job.train.transport;

import dev.ancestral.train.collective.CollectiveException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the members of a run's groups know and a stranger does not. It is derived where it is
 * needed: it cannot be serialized, so no closure can hold it.
 *
 * <p>The store through which the members meet and Gloo's ports are open to any process that reaches
 * them. With the secret the members hide the names of the store's keys (HMAC-SHA256), encrypt and
 * authenticate its values (AES-256-GCM, bound to their keys) and prove themselves at the other ends
 * of connections; a process without it can end a round, but neither take part in it nor direct a
 * member elsewhere. Messages between members are plain afterwards: on the path between two hosts
 * they can be read and changed.
 */
public final class GroupSecret {
  private static final String MAC = "HmacSHA256";
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Length of a {@link #proof}. */
  public static final int PROOF_BYTES = 32;

  private final byte[] bytes;

  private GroupSecret(byte[] bytes) {
    this.bytes = bytes;
  }

  /** From what the members know together, at least as many bytes as a {@link #proof} has. */
  public static GroupSecret of(byte[] known) {
    return new GroupSecret(new GroupSecret(known).mac("group"));
  }

  /** A new one. It is no draw of the run: nothing in the result depends on it. */
  public static GroupSecret random() {
    return new GroupSecret(randomBytes(PROOF_BYTES));
  }

  private static byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** A key of the store that cannot be guessed from its meaning. */
  public String hidden(String key) {
    return HexFormat.of().formatHex(mac("key", key));
  }

  /** A value of the store as only members can read it, and only under this key. */
  public byte[] seal(String key, byte[] value) {
    byte[] nonce = randomBytes(NONCE_BYTES);
    byte[] sealed = Arrays.copyOf(nonce, NONCE_BYTES + value.length + TAG_BITS / Byte.SIZE);
    try {
      cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(value, 0, value.length, sealed, NONCE_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + CIPHER, e);
    }
    return sealed;
  }

  /**
   * The value in what {@link #seal} made.
   *
   * @throws CollectiveException if it is not by a member, or was written under another key
   */
  public byte[] open(String key, byte[] sealed) {
    try {
      if (sealed.length < NONCE_BYTES + TAG_BITS / Byte.SIZE) {
        throw new AEADBadTagException(sealed.length + " bytes");
      }
      return cipher(Cipher.DECRYPT_MODE, key, Arrays.copyOf(sealed, NONCE_BYTES))
          .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    } catch (GeneralSecurityException e) {
      throw new CollectiveException(
          "what the meeting's store holds was not written by a member of this run: a stranger"
              + " reaches the driver's ports; close them to others, or set transport: spark",
          e);
    }
  }

  /**
   * What a member shows another one in a group, {@value #PROOF_BYTES} bytes.
   *
   * @param connection between the two, as both see it
   */
  public byte[] proof(String group, int from, int to, String connection) {
    return mac("proof", group, Integer.toString(from), Integer.toString(to), connection);
  }

  private Cipher cipher(int mode, String key, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(
        mode, new SecretKeySpec(mac("values"), "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(key.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private byte[] mac(String... parts) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(bytes, MAC));
      for (String part : parts) {
        byte[] text = part.getBytes(StandardCharsets.UTF_8);
        // The length first: "a" and "bc" must not look like "ab" and "c".
        mac.update(Integer.toString(text.length).getBytes(StandardCharsets.US_ASCII));
        mac.update((byte) ':');
        mac.update(text);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + MAC, e);
    }
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
