package dev.ancestral.job.evaluation;

import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EstimatorChoice;
import dev.ancestral.job.evaluate.EvaluateJob;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.quality.TableQualityJob;
import dev.ancestral.job.quality.TableQualityMethod;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.twosample.ClassifierJob;
import dev.ancestral.job.twosample.ClassifierMethod;
import dev.ancestral.job.twosample.TwoSampleJob;
import dev.ancestral.job.twosample.TwoSampleMethod;
import dev.ancestral.spark.SparkApplication;

/**
 * The {@code evaluate} job: evaluates by the estimator that the request names, or else the best one
 * that the model has, be it one of log p(x) or a two-sample test.
 */
public final class EvaluationJob {
  private final SparkApplication application;
  private final ProgressListener progress;

  public EvaluationJob(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.progress = progress;
  }

  /**
   * Evaluates, or reads what was evaluated.
   *
   * @throws dev.ancestral.AncestralException as {@link EvaluateJob#run}, {@link TwoSampleJob#run},
   *     {@link ClassifierJob#run} and {@link TableQualityJob#within}
   */
  public Evaluation run(EvaluateRequest request) {
    Storage storage = application.storage();
    return OutputSession.fill(
        storage,
        storage.path(request.output()),
        "evaluate",
        progress,
        running -> {
          ModelDirectory model = ModelDirectory.open(storage, request.model());
          String name = EstimatorChoice.method(model, request.spec()).name();
          return switch (name) {
            case TwoSampleMethod.NAME ->
                new Evaluation.Comparison(
                    new TwoSampleJob(application, progress).within(request, running));
            case ClassifierMethod.NAME ->
                new Evaluation.Classification(
                    new ClassifierJob(application, progress).within(request, running));
            case TableQualityMethod.NAME ->
                new Evaluation.Table(
                    new TableQualityJob(application, progress).within(request, running));
            default ->
                new Evaluation.Likelihood(
                    new EvaluateJob(application, progress).within(request, running));
          };
        },
        Evaluation::summary);
  }
}
