package dev.ancestral.job;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.data.prepare.Preparation;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.job.evaluate.Estimator;
import dev.ancestral.job.evaluate.EstimatorChoice;
import dev.ancestral.job.evaluate.EvaluateJob;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.generate.GenerateJob;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.pipeline.Pipeline;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.SpecFile;
import dev.ancestral.job.spec.YamlDocument;
import dev.ancestral.job.submit.Step;
import dev.ancestral.job.train.TrainJob;
import dev.ancestral.job.train.replica.MemoryEstimate;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainRequest;
import dev.ancestral.job.twosample.ClassifierJob;
import dev.ancestral.job.twosample.TwoSampleJob;
import dev.ancestral.job.twosample.TwoSampleReport;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The jobs, for programs: the same calls that the commands make.
 *
 * <pre>{@code
 * Ancestral ancestral = Ancestral.on(spark, Progress.silent());
 * JobSpec spec = ancestral.spec("my-model.yaml");
 * ancestral.train(spec, "runs/my-model", TrainJob.Mode.CONTINUE);
 * EvaluationReport report =
 *     ancestral.evaluate(
 *         new EvaluateRequest(
 *             "runs/my-model", spec.data().path(), spec.evaluate(), "runs/my-model-test", false));
 * double nats = report.likelihood().meanNats();
 * }</pre>
 *
 * <p>Every call may be repeated: what is finished is kept. Whatever a person can mend is a {@link
 * dev.ancestral.Refusal}.
 */
public final class Ancestral {
  private final SparkApplication application;
  private final Storage storage;
  private final Progress progress;

  private Ancestral(SparkApplication application, Progress progress) {
    this.application = application;
    this.storage = application.storage();
    this.progress = progress;
  }

  /** The jobs on a session of the caller, which stays open. */
  public static Ancestral on(SparkSession spark, Progress progress) {
    return new Ancestral(SparkApplication.of(spark), progress);
  }

  /** The jobs on an application that starts when one of them needs it. */
  public static Ancestral on(SparkApplication application, Progress progress) {
    return new Ancestral(application, progress);
  }

  /**
   * The spec in a file.
   *
   * @throws dev.ancestral.Refusal (SPEC) naming everything that is wrong in it
   */
  public JobSpec spec(String uri) {
    return SpecFile.read(storage, uri, Optional.empty());
  }

  /**
   * A spec that a program holds as text.
   *
   * @param name of the text, for messages
   * @throws dev.ancestral.Refusal (SPEC) naming everything that is wrong in it
   */
  public JobSpec spec(String name, String yaml) {
    return SpecFile.read(storage, YamlDocument.parse(name, yaml), Optional.empty());
  }

  /**
   * Adds a split, or a division into splits, to a dataset directory.
   *
   * @throws dev.ancestral.Refusal as {@link Preparation#run}
   */
  public Dataset prepare(PrepareSpec spec, String output) {
    return OutputSession.fill(
        storage,
        storage.path(output),
        "prepare",
        progress,
        running -> {
          progress.phase("preparing");
          return Preparation.run(
                  application.session(),
                  storage,
                  output,
                  spec,
                  line -> progress.message("prepare: " + line),
                  writing(running))
              .dataset();
        },
        dataset ->
            String.format(
                "%s of %s", dataset.manifest().splits().keySet(), dataset.event().describe()));
  }

  private Preparation.Writing writing(OutputSession running) {
    return new Preparation.Writing() {
      @Override
      public void begins() {
        running.begin();
      }

      @Override
      public void commits() {
        running.requireHeld();
      }

      @Override
      public void advances(int tasks, int all) {
        progress.update(
            all == 0 ? 0 : (double) tasks / all, tasks + " of " + all + " tasks of writing shards");
      }
    };
  }

  /**
   * Fits a model.
   *
   * @param run directory of the run
   * @throws dev.ancestral.Refusal as {@link TrainJob#run}
   */
  public TrainJob.Result train(JobSpec spec, String run, TrainJob.Mode mode) {
    return OutputSession.fill(
        storage,
        storage.path(run),
        "train",
        progress,
        running -> {
          Dataset dataset = Dataset.open(storage, spec.data().path());
          expect(spec, dataset);
          TrainRequest request =
              new TrainRequest(
                  spec.seed(),
                  spec.model().family(),
                  spec.model().familyKeys(),
                  spec.data().dequantize().text(),
                  spec.train(),
                  run,
                  spec.document(),
                  spec.observe());
          return new TrainJob(
                  () -> contextToTrain(spec, dataset),
                  storage,
                  dataset,
                  request,
                  new HeldProgress(progress, running))
              .run(mode);
        },
        TrainJob.Result::message);
  }

