package dev.ancestral.job.prepare;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.data.prepare.Preparation;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.spark.SparkApplication;

/** The {@code prepare} job: adds a split, or a division into splits, to a dataset directory. */
public final class PrepareJob {
  private final SparkApplication application;
  private final ProgressListener progress;

  public PrepareJob(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.progress = progress;
  }

  /**
   * Prepares what is not there yet.
   *
   * @param output directory of the dataset
   * @throws dev.ancestral.AncestralException as {@link Preparation#run}
   */
  public Dataset run(PrepareSpec spec, String output) {
    Storage storage = application.storage();
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
}
