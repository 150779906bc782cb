package dev.ancestral.job.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.job.status.Redaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;

/**
 * A training as a run of an MLflow tracking server: its settings as parameters, the numbers of
 * every round as metrics by step, and at the end its status and the hashes of the model.
 *
 * <p>Everything is sent by a thread of its own. A server that does not answer costs a warning and,
 * at the end of the training, half a minute at most; what could not be sent is sent with what
 * follows. {@code mlflow.json} beside the model remembers the run and how much of it was sent, so
 * that a training that is resumed goes on in the same run.
 */
final class MlflowRun implements TrainingObserver {
  static final String FILE = "mlflow.json";

  private static final int MOST_BYTES = 1 << 16;
  private static final int ROUNDS_AT_ONCE = 40; // Of some 20 metrics; the API takes 1,000 a call.
  private static final int PARAMETERS_AT_ONCE = 100;
  private static final int LONGEST_PARAMETER = 250;
  private static final int LAST_WAIT_SECONDS = 30;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObserveSpec.Mlflow spec;
  private final MlflowClient client;
  private final Storage storage;
  private final Path directory;
  private final Map<String, Object> document;
  private final Map<String, String> facts;
  private final Warning warning;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread made = new Thread(work, "mlflow");
            made.setDaemon(true);
            return made;
          });

  // What was not sent yet, handed over to the thread.
  private List<JsonNode> lines = List.of();
  private boolean queued;

  // Of the thread alone.
  private String runId;
  private int sent;

  /**
   * A run that begins, or goes on, with the first commit.
   *
   * @param directory of the training
   * @param document the spec as it was given, whose values become parameters
   * @param facts that become tags
   */
  MlflowRun(
      ObserveSpec.Mlflow spec,
      MlflowClient client,
      Storage storage,
      Path directory,
      Map<String, Object> document,
      Map<String, String> facts,
      Warning warning) {
    this.spec = spec;
    this.client = client;
    this.storage = storage;
    this.directory = directory;
    this.document = document;
    this.facts = facts;
    this.warning = warning;
    client
        .withheld()
        .ifPresent(
            why ->
                warning.say(
                    "credentials are not sent to the MLflow server at " + spec.uri() + ": " + why));
  }

  @Override
  public void committed(List<JsonNode> all, boolean last) {
    synchronized (this) {
      lines = List.copyOf(all);
      if (queued) {
        return;
      }
      queued = true;
    }
    thread.execute(() -> attempt(this::sendRounds));
  }

  @Override
  public void finished() {
    end(
        () -> {
          sendRounds();
          ArrayNode tags = JSON.createArrayNode();
          for (String file : List.of("model.json", "parameters.safetensors")) {
            String hash = Sha256.of(storage, new Path(directory, file));
            tags.addObject().put("key", "ancestral.sha256." + file).put("value", hash);
          }
          ObjectNode batch = JSON.createObjectNode().put("run_id", runId);
          batch.set("tags", tags);
          client.post("runs/log-batch", batch);
          status("FINISHED");
        });
  }

  @Override
  public void failed(boolean resumable) {
    end(
        () -> {
          sendRounds();
          status(resumable ? "KILLED" : "FAILED");
        });
  }

  /** A request to the server. */
  private interface Telling {
    void tell() throws IOException;
  }

  private void attempt(Telling telling) {
    try {
      telling.tell();
    } catch (IOException | RuntimeException e) { // Nothing here may end a training.
      warning.say("the MLflow server at " + spec.uri() + " cannot be told: " + reason(e));
    }
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void end(Telling telling) {
    thread.execute(() -> attempt(telling));
    thread.shutdown();
    try {
      if (!thread.awaitTermination(LAST_WAIT_SECONDS, TimeUnit.SECONDS)) {
        warning.say("the MLflow server at " + spec.uri() + " does not answer");
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      thread.shutdownNow();
    }
  }

  private void sendRounds() throws IOException {
    List<JsonNode> all;
    synchronized (this) {
      queued = false;
      all = lines;
    }
    if (runId == null) {
      begin();
    }
    while (sent < all.size()) {
      int to = Math.min(all.size(), sent + ROUNDS_AT_ONCE);
      ObjectNode batch = JSON.createObjectNode().put("run_id", runId);
      batch.set("metrics", metrics(all.subList(sent, to)));
      client.post("runs/log-batch", batch);
      sent = to;
      remember();
    }
  }

  private static ArrayNode metrics(List<JsonNode> rounds) {
    ArrayNode metrics = JSON.createArrayNode();
    double millis = System.currentTimeMillis();
    for (JsonNode line : rounds) {
      millis -= 1e3 * line.path("seconds").asDouble();
    }
    for (JsonNode line : rounds) {
      millis += 1e3 * line.path("seconds").asDouble();
      for (Map.Entry<String, JsonNode> field : line.properties()) {
        double value = field.getValue().asDouble();
        boolean told = field.getValue().isNumber() && !field.getKey().equals("step");
        if (told && Double.isFinite(value)) {
          metrics
              .addObject()
              .put("key", field.getKey())
              .put("value", value)
              .put("timestamp", (long) millis)
              .put("step", line.path("step").asLong());
        }
      }
    }
    return metrics;
  }

  /** Goes on with the run that an earlier attempt began there, or begins one. */
  private void begin() throws IOException {
    Path file = new Path(directory, FILE);
    if (storage.exists(file)) {
      JsonNode known = JSON.readTree(storage.read(file, MOST_BYTES));
      if (known.path("server").asText().equals(spec.uri().toString())) {
        String id = known.path("run").asText();
        client.post(
            "runs/update", JSON.createObjectNode().put("run_id", id).put("status", "RUNNING"));
        runId = id;
        sent = known.path("rounds").asInt();
        return;
      }
    }
    ObjectNode request =
        JSON.createObjectNode()
            .put("experiment_id", client.experiment(spec.experiment()))
            .put("run_name", spec.run())
            .put("start_time", System.currentTimeMillis());
    Map<String, String> tags = new LinkedHashMap<>(facts);
    tags.put("mlflow.source.name", "ancestral");
    tags.putAll(spec.tags());
    ArrayNode listed = request.putArray("tags");
    tags.forEach((key, value) -> listed.addObject().put("key", key).put("value", value));
    String id =
        client.post("runs/create", request).path("run").path("info").path("run_id").asText();
    sendParameters(id);
    runId = id;
    remember();
  }

  private void sendParameters(String id) throws IOException {
    Map<String, String> parameters = new LinkedHashMap<>();
    flatten("", document, parameters);
    List<String> names = new ArrayList<>(parameters.keySet());
    for (int from = 0; from < names.size(); from += PARAMETERS_AT_ONCE) {
      ObjectNode batch = JSON.createObjectNode().put("run_id", id);
      ArrayNode listed = batch.putArray("params");
      for (String name : names.subList(from, Math.min(names.size(), from + PARAMETERS_AT_ONCE))) {
        listed.addObject().put("key", name).put("value", parameters.get(name));
      }
      client.post("runs/log-batch", batch);
    }
  }

  /** {@code train.optimizer.name} and so on; of a list its text. */
  private static void flatten(String path, Object value, Map<String, String> into) {
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, inner) -> {
            if (!(path.isEmpty() && key.equals("observe"))) {
              flatten(path.isEmpty() ? key.toString() : path + "." + key, inner, into);
            }
          });
    } else {
      String text = Redaction.ofProcess().text(String.valueOf(value));
      into.put(
          path, text.length() > LONGEST_PARAMETER ? text.substring(0, LONGEST_PARAMETER) : text);
    }
  }

  private void status(String status) throws IOException {
    client.post(
        "runs/update",
        JSON.createObjectNode()
            .put("run_id", runId)
            .put("status", status)
            .put("end_time", System.currentTimeMillis()));
  }

  private void remember() throws IOException {
    ObjectNode note =
        JSON.createObjectNode()
            .put("server", spec.uri().toString())
            .put("run", runId)
            .put("rounds", sent);
    try {
      storage.commit(new Path(directory, FILE), JSON.writeValueAsBytes(note));
    } catch (AncestralException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
