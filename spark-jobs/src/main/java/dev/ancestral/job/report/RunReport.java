package dev.ancestral.job.report;

import dev.ancestral.AncestralException;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluation.Evaluation;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.quality.TablePictures;
import dev.ancestral.job.status.ExitStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;

/**
 * {@code report.html} of a run. What it is for comes first: the score on held-out examples, samples
 * beside held-out examples, the curve; then the other curves and the settings; hashes last. The
 * page holds everything it shows and loads nothing.
 */
public final class RunReport {
  /** Name of the file. */
  public static final String FILE = "report.html";

  private static final String DATA = "ancestral:data";
  private static final String EVALUATION = "ancestral:evaluation";
  private static final String SAMPLES = "ancestral:samples";

  private final Storage storage;
  private final Path run;

  /** The report of a run. */
  public RunReport(Storage storage, String run) {
    this.storage = storage;
    this.run = storage.path(run);
  }

  /**
   * What belongs to a run and lies elsewhere; none of it needs to be there yet. What is left empty
   * is what the page showed before.
   *
   * @param data dataset directory
   * @param evaluation directory of an evaluation
   * @param samples directory of a generation
   */
  public record Beside(
      Optional<String> data, Optional<String> evaluation, Optional<String> samples) {

    /** Nothing but what the page showed before. */
    public static Beside asBefore() {
      return new Beside(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The same with a dataset. */
    public Beside withData(String directory) {
      return new Beside(Optional.of(directory), evaluation, samples);
    }

    /** The same with an evaluation. */
    public Beside withEvaluation(String directory) {
      return new Beside(data, Optional.of(directory), samples);
    }

    /** The same with a generation. */
    public Beside withSamples(String directory) {
      return new Beside(data, evaluation, Optional.of(directory));
    }

    private Beside orElse(Beside other) {
      return new Beside(
          data.or(other::data), evaluation.or(other::evaluation), samples.or(other::samples));
    }
  }

  /** Whether the run has a page. */
  public boolean exists() {
    return storage.exists(new Path(run, FILE));
  }

  /**
   * Writes a page that is there again, with what is new beside the run; a page that cannot be
   * written is no reason to fail, since the work that it shows is done.
   *
   * @return why it was not written; empty where it was, or where there is none
   */
  public Optional<String> update(Beside beside) {
    try {
      if (exists()) {
        write(beside);
      }
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(new Path(run, FILE) + " was not written: " + ExitStatus.of(e).message());
    }
  }

  /** Writes the page. */
  public void write(Beside given) {
    Beside beside = given.orElse(before());
    Optional<ModelDirectory> model = model();
    HtmlPage page =
        new HtmlPage(
            model
                .map(m -> m.description().spec().get("name"))
                .map(String::valueOf)
                .orElse(folder()),
            model.map(m -> m.family() + " · examples are " + m.event().describe()).orElse(""));
    beside.data().ifPresent(uri -> page.remember(DATA, uri));
    beside.evaluation().ifPresent(uri -> page.remember(EVALUATION, uri));
    beside.samples().ifPresent(uri -> page.remember(SAMPLES, uri));
    Optional<Evaluation> evaluation = model.flatMap(m -> evaluation(m, beside));
    evaluation.ifPresent(e -> result(page, e));
    model.ifPresent(m -> galleries(page, m, beside));
    evaluation.ifPresent(e -> pictures(page, e, beside));
    Metrics metrics = Metrics.read(storage, run);
    String likelihood =
        model.map(m -> m.definition().condition().notation()).orElse("Log-likelihood");
    curves(page, metrics, likelihood, model.flatMap(RunFacts::keptMark));
    model.ifPresent(m -> new RunFacts(m).show(page));
    storage.commit(new Path(run, FILE), page.html().getBytes(StandardCharsets.UTF_8));
  }

  /** What the page that is there shows. */
  private Beside before() {
    if (!exists()) {
      return Beside.asBefore();
    }
    String html = new String(storage.read(new Path(run, FILE)), StandardCharsets.UTF_8);
    return new Beside(
        HtmlPage.remembered(html, DATA),
        HtmlPage.remembered(html, EVALUATION),
        HtmlPage.remembered(html, SAMPLES));
  }

  private String folder() {
    return run.getName().equals("run") ? run.getParent().getName() : run.getName();
  }

  private Optional<ModelDirectory> model() {
    return storage.exists(new Path(run, ModelDirectory.PARAMETERS))
            && storage.exists(new Path(run, ModelDirectory.DESCRIPTION))
        ? Optional.of(ModelDirectory.open(storage, run.toString()))
        : Optional.empty();
  }

  /**
   * Of these weights, not of those before; one that this version cannot read is made again by the
   * command, and is no reason for a page to be missing.
   */
  private Optional<Evaluation> evaluation(ModelDirectory model, Beside beside) {
    try {
      return beside
          .evaluation()
          .flatMap(directory -> Evaluation.read(storage, directory))
          .filter(evaluation -> evaluation.weights().equals(model.weightsSha256()));
    } catch (AncestralException unreadable) {
      LogManager.getLogger(RunReport.class).warn("no evaluation on the page", unreadable);
      return Optional.empty();
    }
  }

  private static void result(HtmlPage page, Evaluation evaluation) {
    List<String> parts = List.of(evaluation.summary().split("; "));
    page.result(parts.get(0), parts.subList(1, parts.size()));
  }

  /** Of a comparison of rows; an evaluation of an earlier version has none. */
  private void pictures(HtmlPage page, Evaluation evaluation, Beside beside) {
    if (evaluation instanceof Evaluation.Table table) {
      try {
        TablePictures.read(storage, beside.evaluation().orElseThrow())
            .filter(pictures -> pictures.inputs().equals(table.report().inputs()))
            .ifPresent(pictures -> new TableQualityCharts(page, table.report(), pictures).show());
      } catch (AncestralException unreadable) {
        LogManager.getLogger(RunReport.class).warn("no pictures on the page", unreadable);
      }
    }
  }

  /** Samples beside held-out examples, whichever there are. */
  private void galleries(HtmlPage page, ModelDirectory model, Beside beside) {
    List<Runnable> columns = new ArrayList<>();
    beside
        .samples()
        .map(storage::path)
        .filter(folder -> isOf(model, folder))
        .ifPresent(
            folder -> {
              SampleGallery gallery = SampleGallery.ofSamples(storage, folder);
              if (!gallery.isEmpty()) {
                String condition = GenerationManifest.read(storage, folder).condition();
                String heading =
                    "Samples of the model" + (condition.isEmpty() ? "" : " given " + condition);
                columns.add(() -> gallery.show(page, heading));
              }
            });
    beside.data().ifPresent(uri -> columns.addAll(heldOut(page, model, uri)));
    if (!columns.isEmpty()) {
      page.columns(columns);
    }
  }

  private boolean isOf(ModelDirectory model, Path samples) {
    return storage.exists(new Path(samples, GenerationManifest.FILE))
        && GenerationManifest.read(storage, samples).weights().equals(model.weightsSha256());
  }

  /** A dataset that was removed or changed since is no reason for a page to be missing. */
  private List<Runnable> heldOut(HtmlPage page, ModelDirectory model, String uri) {
    try {
      Dataset data = model.fitting(Dataset.open(storage, uri));
      for (String split : List.of("test", "valid")) {
        SampleGallery gallery = SampleGallery.ofExamples(data, split);
        if (!gallery.isEmpty()) {
          return List.of(() -> gallery.show(page, "Examples of " + split));
        }
      }
    } catch (AncestralException unreadable) {
      LogManager.getLogger(RunReport.class).warn("no examples on the page", unreadable);
    }
    return List.of();
  }

  private static void curves(
      HtmlPage page, Metrics metrics, String likelihood, Optional<LineChart.Mark> kept) {
    chart(
        page,
        metrics,
        likelihood + ", or its bound",
        "nats an example",
        Map.of("training", "train_nats", "validation", "valid_nats"),
        kept);
    chart(
        page,
        metrics,
        "Mean payoff of each player, which it ascends",
        "payoff",
        Map.of("discriminator", "discriminator_objective", "generator", "generator_objective"),
        kept);
    chart(
        page,
        metrics,
        "Distance of features of draws and of held-out examples",
        "squared distance",
        Map.of("feature distance", "feature_distance"),
        Optional.empty());
    chart(
        page,
        metrics,
        "Classes among draws",
        "classes",
        Map.of("classes", "modes_covered"),
        Optional.empty());
    chart(
        page,
        metrics,
        "Speed of training",
        "examples/s",
        Map.of("examples/s", "examples_per_second"),
        Optional.empty());
  }

  private static void chart(
      HtmlPage page,
      Metrics metrics,
      String title,
      String unit,
      Map<String, String> fields,
      Optional<LineChart.Mark> mark) {
    Map<String, Metrics.Curve> curves = new TreeMap<>();
    // Passes over the data count as epochs where training goes by passes.
    fields.forEach((name, field) -> curves.put(name, metrics.curve("epoch", field)));
    curves.values().removeIf(Metrics.Curve::isEmpty);
    if (!curves.isEmpty()) {
      LineChart.draw(page, title, "epoch", unit, new LinkedHashMap<>(curves), mark);
    }
  }
}
