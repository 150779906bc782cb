package dev.ancestral.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.Serializable;

/**
 * One Parquet file of examples, as a manifest lists it.
 *
 * @param file path relative to the folder of the manifest
 * @param firstId the smallest id in it
 * @param lastId the largest id in it; ids ascend but need not be contiguous
 * @param examples how many it holds
 * @param bytes length of the file
 * @param sha256 of the file, hexadecimal
 * @param contentSha256 of the examples themselves (see {@link ShardWriter}), whatever version of
 *     Parquet wrote them
 */
public record ShardEntry(
    String file,
    long firstId,
    long lastId,
    int examples,
    long bytes,
    String sha256,
    String contentSha256)
    implements Serializable {
  // Ids that follow are counted on from here.
  private static final long MOST_ID = 1L << 62;

  /** As an object of a manifest. */
  public ObjectNode toJson() {
    return SealedJson.object()
        .put("file", file)
        .put("firstId", firstId)
        .put("lastId", lastId)
        .put("examples", examples)
        .put("bytes", bytes)
        .put("sha256", sha256)
        .put("contentSha256", contentSha256);
  }

  /**
   * Of an object of a manifest.
   *
   * @param where the manifest, for messages
   * @throws dev.ancestral.AncestralException (DATA) if a field is missing, of another type or
   *     impossible, or the file lies outside the folder
   */
  public static ShardEntry parse(JsonNode json, String where) {
    ManifestFields fields = new ManifestFields(json, where);
    ShardEntry entry =
        new ShardEntry(
            ManifestFields.file(fields.text("file"), where),
            fields.integer("firstId", 0, MOST_ID),
            fields.integer("lastId", 0, MOST_ID),
            (int) fields.integer("examples", 1, Integer.MAX_VALUE),
            fields.integer("bytes", 1, Integer.MAX_VALUE - 8),
            fields.text("sha256"),
            fields.text("contentSha256"));
    if (entry.lastId - entry.firstId < entry.examples - 1) {
      throw new AncestralException(
          ErrorCode.DATA,
          where
              + ": "
              + entry.file
              + " is listed with "
              + entry.examples
              + " examples and ids from "
              + entry.firstId
              + " to "
              + entry.lastId
              + "; there must be as many ids as examples: restore the manifest");
    }
    if (entry.examples > MemoryBound.of(entry.bytes) / ShardReader.ROW_BYTES) {
      throw new AncestralException(
          ErrorCode.DATA,
          where
              + ": "
              + entry.file
              + " is listed with "
              + entry.examples
              + " examples in "
              + entry.bytes
              + " bytes; so few bytes cannot hold as many: restore the manifest");
    }
    return entry;
  }
}
