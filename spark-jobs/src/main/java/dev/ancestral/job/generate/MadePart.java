package dev.ancestral.job.generate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.checkpoint.EventSpecJson;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import org.apache.hadoop.fs.Path;

/**
 * A part that was written: what its task leaves beside it, and what the manifest then says of it.
 *
 * @param entry file, ids, length and hashes
 * @param event what a sample is
 * @param computedBy engine, versions and CPU capability
 * @param unended samples that reached the most steps without the end symbol that should end them
 */
record MadePart(ShardEntry entry, EventSpec event, String computedBy, long unended)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  byte[] toJson() {
    ObjectNode json = SealedJson.object();
    json.set("part", entry.toJson());
    EventSpecJson.put(json, event);
    json.put("computed_by", computedBy);
    if (unended > 0) {
      json.put(GenerationManifest.UNENDED, unended);
    }
    return SealedJson.seal(json);
  }

  static MadePart read(Storage storage, Path file) {
    String where = file.toString();
    JsonNode json = SealedJson.open(storage.read(file), where);
    return new MadePart(
        ShardEntry.parse(json.path("part"), where),
        EventSpecJson.parse(json.path("event"), json.path("schema"), where),
        json.path("computed_by").asText(),
        json.path(GenerationManifest.UNENDED).asLong());
  }

  /** Whether the file is there and has the bytes that were written. */
  boolean isWhole(Storage storage, Path folder) {
    Path file = new Path(folder, entry.file());
    return storage.exists(file)
        && storage.status(file).getLen() == entry.bytes()
        && Sha256.of(storage, file).equals(entry.sha256());
  }

  /** The record that a task left, or null if there is none that can be trusted. */
  static MadePart readIfWhole(Storage storage, Path file) {
    if (!storage.exists(file)) {
      return null;
    }
    try {
      return read(storage, file);
    } catch (AncestralException damaged) {
      return null;
    }
  }
}
