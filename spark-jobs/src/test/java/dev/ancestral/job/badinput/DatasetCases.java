package dev.ancestral.job.badinput;

import static dev.ancestral.job.badinput.BadInput.wrong;
import static dev.ancestral.job.badinput.Workshop.shard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.Sha256;
import java.nio.file.Files;
import java.util.List;
import java.util.function.Consumer;

/** Datasets with missing, changed or impossible shards, and manifests damaged or forged. */
final class DatasetCases {
  private static final String EVALUATE = "evaluate --model @nb --data @data --output @out";
  private static final String MANIFEST = "data/manifest.json";
  private static final String SHARD = "data/test/shard-00000.parquet";

  private DatasetCases() {}

  static List<BadInput> all() {
    return List.of(
        wrong("shard missing", w -> w.delete(SHARD), EVALUATE, 3, "shard-00000.parquet is missing"),
        wrong(
            "shard with one bit flipped",
            w -> w.flip(SHARD, 100),
            EVALUATE,
            3,
            "is damaged or was changed: its sha256 is"),
        wrong(
            "shard cut short",
            w -> w.cut(SHARD, 300),
            EVALUATE,
            3,
            "its length is 300 bytes, the manifest says"),
        wrong(
            "shard of gigabytes in place of a small one",
            w -> {
              try (var file = new java.io.RandomAccessFile(w.path(SHARD).toFile(), "rw")) {
                file.setLength(6L << 30); // sparse: it takes no disk
              }
            },
            EVALUATE,
            3,
            "its length is 6442450944 bytes"),
        wrong(
            "folder in place of a shard",
            w -> {
              w.delete(SHARD);
              Files.createDirectory(w.path(SHARD));
            },
            EVALUATE,
            3,
            "shard-00000.parquet"),
        wrong(
            "two shards exchanged",
            w -> {
              byte[] first = w.read(SHARD);
              w.write(SHARD, w.read("data/test/shard-00001.parquet"));
              w.write("data/test/shard-00001.parquet", first);
            },
            EVALUATE,
            3,
            "is damaged or was changed"),
        wrong(
            "train on a shard with one bit flipped",
            w -> w.flip("data/train/shard-00001.parquet", 100),
            "train --spec @spec.yaml",
            3,
            "train/shard-00001.parquet is damaged or was changed"),
        wrong(
            "shard that is no Parquet",
            w -> {
              w.write(SHARD, "not parquet at all");
              forgeHash(w, SHARD, "test");
            },
            EVALUATE,
            3,
            "is no Parquet file of examples"),
        wrong(
            "shard with other columns",
            w -> {
              w.fixtures().dataset(w.at("tmp"), "test", Workshop.BITS.withClasses(3), 20, 20);
              w.write(SHARD, w.read("tmp/test/shard-00000.parquet"));
              forgeHash(w, SHARD, "test");
            },
            EVALUATE,
            3,
            "has columns",
            "4×3×1 with 2 levels have"),
        wrong(
            "split without shards",
            forge(json -> ((ObjectNode) json.at("/splits/test")).putArray("shards")),
            EVALUATE,
            3,
            "split test of",
            "has no examples"),
        wrong(
            "element beyond the levels",
            w -> {
              w.fixtures().stored(w.at("made"), "test", Workshop.batch(Workshop.BYTES, 9, 7), 9);
              w.forge("made/manifest.json", json -> levels(json, 2));
            },
            "evaluate --model @nb --data @made --output @out",
            3,
            "example 0 has the element 7, which 4×3×1 with 2 levels do not have"),
        wrong(
            "label beyond the classes",
            w -> w.forge("labelled/manifest.json", json -> event(json).put("classes", 1)),
            "evaluate --model @nb --data @labelled --output @out",
            3,
            "has label 1, which"),
        wrong(
            "infinite element",
            w ->
                w.fixtures()
                    .stored(
                        w.at("made"),
                        "test",
                        Workshop.batch(Workshop.REAL, 5, Float.POSITIVE_INFINITY),
                        5),
            "evaluate --model @gauss --data @made --output @out",
            3,
            "has the element Infinity"),
        wrong(
            "NaN for a network",
            w ->
                w.fixtures()
                    .stored(w.at("made"), "test", Workshop.batch(Workshop.REAL, 5, Float.NaN), 5),
            "evaluate --model @flow --data @made --output @out --samples 2",
            3,
            "scores example 0 with not a number"),
        wrong(
            "ids that are not those of the manifest",
            forge(json -> shard(json, "test").put("firstId", 2)),
            EVALUATE,
            3,
            "row 0 has id 1; ids must ascend from 2"),
        wrong(
            "shard with fewer examples than the manifest says",
            forge(json -> shard(json, "test").put("examples", 21)),
            EVALUATE,
            3,
            "its number of examples is 20, the manifest says 21"),
        wrong(
            "shard listed twice",
            forge(
                json -> {
                  ArrayNode shards = (ArrayNode) json.at("/splits/test/shards");
                  shards.insert(0, shard(json, "test").deepCopy());
                }),
            EVALUATE,
            3,
            "ids must ascend from shard to shard"),
        wrong(
            "split that is not there", EVALUATE + " --split holdout", 3, "has no split 'holdout'"),
        wrong(
            "split with traversal in its name", EVALUATE + " --split ../train", 3, "has no split"),
        wrong("manifest cut short", w -> w.cut(MANIFEST, 200), EVALUATE, 3, "is damaged: no JSON"),
        wrong(
            "manifest empty", w -> w.write(MANIFEST, ""), EVALUATE, 3, "manifest.json is damaged"),
        wrong(
            "manifest edited by hand",
            w -> w.replace(MANIFEST, "\"examples\" : 60", "\"examples\" : 61"),
            EVALUATE,
            3,
            "is damaged or was edited: its sha256 field says"),
        wrong(
            "manifest without its seal",
            w ->
                w.edit(
                    MANIFEST, text -> text.replaceAll(",\\s*\"sha256\" : \"\\w+\"\\s*}\\s*$", "}")),
            EVALUATE,
            3,
            "its sha256 field says nothing"),
        wrong(
            "manifest that is a list",
            w -> w.write(MANIFEST, "[1, 2]"),
            EVALUATE,
            3,
            "it is no JSON object"),
        wrong(
            "manifest with a field twice",
            w -> w.replace(MANIFEST, "\"format\" : 1,", "\"format\" : 1, \"format\" : 1,"),
            EVALUATE,
            3,
            "is damaged: no JSON"),
        wrong(
            "manifest nested a hundred thousand deep",
            w -> w.write(MANIFEST, "[".repeat(100_000)),
            EVALUATE,
            3,
            "is damaged: no JSON"),
        wrong(
            "manifest of the future",
            forge(json -> json.put("format", 2)),
            EVALUATE,
            3,
            "has format 2; this version reads 1: use the version that wrote it"),
        wrong(
            "shard above the folder",
            forge(json -> shard(json, "test").put("file", "../../etc/shard.parquet")),
            EVALUATE,
            3,
            "file is '../../etc/shard.parquet'; it must be a name below the manifest's own folder"),
        wrong(
            "shard at an absolute path",
            forge(json -> shard(json, "test").put("file", "/etc/passwd")),
            EVALUATE,
            3,
            "file is '/etc/passwd'; it must be a name below"),
        wrong(
            "shard at another file system",
            forge(json -> shard(json, "test").put("file", "hdfs://host/shard.parquet")),
            EVALUATE,
            3,
            "it must be a name below"),
        wrong(
            "a negative number of examples",
            forge(json -> shard(json, "test").put("examples", -5)),
            EVALUATE,
            3,
            "examples is -5; it must be a whole number from 1"),
        wrong(
            "a million million examples in a shard",
            forge(json -> shard(json, "test").put("examples", 1_000_000_000_000L)),
            EVALUATE,
            3,
            "examples is 1000000000000; it must be a whole number from 1 to"),
        wrong(
            "more examples than ids",
            forge(json -> shard(json, "test").put("examples", 2_000_000_000)),
            EVALUATE,
            3,
            "there must be as many ids as examples"),
        wrong(
            "a shard of 2^60 bytes",
            forge(json -> shard(json, "test").put("bytes", 1L << 60)),
            EVALUATE,
            3,
            "bytes is 1152921504606846976; it must be"),
        wrong(
            "a shape whose elements overflow",
            forge(json -> event(json).putArray("shape").add(1 << 30).add(1 << 30).add(1)),
            EVALUATE,
            3,
            "event shape is [1073741824, 1073741824, 1]; it may have"),
        wrong(
            "a shape with 0",
            forge(json -> event(json).putArray("shape").add(0)),
            EVALUATE,
            3,
            "event.shape[0] is 0; it must be"),
        wrong(
            "one level", forge(json -> levels(json, 1)), EVALUATE, 3, "event.elements.levels is 1"),
        wrong(
            "a vocabulary of another size than the levels",
            w ->
                w.forge(
                    "letters/manifest.json",
                    json -> event(json).putArray("vocabulary").add("a").add("b")),
            "evaluate --model @speller --data @letters --output @out",
            3,
            "vocabulary has 2 characters for 3 levels; it must have one for each"),
        wrong(
            "names for other classes",
            forge(json -> json.putArray("classNames").add("cat")),
            EVALUATE,
            3,
            "classNames has 1 names; the event has 0 classes"),
        wrong(
            "a shard without a hash",
            forge(json -> shard(json, "test").remove("sha256")),
            EVALUATE,
            3,
            "sha256 is missing; it must be a text"));
  }

  private static BadInput.Spoil forge(Consumer<ObjectNode> change) {
    return w -> w.forge(MANIFEST, change);
  }

  /** Lists the shard as it is now. */
  private static void forgeHash(Workshop w, String file, String split) throws java.io.IOException {
    byte[] content = w.read(file);
    w.forge(
        MANIFEST,
        json -> shard(json, split).put("bytes", content.length).put("sha256", Sha256.of(content)));
  }

  private static ObjectNode event(ObjectNode manifest) {
    return (ObjectNode) manifest.get("event");
  }

  private static void levels(ObjectNode manifest, int levels) {
    ((ObjectNode) manifest.at("/event/elements")).put("levels", levels);
  }
}
