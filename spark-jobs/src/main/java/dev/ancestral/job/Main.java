package dev.ancestral.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.cli.Commands;
import dev.ancestral.cli.Console;
import dev.ancestral.cli.console.ConsoleProgress;
import dev.ancestral.cli.console.LogFile;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.tensor.NativeShutdown;
import java.io.OutputStream;
import java.io.PrintStream;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkException;

/** The entry point: {@code spark-submit --class dev.ancestral.job.Main JAR COMMAND ...}. */
public final class Main {
  // After everything else that has a hook: Spark (40) and the file systems (10).
  private static final int LAST_HOOK_PRIORITY = 0;

  private static final String HEADLESS = "java.awt.headless";

  private Main() {}

  /**
   * Runs a command and ends the process with its exit status.
   *
   * @throws SparkException instead of ending a driver that YARN runs, with the status
   */
  public static void main(String[] args) throws SparkException {
    try {
      LogFile.configure();
    } catch (AncestralException refusal) {
      System.exit(new Console(System.out, System.err).fail(refusal));
    }
    if (System.getProperty(HEADLESS) == null) {
      System.setProperty(HEADLESS, "true"); // Pictures are drawn, never shown.
    }
    Runnable halt =
        () -> {
          NativeShutdown.close(); // It began with the shutdown, beside the hooks before this one.
          Runtime.getRuntime().halt(ErrorCode.INTERRUPTED.status());
        };
    Runnable say =
        () -> {
          // What Spark complains of from here on is only the end of the process.
          LogFile.leaveConsole();
          ConsoleProgress.leaveTerminal();
          System.err.println("interrupted: run the same command again to go on");
          // Scala prints what its closing thread pools reject there, past every logger.
          System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
        };
    ShutdownHookManager hooks = ShutdownHookManager.get();
    hooks.addShutdownHook(say, OutputSession.HOOK_PRIORITY + 1);
    hooks.addShutdownHook(halt, LAST_HOOK_PRIORITY);
    int status;
    try {
      status = run(args);
    } catch (Throwable defect) { // Without this the hooks would call it an interruption.
      status = new Console(System.out, System.err).fail(defect);
    }
    if (hooks.isShutdownInProgress()) {
      awaitHalt();
    }
    hooks.removeShutdownHook(say);
    hooks.removeShutdownHook(halt);
    boolean clusterMode = "cluster".equals(System.getProperty("spark.submit.deployMode"));
    if (clusterMode && System.getProperty("spark.master", "").startsWith("yarn")) {
      // There an exit, even with 0, is a failure without a reason; this one hands the status on.
      if (status != 0) {
        throw SparkApplication.failure(status);
      }
      return;
    }
    System.exit(status);
  }

  /**
   * Runs a command in this process.
   *
   * @return its exit status
   */
  public static int run(String... args) {
    return run(System.out, System.err, args);
  }

  /**
   * Runs a command in this process.
   *
   * @param out for results and progress
   * @param err for one plain message if it fails
   * @return its exit status
   */
  public static int run(PrintStream out, PrintStream err, String... args) {
    return Commands.execute(new Console(out, err), args);
  }

  /** The hooks are at work: the last one ends the process with the status of an interruption. */
  private static void awaitHalt() {
    try {
      Thread.currentThread().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
