package dev.ancestral.job.generate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.checkpoint.EventSpecJson;
import dev.ancestral.data.ManifestFields;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.Storage;
import dev.ancestral.job.generate.rows.TableOutput;
import dev.ancestral.model.EventSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
 * @param condition the columns that were given, as in SQL, or empty
 * @param labels samples by the names of classes whose proportions were asked for, or empty
 * @param table how the samples are written as rows, if they are
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
    long unended,
    String condition,
    Map<String, Long> labels,
    Optional<Table> table) {

  /**
   * Samples as rows of a table.
   *
   * @param content of a table whose files are another program's; empty where they are listed
   */
  record Table(TableOutput output, Optional<StoredTable.Content> content) {}

  /** Field of samples without an end; left out where there are none. */
  static final String UNENDED = "unended";

  /** Name of the file. */
  public static final String FILE = "manifest.json";

  public GenerationManifest {
    parts = List.copyOf(parts);
    files = Collections.unmodifiableMap(new TreeMap<>(files));
    labels = Collections.unmodifiableMap(new TreeMap<>(labels));
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
    if (!condition.isEmpty()) {
      json.put("condition", condition);
    }
    if (!labels.isEmpty()) {
      labels.forEach(json.putObject("labels")::put);
    }
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
    table.ifPresent(rows -> json.set("table", toJson(rows)));
    return SealedJson.seal(json);
  }

  private static ObjectNode toJson(Table table) {
    ObjectNode json = SealedJson.object();
    TableOutput output = table.output();
    json.put("format", output.format());
    output.options().forEach(json.putObject("options")::put);
    if (!output.name().isEmpty()) {
      json.put("name", output.name());
    }
    json.put("with_id", output.withId());
    table
        .content()
        .ifPresent(content -> json.put("rows", content.rows()).put("content", content.hash()));
    return json;
  }

  private static Optional<Table> table(JsonNode json) {
    if (!json.isObject()) {
      return Optional.empty();
    }
    Map<String, String> options = new TreeMap<>();
    json.path("options")
        .fields()
        .forEachRemaining(o -> options.put(o.getKey(), o.getValue().asText()));
    return Optional.of(
        new Table(
            new TableOutput(
                json.path("format").asText(),
                options,
                json.path("name").asText(),
                json.path("with_id").asBoolean()),
            json.has("content")
                ? Optional.of(
                    new StoredTable.Content(
                        json.path("rows").asLong(), json.path("content").asText()))
                : Optional.empty()));
  }

  /**
   * The manifest of a directory.
   *
   * @throws AncestralException (DATA) if there is none or it is damaged
   */
  public static GenerationManifest read(Storage storage, Path directory) {
    Path file = new Path(directory, FILE);
    String where = file.toString();
    JsonNode json = SealedJson.open(storage.read(file, SealedJson.MOST_BYTES), where);
    if (!json.has("batch_width")) {
      throw new AncestralException(
          ErrorCode.DATA, where + " is no manifest of samples; choose another directory");
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
    Map<String, Long> labels = new TreeMap<>();
    json.path("labels")
        .fields()
        .forEachRemaining(label -> labels.put(label.getKey(), label.getValue().asLong()));
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
        json.path(UNENDED).asLong(),
        json.path("condition").asText(),
        labels,
        table(json.path("table")));
  }

  /** Whether it lists no other table than this one: the same, or there is one of them at most. */
  boolean isTable(Optional<TableOutput> asked) {
    return asked.isEmpty() || table.isEmpty() || table.get().output().equals(asked.get());
  }

  /** Whether files of the folder of the table are another program's. */
  boolean hasForeignTable() {
    return table.flatMap(Table::content).isPresent();
  }

  /** The length of the files of the table. */
  long tableBytes() {
    return files.entrySet().stream()
        .filter(file -> SampleFormat.isOfTable(file.getKey()))
        .mapToLong(file -> file.getValue().bytes())
        .sum();
  }

  /** The same without its table. */
  GenerationManifest withoutTable() {
    Map<String, Storage.Written> others = new TreeMap<>(files);
    others.keySet().removeIf(SampleFormat::isOfTable);
    return new GenerationManifest(
        inputs,
        model,
        modelSha256,
        weights,
        seed,
        count,
        batchWidth,
        event,
        computedBy,
        parts,
        others,
        unended,
        condition,
        labels,
        Optional.empty());
  }

  /** One line for a person. */
  public String summary() {
    String made =
        String.format(
            Locale.ROOT,
            "%,d samples of %s%s in %,d %s%s",
            count,
            event.describe(),
            condition.isEmpty() ? "" : " given " + condition,
            parts.size(),
            parts.size() == 1 ? "part" : "parts",
            table.map(rows -> " and as a table, " + rows.output().describe()).orElse(""));
    return unended == 0
        ? made
        : made
            + String.format(
                Locale.ROOT,
                "; %,d reached the most steps and did not end: give a larger --length",
                unended);
  }
}
