package dev.ancestral.job;

import dev.ancestral.job.evaluate.EvaluateJob;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.generate.GenerateJob;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.generate.GenerationManifest;
import org.apache.spark.sql.SparkSession;

/**
 * The jobs, for programs: the same calls that the commands make.
 *
 * <pre>{@code
 * Ancestral ancestral = Ancestral.on(spark, Progress.silent());
 * EvaluationReport report =
 *     ancestral.evaluate(
 *         new EvaluateRequest("runs/vae", "data/digits", EvaluateSpec.standard(), "runs/test", false));
 * double nats = report.likelihood().meanNats();
 * }</pre>
 *
 * <p>Every call may be repeated: what is finished is kept. Whatever a person can mend is a {@link
 * dev.ancestral.Refusal}.
 */
public final class Ancestral {
  private final SparkApplication application;
  private final Progress progress;

  private Ancestral(SparkApplication application, Progress progress) {
    this.application = application;
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
   * Measures held-out log-likelihood.
   *
   * @throws dev.ancestral.Refusal as {@link EvaluateJob#run}
   */
  public EvaluationReport evaluate(EvaluateRequest request) {
    return new EvaluateJob(application, progress).run(request);
  }

  /**
   * Draws samples.
   *
   * @throws dev.ancestral.Refusal as {@link GenerateJob#run}
   */
  public GenerationManifest generate(GenerateRequest request) {
    return new GenerateJob(application, progress).run(request);
  }
}
