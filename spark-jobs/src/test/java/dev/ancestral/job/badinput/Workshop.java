package dev.ancestral.job.badinput;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.Fixtures;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * A folder of sound datasets, models, reports and specs, and the tools to spoil them.
 *
 * <p>Datasets: {@code data} (4×3×1 bits), {@code labelled} (the same with three classes), {@code
 * bytes} (4×3×1 of 256 levels), {@code real} (four real numbers), {@code chords} (sequences of
 * three bits), {@code letters} and {@code others} (text of two vocabularies). Models: {@code nb},
 * {@code vae}, {@code gauss} and {@code flow} (of real numbers), {@code classifier}, {@code hmm},
 * {@code speller}. Results: {@code nb-test}, {@code vae-test}, {@code half-test}, {@code samples}.
 */
record Workshop(Path folder) {
  static final EventSpec BITS = EventSpec.discrete(2, 4, 3, 1);
  static final EventSpec BYTES = EventSpec.discrete(256, 4, 3, 1);
  static final EventSpec REAL = EventSpec.continuous(4);
  static final EventSpec CHORDS =
      new EventSpec(List.of(3), new EventSpec.Discrete(2), true, 0, List.of(), 0);

  private static final ObjectMapper JSON = new ObjectMapper();

  static EventSpec text(String... characters) {
    return new EventSpec(
        List.of(1), new EventSpec.Discrete(characters.length), true, 0, List.of(characters), 0);
  }

  /** Makes the sound files. */
  static Workshop build(Path folder) throws IOException {
    Workshop sound = new Workshop(folder);
    Fixtures fixtures = sound.fixtures();
    String data = fixtures.dataset(sound.at("data"), "train", BITS, 90, 30);
    fixtures.dataset(data, "valid", BITS, 30, 30);
    fixtures.dataset(data, "test", BITS, 60, 20);
    String labelled = fixtures.dataset(sound.at("labelled"), "test", BITS.withClasses(3), 30, 30);
    fixtures.dataset(sound.at("bytes"), "test", BYTES, 30, 30);
    fixtures.stored(sound.at("real"), "test", batch(REAL, 12, 0.5f), 12);
    fixtures.stored(sound.at("chords"), "test", sequences(CHORDS, 6), 6);
    fixtures.stored(sound.at("letters"), "test", sequences(text("a", "b", "c"), 6), 6);
    fixtures.stored(sound.at("others"), "test", sequences(text("a", "b", "d"), 6), 6);
    Map<String, Object> bernoulli = Map.of("likelihood", "bernoulli");
    fixtures.fitted(sound.at("nb"), "naive-bayes", bernoulli, data, "train");
    fixtures.fitted(
        sound.at("classifier"),
        "naive-bayes",
        Map.of("likelihood", "bernoulli", "classes", "label"),
        labelled,
        "test");
    fixtures.untrained(
        sound.at("vae"), "vae", Map.of("hidden", List.of(4), "latent", 2), BITS, "none", 1);
    fixtures.fitted(
        sound.at("gauss"),
        "naive-bayes",
        Map.of("likelihood", "gaussian"),
        sound.at("real"),
        "test");
    fixtures.untrained(
        sound.at("flow"),
        "vae",
        Map.of("hidden", List.of(4), "latent", 2, "likelihood", "gaussian"),
        REAL,
        "none",
        1);
    fixtures.chain(sound.at("hmm"), Map.of("states", 2, "emissions", "bernoulli"), CHORDS, 1);
    fixtures.chain(
        sound.at("speller"),
        Map.of("states", 2, "emissions", "categorical"),
        text("a", "b", "c"),
        1);
    sound.run("evaluate --model @nb --data @data --output @nb-test");
    sound.run("evaluate --model @nb --data @data --limit 30 --output @half-test");
    sound.run("evaluate --model @nb --data @data --split valid --output @valid-test");
    sound.run("evaluate --model @vae --data @data --samples 2 --output @vae-test");
    sound.run("evaluate --model @vae --data @data --samples 3 --output @vae3-test");
    sound.run(
        "evaluate --model @nb --data @data --estimator two-sample --limit 20 --output @pair-test");
    sound.run("generate --model @nb --count 20 --seed 1 --output @samples");
    Files.writeString(sound.path("rows.csv"), "0,1,1\n1,0,1\n1,1,0\n".repeat(10));
    sound.run("prepare --format matrix --input @rows.csv --split train --output @rows");
    Files.createDirectory(sound.path("empty"));
    return sound;
  }

  private void run(String command) {
    CommandLine result = execute(command);
    if (result.status() != 0) {
      throw new IllegalStateException(command + " ended with " + result);
    }
  }

  /** Runs a command line in which {@code @x} is the path of x. */
  CommandLine execute(String command) {
    String[] words =
        Arrays.stream(command.split(" "))
            .map(word -> word.startsWith("@") ? at(word.substring(1)) : word)
            .toArray(String[]::new);
    return CommandLine.run(command.isEmpty() ? new String[0] : words);
  }

