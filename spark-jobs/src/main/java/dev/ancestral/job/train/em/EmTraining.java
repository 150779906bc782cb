package dev.ancestral.job.train.em;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.observe.TrainingGauges;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.audit.EpochAudit;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import dev.ancestral.job.train.checkpoint.CheckpointStore;
import dev.ancestral.job.train.checkpoint.RunCommits;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Condition;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.TaskRunner;
import dev.ancestral.tensor.NamedArrays;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Fitting from sufficient statistics: each pass is a Spark job whose tasks accumulate the
 * statistics of whole shards in float64; they are added in the order of the shards, so the result
 * has the same bytes for any partitioning; the driver makes the new parameters. Of the passes of
 * EM, over all restarts, the one that scores best on the split {@code valid} is kept; where there
 * is none, the last one of the restart that scores best on the training data.
 */
public final class EmTraining {
  private static final String VALID = "valid";

  /** Validations of EM without a better one after which a restart ends, unless the spec says. */
  private static final int PATIENCE = 10;

  private static final String OTHER = "other_seconds";

  private final JavaSparkContext spark;
  private final Storage storage;
  private final Dataset dataset;
  private final ModelConfig recipe;
  private final TrainSpec spec;
  private final long seed;
  private final String directory;
  private final RunCommits commits;
  private final ProgressListener progress;
  private final Condition condition;

  /**
   * The outcome.
   *
   * @param parameters of the pass that is kept
   * @param passes made over the data
   * @param keptRestart the restart of that pass, from 0
   * @param keptPass its number in the restart, from 1
   * @param validNats its mean score on {@code valid}, if passes were chosen by it
   * @param fixedSeconds median time of a pass in which the slots did not compute
   */
  public record Fit(
      NamedArrays parameters,
      int passes,
      int keptRestart,
      int keptPass,
      OptionalDouble validNats,
      double fixedSeconds) {

    /** What came of it, for the console. */
    public String told(StatisticsModel definition) {
      StringBuilder text = new StringBuilder("fitted in ").append(passes);
      text.append(passes == 1 ? " pass" : " passes");
      if (definition.iterations() > 1) {
        text.append("; kept pass ").append(keptPass);
        if (definition.restarts() > 1) {
          text.append(" of restart ").append(keptRestart + 1);
        }
        text.append(
            validNats.isPresent()
                ? String.format(
                    Locale.ROOT, ", the best on valid: %.4f nats", validNats.getAsDouble())
                : ", the last one: no split valid says which is best");
      }
      return text.append(
              String.format(
                  Locale.ROOT, "; %.0f ms of a pass are not computing", 1000 * fixedSeconds))
          .toString();
    }
  }

  public EmTraining(
      JavaSparkContext spark,
      Storage storage,
      Dataset dataset,
      ModelConfig recipe,
      TrainSpec spec,
      long seed,
      String directory,
      RunCommits commits,
      ProgressListener progress) {
    this.spark = spark;
    this.storage = storage;
    this.dataset = dataset;
    this.recipe = recipe;
    this.condition = recipe.define().condition();
    this.spec = spec;
    this.seed = seed;
    this.directory = directory;
    this.commits = commits;
    this.progress = progress;
  }

