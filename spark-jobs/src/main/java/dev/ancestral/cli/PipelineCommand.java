package dev.ancestral.cli;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.pipeline.Pipeline;
import dev.ancestral.job.pipeline.SubmittedPipeline;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.SpecFile;
import dev.ancestral.job.submit.Step;
import dev.ancestral.job.submit.Submission;
import dev.ancestral.job.submit.SubmitTrust;
import dev.ancestral.job.train.TrainJob;
import dev.ancestral.spark.SparkApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pipeline}: from data to samples. */
@Command(
    name = "pipeline",
    header = "Prepares data, trains, evaluates and generates, whichever is not done yet.",
    description = {
      "",
      "Each step is skipped when its output is complete and its inputs are unchanged. With more",
      "epochs or steps than the run has made, and nothing else changed, training goes on.",
      "Without a section evaluate in the spec the model is scored by a quick estimator.",
      "",
      "With --submit every step is handed to spark-submit as an application of its own, with the",
      "resources that the spec gives it under submit: (CPUs to prepare, GPUs to train).",
      "",
      "Examples:",
      "  ancestral pipeline --spec pipelines/quickstart.yaml",
      "  ancestral --master yarn pipeline --spec my-model.yaml --submit",
      "  ancestral --master yarn pipeline --spec my-model.yaml --step train",
      "",
      "Writes below the output: data/ run/ evaluation/ samples/, each with a status.json.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer = "  those of the step that ended it; 'ancestral --help' lists them",
    mixinStandardHelpOptions = true)
final class PipelineCommand implements Callable<Integer> {
  private final Console console;

  @Option(names = "--spec", required = true, paramLabel = "SPEC", description = "The YAML spec.")
  private String spec;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Instead of the output that the spec names.")
  private String output;

  @Option(
      names = "--tensorboard",
      description = "Writes event files for TensorBoard, as observe.tensorboard: true does.")
  private boolean tensorBoard;

  @Option(
      names = "--restart",
      description =
          "Trains anew; the run that lies there is removed, and what was evaluated and drawn is"
              + " replaced. The data stay.")
  private boolean restart;

  @Option(
      names = "--trust-spec",
      description =
          "With --submit: lets the spec set what can run code (jars, options of the JVM, plugins,"
              + " images, another master) though others can write it or it is another user's.")
  private boolean trustSpec;

  @ArgGroup private Way way;

  /** At most one of them. */
  static final class Way {
    @Option(
        names = "--submit",
        description = "Each step is an application of its own, submitted by spark-submit.")
    private boolean submit;

    @Option(
        names = "--step",
        paramLabel = "STEP",
        description = "That step alone: prepare, train, evaluate or generate.")
    private Step step;
  }

  PipelineCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (SparkApplication application = SparkApplication.lazily("pipeline")) {
      JobSpec job = SpecFile.read(application.storage(), spec, Optional.ofNullable(output));
      if (tensorBoard) {
        job = job.withTensorBoard();
      }
      if (way != null && way.submit) {
        if (tensorBoard) {
          throw new AncestralException(
              ErrorCode.SPEC,
              "--tensorboard does not reach the applications that --submit starts; set observe:"
                  + " {tensorboard: true} in the spec");
        }
        if (!trustSpec) {
          SubmitTrust.require(application.storage(), spec, job.submit());
        }
        new SubmittedPipeline(
                application.storage(),
                console.progress(),
                () -> Submission.ofProcess(console.out(), console.err()))
            .run(job, options(), restart)
            .forEach(console::say);
        return 0;
      }
      Pipeline pipeline = new Pipeline(application, console.progress());
      TrainJob.Mode mode = restart ? TrainJob.Mode.RESTART : TrainJob.Mode.CONTINUE;
      if (way != null) {
        console.say(way.step.text() + ": " + pipeline.step(job, way.step, mode));
        return 0;
      }
      Pipeline.Result result = pipeline.run(job, mode);
      result.evaluation().ifPresent(report -> console.say(report.summary()));
      console.say(result.samples().summary() + " in " + job.output() + "/samples");
      console.say("report: " + result.run() + "/report.html");
    }
    return 0;
  }

  /** What a step's own command is given as well. */
  private List<String> options() {
    List<String> options = new ArrayList<>(List.of("--spec", spec));
    if (output != null) {
      options.addAll(List.of("--output", output));
    }
    if (tensorBoard) {
      options.add("--tensorboard");
    }
    return options;
  }
}
