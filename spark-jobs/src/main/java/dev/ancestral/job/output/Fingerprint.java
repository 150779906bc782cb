package dev.ancestral.job.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.ancestral.data.Sha256;
import java.util.Map;

/** SHA-256 of what a result depends on: equal fingerprints, equal bytes. */
public final class Fingerprint {
  private static final ObjectMapper CANONICAL =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  private Fingerprint() {}

  /** Of plain values (texts, numbers, lists, maps); the order of keys does not matter. */
  public static String of(Map<String, ?> inputs) {
    try {
      return Sha256.of(CANONICAL.writeValueAsBytes(inputs));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("inputs must be plain values", e);
    }
  }
}
