package dev.ancestral.job.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A server that keeps one experiment as MLflow's REST API 2.0 describes it, and its limits. */
public final class TrackingServer implements AutoCloseable {
  private final ObjectMapper json = new ObjectMapper();
  private final HttpServer http;
  private final Map<String, String> parameters = new TreeMap<>();
  private final Map<String, String> tags = new TreeMap<>();
  private final List<String> metrics = new ArrayList<>();
  private final List<String> statuses = new ArrayList<>();
  private final Set<String> authorizations = new TreeSet<>();
  private String experiment;
  private int runs;
  private int failures;

  public TrackingServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::handle);
    http.start();
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  /** Answers the next requests with 503. */
  public synchronized void fail(int requests) {
    failures = requests;
  }

  /** Runs that were created. */
  public synchronized int runs() {
    return runs;
  }

  /** The name of the experiment that was created. */
  public synchronized String experiment() {
    return experiment;
  }

  public synchronized Map<String, String> parameters() {
    return new TreeMap<>(parameters);
  }

  public synchronized Map<String, String> tags() {
    return new TreeMap<>(tags);
  }

  /** {@code key@step=value}, in the order in which they came. */
  public synchronized List<String> metrics() {
    return List.copyOf(metrics);
  }

  public synchronized List<String> statuses() {
    return List.copyOf(statuses);
  }

  public synchronized Set<String> authorizations() {
    return new TreeSet<>(authorizations);
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    JsonNode body = json.readTree(exchange.getRequestBody().readAllBytes());
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    authorizations.add(String.valueOf(given));
    String answer;
    int status = 200;
    if (failures > 0) {
      failures--;
      status = 503;
      answer = "come back later";
    } else {
      answer = answer(exchange.getRequestURI().toString(), body);
      if (answer == null) {
        status = 404;
        answer = "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\"}";
      }
    }
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** Null for what is not there. */
  private String answer(String uri, JsonNode body) {
    String method = uri.replaceFirst("^/api/2.0/mlflow/", "").replaceFirst("\\?.*", "");
    return switch (method) {
      case "experiments/get-by-name" ->
          experiment == null ? null : "{\"experiment\":{\"experiment_id\":\"7\"}}";
      case "experiments/create" -> {
        experiment = body.get("name").asText();
        yield "{\"experiment_id\":\"7\"}";
      }
      case "runs/create" -> {
        require(body.get("experiment_id").asText().equals("7"));
        require(body.get("start_time").asLong() > 0);
        runs++;
        keep(body.get("tags"), tags);
        tags.put("name", body.get("run_name").asText());
        yield "{\"run\":{\"info\":{\"run_id\":\"run-" + runs + "\"}}}";
      }
      case "runs/log-batch" -> {
        require(body.get("run_id").asText().equals("run-" + runs));
        require(body.path("metrics").size() <= 1000 && body.path("params").size() <= 100);
        keep(body.path("params"), parameters);
        keep(body.path("tags"), tags);
        for (JsonNode metric : body.path("metrics")) {
          require(metric.get("timestamp").asLong() > 0);
          metrics.add(
              metric.get("key").asText()
                  + "@"
                  + metric.get("step").asLong()
                  + "="
                  + metric.get("value").asDouble());
        }
        yield "{}";
      }
      case "runs/update" -> {
        require(body.get("run_id").asText().equals("run-" + runs));
        statuses.add(body.get("status").asText());
        yield "{}";
      }
      default -> null;
    };
  }

  private static void keep(JsonNode pairs, Map<String, String> into) {
    for (JsonNode pair : pairs) {
      into.put(pair.get("key").asText(), pair.get("value").asText());
    }
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new IllegalStateException("no such request is part of the API");
    }
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
