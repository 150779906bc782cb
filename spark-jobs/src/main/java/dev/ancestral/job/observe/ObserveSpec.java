package dev.ancestral.job.observe;

import dev.ancestral.config.Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The keys under {@code observe:}. They change nothing of the result, so they may be added to the
 * spec of a run that has begun.
 *
 * @param tensorBoard whether event files are written below the run
 * @param mlflow the tracking server, if any
 */
public record ObserveSpec(boolean tensorBoard, Optional<Mlflow> mlflow) {
  /** Nothing but {@code metrics.jsonl}, which is always written. */
  public static final ObserveSpec NONE = new ObserveSpec(false, Optional.empty());

  /**
   * A tracking server.
   *
   * @param uri its address, without credentials
   * @param experiment that the run belongs to, made if it is not there
   * @param run name of the run there
   * @param tags of the run
   */
  public record Mlflow(URI uri, String experiment, String run, Map<String, String> tags) {}

  /**
   * Reads the section, reporting what is wrong to it.
   *
   * @param name of the spec, which the run has at the tracking server unless it is named there
   */
  public static ObserveSpec read(Settings observe, String name) {
    boolean tensorBoard = observe.flag("tensorboard", false);
    Settings mlflow = observe.section("mlflow");
    if (mlflow.values().isEmpty()) {
      return new ObserveSpec(tensorBoard, Optional.empty());
    }
    String address = mlflow.text("uri", null);
    String experiment = mlflow.text("experiment", "ancestral");
    String run = mlflow.text("run", String.valueOf(name));
    Settings given = mlflow.section("tags");
    Map<String, String> tags = new LinkedHashMap<>();
    given.values().keySet().forEach(tag -> tags.put(tag, given.text(tag, "")));
    Optional<URI> uri = address == null ? Optional.empty() : server(address);
    if (address != null && uri.isEmpty()) {
      mlflow.wrong(
          "uri",
          withoutCredentials(address),
          "the address of a tracking server, http://HOST:PORT or https://HOST, without credentials"
              + " (they are taken from the environment: MLFLOW_TRACKING_TOKEN, or"
              + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD)");
    }
    return new ObserveSpec(tensorBoard, uri.map(at -> new Mlflow(at, experiment, run, tags)));
  }

  private static Optional<URI> server(String address) {
    try {
      URI uri = new URI(address);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean plain = uri.getUserInfo() == null && uri.getQuery() == null;
      return web && plain && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static String withoutCredentials(String address) {
    return address.replaceFirst("//[^/@]*@", "//(redacted)@");
  }

  /** The same with event files for TensorBoard. */
  public ObserveSpec withTensorBoard() {
    return new ObserveSpec(true, mlflow);
  }
}
