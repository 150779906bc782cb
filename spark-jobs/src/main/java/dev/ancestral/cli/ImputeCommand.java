package dev.ancestral.cli;

import dev.ancestral.job.impute.ImputeJob;
import dev.ancestral.job.impute.ImputeRequest;
import dev.ancestral.model.RowModel;
import dev.ancestral.spark.SparkApplication;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code impute}: missing cells of rows are filled. */
@Command(
    name = "impute",
    header = "Fills the missing cells of rows, by draws given the other cells or by their mode.",
    description = {
      "",
      "Reads rows as they are and writes them with every null in a column of the model replaced by",
      "a draw from its exact distribution given the cells of the row that are there (all missing",
      "cells of a row together). Observed cells and types stay as they are. With --draws N each"
          + " row",
      "is written N times, with a column draw from 0 to N-1, for multiple imputation.",
      "",
      "Examples:",
      "  ancestral impute --model runs/customers --input customers.csv --output filled --as csv",
      "  ancestral impute --model runs/customers --table crm.customers --draws 20 \\",
      "                   --output-table crm.imputed",
      "",
      "Writes: the rows, and manifest and status in OUTPUT/_ancestral. Run again, the command",
      "changes nothing while model and input files are the same.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer =
        "  0 done, 2 wrong options, 3 model or rows missing or damaged, 4 rows do not fit the"
            + " model,%n  5 cluster, 7 interrupted: run again",
    mixinStandardHelpOptions = true)
final class ImputeCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "RUN",
      description = "Directory of a run, or one with model.json and parameters.safetensors.")
  private String model;

  @Mixin private RowInputOptions input;

  @Option(
      names = "--draws",
      paramLabel = "N",
      defaultValue = "1",
      description = "Independent draws of each row (default: ${DEFAULT-VALUE}).")
  private int draws;

  @Option(
      names = "--mode",
      description = "The most probable component, and its most probable values, instead of draws.")
  private boolean mode;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of the draws, which depend on the content of a row (default: 1).")
  private long seed;

  @Mixin private RowOutputOptions output;

  ImputeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    ImputeRequest request =
        new ImputeRequest(
            model,
            input.read(),
            mode ? RowModel.Completion.MODE : RowModel.Completion.DRAW,
            draws,
            seed,
            output.read(),
            output.overwrite());
    try (SparkApplication application = SparkApplication.lazily("impute")) {
      console.say(new ImputeJob(application, console.progress()).run(request).summary());
    }
    return 0;
  }
}
