package dev.ancestral.job.train;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import dev.ancestral.checkpoint.ModelDescription;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.data.loader.DistributedSampler;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.observe.TrainingObservers;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.backend.TrainingBackendProvider;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import dev.ancestral.job.train.checkpoint.CheckpointStore;
import dev.ancestral.job.train.checkpoint.MetricsFile;
import dev.ancestral.job.train.checkpoint.RunCommits;
import dev.ancestral.job.train.checkpoint.RunInputs;
import dev.ancestral.job.train.checkpoint.RunOutput;
import dev.ancestral.job.train.checkpoint.StartingModel;
import dev.ancestral.job.train.checkpoint.TrainRequest;
import dev.ancestral.job.train.em.EmTraining;
import dev.ancestral.job.train.em.LabelCount;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Condition;
import dev.ancestral.model.Definition;
import dev.ancestral.model.Network;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.spark.CommonArithmetic;
import dev.ancestral.spark.ExecutorHeartbeatMonitor;
import dev.ancestral.spark.TaskRunner;
import dev.ancestral.spark.TaskSlots;
import dev.ancestral.tensor.Arithmetic;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The {@code train} job: fits a model to the training split of a dataset, goes on from what an
 * earlier attempt left, and ends with {@code parameters.safetensors} and {@code model.json}.
 */
public final class TrainJob {
  /** What to do with what the run's directory holds. */
  public enum Mode {
    /** Go on with the same spec's unfinished state, or begin. */
    CONTINUE,
    /** Go on; refuse if there is nothing to go on with. */
    RESUME,
    /** Begin anew. */
    RESTART
  }

  /**
   * How it ended.
   *
   * @param steps optimizer steps or passes made in all
   * @param alreadyComplete whether there was nothing to do
   * @param message for people
   */
  public record Result(long steps, boolean alreadyComplete, String message) {}

  private final Supplier<JavaSparkContext> cluster;
  private final Storage storage;
  private final Dataset dataset;
  private final TrainRequest request;
  private final ProgressListener progress;
  private JavaSparkContext spark;
  private ModelDirectory start;

  /** A job on this cluster. */
  public TrainJob(
      JavaSparkContext spark,
      Storage storage,
      Dataset dataset,
      TrainRequest request,
      ProgressListener progress) {
    this(() -> spark, storage, dataset, request, progress);
  }

  /**
   * @param cluster asked for only if there is something to fit
   */
  public TrainJob(
      Supplier<JavaSparkContext> cluster,
      Storage storage,
      Dataset dataset,
      TrainRequest request,
      ProgressListener progress) {
    this.cluster = cluster;
    this.storage = storage;
    this.dataset = dataset;
    this.request = request;
    this.progress = progress;
  }

  /**
   * Fits the model.
   *
   * @throws AncestralException (SPEC) if the directory holds another spec's run or there is nothing
   *     to resume, (CLUSTER) if the cluster cannot run it, (DIVERGED), (INTERRUPTED)
   */
  public Result run(Mode mode) {
    ModelConfig recipe =
        ModelConfig.of(request.family(), request.model(), dataset.event(), request.dequantize());
    Definition definition = recipe.define();
    start =
        StartingModel.open(
            storage, request.train().initialize(), request.family(), definition, dataset.event());
    if (definition instanceof Network network) {
      requireTrainable(network);
    }
    RunOutput output = new RunOutput(storage, request.output());
    RunInputs inputs = inputs();
    CheckpointStore checkpoints = new CheckpointStore(storage, request.output()).withInputs(inputs);
    String fingerprint = inputs.fingerprint();
    if (mode != Mode.RESTART && isComplete(output, checkpoints, inputs)) {
      return complete();
    }
    if (mode != Mode.RESTART) {
      requireContinuable(checkpoints.newest(), mode, inputs);
    }
    spark = cluster.get();
    TrainingBackendProvider.of(request.train())
        .flatMap(backend -> backend.serializerObstacle(spark.getConf(), request.train()))
        .ifPresent(
            obstacle -> {
              throw new AncestralException(ErrorCode.CLUSTER, obstacle);
            });
    progress.phase("train"); // From here on the directory is ours alone.
    if (mode == Mode.RESTART) {
      output.clear();
    } else if (isComplete(output, checkpoints, inputs)) { // Another command may have ended since.
      return complete();
    }
    Optional<CheckpointManifest> latest = checkpoints.latest();
    requireContinuable(latest, mode, inputs);
    TrainingObservers observers = observers(fingerprint);
    MetricsFile metrics = new MetricsFile(storage, request.output(), observers);
    // Passes go on from the last state alone.
    int keep = definition instanceof Network ? request.train().checkpoint().keep() : 1;
    RunCommits commits = new RunCommits(checkpoints, metrics, fingerprint, keep);
    Result result;
    try {
      result =
          definition instanceof StatisticsModel statistics
              ? statistics(statistics, recipe, output, commits, latest)
              : gradients((Network) definition, recipe, output, checkpoints, commits, latest);
    } catch (RuntimeException e) {
      observers.failed(Failures.refusal(e).map(known -> known.code().retryable()).orElse(false));
      throw e;
    }
    observers.finished();
    return result;
  }

