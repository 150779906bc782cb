package dev.ancestral.job.generate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.Refusal;
import dev.ancestral.checkpoint.EventSpecJson;
import dev.ancestral.data.ManifestFields;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * What a generation holds: {@code manifest.json}, written last; only what it lists exists.
 *
 * @param inputs fingerprint of everything the samples depend on
 * @param model directory that was sampled
 * @param modelSha256 of its description
 * @param weights SHA-256 of its parameters
 * @param seed of all draws
 * @param count of samples, with ids from 0
 * @param batchWidth ids drawn at once
 * @param event what a sample is
 * @param computedBy engine, versions and CPU capability: equal ones give equal bytes
 * @param parts in the order of their ids
 * @param files for people, by name: previews and exports
 * @param unended samples that reached the most steps without the end symbol that should end them
 */
public record GenerationManifest(
    String inputs,
    String model,
    String modelSha256,
    String weights,
    long seed,
    long count,
    int batchWidth,
    EventSpec event,
    String computedBy,
    List<ShardEntry> parts,
    Map<String, Storage.Written> files,
    long unended) {

  /** Field of samples without an end; left out where there are none. */
  static final String UNENDED = "unended";

  /** Name of the file. */
  public static final String FILE = "manifest.json";

  public GenerationManifest {
    parts = List.copyOf(parts);
    files = java.util.Collections.unmodifiableMap(new TreeMap<>(files));
  }

  /** The content of the file. */
  byte[] toJson() {
    ObjectNode json = SealedJson.object();
    json.put("inputs", inputs)
        .put("model", model)
        .put("model_sha256", modelSha256)
        .put("weights", weights)
        .put("seed", seed)
        .put("count", count)
        .put("batch_width", batchWidth);
    EventSpecJson.put(json, event);
    json.put("computed_by", computedBy);
    if (unended > 0) {
      json.put(UNENDED, unended);
    }
    ArrayNode list = json.putArray("parts");
    parts.forEach(part -> list.add(part.toJson()));
    ArrayNode others = json.putArray("files");
    files.forEach(
        (name, written) ->
            others
                .addObject()
                .put("file", name)
                .put("bytes", written.bytes())
                .put("sha256", written.sha256()));
    return SealedJson.seal(json);
  }

  /**
   * The manifest of a directory.
   *
   * @throws Refusal (DATA) if there is none or it is damaged
   */
  public static GenerationManifest read(Storage storage, Path directory) {
    Path file = new Path(directory, FILE);
    String where = file.toString();
    JsonNode json = SealedJson.open(storage.read(file, SealedJson.MOST_BYTES), where);
    if (!json.has("batch_width")) {
      throw new Refusal(
          Refusal.Kind.DATA, where + " is no manifest of samples; choose another directory");
    }
    List<ShardEntry> parts = new ArrayList<>();
    json.path("parts").forEach(part -> parts.add(ShardEntry.parse(part, where)));
    Map<String, Storage.Written> files = new TreeMap<>();
    json.path("files")
        .forEach(
            written ->
                files.put(
                    ManifestFields.file(written.path("file").asText(), where),
                    new Storage.Written(
                        written.path("bytes").asLong(), written.path("sha256").asText())));
    return new GenerationManifest(
        json.path("inputs").asText(),
        json.path("model").asText(),
        json.path("model_sha256").asText(),
        json.path("weights").asText(),
        json.path("seed").asLong(),
        json.path("count").asLong(),
        json.path("batch_width").asInt(),
        EventSpecJson.parse(json.path("event"), json.path("schema"), where),
        json.path("computed_by").asText(),
        parts,
        files,
        json.path(UNENDED).asLong());
  }

  /** One line for a person. */
  public String summary() {
    String made =
        String.format(
            Locale.ROOT,
            "%,d samples of %s in %,d %s",
            count,
            event.describe(),
            parts.size(),
            parts.size() == 1 ? "part" : "parts");
    return unended == 0
        ? made
        : made
            + String.format(
                Locale.ROOT,
                "; %,d reached the most steps and did not end: give a larger --length",
                unended);
  }
}
