package dev.ancestral.cli;

import dev.ancestral.cli.console.ConsoleProgress;
import dev.ancestral.cli.console.LogFile;
import dev.ancestral.job.status.ExitStatus;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.status.Redaction;
import java.io.PrintStream;
import org.apache.logging.log4j.LogManager;

/**
 * Where a command speaks: results and progress on standard output, one plain message on standard
 * error when it fails, stack traces in the log. Credentials are said nowhere.
 */
public final class Console {
  private final PrintStream out;
  private final PrintStream err;
  private final ConsoleProgress progress;

  /** A console on these streams. */
  public Console(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
    this.progress = ConsoleProgress.on(out);
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }

  /** Progress among the results. */
  ProgressListener progress() {
    return progress;
  }

  /** Progress of a command whose standard output is for programs. */
  ProgressListener progressAside() {
    return ConsoleProgress.on(err);
  }

  /** Ends the live line. */
  void close() {
    progress.close();
  }

  /** A result. */
  void say(String line) {
    progress.close();
    out.println(Redaction.ofProcess().text(line));
    out.flush();
  }

  /** Says why the command ends; returns its exit status. */
  public int fail(Throwable failure) {
    ExitStatus outcome = ExitStatus.of(failure);
    LogManager.getLogger(Console.class).error(outcome.message(), failure);
    String where =
        outcome.status() == ExitStatus.UNEXPECTED && LogFile.path() != null
            ? "; the stack trace is in " + LogFile.path()
            : "";
    return fail(outcome.status(), outcome.message() + where);
  }

  /** Says why the command ends; returns its exit status. */
  int fail(int status, String message) {
    progress.close();
    err.println(Redaction.ofProcess().text(message));
    err.flush();
    return status;
  }
}
