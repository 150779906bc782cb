package dev.ancestral.job.pipeline;

import dev.ancestral.AncestralException;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Storage;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.job.evaluate.EstimatorChoice;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluation.Evaluation;
import dev.ancestral.job.evaluation.EvaluationJob;
import dev.ancestral.job.generate.GenerateJob;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.prepare.PrepareJob;
import dev.ancestral.job.report.RunReport;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.submit.Step;
import dev.ancestral.job.train.SpecTraining;
import dev.ancestral.job.train.TrainJob;
import dev.ancestral.spark.SparkApplication;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/**
 * Prepare, train, evaluate, generate: each step is skipped when its output is complete and its
 * inputs are unchanged. Below the output lie {@code data/ run/ evaluation/ samples/}.
 */
public final class Pipeline {
  private final SparkApplication application;
  private final Storage storage;
  private final ProgressListener progress;

  public Pipeline(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.storage = application.storage();
    this.progress = progress;
  }

  /**
   * What came of it.
   *
   * @param run directory of the model
   * @param evaluation empty where the dataset has no such split and the spec did not ask
   */
  public record Result(String run, Optional<Evaluation> evaluation, GenerationManifest samples) {

    /** One line for a person. */
    public String summary() {
      return evaluation.map(e -> e.summary() + "; ").orElse("") + samples.summary();
    }
  }

  /** Directory of the run of a spec. */
  public static String run(String output) {
    return output + "/run";
  }

  /**
   * Does what is not done yet.
   *
   * @param mode what to do with a run that is there
   * @throws AncestralException as the steps
   */
  public Result run(JobSpec spec, TrainJob.Mode mode) {
    return OutputSession.fill(
        storage,
        storage.path(spec.output()),
        "pipeline",
        progress,
        running -> {
          running.begin();
          return steps(spec, mode);
        },
        Result::summary);
  }

  private Result steps(JobSpec spec, TrainJob.Mode mode) {
    // Preparing starts the application: where the data are there, it has memory for training too.
    if (storage.exists(new Path(storage.path(spec.data().path()), DatasetManifest.FILE))) {
      new SpecTraining(application, progress)
          .expect(spec, Dataset.open(storage, spec.data().path()));
    }
    prepare(spec);
    boolean evaluates = evaluates(storage, spec, progress);
    train(spec, mode);
    // A sampler is quick where an estimator may take its time: there is something to look at then.
    GenerationManifest samples = generate(spec);
    Optional<Evaluation> evaluation = evaluates ? Optional.of(evaluate(spec)) : Optional.empty();
    return new Result(run(spec.output()), evaluation, samples);
  }

  /**
   * Does one step, if it is not done yet; those before it have to be.
   *
   * @param mode what training does with a run that is there
   * @return what came of it, for a person
   * @throws AncestralException as the step
   */
  public String step(JobSpec spec, Step step, TrainJob.Mode mode) {
    return switch (step) {
      case PREPARE -> prepare(spec);
      case TRAIN -> train(spec, mode).message();
      case EVALUATE -> evaluate(spec).summary();
      case GENERATE -> generate(spec).summary();
    };
  }

  /** Where a step writes. */
  static String directory(JobSpec spec, Step step) {
    return switch (step) {
      case PREPARE -> spec.data().path();
      case TRAIN -> run(spec.output());
      case EVALUATE -> spec.output() + "/evaluation";
      case GENERATE -> spec.output() + "/samples";
    };
  }

  private String prepare(JobSpec spec) {
    for (PrepareSpec step : spec.data().prepare()) {
      new PrepareJob(application, progress).run(step, spec.data().path());
    }
    Dataset data = Dataset.open(storage, spec.data().path());
    return data.manifest().splits().keySet() + " of " + data.event().describe();
  }

  private TrainJob.Result train(JobSpec spec, TrainJob.Mode mode) {
    String run = run(spec.output());
    TrainJob.Result trained = new SpecTraining(application, progress).run(spec, run, mode);
    progress.message("train: " + trained.message());
    if (!trained.alreadyComplete()) {
      report(spec);
    }
    return trained;
  }

  /** Writes the page of the run with what there is so far. */
  private void report(JobSpec spec) {
    new RunReport(storage, run(spec.output()))
        .write(
            new RunReport.Beside(
                Optional.of(spec.data().path()),
                Optional.of(directory(spec, Step.EVALUATE)),
                Optional.of(directory(spec, Step.GENERATE))));
  }

  private Evaluation evaluate(JobSpec spec) {
    // An evaluation is derived from the run: one of an earlier spec may go.
    Evaluation evaluation =
        new EvaluationJob(application, progress)
            .run(
                new EvaluateRequest(
                    run(spec.output()),
                    spec.data().path(),
                    isAskedFor(spec) ? spec.evaluate() : quick(spec),
                    directory(spec, Step.EVALUATE),
                    true));
    progress.message("evaluate: " + evaluation.summary());
    report(spec);
    return evaluation;
  }

  /** Where nothing was asked for, what a model can be scored by in little time. */
  private EvaluateSpec quick(JobSpec spec) {
    ModelDirectory model = ModelDirectory.open(storage, run(spec.output()));
    EvaluateSpec quick = EstimatorChoice.quick(model, spec.evaluate());
    if (!quick.estimator().equals(Optional.of(EstimatorChoice.of(model).get(0)))
        || quick.samples().isPresent()) {
      progress.message(
          "evaluate: the spec has no section evaluate, so the quick estimator of "
              + model.family()
              + " is taken ("
              + quick.estimator().get()
              + quick.samples().stream().mapToObj(k -> "-" + k).collect(Collectors.joining())
              + "); evaluate: {estimator: "
              + EstimatorChoice.of(model).get(0)
              + "} takes the best one and more time");
    }
    return quick;
  }

  private GenerationManifest generate(JobSpec spec) {
    String run = run(spec.output());
    String samples = directory(spec, Step.GENERATE);
    GenerationManifest manifest =
        new GenerateJob(application, progress)
            .run(new GenerateRequest(run, spec.generate(), samples, true));
    report(spec);
    return manifest;
  }

  /**
   * Whether there is something to evaluate; asked before hours of training, not after.
   *
   * @throws AncestralException (DATA) if the spec names a split that the dataset does not have
   */
  static boolean evaluates(Storage storage, JobSpec spec, ProgressListener progress) {
    Dataset data = Dataset.open(storage, spec.data().path());
    if (isAskedFor(spec)) {
      data.split(spec.evaluate().split());
      return true;
    }
    boolean has = data.manifest().splits().containsKey(spec.evaluate().split());
    if (!has) {
      progress.message("evaluate: skipped, the dataset has no split " + spec.evaluate().split());
    }
    return has;
  }

  private static boolean isAskedFor(JobSpec spec) {
    return spec.document().get("evaluate") != null;
  }
}
