package dev.ancestral.job.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.ancestral.data.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/** SHA-256 of what a result depends on: equal fingerprints, equal bytes. */
public final class Fingerprint {
  private static final ObjectMapper CANONICAL =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  private Fingerprint() {}

  /** Of plain values (texts, numbers, lists, maps); the order of keys does not matter. */
  public static String of(Map<String, ?> inputs) {
    try {
      return of(CANONICAL.writeValueAsBytes(inputs));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("inputs must be plain values", e);
    }
  }

  /** Of bytes, in hexadecimal. */
  public static String of(byte[] bytes) {
    return hex(digest().digest(bytes));
  }

  /** Of a file, in hexadecimal. */
  public static String of(Storage storage, Path file) {
    MessageDigest digest = digest();
    try (InputStream in = new DigestInputStream(storage.open(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return hex(digest.digest());
  }

  /** A digest to be fed piecemeal. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Lower-case hexadecimal. */
  public static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }
}
