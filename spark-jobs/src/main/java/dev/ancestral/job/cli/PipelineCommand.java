package dev.ancestral.job.cli;

import dev.ancestral.job.Ancestral;
import dev.ancestral.job.SparkApplication;
import dev.ancestral.job.pipeline.Pipeline;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.SpecFile;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pipeline}: from data to samples. */
@Command(
    name = "pipeline",
    header = "Prepares data, trains, evaluates and generates, whichever is not done yet.",
    description = {
      "",
      "Each step is skipped when its output is complete and its inputs are unchanged.",
      "",
      "Example:",
      "  ancestral pipeline --spec pipelines/quickstart.yaml",
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
      Pipeline.Result result = Ancestral.on(application, console.progress()).pipeline(job);
      result.evaluation().ifPresent(report -> console.say(report.summary()));
      console.say(result.samples().summary() + " in " + job.output() + "/samples");
      console.say("report: " + result.run() + "/report.html");
    }
    return 0;
  }
}
