package dev.ancestral.job.pipeline;

import dev.ancestral.Refusal;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Storage;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.job.Ancestral;
import dev.ancestral.job.Evaluation;
import dev.ancestral.job.Progress;
import dev.ancestral.job.RunningOutput;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.report.RunReport;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.train.TrainJob;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * Prepare, train, evaluate, generate: each step is skipped when its output is complete and its
 * inputs are unchanged. Below the output lie {@code data/ run/ evaluation/ samples/}.
 */
public final class Pipeline {
  private final Ancestral jobs;
  private final Storage storage;
  private final Progress progress;

  /** A pipeline of these jobs. */
  public Pipeline(Ancestral jobs, Storage storage, Progress progress) {
    this.jobs = jobs;
    this.storage = storage;
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
   * @throws Refusal as the steps
   */
  public Result run(JobSpec spec) {
    return RunningOutput.fill(
        storage,
        storage.path(spec.output()),
        "pipeline",
        progress,
        running -> {
          running.begin();
          return steps(spec);
        },
        Result::summary);
  }

  private Result steps(JobSpec spec) {
    // Preparing starts the application: where the data are there, it has memory for training too.
    if (storage.exists(new Path(storage.path(spec.data().path()), DatasetManifest.FILE))) {
      jobs.expect(spec, Dataset.open(storage, spec.data().path()));
    }
    for (PrepareSpec step : spec.data().prepare()) {
      jobs.prepare(step, spec.data().path());
    }
    Dataset data = Dataset.open(storage, spec.data().path());
    boolean evaluates = hasSplit(spec, data);
    String run = run(spec.output());
    TrainJob.Result trained = jobs.train(spec, run, TrainJob.Mode.CONTINUE);
    progress.message("train: " + trained.message());
    RunReport report = new RunReport(storage, run);
    if (!trained.alreadyComplete()) {
      report.write(Optional.empty());
    }
    Optional<Evaluation> evaluation = Optional.empty();
    if (evaluates) {
      // An evaluation is derived from the run: one of an earlier spec may go.
      EvaluateRequest request =
          new EvaluateRequest(
              run, spec.data().path(), spec.evaluate(), spec.output() + "/evaluation", true);
      evaluation = Optional.of(jobs.evaluation(request));
      progress.message("evaluate: " + evaluation.get().summary());
    }
    String samples = spec.output() + "/samples";
    GenerationManifest manifest =
        jobs.generate(new GenerateRequest(run, spec.generate(), samples, true));
    report.write(Optional.of(samples));
    return new Result(run, evaluation, manifest);
  }

  /** Asked before hours of training, not after. */
  private boolean hasSplit(JobSpec spec, Dataset data) {
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
