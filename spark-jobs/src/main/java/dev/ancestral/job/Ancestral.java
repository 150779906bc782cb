package dev.ancestral.job;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.prepare.Preparation;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.job.evaluate.EvaluateJob;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluation.Evaluation;
import dev.ancestral.job.evaluation.EvaluationJob;
import dev.ancestral.job.generate.GenerateJob;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.pipeline.Pipeline;
import dev.ancestral.job.prepare.PrepareJob;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.SpecFile;
import dev.ancestral.job.spec.YamlDocument;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.submit.Step;
import dev.ancestral.job.train.SpecTraining;
import dev.ancestral.job.train.TrainJob;
import dev.ancestral.job.twosample.TwoSampleJob;
import dev.ancestral.job.twosample.TwoSampleReport;
import dev.ancestral.spark.SparkApplication;
import java.util.Optional;
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
 * dev.ancestral.AncestralException}.
 */
public final class Ancestral {
  private final SparkApplication application;
  private final ProgressListener progress;

  private Ancestral(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.progress = progress;
  }

  /** The jobs on a session of the caller, which stays open. */
  public static Ancestral on(SparkSession spark, ProgressListener progress) {
    return new Ancestral(SparkApplication.of(spark), progress);
  }

  /** The jobs on an application that starts when one of them needs it. */
  public static Ancestral on(SparkApplication application, ProgressListener progress) {
    return new Ancestral(application, progress);
  }

  /**
   * The spec in a file.
   *
   * @throws dev.ancestral.AncestralException (SPEC) naming everything that is wrong in it
   */
  public JobSpec spec(String uri) {
    return SpecFile.read(application.storage(), uri, Optional.empty());
  }

  /**
   * A spec that a program holds as text.
   *
   * @param name of the text, for messages
   * @throws dev.ancestral.AncestralException (SPEC) naming everything that is wrong in it
   */
  public JobSpec spec(String name, String yaml) {
    return SpecFile.read(application.storage(), YamlDocument.parse(name, yaml), Optional.empty());
  }

  /**
   * Adds a split, or a division into splits, to a dataset directory.
   *
   * @throws dev.ancestral.AncestralException as {@link Preparation#run}
   */
  public Dataset prepare(PrepareSpec spec, String output) {
    return new PrepareJob(application, progress).run(spec, output);
  }

  /**
   * Fits a model.
   *
   * @param run directory of the run
   * @throws dev.ancestral.AncestralException as {@link TrainJob#run}
   */
  public TrainJob.Result train(JobSpec spec, String run, TrainJob.Mode mode) {
    return new SpecTraining(application, progress).run(spec, run, mode);
  }

  /**
   * Measures held-out log-likelihood.
   *
   * @throws dev.ancestral.AncestralException as {@link EvaluateJob#run}
   */
  public EvaluationReport evaluate(EvaluateRequest request) {
    return new EvaluateJob(application, progress).run(request);
  }

  /**
   * Compares samples of a model with held-out examples.
   *
   * @throws dev.ancestral.AncestralException as {@link TwoSampleJob#run}
   */
  public TwoSampleReport twoSample(EvaluateRequest request) {
    return new TwoSampleJob(application, progress).run(request);
  }

  /**
   * Evaluates by the estimator that the request names, or else the best one that the model has, be
   * it one of log p(x) or a two-sample test.
   *
   * @throws dev.ancestral.AncestralException as {@link EvaluationJob#run}
   */
  public Evaluation evaluation(EvaluateRequest request) {
    return new EvaluationJob(application, progress).run(request);
  }

  /**
   * Draws samples.
   *
   * @throws dev.ancestral.AncestralException as {@link GenerateJob#run}
   */
  public GenerationManifest generate(GenerateRequest request) {
    return new GenerateJob(application, progress).run(request);
  }

  /**
   * Prepares, trains, evaluates and generates, whichever of it is not done yet.
   *
   * @throws dev.ancestral.AncestralException as the steps
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
    return new Pipeline(application, progress).run(spec, mode);
  }

  /**
   * Does one step of a pipeline, if it is not done yet; those before it have to be.
   *
   * @param mode what training does with a run that is there
   * @return what came of it, for a person
   * @throws dev.ancestral.AncestralException as the step
   */
  public String step(JobSpec spec, Step step, TrainJob.Mode mode) {
    return new Pipeline(application, progress).step(spec, step, mode);
  }
}
