package dev.ancestral.job.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.job.status.ProgressListener;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MlflowRunTest {
  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private final List<String> said = new ArrayList<>();
  private TrackingServer server;

  @BeforeEach
  void start() throws IOException {
    server = new TrackingServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** Of an environment that names the server. */
  private MlflowRun run(Map<String, String> credentials) {
    Map<String, String> environment = new LinkedHashMap<>(credentials);
    environment.put("MLFLOW_TRACKING_URI", server.uri() + "/");
    return inEnvironment(environment);
  }

  private MlflowRun inEnvironment(Map<String, String> environment) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("seed", 3);
    document.put("model", Map.of("family", "vae", "hidden", List.of(4, 5)));
    document.put("observe", Map.of("mlflow", Map.of("uri", server.uri().toString())));
    document.put("train", Map.of("optimizer", Map.of("name", "adam")));
    return new MlflowRun(
        new ObserveSpec.Mlflow(server.uri(), "digits", "nightly", Map.of("team", "ocr")),
        new MlflowClient(server.uri(), environment),
        storage,
        storage.path(folder.toString()),
        document,
        Map.of("ancestral.version", "1"),
        new Warning(
            new ProgressListener() {
              @Override
              public void phase(String name) {}

              @Override
              public void update(double fraction, String detail) {}

              @Override
              public void message(String line) {
                said.add(line);
              }
            }));
  }

  private static List<JsonNode> rounds(int count) {
    return IntStream.rangeClosed(1, count)
        .<JsonNode>mapToObj(
            round ->
                new ObjectMapper()
                    .createObjectNode()
                    .put("step", 10 * round)
                    .put("train_nats", -1.0 / round)
                    .put("valid_nats", Double.NaN)
                    .put("seconds", 2))
        .toList();
  }

  private static List<String> expected(int count) {
    return IntStream.rangeClosed(1, count)
        .boxed()
        .flatMap(
            round ->
                List.of(
                    "train_nats@" + 10 * round + "=" + -1.0 / round,
                    "seconds@" + 10 * round + "=2.0")
                    .stream())
        .toList();
  }

  private String modelFile(String name) {
    byte[] content = name.getBytes(StandardCharsets.UTF_8);
    storage.commit(new org.apache.hadoop.fs.Path(storage.path(folder.toString()), name), content);
    return Sha256.of(content);
  }

  @Test
  void a_training_that_is_resumed_is_one_run_with_every_round_once() {
    MlflowRun first = run(Map.of("MLFLOW_TRACKING_TOKEN", "sesame"));
    first.committed(rounds(2), false);
    first.failed(true);
    assertEquals(List.of("KILLED"), server.statuses());
    assertEquals(expected(2), server.metrics());

    String description = modelFile("model.json");
    String weights = modelFile("parameters.safetensors");
    MlflowRun second = run(Map.of("MLFLOW_TRACKING_TOKEN", "sesame"));
    second.committed(rounds(120), true);
    second.finished();
    assertEquals(expected(120), server.metrics());
    assertEquals(List.of("KILLED", "RUNNING", "FINISHED"), server.statuses());
    assertEquals(1, server.runs());
    assertEquals("digits", server.experiment());
    assertEquals(
        Map.of(
            "seed",
            "3",
            "model.family",
            "vae",
            "model.hidden",
            "[4, 5]",
            "train.optimizer.name",
            "adam"),
        server.parameters());
    assertEquals(
        Map.of(
            "ancestral.version", "1",
            "mlflow.source.name", "ancestral",
            "team", "ocr",
            "name", "nightly",
            "ancestral.sha256.model.json", description,
            "ancestral.sha256.parameters.safetensors", weights),
        server.tags());
    assertEquals(Set.of("Bearer sesame"), server.authorizations());
    assertEquals(List.of(), said);
  }

  @Test
  void what_a_server_missed_is_sent_with_what_follows_and_told_once() {
    modelFile("model.json");
    modelFile("parameters.safetensors");
    server.fail(1);
    MlflowRun run = run(Map.of("MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_PASSWORD", "x"));
    run.committed(rounds(1), false);
    run.committed(rounds(3), true);
    run.finished();
    assertEquals(expected(3), server.metrics());
    assertEquals(Set.of("Basic bWU6eA=="), server.authorizations());
    assertEquals(
        List.of(
            "warning: the MLflow server at "
                + server.uri()
                + " cannot be told: it answers 503 come back later; the training goes on"),
        said);
  }

  @Test
  void credentials_go_to_no_server_but_the_one_that_the_environment_names() {
    for (Map<String, String> environment :
        List.of(
            Map.of("MLFLOW_TRACKING_TOKEN", "sesame"),
            Map.of(
                "MLFLOW_TRACKING_USERNAME",
                "me",
                "MLFLOW_TRACKING_PASSWORD",
                "sesame",
                "MLFLOW_TRACKING_URI",
                "https://mlflow.example.org"),
            Map.of(
                "MLFLOW_TRACKING_TOKEN",
                "sesame",
                "MLFLOW_TRACKING_URI",
                server.uri() + "/another"))) {
      said.clear();
      MlflowRun run = inEnvironment(environment);
      run.committed(rounds(1), true);
      run.failed(false);
      assertEquals(Set.of("null"), server.authorizations());
      assertEquals(1, said.size(), said.toString());
      assertTrue(
          said.get(0).contains("credentials are not sent to the MLflow server at " + server.uri())
              && said.get(0).contains("; set it to " + server.uri()),
          said.get(0));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://mlflow.example.org, true",
    "http://10.0.0.7:5000, true",
    "http://127.evil.org, true",
    "http://localhost.evil.org, true",
    "https://mlflow.example.org, false",
    "https://mlflow.example.org:443/base/, false",
    "http://localhost:5000, false",
    "http://127.0.0.1:5000, false",
    "'http://[::1]:5000', false"
  })
  void credentials_cross_no_network_in_plain_text(String server, boolean withheld) {
    MlflowClient client =
        new MlflowClient(
            URI.create(server),
            Map.of("MLFLOW_TRACKING_TOKEN", "sesame", "MLFLOW_TRACKING_URI", server));
    assertEquals(
        withheld ? Optional.of("http would show them to the network; use https") : Optional.empty(),
        client.withheld());
  }

  @Test
  void a_server_that_is_not_there_costs_a_warning() {
    server.close();
    MlflowRun run = run(Map.of());
    run.committed(rounds(1), true);
    run.failed(false);
    assertEquals(1, said.size());
    assertTrue(said.get(0).contains("; the training goes on"), said.get(0));
  }
}
