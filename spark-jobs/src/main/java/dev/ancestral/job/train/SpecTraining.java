package dev.ancestral.job.train;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.output.SessionProgress;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.checkpoint.TrainRequest;
import dev.ancestral.job.train.replica.MemoryEstimate;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.spark.MemoryOverhead;
import dev.ancestral.spark.SparkApplication;
import org.apache.spark.api.java.JavaSparkContext;

/** The {@code train} job: fits the model of a spec and fills the directory of the run. */
public final class SpecTraining {
  private final SparkApplication application;
  private final Storage storage;
  private final ProgressListener progress;

  public SpecTraining(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.storage = application.storage();
    this.progress = progress;
  }

  /**
   * Fits the model, or what is left to do of it.
   *
   * @param run directory of the run
   * @param mode what to do with a run that is there
   * @throws dev.ancestral.AncestralException as {@link TrainJob#run}
   */
  public TrainJob.Result run(JobSpec spec, String run, TrainJob.Mode mode) {
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
                  new SessionProgress(progress, running))
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
}
