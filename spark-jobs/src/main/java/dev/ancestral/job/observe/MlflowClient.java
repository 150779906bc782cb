package dev.ancestral.job.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Calls of MLflow's REST API, version 2.0, that a training needs. Credentials come from the
 * variables of MLflow's own clients: {@code MLFLOW_TRACKING_TOKEN}, or {@code
 * MLFLOW_TRACKING_USERNAME} with {@code MLFLOW_TRACKING_PASSWORD}. They go only to the server that
 * {@code MLFLOW_TRACKING_URI} names beside them, whatever a spec says, and never in plain text to
 * another machine.
 */
final class MlflowClient {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Pattern LOOPBACK =
      Pattern.compile("127(\\.\\d{1,3}){3}|\\[(::1|0:0:0:0:0:0:0:1)]");
  private static final int LONGEST_TOLD = 200;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String root;
  private final Optional<String> authorization;
  private final Optional<String> withheld;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();

  /**
   * A client of a server.
   *
   * @param environment where the credentials are
   */
  MlflowClient(URI server, Map<String, String> environment) {
    root = server.toString().replaceFirst("/+$", "") + "/api/2.0/mlflow/";
    Optional<String> given = authorization(environment);
    withheld = given.flatMap(any -> obstacle(server, environment));
    authorization = withheld.isPresent() ? Optional.empty() : given;
  }

  /** Why the credentials of the environment are not sent; empty if they are, or there are none. */
  Optional<String> withheld() {
    return withheld;
  }

  private static Optional<String> obstacle(URI server, Map<String, String> environment) {
    String named = environment.getOrDefault("MLFLOW_TRACKING_URI", "");
    if (!isSame(server, named)) {
      return Optional.of(
          "MLFLOW_TRACKING_URI is "
              + (named.isBlank() ? "not set" : named)
              + ", and credentials go nowhere else; set it to "
              + server
              + " if that is your server");
    }
    return server.getScheme().equals("https") || isThisMachine(server.getHost())
        ? Optional.empty()
        : Optional.of("http would show them to the network; use https");
  }

  private static boolean isSame(URI server, String named) {
    try {
      URI other = new URI(named.strip());
      return server.getScheme().equalsIgnoreCase(other.getScheme())
          && server.getHost().equalsIgnoreCase(other.getHost())
          && port(server) == port(other)
          && path(server).equals(path(other));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
  }

  private static String path(URI uri) {
    return uri.normalize().getRawPath().replaceFirst("/*$", "/");
  }

  private static boolean isThisMachine(String host) {
    return host.equalsIgnoreCase("localhost") || LOOPBACK.matcher(host).matches();
  }

  private static Optional<String> authorization(Map<String, String> environment) {
    String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
    if (!token.isBlank()) {
      return Optional.of("Bearer " + token.strip());
    }
    String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
    if (user.isBlank()) {
      return Optional.empty();
    }
    String both = user + ":" + environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
    return Optional.of(
        "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * The id of an experiment, made if it is not there.
   *
   * @throws IOException if the server cannot be reached or refuses
   */
  String experiment(String name) throws IOException {
    HttpResponse<String> found =
        send(
            request(
                    "experiments/get-by-name?experiment_name="
                        + URLEncoder.encode(name, StandardCharsets.UTF_8))
                .GET());
    if (found.statusCode() == 404) {
      return post("experiments/create", JSON.createObjectNode().put("name", name))
          .path("experiment_id")
          .asText();
    }
    return parsed(found).path("experiment").path("experiment_id").asText();
  }

  /**
   * Calls a method that changes something.
   *
   * @throws IOException if the server cannot be reached or refuses
   */
  JsonNode post(String method, ObjectNode body) throws IOException {
    return parsed(
        send(
            request(method)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))));
  }

  private HttpRequest.Builder request(String method) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(root + method)).timeout(ANSWER);
    authorization.ifPresent(value -> request.header("Authorization", value));
    return request;
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException().initCause(e);
    }
  }

  private static JsonNode parsed(HttpResponse<String> response) throws IOException {
    String body = response.body();
    String told = body.length() > LONGEST_TOLD ? body.substring(0, LONGEST_TOLD) + "..." : body;
    if (response.statusCode() != 200) {
      throw new IOException("it answers " + response.statusCode() + " " + told);
    }
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new IOException("it answers what is no JSON: " + told, e);
    }
  }
}
