package dev.ancestral.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluateJob;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.generate.GenerateJob;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.generate.GenerateSpec;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.TrainJob;
import dev.ancestral.job.train.checkpoint.TrainRequest;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.spark.SparkApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.hadoop.fs.Path;

/**
 * The {@code bench} job: trains for a few rounds, scores and samples, all with the spec's own
 * settings in a scratch folder below its output, and says how fast each went once it was warm.
 */
public final class BenchJob {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SparkApplication application;
  private final ProgressListener progress;

  /**
   * What is measured.
   *
   * @param warmUpRounds rounds that are not counted
   * @param rounds rounds that are
   * @param examples examples scored, twice: the first time warms up
   * @param samples samples drawn, twice
   */
  public record Extent(int warmUpRounds, int rounds, long examples, long samples) {
    public Extent {
      if (warmUpRounds < 0 || rounds < 1 || examples < 1 || samples < 1) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "warm-up is "
                + warmUpRounds
                + ", rounds "
                + rounds
                + ", examples "
                + examples
                + ", samples "
                + samples
                + "; the first must be at least 0, the others at least 1");
      }
    }
  }

  public BenchJob(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.progress = progress;
  }

  /**
   * Measures.
   *
   * @return the figures, as they are printed
   * @throws dev.ancestral.AncestralException as the jobs that are measured
   */
  public ObjectNode run(JobSpec spec, Extent extent) {
    Storage storage = application.storage();
    String scratch = spec.output() + "/bench-" + UUID.randomUUID();
    try {
      ObjectNode figures = JSON.createObjectNode();
      figures.put("name", spec.name());
      figures.put("master", application.context().master());
      figures.put("family", spec.model().family());
      figures.set("training", training(spec, scratch + "/run", extent));
      figures.set("scoring", scoring(spec, scratch, extent));
      figures.set("sampling", sampling(spec, scratch, extent));
      return figures;
    } finally {
      storage.delete(storage.path(scratch));
    }
  }

  /** Remembers when each round ended. */
  private static final class RoundClock implements ProgressListener {
    private final ProgressListener shown;
    private final List<Long> ends = new ArrayList<>();

    private RoundClock(ProgressListener shown) {
      this.shown = shown;
    }

    @Override
    public void phase(String name) {
      shown.phase(name);
    }

    @Override
    public void update(double fraction, String detail) {
      ends.add(System.nanoTime());
      shown.update(fraction, detail);
    }

    @Override
    public void message(String line) {
      shown.message(line);
    }
  }

  private ObjectNode training(JobSpec spec, String run, Extent extent) {
    Storage storage = application.storage();
    TrainSpec train = spec.train().forBench(extent.warmUpRounds() + extent.rounds());
    RoundClock clock = new RoundClock(progress);
    new TrainJob(
            application.context(),
            storage,
            Dataset.open(storage, spec.data().path()),
            new TrainRequest(
                spec.seed(),
                spec.model().family(),
                spec.model().familyKeys(),
                spec.data().dequantize().text(),
                train,
                run,
                spec.document()),
            clock)
        .run(TrainJob.Mode.RESTART);
    List<JsonNode> lines = metrics(storage, run);
    int from = Math.min(extent.warmUpRounds(), lines.size() - 1);
    double examples = 0;
    double compute = 0;
    double exchange = 0;
    double bytes = 0;
    double wall = 0;
    long steps = lines.get(lines.size() - 1).get("step").asLong();
    long before = from == 0 ? 0 : lines.get(from - 1).get("step").asLong();
    for (int i = from; i < lines.size(); i++) {
      JsonNode line = lines.get(i);
      double seconds =
          i == 0
              ? line.get("seconds").asDouble()
              : (clock.ends.get(i) - clock.ends.get(i - 1)) / 1e9;
      wall += seconds;
      examples += line.get("examples_per_second").asDouble() * line.get("seconds").asDouble();
      compute += line.path("compute_seconds").asDouble(line.get("seconds").asDouble());
      exchange += line.path("exchange_seconds").asDouble();
      bytes += line.get("bytes_exchanged").asDouble();
    }
    ObjectNode figures = JSON.createObjectNode();
    figures.put("strategy", TrainSpec.text(train.strategy()));
    figures.put("transport", train.transport());
    figures.put("reduction", TrainSpec.text(train.reduction()));
    figures.put("batch_size", train.batchSize());
    figures.put("averaging_frequency", train.averagingFrequency());
    figures.put("rounds", lines.size() - from);
    figures.put("steps_per_round", (double) (steps - before) / (lines.size() - from));
    figures.put("examples_per_second", examples / wall);
    figures.put("milliseconds_per_step", 1e3 * wall / (steps - before));
    figures.put("share_not_compute", Math.max(0, 1 - compute / wall));
    figures.put("share_exchange", exchange / wall);
    figures.put("bytes_exchanged_per_step", bytes / (steps - before));
    return figures;
  }

  private ObjectNode scoring(JobSpec spec, String scratch, Extent extent) {
    EvaluateSpec own = spec.evaluate();
    EvaluateSpec limited =
        new EvaluateSpec(
            own.split(),
            own.estimator(),
            own.samples(),
            1,
            OptionalLong.of(extent.examples()),
            own.seed());
    double seconds = 0;
    EvaluationReport report = null;
    for (int turn = 0; turn < 2; turn++) {
      long started = System.nanoTime();
      report =
          new EvaluateJob(application, progress)
              .run(
                  new EvaluateRequest(
                      scratch + "/run",
                      spec.data().path(),
                      limited,
                      scratch + "/evaluation-" + turn,
                      false));
      seconds = (System.nanoTime() - started) / 1e9;
    }
    ObjectNode figures = JSON.createObjectNode();
    figures.put("estimator", report.likelihood().estimator());
    figures.put("examples", report.likelihood().examples());
    figures.put("examples_per_second", report.likelihood().examples() / seconds);
    return figures;
  }

  private ObjectNode sampling(JobSpec spec, String scratch, Extent extent) {
    GenerateSpec own = spec.generate();
    GenerateSpec counted =
        new GenerateSpec(
            extent.samples(),
            own.seed(),
            own.shardSize(),
            own.label(),
            own.length(),
            own.temperature(),
            own.format(),
            false);
    double seconds = 0;
    for (int turn = 0; turn < 2; turn++) {
      long started = System.nanoTime();
      new GenerateJob(application, progress)
          .run(new GenerateRequest(scratch + "/run", counted, scratch + "/samples-" + turn, false));
      seconds = (System.nanoTime() - started) / 1e9;
    }
    ObjectNode figures = JSON.createObjectNode();
    figures.put("samples", extent.samples());
    figures.put("samples_per_second", extent.samples() / seconds);
    return figures;
  }

  private static List<JsonNode> metrics(Storage storage, String run) {
    List<JsonNode> lines = new ArrayList<>();
    String text =
        new String(
            storage.read(new Path(storage.path(run), "metrics.jsonl")), StandardCharsets.UTF_8);
    for (String line : text.split("\n")) {
      try {
        lines.add(JSON.readTree(line));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return lines;
  }
}