  /** A copy, in a folder that does not exist yet, of what a command and its spec may name. */
  Workshop copyTo(Path target, String command) throws IOException {
    Set<String> wanted = new TreeSet<>(List.of("", "data", "nb", "rows.csv", "empty"));
    if (command.contains("spec.yaml")) {
      wanted.addAll(List.of("chords", "labelled"));
    }
    for (String word : command.split(" ")) {
      if (word.startsWith("@")) {
        wanted.add(word.substring(1).split("/")[0]);
      }
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path from : all.toList()) {
        if (!wanted.contains(folder.relativize(from).getName(0).toString())) {
          continue;
        }
        Files.copy(
            from, target.resolve(folder.relativize(from)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    Workshop copy = new Workshop(target);
    copy.write(
        "spec.yaml", copy.spec("data", "model: {family: naive-bayes, likelihood: bernoulli}"));
    return copy;
  }

  /** A whole spec of the least keys, on a dataset. */
  String spec(String data, String rest) {
    return "name: good\nseed: 1\noutput: "
        + at("out")
        + "\ndata: {path: "
        + at(data)
        + "}\n"
        + rest
        + "\n";
  }

  Fixtures fixtures() {
    return new Fixtures(new Storage(new Configuration()));
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  String at(String name) {
    return path(name).toString();
  }

  void write(String name, String content) throws IOException {
    Files.writeString(path(name), content);
  }

  void write(String name, byte[] content) throws IOException {
    Files.write(path(name), content);
  }

  byte[] read(String name) throws IOException {
    return Files.readAllBytes(path(name));
  }

  /** Rewrites a text file. */
  void edit(String name, UnaryOperator<String> change) throws IOException {
    String before = Files.readString(path(name));
    String after = change.apply(before);
    if (before.equals(after)) {
      throw new IllegalStateException("nothing was spoiled in " + name);
    }
    write(name, after);
  }

  void replace(String name, String what, String with) throws IOException {
    edit(name, text -> text.replace(what, with));
  }

  /** Adds keys to the spec. */
  void add(String keys) throws IOException {
    edit("spec.yaml", text -> text + keys + "\n");
  }

  /** Gives the spec another model on another dataset. */
  void model(String data, String model) throws IOException {
    write("spec.yaml", spec(data, model));
  }

  /** Cuts a file down to so many bytes. */
  void cut(String name, int length) throws IOException {
    write(name, Arrays.copyOf(read(name), length));
  }

  void append(String name, byte[] more) throws IOException {
    byte[] bytes = read(name);
    byte[] longer = Arrays.copyOf(bytes, bytes.length + more.length);
    System.arraycopy(more, 0, longer, bytes.length, more.length);
    write(name, longer);
  }

  /** Flips one bit. */
  void flip(String name, int at) throws IOException {
    byte[] bytes = read(name);
    bytes[at] ^= 1;
    write(name, bytes);
  }

  void delete(String name) throws IOException {
    Files.delete(path(name));
  }

  /** Changes a sealed file as a forger would: with the right seal. */
  void forge(String name, Consumer<ObjectNode> change) throws IOException {
    ObjectNode json = SealedJson.open(read(name), name);
    change.accept(json);
    write(name, SealedJson.seal(json));
  }

  /** The first shard of a split in a manifest. */
  static ObjectNode shard(ObjectNode manifest, String split) {
    return (ObjectNode) manifest.at("/splits/" + split + "/shards/0");
  }

  /** Changes model.json, which has no seal. */
  void model(String name, Consumer<ObjectNode> change) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(read(name));
    change.accept(json);
    write(name, json.toString());
  }

  /** A safetensors file with this header and so many bytes of zeros. */
  void safetensors(String name, String header, int data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
    write(name, file.putLong(text.length).put(text).array());
  }

  /** Rewrites the header of a safetensors file and leaves its data. */
  void header(String name, UnaryOperator<String> change) throws IOException {
    byte[] bytes = read(name);
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String before = new String(bytes, 8, length, StandardCharsets.UTF_8);
    String after = change.apply(before);
    if (before.equals(after)) {
      throw new IllegalStateException("nothing was spoiled in " + before);
    }
    safetensors(name, after, 0);
    append(name, Arrays.copyOfRange(bytes, 8 + length, bytes.length));
  }

  /** Overwrites the end of a file. */
  void end(String name, byte[] with) throws IOException {
    byte[] bytes = read(name);
    System.arraycopy(with, 0, bytes, bytes.length - with.length, with.length);
    write(name, bytes);
  }

  /** Examples all of whose elements have one value. */
  static Batch batch(EventSpec event, int count, float value) {
    float[] values = new float[count * event.size()];
    Arrays.fill(values, value);
    return new Batch(event, LongStream.range(0, count).toArray(), values, null, null);
  }

  /** Sequences of four steps. */
  static Batch sequences(EventSpec event, int count) {
    int[] lengths = new int[count];
    Arrays.fill(lengths, 4);
    float[] values = new float[count * 4 * event.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % event.levels();
    }
    return new Batch(event, LongStream.range(0, count).toArray(), values, null, lengths);
  }

  /** Every file with its hash and every folder, by relative path. */
  Map<String, String> listing() throws IOException {
    Map<String, String> listing = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.toList()) {
        listing.put(folder.relativize(path).toString(), content(path));
      }
    }
    return listing;
  }

  private static String content(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      return "folder";
    }
    long length = Files.size(path);
    // The sparse file of gigabytes is known by its length.
    return length > 1 << 26 ? length + " bytes" : Sha256.of(Files.readAllBytes(path));
  }
}
