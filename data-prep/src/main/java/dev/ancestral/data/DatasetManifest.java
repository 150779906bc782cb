package dev.ancestral.data;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.checkpoint.EventSpecJson;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a dataset directory holds, as its {@code manifest.json} says; only what it lists exists.
 *
 * @param name of the dataset
 * @param event what an example is, the same for every split
 * @param classNames names of the classes, where labels are names: label i has name i; else empty
 * @param labelColumn the column of a table that the labels are of, or empty
 * @param splits shards by split name, in the order in which they were added
 */
public record DatasetManifest(
    String name,
    EventSpec event,
    List<String> classNames,
    String labelColumn,
    Map<String, Split> splits) {
  /** Name of the file in the dataset directory. */
  public static final String FILE = "manifest.json";

  private static final String LABEL_COLUMN = "labelColumn";
  private static final int FORMAT = 1;

  /**
   * One split.
   *
   * @param inputs fingerprint of the command and inputs that made it: the same again is a no-op
   * @param entropyNats entropy of the distribution that the examples were drawn from, in nats an
   *     example, where it is known in closed form: no model's expected −log p(x) is below it
   * @param shards in the order of their examples
   * @param keys what is carried beside them
   */
  public record Split(
      String inputs, OptionalDouble entropyNats, List<ShardEntry> shards, Keys keys) {
    public Split {
      shards = List.copyOf(shards);
    }

    /** One whose examples carry no keys. */
    public Split(String inputs, OptionalDouble entropyNats, List<ShardEntry> shards) {
      this(inputs, entropyNats, shards, Keys.NONE);
    }

    /** Number of examples. */
    public long examples() {
      return shards.stream().mapToLong(ShardEntry::examples).sum();
    }

    /** One hash of all examples: their ids, elements, labels and lengths, in order. */
    public String contentSha256() {
      StringBuilder hashes = new StringBuilder();
      shards.forEach(shard -> hashes.append(shard.contentSha256()).append('\n'));
      return Sha256.of(hashes.toString().getBytes(US_ASCII));
    }
  }

  /**
   * A column that identifies examples to their owner, and is never modelled.
   *
   * @param name as in the table
   * @param sqlType as Spark writes it: {@code bigint}
   */
  public record KeyColumn(String name, String sqlType) implements Serializable {}

  /**
   * Keys that are carried beside the examples of a split.
   *
   * @param columns that they have
   * @param files one for each shard: Parquet of {@code id: int64} and {@code keys: string}, a JSON
   *     object of the columns, in ascending order of id
   */
  public record Keys(List<KeyColumn> columns, List<KeyFile> files) {
    /** None at all. */
    public static final Keys NONE = new Keys(List.of(), List.of());

    public Keys {
      columns = List.copyOf(columns);
      files = List.copyOf(files);
    }
  }

  /**
   * A file of keys.
   *
   * @param file path relative to the folder of the manifest
   * @param bytes length of the file
   * @param sha256 of the file, hexadecimal
   */
  public record KeyFile(String file, long bytes, String sha256) implements Serializable {}

  public DatasetManifest {
    classNames = List.copyOf(classNames);
    splits = Collections.unmodifiableMap(new LinkedHashMap<>(splits));
  }

  /** A dataset whose labels, if any, have no names. */
  public DatasetManifest(String name, EventSpec event, Map<String, Split> splits) {
    this(name, event, List.of(), "", splits);
  }

  /** A dataset whose labels, if any, are of no column of a table. */
  public DatasetManifest(
      String name, EventSpec event, List<String> classNames, Map<String, Split> splits) {
    this(name, event, classNames, "", splits);
  }

  /** The id that the next example to be added gets: one above the largest. */
  public long nextId() {
    return splits.values().stream()
            .flatMap(split -> split.shards().stream())
            .mapToLong(ShardEntry::lastId)
            .max()
            .orElse(-1)
        + 1;
  }

  /** The content of the file. */
  public byte[] toJson() {
    ObjectNode json = SealedJson.object();
    json.put("format", FORMAT).put("name", name);
    EventSpecJson.put(json, event);
    if (!classNames.isEmpty()) {
      classNames.forEach(json.putArray("classNames")::add);
    }
    if (!labelColumn.isEmpty()) {
      json.put(LABEL_COLUMN, labelColumn);
    }
    ObjectNode all = json.putObject("splits");
    splits.forEach(
        (split, content) -> {
          ObjectNode node = all.putObject(split);
          node.put("inputs", content.inputs()).put("examples", content.examples());
          content.entropyNats().ifPresent(nats -> node.put("entropyNats", nats));
          ArrayNode shards = node.putArray("shards");
          content.shards().forEach(shard -> shards.add(shard.toJson()));
          putKeys(node, content.keys());
        });
    return SealedJson.seal(json);
  }

  /**
   * The manifest in a file.
   *
   * @param where the file, for messages
   * @throws AncestralException (DATA) if it is damaged, or of a format that this version does not
   *     know
   */
  public static DatasetManifest parse(byte[] content, String where) {
    ManifestFields fields = new ManifestFields(SealedJson.open(content, where), where);
    long format = fields.integer("format");
    if (format != FORMAT) {
      throw new AncestralException(
          ErrorCode.DATA,
          where
              + " has format "
              + format
              + "; this version reads "
              + FORMAT
              + ": use the version that wrote it, or prepare the data again");
    }
    EventSpec event =
        EventSpecJson.parse(fields.object("event"), fields.object().path("schema"), where);
    List<String> classNames = new ArrayList<>();
    fields.object().path("classNames").forEach(className -> classNames.add(className.asText()));
    if (!classNames.isEmpty() && classNames.size() != event.classes()) {
      throw new AncestralException(
          ErrorCode.DATA,
          where
              + ": classNames has "
              + classNames.size()
              + " names; the event has "
              + event.classes()
              + " classes: restore the manifest");
    }
    Map<String, Split> splits = new LinkedHashMap<>();
    fields
        .object("splits")
        .fields()
        .forEachRemaining(split -> splits.put(split.getKey(), split(split.getValue(), where)));
    return new DatasetManifest(
        fields.text("name"),
        event,
        classNames,
        fields.object().path(LABEL_COLUMN).asText(),
        splits);
  }

  private static void putKeys(ObjectNode split, Keys keys) {
    if (keys.columns().isEmpty()) {
      return;
    }
    ObjectNode node = split.putObject("keys");
    ArrayNode columns = node.putArray("columns");
    keys.columns()
        .forEach(key -> columns.addObject().put("name", key.name()).put("type", key.sqlType()));
    ArrayNode files = node.putArray("files");
    keys.files()
        .forEach(
            file ->
                files
                    .addObject()
                    .put("file", file.file())
                    .put("bytes", file.bytes())
                    .put("sha256", file.sha256()));
  }

  private static Keys keys(JsonNode json, String where) {
    if (json.isMissingNode()) {
      return Keys.NONE;
    }
    ManifestFields fields = new ManifestFields(json, where);
    List<KeyColumn> columns = new ArrayList<>();
    for (JsonNode column : fields.list("columns")) {
      ManifestFields named = new ManifestFields(column, where);
      columns.add(new KeyColumn(named.text("name"), named.text("type")));
    }
    List<KeyFile> files = new ArrayList<>();
    for (JsonNode file : fields.list("files")) {
      ManifestFields entry = new ManifestFields(file, where);
      files.add(
          new KeyFile(
              ManifestFields.file(entry.text("file"), where),
              entry.integer("bytes", 1, Long.MAX_VALUE),
              entry.text("sha256")));
    }
    return new Keys(columns, files);
  }

  private static Split split(JsonNode json, String where) {
    ManifestFields fields = new ManifestFields(json, where);
    List<ShardEntry> shards = new ArrayList<>();
    fields.list("shards").forEach(shard -> shards.add(ShardEntry.parse(shard, where)));
    requireEachOnce(shards, where);
    JsonNode entropy = json.path("entropyNats");
    return new Split(
        fields.text("inputs"),
        entropy.isNumber() ? OptionalDouble.of(entropy.doubleValue()) : OptionalDouble.empty(),
        shards,
        keys(json.path("keys"), where));
  }

  /** A shard that is listed twice, or copied under another name, would count double. */
  private static void requireEachOnce(List<ShardEntry> shards, String where) {
    for (int i = 1; i < shards.size(); i++) {
      ShardEntry before = shards.get(i - 1);
      ShardEntry shard = shards.get(i);
      if (shard.firstId() <= before.lastId()) {
        throw new AncestralException(
            ErrorCode.DATA,
            where
                + ": "
                + shard.file()
                + " begins with id "
                + shard.firstId()
                + ", but "
                + before.file()
                + " before it reaches id "
                + before.lastId()
                + "; ids must ascend from shard to shard: restore the manifest");
      }
    }
  }
}