  /**
   * Fits, going on from a committed pass.
   *
   * @throws AncestralException (DIVERGED) if the likelihood is not a finite number
   */
  public Fit fit(StatisticsModel model, Optional<CheckpointManifest> latest) {
    int iterations = model.iterations();
    StatisticsPass passes = new StatisticsPass(spark, dataset, recipe, model, seed, group());
    PassCourse course = PassCourse.begin(iterations, model.restarts(), patience());
    CheckpointManifest.Best best = null;
    NamedArrays parameters = null;
    int done = 0;
    EpochAudit ledger = null;
    if (latest.isPresent()) {
      commits.goOn(latest.get());
      best = latest.get().best();
      parameters = load(latest.get().slices().get(0));
      done = latest.get().round();
      ledger = latest.get().ledger();
      course = course.after(commits.lines());
      if (course.ended()) {
        commits.finish(latest.get());
      }
    }
    if (ledger == null) {
      ledger = EpochAudit.begun(done, 1);
    }
    while (!course.ended()) {
      int restart = course.restart();
      int number = course.pass() + 1;
      if (number == 1) {
        parameters = model.initial(RandomKey.of(seed).fold("train").fold("restart").fold(restart));
      }
      long started = System.nanoTime();
      StatisticsPass.Totals pass = passes.over(parameters, done);
      ledger = ledger.after(pass.audit(), dataset.split("train"), done + 1);
      double[] statistics = pass.statistics();
      // Empty in closed form, and in the pass of an EM that only looks for starting points.
      boolean known = model.logLikelihood(statistics).isPresent();
      double logLikelihood = model.logLikelihood(statistics).orElse(Double.NaN);
      if (known && !Double.isFinite(logLikelihood)) {
        throw new AncestralException(
            ErrorCode.DIVERGED,
            "the log-likelihood of pass "
                + number
                + " is "
                + logLikelihood
                + "; some example has probability zero: raise model.smoothing");
      }
      parameters = model.maximize(statistics);
      done++;
      double nats =
          known
              ? (logLikelihood - pass.cellNats()) / dataset.split("train").examples()
              : Double.NaN;
      double seconds = (System.nanoTime() - started) / 1e9;
      ObjectNode line = line(done, restart, number, nats, seconds);
      double computed = Math.min(seconds, pass.taskSeconds() / passes.slots());
      line.put("compute_seconds", computed);
      line.put(OTHER, seconds - computed);
      commits.add(line);
      TrainingGauges.shared().show(line, 0);
      CheckpointManifest.Slice slice = save(done, parameters);
      OptionalDouble validation =
          validates(model, number)
              ? OptionalDouble.of(validNats(parameters))
              : OptionalDouble.empty();
      validation.ifPresent(score -> PassCourse.write(score, line));
      course = course.after(validation);
      boolean restartEnds = course.restart() > restart;
      if (validation.isPresent() || (restartEnds && !choosesByValid(model))) {
        double score = validation.orElse(known ? nats : 0);
        best = best == null || score > best.nats() ? best(done, score, slice) : best;
      }
      commits.commit(RunCommits.State.ofPass(done, slice, ledger, best), course.ended());
      progress.update(
          course.share(),
          String.format(
              Locale.ROOT,
              "%spass %,d of %,d%s%s, %,.0f examples/s",
              model.restarts() > 1 ? "restart " + (restart + 1) + ", " : "",
              number,
              iterations,
              known ? String.format(Locale.ROOT, ", train %.4f nats", nats) : "",
              validation.isPresent()
                  ? String.format(Locale.ROOT, ", valid %.4f", validation.getAsDouble())
                  : "",
              dataset.split("train").examples() / seconds));
    }
    double[] fixed =
        commits.lines().stream().mapToDouble(line -> line.path(OTHER).asDouble()).toArray();
    Arrays.sort(fixed);
    JsonNode kept = commits.lines().get(best.round() - 1);
    return new Fit(
        load(best.slices().get(0)),
        done,
        kept.get("restart").asInt(),
        kept.get("pass").asInt(),
        choosesByValid(model) ? OptionalDouble.of(best.nats()) : OptionalDouble.empty(),
        fixed[fixed.length / 2]);
  }

  private int patience() {
    return spec.patience() < 0 ? PATIENCE : spec.patience();
  }

  /** Whether held-out examples choose among passes; else the likelihood of training ones does. */
  private boolean choosesByValid(StatisticsModel model) {
    boolean choice = model.iterations() > 1 || model.restarts() > 1;
    return choice
        && (spec.validation().everyRounds() > 0 || model.restarts() > 1)
        && dataset.manifest().splits().containsKey(VALID)
        && dataset.split(VALID).examples() > 0;
  }

  /** The first pass of EM only looks for a starting point; the last one always counts. */
  private boolean validates(StatisticsModel model, int pass) {
    int every = spec.validation().everyRounds();
    boolean due = pass == model.iterations() || (every > 0 && pass > 1 && (pass - 1) % every == 0);
    return due && choosesByValid(model);
  }

  /** The group of the Spark jobs that go over the training data. */
  public String group() {
    return "passes of " + commits.fingerprint();
  }

  private static CheckpointManifest.Best best(
      int round, double nats, CheckpointManifest.Slice slice) {
    return new CheckpointManifest.Best(round, nats, List.of(slice));
  }

  private double validNats(NamedArrays parameters) {
    int shards = dataset.split(VALID).shards().size();
    Moments[] parts = new Moments[shards];
    TaskRunner.run(
        spark,
        "train: validating a pass",
        IntStream.range(0, shards).boxed().toList(),
        new ValidTask(dataset, recipe, VALID, bytes(parameters), seed),
        (index, part) -> parts[index] = part);
    Moments all = new Moments();
    for (Moments part : parts) {
      all.merge(part);
    }
    return all.mean();
  }

  private ObjectNode line(int round, int restart, int pass, double nats, double seconds) {
    long examples = dataset.split("train").examples();
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("round", round);
    line.put("step", round);
    line.put("epoch", (double) round);
    line.put("restart", restart);
    line.put("pass", pass);
    line.put("examples", round * examples);
    if (!Double.isNaN(nats)) {
      line.put("train_nats", nats);
    }
    line.put("condition", condition.given());
    line.put("bytes_exchanged", 0);
    line.put("examples_per_second", examples / seconds);
    line.put("seconds", seconds);
    return line;
  }

  private CheckpointManifest.Slice save(int round, NamedArrays parameters) {
    byte[] content = bytes(parameters);
    String file = String.format(Locale.ROOT, "round-%06d-arrays/parameters.safetensors", round);
    Storage.Written written =
        storage.write(
            new Path(CheckpointStore.folder(storage, directory), file), out -> out.write(content));
    return new CheckpointManifest.Slice(-1, 0, 0, file, written.bytes(), written.sha256());
  }

  private NamedArrays load(CheckpointManifest.Slice slice) {
    Path file = new Path(CheckpointStore.folder(storage, directory), slice.file());
    return arrays(storage.read(file), file.toString());
  }

  static byte[] bytes(NamedArrays arrays) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Safetensors.write(out, arrays, Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static NamedArrays arrays(byte[] content, String where) {
    try {
      return Safetensors.readArrays(new ByteArrayInputStream(content), where);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
