package dev.ancestral.job.report;

import dev.ancestral.data.Storage;
import dev.ancestral.job.ModelDirectory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * {@code report.html} of a run: its settings, its curves and, once there are some, its samples. The
 * page holds everything it shows and loads nothing.
 */
public final class RunReport {
  /** Name of the file. */
  public static final String FILE = "report.html";

  private final Storage storage;
  private final Path run;

  /** The report of a run. */
  public RunReport(Storage storage, String run) {
    this.storage = storage;
    this.run = storage.path(run);
  }

  /** Whether the run has a page. */
  public boolean exists() {
    return storage.exists(new Path(run, FILE));
  }

  /**
   * Writes the page.
   *
   * @param samples directory of a generation, if there is one
   */
  public void write(Optional<String> samples) {
    Metrics metrics = Metrics.read(storage, run);
    HtmlPage page =
        new HtmlPage(run.getName().equals("run") ? run.getParent().getName() : run.getName());
    Map<String, String> facts = new LinkedHashMap<>();
    if (storage.exists(new Path(run, ModelDirectory.PARAMETERS))
        && storage.exists(new Path(run, ModelDirectory.DESCRIPTION))) {
      ModelDirectory model = ModelDirectory.open(storage, run.toString());
      facts.put("family", model.family());
      model.description().model().forEach((key, value) -> facts.put(key, String.valueOf(value)));
      facts.put("examples are", model.event().describe());
      model
          .description()
          .provenance()
          .forEach((key, value) -> facts.put(key.replace('_', ' '), String.valueOf(value)));
      facts.put("weights SHA-256", model.weightsSha256());
    }
    page.table("Run", facts);
    chart(
        page,
        metrics,
        "Log-likelihood, or its bound, in nats an example",
        "nats",
        Map.of("training", "train_nats", "validation", "valid_nats"));
    chart(
        page,
        metrics,
        "Mean payoff of each player, which it ascends",
        "payoff",
        Map.of("discriminator", "discriminator_objective", "generator", "generator_objective"));
    chart(
        page,
        metrics,
        "Distance of features of draws and of held-out examples",
        "squared distance",
        Map.of("feature distance", "feature_distance"));
    chart(page, metrics, "Classes among draws", "classes", Map.of("classes", "modes_covered"));
    chart(
        page,
        metrics,
        "Training examples a second",
        "examples/s",
        Map.of("examples/s", "examples_per_second"));
    samples.map(storage::path).ifPresent(folder -> new SampleGallery(storage, folder).show(page));
    storage.commit(new Path(run, FILE), page.html().getBytes(StandardCharsets.UTF_8));
  }

  private static void chart(
      HtmlPage page, Metrics metrics, String title, String unit, Map<String, String> fields) {
    Map<String, Metrics.Curve> curves = new TreeMap<>();
    fields.forEach((name, field) -> curves.put(name, metrics.curve("epoch", field)));
    curves.values().removeIf(Metrics.Curve::isEmpty);
    if (!curves.isEmpty()) {
      LineChart.draw(page, title, "epoch", unit, curves);
    }
  }
}
