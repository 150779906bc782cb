package dev.ancestral.cli;

import dev.ancestral.Suggestion;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.util.ShutdownHookManager;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line as a whole: all commands, and how their failures are told. */
public final class Commands {
  private static final int USAGE = 2;

  private Commands() {}

  /**
   * Runs a command.
   *
   * @return its exit status
   */
  public static int execute(Console console, String... args) {
    try {
      return line(console).execute(args);
    } finally {
      console.close();
    }
  }

  private static CommandLine line(Console console) {
    CommandLine line = new CommandLine(new AncestralCommand());
    for (Object command :
        List.of(
            new PrepareCommand(console),
            new TrainCommand(console),
            EvaluateCommand.line(console),
            GenerateCommand.line(console),
            new ScoreCommand(console),
            new ImputeCommand(console),
            new PipelineCommand(console),
            new CompareCommand(console),
            new PromoteCommand(console),
            new VerifyCommand(console),
            new DoctorCommand(console),
            new BenchCommand(console))) {
      line.addSubcommand(command);
    }
    line.setOut(writer(console.out()));
    line.setErr(writer(console.err()));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpWidth(100);
    line.setUsageHelpLongOptionsMaxWidth(34);
    line.setParameterExceptionHandler(
        (failure, args) -> {
          CommandSpec command = failure.getCommandLine().getCommandSpec();
          return console.fail(
              USAGE,
              failure.getMessage().replaceAll("\\s*\\R\\s*", " ")
                  + (meant(failure).isEmpty() ? "; see '" : meant(failure) + " See '")
                  + command.qualifiedName()
                  + " --help'");
        });
    line.setExecutionExceptionHandler(
        (failure, command, parsed) ->
            // The process is being stopped: the shutdown hook says so, and ends it.
            ShutdownHookManager.get().isShutdownInProgress()
                ? dev.ancestral.ErrorCode.INTERRUPTED.status()
                : console.fail(failure));
    return line;
  }

  /** A question after the word that was perhaps meant, where one is near. */
  private static String meant(ParameterException failure) {
    CommandSpec command = failure.getCommandLine().getCommandSpec();
    if (failure instanceof UnmatchedArgumentException unmatched) {
      for (String word : unmatched.getUnmatched()) {
        Set<String> known =
            word.startsWith("-") ? command.optionsMap().keySet() : command.subcommands().keySet();
        String question = Suggestion.question(word.replaceFirst("=.*", ""), known);
        if (!question.isEmpty()) {
          return question;
        }
      }
    }
    if (failure.getArgSpec() != null
        && failure.getArgSpec().completionCandidates() != null
        && failure.getValue() != null) {
      List<String> values = new ArrayList<>();
      failure
          .getArgSpec()
          .completionCandidates()
          .forEach(value -> values.add(value.toLowerCase(Locale.ROOT)));
      return Suggestion.question(failure.getValue(), values);
    }
    return "";
  }

  private static PrintWriter writer(java.io.PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }
}
