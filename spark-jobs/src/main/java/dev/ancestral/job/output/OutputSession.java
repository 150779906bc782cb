package dev.ancestral.job.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.status.ExitStatus;
import dev.ancestral.job.status.ProgressListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Keeps {@code status.json} in an output directory while a command fills it: {@code state}
 * (running, done, failed), {@code status} (the exit status), {@code message}, {@code retryable}.
 *
 * <p>While the command runs the file already says 7, so a process that is killed without a word
 * leaves the right status behind. From {@link #begin} on the directory is the command's alone: a
 * second one that would fill it is refused and changes nothing ({@link OutputLock}).
 */
public final class OutputSession {
  /** Name of the file. */
  public static final String FILE = "status.json";

  private static final String DONE = "done";

  /** Before Spark's hook (40) and that of the file systems (10): both are still needed. */
  public static final int HOOK_PRIORITY = 60;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Storage storage;
  private final Path directory;
  private final String command;
  private final ProgressListener progress;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean refused;
  private volatile OutputLock claim;

  private OutputSession(
      Storage storage, Path directory, String command, ProgressListener progress) {
    this.storage = storage;
    this.directory = directory;
    this.command = command;
    this.progress = progress;
  }

  /**
   * Does a piece of work that fills a directory, and leaves how it ended beside it. Work that is
   * refused because of the command line or the spec before it {@link #begin begins} leaves nothing.
   *
   * @param progress receives a line if the command has to wait for the directory
   * @param work calls {@link #begin} when everything that can be checked is in order
   * @param summary of the result, the message of a status 0
   * @throws AncestralException (INTERRUPTED) if another command is filling the directory
   */
  public static <T> T fill(
      Storage storage,
      Path directory,
      String command,
      ProgressListener progress,
      Function<OutputSession, T> work,
      Function<T, String> summary) {
    OutputSession output = new OutputSession(storage, directory, command, progress);
    Runnable hook = output::interrupted;
    // With its time limit, for which Hadoop would otherwise read its files of settings anew.
    long seconds =
        storage
            .configuration()
            .getTimeDuration(
                CommonConfigurationKeysPublic.SERVICE_SHUTDOWN_TIMEOUT,
                CommonConfigurationKeysPublic.SERVICE_SHUTDOWN_TIMEOUT_DEFAULT,
                TimeUnit.SECONDS);
    ShutdownHookManager.get().addShutdownHook(hook, HOOK_PRIORITY, seconds, TimeUnit.SECONDS);
    try {
      T result = work.apply(output);
      output.end(DONE, ExitStatus.done(summary.apply(result)));
      return result;
    } catch (Throwable failure) { // Spark throws checked exceptions that it does not declare.
      output.fail(failure);
      throw failure;
    } finally {
      output.release();
      if (!ShutdownHookManager.get().isShutdownInProgress()) {
        ShutdownHookManager.get().removeShutdownHook(hook);
      }
    }
  }

  /**
   * The work is about to write.
   *
   * @throws AncestralException (INTERRUPTED) if another command is filling the directory
   */
  public void begin() {
    if (claim != null) {
      return;
    }
    try {
      claim = OutputLock.take(storage, directory, command, progress);
    } catch (AncestralException e) {
      refused = true;
      throw e;
    }
    write(
        "running",
        ExitStatus.interrupted(
            command + " has not finished: it runs or was killed; run the same command again"));
  }

  /**
   * To be called before a commit.
   *
   * @throws AncestralException (INTERRUPTED) if another command took the directory over, because
   *     this one seemed dead
   */
  public void requireHeld() {
    if (claim != null) {
      claim.requireHeld();
    }
  }

  /** Whether the last command that filled the directory came to its end, and left nothing. */
  public boolean isDone() {
    Path file = new Path(directory, FILE);
    if (!storage.exists(file)) {
      return false;
    }
    try {
      return JSON.readTree(storage.read(file)).path("state").asText().equals(DONE)
          && !OutputLock.isClaimed(storage, directory);
    } catch (IOException damaged) {
      return false;
    }
  }

  /** How the command that fills or filled a directory stands; empty if nothing tells. */
  public static Optional<ExitStatus> outcome(Storage storage, Path directory) {
    Path file = new Path(directory, FILE);
    if (!storage.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(storage.read(file));
      return json.path("status").isInt()
          ? Optional.of(
              new ExitStatus(
                  json.path("status").asInt(),
                  json.path("message").asText(),
                  json.path("retryable").asBoolean()))
          : Optional.empty();
    } catch (IOException damaged) {
      return Optional.empty();
    }
  }

  private void fail(Throwable failure) {
    try {
      ExitStatus outcome = ExitStatus.of(failure);
      boolean nothingStarted = claim == null && outcome.status() == ErrorCode.SPEC.status();
      // While the process is being stopped anything may fail: the hook says why.
      if (!nothingStarted && !ShutdownHookManager.get().isShutdownInProgress()) {
        end("failed", outcome);
      }
    } catch (RuntimeException again) {
      failure.addSuppressed(again);
    }
  }

  private void interrupted() {
    if (claim == null) {
      return;
    }
    try {
      end(
          "failed",
          ExitStatus.interrupted(command + " was interrupted; run the same command again"));
    } finally {
      release();
    }
  }

  private void end(String state, ExitStatus outcome) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    // What another command is filling is its own to speak of.
    boolean own =
        claim != null
            ? claim.isHeld()
            : !refused
                && !(state.equals(DONE) && isDone())
                && OutputLock.isFree(storage, directory);
    if (own) {
      write(state, outcome);
    }
  }

  private void release() {
    if (claim != null) {
      claim.close();
    }
  }

  private void write(String state, ExitStatus outcome) {
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
