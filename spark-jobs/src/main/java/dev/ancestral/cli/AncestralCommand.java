package dev.ancestral.cli;

import dev.ancestral.spark.SparkInstallation;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command above all commands: without one of them it teaches. */
@Command(
    name = "ancestral",
    versionProvider = AncestralCommand.Version.class,
    header =
        "Generative models on Apache Spark: fit p(x), measure held-out log p(x), draw samples.",
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "",
      "A first run, from nothing to samples:",
      "  ancestral pipeline --spec pipelines/quickstart.yaml",
      "",
      "The same step by step:",
      "  ancestral prepare  --format synthetic --kind digits --count 20000 \\",
      "                     --split auto=0.8,0.1,0.1 --binarize threshold=127 --output data/digits",
      "  ancestral train    --spec my-model.yaml --output runs/my-model",
      "  ancestral evaluate --model runs/my-model --data data/digits --output runs/my-model-test",
      "  ancestral generate --model runs/my-model --count 1000 --seed 7 --preview \\",
      "                     --output runs/my-model-samples",
      "",
      "Rows of tables as they are, with a model of rows:",
      "  ancestral score    --model runs/customers --input customers.csv --output scored",
      "  ancestral impute   --model runs/customers --input customers.csv --output filled",
      "",
      "Paths are local, or URIs of any Hadoop file system (hdfs:, s3a:, ...). Every command may be",
      "run again: what is finished is kept, what is missing is made. Beside what a command writes",
      "stands status.json with the exit status, a message, and whether a retry may help.",
      "",
      "Credentials go in a file that only you can read, given before the command:",
      "  ancestral --properties-file secrets.conf COMMAND ...",
      "What --conf says is seen by everyone on the machine (ps) and kept by the shell.",
      ""
    },
    commandListHeading = "Commands:%n",
    footerHeading = "%nExit statuses:%n",
    footer = {
      "  0  done",
      "  2  the command line or the spec is wrong",
      "  3  data are missing, damaged or unfit",
      "  4  model, data or reports do not fit together",
      "  5  the cluster cannot run it (slots, GPUs, memory, classes)",
      "  6  training diverged and stopped at the last good checkpoint",
      "  7  interrupted, or cluster or storage lost: run the same command again",
      "  8  a comparison did not pass; nothing was changed",
      "  1  anything else: a defect"
    },
    mixinStandardHelpOptions = true)
final class AncestralCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is missing; it must be one of "
            + String.join(", ", spec.subcommands().keySet()));
  }

  /** The version of the jar, and of what it runs on. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = AncestralCommand.class.getPackage().getImplementationVersion();
      return new String[] {
        "ancestral " + (version == null ? "(not packaged)" : version),
        "java " + System.getProperty("java.version") + ", spark " + SparkInstallation.version()
      };
    }
  }
}
