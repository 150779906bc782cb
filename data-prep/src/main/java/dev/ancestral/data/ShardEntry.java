package dev.ancestral.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
   * @throws dev.ancestral.Refusal (DATA) if a field is missing or of another type
   */
  public static ShardEntry parse(JsonNode json, String where) {
    ManifestFields fields = new ManifestFields(json, where);
    return new ShardEntry(
        fields.text("file"),
        fields.integer("firstId"),
        fields.integer("lastId"),
        Math.toIntExact(fields.integer("examples")),
        fields.integer("bytes"),
        fields.text("sha256"),
        fields.text("contentSha256"));
  }
}