  private TrainingObservers observers(String fingerprint) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("ancestral.version", version());
    facts.put("ancestral.fingerprint", fingerprint);
    facts.put("ancestral.dataset", dataset.manifest().name());
    facts.put("ancestral.train_sha256", dataset.sha256("train"));
    facts.put("ancestral.spark_application", spark.sc().applicationId());
    return TrainingObservers.of(
        request.observe(),
        storage,
        storage.path(request.output()),
        request.spec(),
        facts,
        progress);
  }

  private boolean isComplete(RunOutput output, CheckpointStore checkpoints, RunInputs inputs) {
    if (!output.isComplete()) {
      return false;
    }
    ModelDescription description;
    try {
      description = output.description();
    } catch (AncestralException damaged) {
      if (checkpoints.newest().isPresent()) {
        return false; // It is written again from the last commit.
      }
      throw damaged;
    }
    boolean same = isSame(String.valueOf(description.provenance().get("fingerprint")), inputs);
    if (same && !output.hasParametersOf(description)) {
      if (checkpoints.newest().isPresent()) {
        return false;
      }
      ModelDirectory.open(storage, request.output()); // Says what is wrong.
    }
    return same;
  }

  private Result complete() {
    return new Result(0, true, "the run at " + request.output() + " is complete already");
  }

  private void requireContinuable(
      Optional<CheckpointManifest> latest, Mode mode, RunInputs inputs) {
    latest.ifPresent(commit -> isSame(commit.spec(), inputs));
    if (mode == Mode.RESUME && latest.isEmpty()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "there is nothing to resume at " + request.output() + "; leave --resume out to begin");
    }
  }

  private void tellStart(Optional<CheckpointManifest> from) {
    from.ifPresent(
        commit ->
            progress.message("going on from round " + commit.round() + ", step " + commit.step()));
  }

  private Result gradients(
      Network network,
      ModelConfig recipe,
      RunOutput output,
      CheckpointStore checkpoints,
      RunCommits commits,
      Optional<CheckpointManifest> latest) {
    TrainSpec spec = request.train();
    int replicas =
        latest
            .map(commit -> commit.ledgers().size())
            .orElseGet(
                () ->
                    spec.replicas() > 0 ? spec.replicas() : Math.max(1, TaskSlots.await(spark, 0)));
    Optional<Arithmetic> arithmetic = CommonArithmetic.of(spark);
    latest.ifPresent(
        commit ->
            CommonArithmetic.requireSame(
                spark, commit.arithmetic(), arithmetic, request.output() + " to here"));
    DistributedSampler shares = DistributedSampler.of(dataset, replicas, spec.batchSize());
    long steps = spec.steps() > 0 ? spec.steps() : spec.epochs() * shares.stepsPerEpoch();
    boolean scored =
        dataset.manifest().splits().containsKey("valid") && spec.validation().everyRounds() > 0;
    TrainingContext run =
        new TrainingContext(
            UUID.randomUUID().toString(),
            request.seed(),
            recipe,
            spec,
            replicas,
            storage,
            // As the driver sees it: a relative path means another folder on an executor.
            storage.path(request.output()).toString(),
            dataset,
            "train",
            scored ? "valid" : null,
            shares,
            steps,
            start,
            arithmetic.orElse(null));
    Optional<CheckpointManifest> from = latest;
    if (latest.isPresent() && !latest.get().spec().equals(commits.fingerprint())) {
      // A shorter run ends where a longer one has no end of a round: that one is not gone through.
      from = checkpoints.latest(run::isThrough).or(() -> latest);
      progress.message(
          "more training than of the run that is here"
              + (run.isThrough(from.get())
                  ? ""
                  : "; it goes on from the end of that run, which lies within a round of a longer"
                      + " one, so that its bytes are those of no run that was longer from the"
                      + " beginning"));
    }
    tellStart(from);
    CheckpointManifest end =
        new GradientTraining(run, commits, progress).train(spark, from.orElse(null));
    Map<String, Object> provenance = provenance(commits.fingerprint());
    provenance.put("replicas", replicas);
    provenance.put("hardware", end.devices());
    arithmetic.ifPresent(one -> provenance.put("arithmetic", one.toMap()));
    provenance.put("steps", end.step());
    provenance.put("examples", shares.total(0, end.step()));
    Optional<KeptRound> kept =
        Optional.ofNullable(end.best()).map(best -> KeptRound.of(best, commits.lines()));
    kept.ifPresent(round -> provenance.putAll(round.facts()));
    long emaOffset = end.stateSize() - network.parameters().size();
    String sha256 =
        output.writeParameters(
            network.parameters(),
            end.best() == null ? end.slices() : end.best().slices(),
            spec.ema() > 0 ? emaOffset : 0);
    String generalization = commit(output, network, spec.engine(), provenance, sha256);
    return new Result(
        end.step(),
        false,
        (end.stopped() == null
                ? "trained for " + end.step() + " steps"
                : "stopped after " + end.step() + " steps: " + end.stopped())
            + "; "
            + kept.map(KeptRound::message).orElse("kept the last one, without validation")
            + generalization);
  }

  /** Before anything is written or removed. */
  private void requireTrainable(Network network) {
    TrainingBackendProvider.of(request.train())
        .ifPresent(backend -> backend.requireSupported(network, request.train()));
    requireOneOptimizerAPlayer(network);
  }

  /** A setting that is not read must not look as if it had an effect. */
  private void requireOneOptimizerAPlayer(Network network) {
    boolean given =
        request.spec().get("train") instanceof Map<?, ?> train && train.get("optimizer") != null;
    if (given && network.players().stream().allMatch(player -> player.optimizer().isPresent())) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "train.optimizer is given, but the players of "
              + request.family()
              + " bring their own; put the settings under "
              + String.join(
                  " and ",
                  network.players().stream()
                      .map(player -> "model." + player.name() + "Optimizer")
                      .toList())
              + " instead");
    }
  }

  @SuppressWarnings("try") // a pulse is there for what it does beside
  private Result statistics(
      StatisticsModel definition,
      ModelConfig recipe,
      RunOutput output,
      RunCommits commits,
      Optional<CheckpointManifest> latest) {
    tellStart(latest);
    EmTraining training =
        new EmTraining(
            spark,
            storage,
            dataset,
            recipe,
            request.train(),
            request.seed(),
            request.output(),
            commits,
            progress);
    ExecutorHeartbeatMonitor.Watch watch =
        new ExecutorHeartbeatMonitor.Watch(
            training.group(),
            "task",
            TimeUnit.SECONDS.toMillis(request.train().deadlineSeconds()),
            false);
    EmTraining.Fit fit;
    try (ExecutorHeartbeatMonitor pulse =
        new ExecutorHeartbeatMonitor(spark, watch, progress::message)) {
      fit = training.fit(definition, latest);
    }
    Map<String, Object> provenance = provenance(commits.fingerprint());
    // Sums of float64 in Java are the same on every processor.
    provenance.put("hardware", List.of("java, float64, " + System.getProperty("os.arch")));
    provenance.put("iterations", fit.keptPass());
    provenance.put("restart", fit.keptRestart());
    provenance.put("passes", fit.passes());
    fit.validNats().ifPresent(nats -> provenance.put("best_valid_nats", nats));
    provenance.put("examples", dataset.split("train").examples());
    String sha256 = output.writeParameters(fit.parameters());
    String generalization = commit(output, definition, "torch", provenance, sha256);
    return new Result(fit.passes(), false, fit.told(definition) + generalization);
  }

  /**
   * Describes the model whose parameters are written, and with that ends the run.
   *
   * @param sha256 of the file of parameters
   * @return the message about training and held-out examples
   */
  private String commit(
      RunOutput output,
      Definition definition,
      String engine,
      Map<String, Object> provenance,
      String sha256) {
    ModelDescription description = description(definition, engine, provenance, sha256);
    Optional<Generalization> generalization =
        Generalization.of(
            spark, dataset, output.model(description), request.train(), request.seed());
    generalization.ifPresent(one -> provenance.putAll(one.facts()));
    output.commit(description.withProvenance(provenance));
    return generalization.map(one -> "; " + one.message()).orElse("");
  }

  /**
   * Whether what the directory holds is a run of this spec.
   *
   * @param found its fingerprint
   * @return false if it is one of a spec that differs in nothing but that it trains less, so that
   *     training can go on from it
   * @throws AncestralException (SPEC) if it is another one
   */
  private boolean isSame(String found, RunInputs own) {
    if (found.equals(own.fingerprint())) {
      return true;
    }
    Optional<RunInputs> there = RunInputs.read(storage, request.output(), found);
    boolean more = there.isPresent() && own.asksForMoreThan(there.get());
    if (more && !request.train().schedule().dependsOnLength()) {
      return false;
    }
    throw new AncestralException(
        ErrorCode.SPEC,
        request.output()
            + " holds the run of another spec or of other data"
            + there
                .map(inputs -> " (" + String.join("; ", own.differences(inputs)) + ")")
                .orElse("")
            + (more
                ? "; the learning rates of train.schedule depend on the length of the run, so that"
                    + " it cannot be made longer"
                : "")
            + "; give another output, or begin anew with --restart");
  }

  /** Everything that decides the result. */
  private RunInputs inputs() {
    Map<String, String> splits = new LinkedHashMap<>();
    for (String split : List.of("train", "valid")) {
      if (dataset.manifest().splits().containsKey(split)) {
        splits.put(split, dataset.sha256(split));
      }
    }
    return RunInputs.of(
        request, splits, Optional.ofNullable(start).map(ModelDirectory::weightsSha256));
  }

  private ModelDescription description(
      Definition definition, String engine, Map<String, Object> provenance, String sha256) {
    return new ModelDescription(
        ModelDescription.FORMAT,
        request.family(),
        request.model(),
        dataset.event(),
        request.dequantize(),
        engine,
        request.spec(),
        provenance,
        definition.condition().label() == Condition.Label.GIVEN ? labelCounts() : List.of(),
        Optional.of(sha256));
  }

  /** How often each label is in the training data, so that p(x) follows from p(x | label). */
  private List<Double> labelCounts() {
    double[] counts = new double[dataset.event().classes()];
    TaskRunner.run(
        spark,
        "train: counting labels",
        IntStream.range(0, dataset.split("train").shards().size()).boxed().toList(),
        new LabelCount(dataset, "train"),
        (index, part) -> Arrays.setAll(counts, label -> counts[label] + part[label]));
    return Arrays.stream(counts).boxed().toList();
  }

  private Map<String, Object> provenance(String fingerprint) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("fingerprint", fingerprint);
    facts.put("seed", request.seed());
    if (start != null) {
      facts.put("initialized_from", start.uri());
      facts.put("initial_parameters_sha256", start.weightsSha256());
    }
    facts.put("dataset", dataset.manifest().name());
    facts.put("dataset_manifest_sha256", Sha256.of(dataset.manifest().toJson()));
    facts.put("train_sha256", dataset.sha256("train"));
    if (dataset.manifest().splits().containsKey("valid")) {
      facts.put("valid_sha256", dataset.sha256("valid"));
    }
    if (!dataset.manifest().classNames().isEmpty()) {
      facts.put(ModelDirectory.CLASS_NAMES, dataset.manifest().classNames());
    }
    if (!dataset.manifest().labelColumn().isEmpty()) {
      facts.put(ModelDirectory.LABEL_COLUMN, dataset.manifest().labelColumn());
    }
    facts.put("ancestral", version());
    facts.put("spark", spark.version());
    facts.put("java", System.getProperty("java.version"));
    facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    facts.put("master", spark.master());
    facts.put("slots", TaskSlots.await(spark, 0));
    facts.put("driver", DriverMachine.facts());
    return facts;
  }

  private static String version() {
    String version = TrainJob.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }
}
