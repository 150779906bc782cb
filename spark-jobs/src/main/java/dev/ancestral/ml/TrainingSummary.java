package dev.ancestral.ml;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluateJob;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.job.status.ProgressListener;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * How likely a model's own rows are under it.
 *
 * @param train the rows that were trained on
 * @param validation those that were held out; empty if none were
 */
public record TrainingSummary(Likelihood train, Optional<Likelihood> validation) {
  private static final String TRAIN = "train";
  private static final String VALID = "valid";
  private static final int NAME_LENGTH = 24;

  /**
   * A mean log-likelihood.
   *
   * @param rows how many
   * @param meanNats of log p(row)
   * @param standardError of the mean
   * @param kind exact, lower bound or estimate
   */
  public record Likelihood(long rows, double meanNats, double standardError, String kind) {}

  /** Measures on the dataset that the run names. */
  static TrainingSummary of(
      SparkSession spark, ModelDirectory model, String estimator, int samples) {
    Checkpoints folder = Checkpoints.of(spark, "");
    Storage storage = folder.storage();
    String data =
        model.description().spec().get("data") instanceof Map<?, ?> section
                && section.get("path") instanceof String path
            ? path
            : "";
    if (data.isEmpty() || !Checkpoints.hasDataset(storage, data)) {
      throw new AncestralException(
          ErrorCode.DATA,
          "the rows that the model in "
              + model.uri()
              + " was trained on, "
              + (data.isEmpty() ? "which it does not name" : data)
              + ", are not there; transform rows and evaluate them instead");
    }
    boolean held = Dataset.open(storage, data).manifest().splits().containsKey(VALID);
    return new TrainingSummary(
        likelihood(folder, model, data, TRAIN, estimator, samples),
        held
            ? Optional.of(likelihood(folder, model, data, VALID, estimator, samples))
            : Optional.empty());
  }

  private static Likelihood likelihood(
      Checkpoints folder,
      ModelDirectory model,
      String data,
      String split,
      String estimator,
      int samples) {
    EvaluateSpec spec = FamilyModel.scoreSpec(estimator, samples).onSplit(split);
    Map<String, Object> inputs =
        Map.of(
            "model",
            model.sha256(),
            "weights",
            model.weightsSha256(),
            "data",
            data,
            "split",
            split,
            "estimator",
            estimator,
            "samples",
            samples);
    String output = folder.at("summary-" + Fingerprint.of(inputs).substring(0, NAME_LENGTH));
    synchronized (folder.monitor(output)) {
      EvaluationReport report =
          new EvaluateJob(folder.application(), ProgressListener.silent())
              .run(new EvaluateRequest(model.uri(), data, spec, output, false));
      return new Likelihood(
          report.likelihood().examples(),
          report.likelihood().meanNats(),
          report.likelihood().standardError(),
          report.likelihood().kind().text());
    }
  }
}