  /** The application, with a warning where its executors have too little memory. */
  private JavaSparkContext contextToTrain(JobSpec spec, Dataset dataset) {
    JavaSparkContext spark = application.context();
    MemoryOverhead.shortage(
            spark.getConf(),
            () -> footprint(spec, dataset).executorBytes(spec.train(), spark.getConf()))
        .ifPresent(progress::message);
    return spark;
  }

  /**
   * Says that a spec's training is to come, before anything starts an application: its executors
   * then have memory for it.
   */
  public void expect(JobSpec spec, Dataset dataset) {
    application.expect(conf -> footprint(spec, dataset).executorBytes(spec.train(), conf));
  }

  private static MemoryEstimate footprint(JobSpec spec, Dataset dataset) {
    ModelConfig recipe =
        ModelConfig.of(
            spec.model().family(),
            spec.model().familyKeys(),
            dataset.event(),
            spec.data().dequantize().text());
    return MemoryEstimate.of(recipe, spec.train(), dataset);
  }

  /**
   * Measures held-out log-likelihood.
   *
   * @throws dev.ancestral.Refusal as {@link EvaluateJob#run}
   */
  public EvaluationReport evaluate(EvaluateRequest request) {
    return new EvaluateJob(application, progress).run(request);
  }

  /**
   * Compares samples of a model with held-out examples.
   *
   * @throws dev.ancestral.Refusal as {@link TwoSampleJob#run}
   */
  public TwoSampleReport twoSample(EvaluateRequest request) {
    return new TwoSampleJob(application, progress).run(request);
  }

  /**
   * Evaluates by the estimator that the request names, or else the best one that the model has, be
   * it one of log p(x) or a two-sample test.
   *
   * @throws dev.ancestral.Refusal as {@link EvaluateJob#run}, {@link TwoSampleJob#run} and {@link
   *     ClassifierJob#run}
   */
  public Evaluation evaluation(EvaluateRequest request) {
    return OutputSession.fill(
        storage,
        storage.path(request.output()),
        "evaluate",
        progress,
        running -> {
          ModelDirectory model = ModelDirectory.open(storage, request.model());
          Estimator.Name name = EstimatorChoice.name(model, request.spec());
          return switch (name) {
            case TWO_SAMPLE ->
                new Evaluation.Comparison(
                    new TwoSampleJob(application, progress).within(request, running));
            case C2ST ->
                new Evaluation.Classification(
                    new ClassifierJob(application, progress).within(request, running));
            case EXACT, ELBO, IWAE, AIS, KDE ->
                new Evaluation.Likelihood(
                    new EvaluateJob(application, progress).within(request, running));
          };
        },
        Evaluation::summary);
  }

  /**
   * Draws samples.
   *
   * @throws dev.ancestral.Refusal as {@link GenerateJob#run}
   */
  public GenerationManifest generate(GenerateRequest request) {
    return new GenerateJob(application, progress).run(request);
  }

  /**
   * Prepares, trains, evaluates and generates, whichever of it is not done yet.
   *
   * @throws dev.ancestral.Refusal as the steps
   */
  public Pipeline.Result pipeline(JobSpec spec) {
    return pipeline(spec, TrainJob.Mode.CONTINUE);
  }

  /**
   * As the other.
   *
   * @param mode what to do with a run that is there
   */
  public Pipeline.Result pipeline(JobSpec spec, TrainJob.Mode mode) {
    return new Pipeline(this, storage, progress).run(spec, mode);
  }

  /**
   * Does one step of a pipeline, if it is not done yet; those before it have to be.
   *
   * @param mode what training does with a run that is there
   * @return what came of it, for a person
   * @throws dev.ancestral.Refusal as the step
   */
  public String step(JobSpec spec, Step step, TrainJob.Mode mode) {
    return new Pipeline(this, storage, progress).step(spec, step, mode);
  }

  /** Progress of work that claims its output with its first phase and stops if it loses it. */
  private static final class HeldProgress implements Progress {
    private final Progress inner;
    private final OutputSession running;

    HeldProgress(Progress inner, OutputSession running) {
      this.inner = inner;
      this.running = running;
    }

    @Override
    public void phase(String name) {
      running.begin();
      inner.phase(name);
    }

    @Override
    public void update(double fraction, String detail) {
      running.requireHeld();
      inner.update(fraction, detail);
    }

    @Override
    public void message(String line) {
      inner.message(line);
    }
  }
}
