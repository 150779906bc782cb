package dev.ancestral.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a finished training left, without what depends on time, place and attempt.
 *
 * @param parameters sha256 of parameters.safetensors
 * @param state the last checkpoint: step, sizes and sha256 of every slice of parameters and
 *     optimizer state as its file has it, the best round, the digests of all ids in order
 * @param metrics the lines of metrics.jsonl, without times and bytes exchanged
 * @param ledger which epochs used every example once
 */
record Remains(String parameters, JsonNode state, List<JsonNode> metrics, JsonNode ledger) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of a run's directory. */
  static Remains of(Path run) {
    JsonNode commit = json(lastCommit(run));
    ObjectNode state = JSON.createObjectNode();
    for (String field :
        List.of("round", "step", "spec", "stateSize", "ledgers", "ledger", "sinceBest")) {
      state.set(field, commit.get(field));
    }
    state.set("slices", slices(run, commit.get("slices")));
    JsonNode best = commit.path("best");
    if (best.isObject()) {
      state.set("bestRound", best.get("round"));
      state.set("bestNats", best.get("nats"));
      state.set("bestSlices", slices(run, best.get("slices")));
    }
    return new Remains(
        sha256(run.resolve("parameters.safetensors")), state, metrics(run), commit.get("ledger"));
  }

  /** The number of the last committed round, or 0. */
  static int committedRounds(Path run) {
    Path last = lastCommit(run);
    return last == null ? 0 : Integer.parseInt(last.getFileName().toString().substring(6, 12));
  }

  private static Path lastCommit(Path run) {
    Path last = null;
    if (Files.isDirectory(run.resolve("checkpoints"))) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(run.resolve("checkpoints"), "round-??????.json")) {
        for (Path file : files) {
          last = last == null || file.compareTo(last) > 0 ? file : last;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return last;
  }

  private static ArrayNode slices(Path run, JsonNode listed) {
    ArrayNode slices = JSON.createArrayNode();
    for (JsonNode slice : listed) {
      ObjectNode one = slices.addObject();
      one.set("replica", slice.get("replica"));
      one.set("offset", slice.get("offset"));
      one.set("count", slice.get("count"));
      one.put("sha256", sha256(run.resolve("checkpoints").resolve(slice.get("file").asText())));
    }
    return slices;
  }

  private static List<JsonNode> metrics(Path run) {
    List<JsonNode> lines = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
        ObjectNode values = (ObjectNode) JSON.readTree(line);
        List<String> names = new ArrayList<>();
        values.fieldNames().forEachRemaining(names::add);
        // How much is exchanged depends on which replicas share an executor.
        names.removeIf(name -> !name.contains("second") && !name.equals("bytes_exchanged"));
        lines.add(values.without(names));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  private static JsonNode json(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(Path file) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** What is not the same as in an undisturbed run; empty if everything is. */
  List<String> differences(Remains undisturbed) {
    List<String> differences = new ArrayList<>();
    if (!parameters.equals(undisturbed.parameters)) {
      differences.add("parameters");
    }
    if (!state.equals(undisturbed.state)) {
      differences.add("state");
    }
    if (!metrics.equals(undisturbed.metrics)) {
      differences.add("metrics");
    }
    return differences;
  }

  /** Uses that are missing (positive) or too many (negative) after so many epochs of a split. */
  long missingUses(long epochs, long examples) {
    long closed = ledger.get("epochs").asLong() * ledger.get("whole").get("uses").asLong();
    return epochs * examples - closed - ledger.get("open").get("uses").asLong();
  }
}
