package dev.ancestral.job.train.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import dev.ancestral.job.output.Fingerprint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;

/**
 * Everything that decides the result of a run. It lies beside the checkpoints, so that a run of
 * another spec can say in what the two differ.
 *
 * @param values plain ones, by key; those under {@code model} and {@code train} as they were given
 */
public record RunInputs(Map<String, Object> values) {
  // How long a run trains; each with what it is where it is not given.
  private static final Map<String, Long> AMOUNTS = Map.of("train.epochs", 20L, "train.steps", 0L);
  private static final Map<String, String> HASHES =
      Map.of(
          "data", "the examples of train",
          "valid", "the examples of valid",
          "initialize", "the parameters to begin with");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_TOLD = 8;

  /** One hash of all of it. */
  public String fingerprint() {
    return Fingerprint.of(values);
  }

  /** Keeps them with the checkpoints of a run. */
  public void write(Storage storage, String run) {
    Path file = file(storage, run, fingerprint());
    if (!storage.exists(file)) {
      storage.commit(file, SealedJson.seal(JSON.valueToTree(Map.of("inputs", values))));
    }
  }

  /**
   * Those of a fingerprint, which a run has kept; empty where an earlier version made the run.
   *
   * @throws dev.ancestral.AncestralException (DATA) if they are damaged
   */
  public static Optional<RunInputs> read(Storage storage, String run, String fingerprint) {
    Path file = file(storage, run, fingerprint);
    if (!storage.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new RunInputs(
              JSON.readerFor(new TypeReference<Map<String, Object>>() {})
                  .readValue(SealedJson.open(storage.read(file), file.toString()).path("inputs"))));
    } catch (java.io.IOException e) {
      return Optional.empty();
    }
  }

  private static Path file(Storage storage, String run, String fingerprint) {
    return new Path(
        CheckpointStore.folder(storage, run),
        "inputs-" + fingerprint.substring(0, Math.min(16, fingerprint.length())) + ".json");
  }

  /** In what these differ from those of the run that is there, one phrase a key. */
  public List<String> differences(RunInputs there) {
    Map<String, String> own = flat();
    Map<String, String> other = there.flat();
    List<String> differences = new ArrayList<>();
    for (String key : differing(there)) {
      differences.add(
          HASHES.containsKey(key)
              ? HASHES.get(key) + " are others"
              : key + " is " + told(own.get(key)) + ", there " + told(other.get(key)));
    }
    int told = Math.min(MOST_TOLD, differences.size());
    List<String> first = new ArrayList<>(differences.subList(0, told));
    if (differences.size() > told) {
      first.add((differences.size() - told) + " more keys differ");
    }
    return first;
  }

  /** Whether these ask for nothing but more training than those of the run that is there. */
  public boolean asksForMoreThan(RunInputs there) {
    Set<String> keys = differing(there);
    return keys.size() == 1
        && AMOUNTS.containsKey(keys.iterator().next())
        && keys.stream().allMatch(key -> amount(key) > there.amount(key) && there.amount(key) > 0);
  }

  /** Epochs or steps; 0 where it is no number, which the reading of the spec refuses. */
  private long amount(String key) {
    String given = flat().get(key);
    try {
      return given == null ? AMOUNTS.get(key) : Long.parseLong(given);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private Set<String> differing(RunInputs there) {
    Map<String, String> own = flat();
    Map<String, String> other = there.flat();
    Set<String> keys = new TreeSet<>(own.keySet());
    keys.addAll(other.keySet());
    keys.removeIf(key -> own.getOrDefault(key, "").equals(other.getOrDefault(key, "")));
    return keys;
  }

  private static String told(String value) {
    return value == null ? "not given" : value;
  }

  private Map<String, String> flat() {
    Map<String, String> flat = new TreeMap<>();
    values.forEach((key, value) -> flatten(key, value, flat));
    return flat;
  }

  private static void flatten(String key, Object value, Map<String, String> into) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((inner, content) -> flatten(key + "." + inner, content, into));
    } else {
      into.put(key, text(value));
    }
  }

  private static String text(Object value) {
    try {
      return value instanceof String text ? text : JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("inputs must be plain values", e);
    }
  }

  /** The inputs of a run. */
  public static RunInputs of(
      TrainRequest request, Map<String, String> splits, Optional<String> initialize) {
    Map<String, Object> inputs = new LinkedHashMap<>();
    inputs.put("seed", request.seed());
    inputs.put("family", request.family());
    inputs.put("model", request.model());
    inputs.put("dequantize", request.dequantize());
    inputs.put("train", decisive(request.spec().getOrDefault("train", Map.of())));
    inputs.put("data", splits.get("train"));
    inputs.put("valid", splits.getOrDefault("valid", "none"));
    initialize.ifPresent(sha256 -> inputs.put("initialize", sha256));
    return new RunInputs(inputs);
  }

  /** Without the keys that change the way and not the result. */
  private static Object decisive(Object train) {
    if (!(train instanceof Map<?, ?> keys)) {
      return train;
    }
    Map<Object, Object> decisive = new LinkedHashMap<>(keys);
    decisive.remove("allowPlainCollectives");
    decisive.remove("fewerSlots");
    decisive.remove("initialize"); // Not where it lies, but what it holds.
    return decisive;
  }
}
