package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.observe.MetricsPlugin;
import dev.ancestral.job.observe.ObserveSpec;
import dev.ancestral.job.observe.TrackingServer;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.checkpoint.TrainRequest;
import dev.ancestral.job.train.spec.TrainSpec;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real training that is watched from everywhere at once. */
@Tag("isolated")
class ObservedTrainingTest {
  @TempDir static Path folder;
  private static JavaSparkContext spark;

  @BeforeAll
  static void start() {
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2]")
                .setAppName("observed")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.port", "0")
                .set("spark.ui.prometheus.enabled", "true")
                .set("spark.plugins", MetricsPlugin.class.getName())
                .set("spark.metrics.namespace", "ancestral")
                .set(
                    "spark.metrics.conf.*.sink.prometheusServlet.class",
                    "org.apache.spark.metrics.sink.PrometheusServlet")
                .set("spark.metrics.conf.*.sink.prometheusServlet.path", "/metrics/prometheus"));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static TrainJob.Result train(String output, ObserveSpec observe) {
    Storage storage = new Storage(spark.hadoopConfiguration());
    Dataset dataset = TrainingFixture.dataset(storage, folder.resolve("data").toString());
    Map<String, Object> train = TrainingFixture.train("replicas", 2);
    return new TrainJob(
            spark,
            storage,
            dataset,
            new TrainRequest(
                11,
                "vae",
                Map.of("hidden", List.of(8), "latent", 2),
                "none",
                TrainSpec.read(Settings.of(train)),
                output,
                Map.of("train", train),
                observe),
            ProgressListener.silent())
        .run(TrainJob.Mode.CONTINUE);
  }

  private static String page(String path) throws Exception {
    URI uri = URI.create(spark.sc().uiWebUrl().get() + path);
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    assertEquals(200, response.statusCode());
    return response.body();
  }

  private static double gauge(String page, String name) {
    Matcher line =
        Pattern.compile(
                "metrics_ancestral_driver_plugin_dev_ancestral_job_observe_MetricsPlugin_"
                    + name
                    + "_Value\\{[^}]*\\} (\\S+)")
            .matcher(page);
    assertTrue(line.find(), name + " is not among\n" + page);
    return Double.parseDouble(line.group(1));
  }

  @Test
  void servlet_event_files_and_tracking_server_tell_what_the_metrics_file_says() throws Exception {
    assertTrue(Double.isNaN(gauge(page("/metrics/prometheus/"), "train_loss")));
    String plain = folder.resolve("plain").toString();
    train(plain, ObserveSpec.NONE);
    assertFalse(Files.exists(Path.of(plain, "tensorboard")));
    assertFalse(Files.exists(Path.of(plain, "mlflow.json")));

    String watched = folder.resolve("watched").toString();
    try (TrackingServer server = new TrackingServer()) {
      ObserveSpec.Mlflow mlflow =
          new ObserveSpec.Mlflow(server.uri(), "ancestral", "watched", Map.of());
      train(watched, new ObserveSpec(true, Optional.of(mlflow)));
      List<String> lines = Files.readAllLines(Path.of(watched, "metrics.jsonl"));
      JsonNode last = new ObjectMapper().readTree(lines.get(lines.size() - 1));
      assertEquals(List.of("FINISHED"), server.statuses());
      assertEquals(
          lines.size(),
          server.metrics().stream().filter(metric -> metric.startsWith("train_nats@")).count());

      String page = page("/metrics/prometheus/");
      assertEquals(last.get("step").asDouble(), gauge(page, "train_step"));
      assertEquals(-last.get("train_nats").asDouble(), gauge(page, "train_loss"), 1e-12);
      for (String name :
          List.of(
              "examples_per_second",
              "seconds",
              "compute_seconds",
              "exchange_seconds",
              "wait_seconds")) {
        assertEquals(last.get(name).asDouble(), gauge(page, "train_" + name), 1e-9, name);
      }
      assertTrue(gauge(page, "train_device_memory_bytes") > 1_000_000);
      assertTrue(gauge(page, "train_wait_seconds") <= gauge(page, "train_exchange_seconds"));
      assertTrue(
          gauge(page, "train_compute_seconds") + gauge(page, "train_exchange_seconds")
              <= gauge(page, "train_seconds"));
      // The replicas are gone with the training; the gauges of this process as an executor remain.
      assertEquals(0, gauge(page, "replicas_replicas"));
    }
    try (var files = Files.list(Path.of(watched, "tensorboard"))) {
      assertTrue(files.count() >= 1);
    }
    assertArrayEquals(TrainingFixture.parameters(plain), TrainingFixture.parameters(watched));
    assertTrue(train(watched, ObserveSpec.NONE).alreadyComplete());
    assertTrue(page("/metrics/executors/prometheus/").contains("metrics_executor"));
  }

  @Test
  void a_tracking_server_that_is_not_there_changes_nothing() throws Exception {
    String alone = folder.resolve("alone").toString();
    ObserveSpec.Mlflow nobody;
    try (TrackingServer server = new TrackingServer()) {
      nobody = new ObserveSpec.Mlflow(server.uri(), "ancestral", "alone", Map.of());
    }
    train(alone, new ObserveSpec(false, Optional.of(nobody)));
    assertTrue(Files.exists(Path.of(alone, "model.json")));
    assertFalse(Files.exists(Path.of(alone, "mlflow.json")));
  }
}
