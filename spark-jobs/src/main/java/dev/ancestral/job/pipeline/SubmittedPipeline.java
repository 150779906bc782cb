package dev.ancestral.job.pipeline;

import dev.ancestral.AncestralException;
import dev.ancestral.data.Storage;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.status.ExitStatus;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.submit.Step;
import dev.ancestral.job.submit.Submission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A pipeline whose steps are Spark applications of their own, each with its own resources: CPUs to
 * prepare, GPUs to train. This process starts them one after the other and has no executors itself.
 *
 * <p>Each application does one step of the same spec ({@code pipeline --step}), which finds out by
 * itself whether it is done already.
 */
public final class SubmittedPipeline {
  private final Storage storage;
  private final ProgressListener progress;
  private final Supplier<Submission> submission;

  /**
   * @param submission asked for when the spec and the output are in order
   */
  public SubmittedPipeline(
      Storage storage, ProgressListener progress, Supplier<Submission> submission) {
    this.storage = storage;
    this.progress = progress;
    this.submission = submission;
  }

  /**
   * Does what is not done yet.
   *
   * @param options of the command, for the applications to read the same spec
   * @param restart whether training begins anew
   * @return a line for each step, for a person
   * @throws AncestralException as the steps
   */
  public List<String> run(JobSpec spec, List<String> options, boolean restart) {
    return OutputSession.fill(
        storage,
        storage.path(spec.output()),
        "pipeline",
        progress,
        running -> {
          running.begin();
          Submission submits = submission.get();
          List<String> lines = new ArrayList<>();
          if (!spec.data().prepare().isEmpty()) {
            lines.add(submit(submits, spec, options, Step.PREPARE));
          }
          boolean evaluates = Pipeline.evaluates(storage, spec, progress);
          for (Step step : List.of(Step.TRAIN, Step.GENERATE, Step.EVALUATE)) {
            running.requireHeld();
            if (step != Step.EVALUATE || evaluates) {
              List<String> own = new ArrayList<>(options);
              if (restart && step == Step.TRAIN) {
                own.add("--restart");
              }
              lines.add(submit(submits, spec, own, step));
            }
          }
          return lines;
        },
        lines -> String.join("; ", lines));
  }

  private String submit(Submission submits, JobSpec spec, List<String> options, Step step) {
    List<String> command = new ArrayList<>(List.of("pipeline", "--step", step.text()));
    command.addAll(options);
    Supplier<Optional<ExitStatus>> outcome =
        () -> OutputSession.outcome(storage, storage.path(Pipeline.directory(spec, step)));
    progress.phase("submitting " + step.text());
    submits.run(step.text(), spec.submit().of(step), command, outcome);
    return step.text() + ": " + outcome.get().map(ExitStatus::message).orElse("done");
  }
}
