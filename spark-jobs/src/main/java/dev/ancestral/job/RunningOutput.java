package dev.ancestral.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.ancestral.Refusal;
import dev.ancestral.data.Storage;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Keeps {@code status.json} in an output directory while a command fills it: {@code state}
 * (running, done, failed), {@code status} (the exit status), {@code message}, {@code retryable}.
 *
 * <p>While the command runs the file already says 7, so a process that is killed without a word
 * leaves the right status behind.
 */
public final class RunningOutput {
  /** Name of the file. */
  public static final String FILE = "status.json";

  // Before Spark's hook (40) and that of the file systems (10): both are still needed.
  static final int HOOK_PRIORITY = 60;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Storage storage;
  private final Path directory;
  private final String command;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean begun;

  private RunningOutput(Storage storage, Path directory, String command) {
    this.storage = storage;
    this.directory = directory;
    this.command = command;
  }

  /**
   * Does a piece of work that fills a directory, and leaves how it ended beside it. Work that is
   * refused because of the command line or the spec before it {@link #begin begins} leaves nothing.
   *
   * @param work calls {@link #begin} when everything that can be checked is in order
   * @param summary of the result, the message of a status 0
   */
  public static <T> T fill(
      Storage storage,
      Path directory,
      String command,
      Function<RunningOutput, T> work,
      Function<T, String> summary) {
    RunningOutput output = new RunningOutput(storage, directory, command);
    Runnable hook = output::interrupted;
    ShutdownHookManager.get().addShutdownHook(hook, HOOK_PRIORITY);
    try {
      T result = work.apply(output);
      output.end("done", Outcome.done(summary.apply(result)));
      return result;
    } catch (Throwable failure) { // Spark throws checked exceptions that it does not declare.
      output.fail(failure);
      throw failure;
    } finally {
      if (!ShutdownHookManager.get().isShutdownInProgress()) {
        ShutdownHookManager.get().removeShutdownHook(hook);
      }
    }
  }

  /** The work is about to write. */
  public void begin() {
    if (begun) {
      return;
    }
    begun = true;
    write(
        "running",
        Outcome.interrupted(
            command + " has not finished: it runs or was killed; run the same command again"));
  }

  private void fail(Throwable failure) {
    try {
      Outcome outcome = Outcome.of(failure);
      boolean nothingStarted = !begun && outcome.status() == Refusal.Kind.SPEC.status();
      // While the process is being stopped anything may fail: the hook says why.
      if (!nothingStarted && !ShutdownHookManager.get().isShutdownInProgress()) {
        end("failed", outcome);
      }
    } catch (RuntimeException again) {
      failure.addSuppressed(again);
    }
  }

  private void interrupted() {
    if (!begun) {
      return;
    }
    end("failed", Outcome.interrupted(command + " was interrupted; run the same command again"));
  }

  private void end(String state, Outcome outcome) {
    if (ended.compareAndSet(false, true)) {
      write(state, outcome);
    }
  }

  private void write(String state, Outcome outcome) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("command", command);
    fields.put("state", state);
    fields.put("status", outcome.status());
    fields.put("message", outcome.message());
    fields.put("retryable", outcome.retryable());
    try {
      String text = JSON.writeValueAsString(fields) + "\n";
      storage.commit(new Path(directory, FILE), text.getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of plain values is JSON", e);
    }
  }
}
