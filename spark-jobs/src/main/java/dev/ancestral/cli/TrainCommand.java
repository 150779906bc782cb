package dev.ancestral.cli;

import dev.ancestral.job.pipeline.Pipeline;
import dev.ancestral.job.report.RunReport;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.SpecFile;
import dev.ancestral.job.spec.YamlDocument;
import dev.ancestral.job.train.SpecTraining;
import dev.ancestral.job.train.TrainJob;
import dev.ancestral.spark.SparkApplication;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code train}: fits a model. */
@Command(
    name = "train",
    header = "Fits a model to the training split of a dataset.",
    description = {
      "",
      "Goes on by itself when the run was interrupted, does nothing when it is complete, and ends",
      "with 2 when another spec's run lies there. With more epochs or steps, and nothing else",
      "changed, it goes on from the finished run (not under a cosine schedule). The result depends"
          + " on the spec and not on the",
      "cluster: replicas are logical workers and always see the same examples.",
      "",
      "Example:",
      "  ancestral train --spec vae.yaml --output runs/vae",
      "",
      "Writes: model.json, parameters.safetensors, checkpoints/, metrics.jsonl, report.html,",
      "status.json.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer =
        "  0 done, 2 the spec is wrong or another run lies there, 3 data missing or damaged,%n"
            + "  4 model and data do not fit, 5 cluster, 6 diverged, 7 interrupted: run again",
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
  private final Console console;

  @Option(names = "--spec", required = true, paramLabel = "SPEC", description = "The YAML spec.")
  private String spec;

  @Option(
      names = "--output",
      paramLabel = "RUN",
      description = "Directory of the run (default: run/ below the output of the spec).")
  private String output;

  @Option(
      names = "--tensorboard",
      description = "Writes event files for TensorBoard, as observe.tensorboard: true does.")
  private boolean tensorBoard;

  @ArgGroup private Continuation continuation;

  /** At most one of them. */
  static final class Continuation {
    @Option(names = "--resume", description = "Demands that there is something to continue.")
    private boolean resume;

    @Option(names = "--restart", description = "Begins anew; what lies there is removed.")
    private boolean restart;

    TrainJob.Mode mode() {
      return resume
          ? TrainJob.Mode.RESUME
          : restart ? TrainJob.Mode.RESTART : TrainJob.Mode.CONTINUE;
    }
  }

  TrainCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (SparkApplication application = SparkApplication.lazily("train")) {
      YamlDocument document = SpecFile.document(application.storage(), spec);
      boolean placed = document.values().get("output") != null;
      JobSpec job =
          SpecFile.read(
              application.storage(),
              document,
              placed ? Optional.empty() : Optional.ofNullable(output));
      String run = output == null ? Pipeline.run(job.output()) : output;
      TrainJob.Result result =
          new SpecTraining(application, console.progress())
              .run(
                  tensorBoard ? job.withTensorBoard() : job,
                  run,
                  continuation == null ? TrainJob.Mode.CONTINUE : continuation.mode());
      RunReport report = new RunReport(application.storage(), run);
      if (!result.alreadyComplete() || !report.exists()) {
        report.write(RunReport.Beside.asBefore().withData(job.data().path()));
      }
      console.say(result.message());
      console.say("model: " + run + ", curves: " + run + "/" + RunReport.FILE);
    }
    return 0;
  }
}
