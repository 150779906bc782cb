package dev.ancestral.job.status;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import dev.ancestral.data.StoreFailure;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.spark.SparkException;

/**
 * How a command ended: the exit status, one plain message, and whether the same command may succeed
 * when run again.
 */
public record ExitStatus(int status, String message, boolean retryable) {

  /** Credentials in the message are replaced: it is shown, and written beside the output. */
  public ExitStatus {
    message = Redaction.ofProcess().text(message);
  }

  /** Anything that no documented status covers: a defect. */
  public static final int UNEXPECTED = 1;

  // What libtorch says on every device.
  private static final String NATIVE_MEMORY = "ried to allocate";

  /** The command did what was asked. */
  public static ExitStatus done(String message) {
    return new ExitStatus(0, message, false);
  }

  /** The command was interrupted, or the cluster or the storage was lost. */
  public static ExitStatus interrupted(String message) {
    return new ExitStatus(
        ErrorCode.INTERRUPTED.status(), message, ErrorCode.INTERRUPTED.retryable());
  }

  /** What a failure means to the person who ran the command. */
  public static ExitStatus of(Throwable failure) {
    AncestralException refusal = Failures.find(failure, AncestralException.class).orElse(null);
    if (refusal != null) {
      return new ExitStatus(
          refusal.code().status(), refusal.getMessage(), refusal.code().retryable());
    }
    OutOfMemoryError memory = Failures.find(failure, OutOfMemoryError.class).orElse(null);
    if (memory != null) {
      return of(
          ErrorCode.CLUSTER,
          "memory ran out ("
              + memory.getMessage()
              + "); give driver and executors more (--driver-memory, --executor-memory)");
    }
    Throwable nativeMemory =
        Failures.chain(failure).stream()
            .filter(t -> String.valueOf(t.getMessage()).contains(NATIVE_MEMORY))
            .findFirst()
            .orElse(null);
    if (nativeMemory != null) {
      String text = nativeMemory.getMessage();
      String line = Failures.firstLine(text.substring(text.indexOf(NATIVE_MEMORY)));
      return of(
          ErrorCode.CLUSTER,
          "native memory ran out (t"
              + line
              + "); choose a smaller model or batch, or give executors more"
              + " (spark.executor.memoryOverhead)");
    }
    LinkageError classes = Failures.find(failure, LinkageError.class).orElse(null);
    if (classes != null) {
      return of(
          ErrorCode.CLUSTER,
          "a class or native library could not be loaded ("
              + classes
              + "); submit the job jar with its dependencies and run 'doctor'");
    }
    ClassNotFoundException missing =
        Failures.find(failure, ClassNotFoundException.class).orElse(null);
    if (missing != null) {
      return of(
          ErrorCode.CLUSTER,
          "class " + missing.getMessage() + " is not on the class path; bring its jar by --jars");
    }
    if (StoreFailure.isFull(failure)) {
      return interrupted(
          "a disk is full ("
              + Failures.firstLine(Failures.root(failure).toString())
              + "); make room where Spark keeps its own files (spark.local.dir on driver and"
              + " executors) and at the output, then run the same command again to go on");
    }
    if (isLostCluster(failure)) {
      return interrupted(
          "the Spark application was stopped before the work was done; run the same command again"
              + " to go on");
    }
    ExitStatus storage = ofStorage(failure);
    if (storage != null) {
      return storage;
    }
    return new ExitStatus(
        UNEXPECTED, "unexpected: " + Failures.firstLine(Failures.root(failure).toString()), false);
  }

  private static ExitStatus ofStorage(Throwable failure) {
    AccessControlException access =
        Failures.find(failure, AccessControlException.class).orElse(null);
    java.nio.file.AccessDeniedException denied =
        Failures.find(failure, java.nio.file.AccessDeniedException.class).orElse(null);
    if (access != null || denied != null) {
      return of(
          ErrorCode.SPEC,
          "access was denied: "
              + firstLine(access != null ? access : denied)
              + "; check the path and its permissions");
    }
    IOException file = Failures.find(failure, FileNotFoundException.class).orElse(null);
    if (file == null) {
      file = Failures.find(failure, NoSuchFileException.class).orElse(null);
    }
    if (file != null) {
      return of(ErrorCode.DATA, "a file is missing: " + firstLine(file));
    }
    IOException io = Failures.find(failure, IOException.class).orElse(null);
    if (io == null) {
      UncheckedIOException unchecked =
          Failures.find(failure, UncheckedIOException.class).orElse(null);
      io = unchecked == null ? null : unchecked.getCause();
    }
    if (io != null) {
      return interrupted(
          "storage failed: "
              + firstLine(io)
              + "; when it is back, run the same command again to go on");
    }
    return null;
  }

  private static boolean isLostCluster(Throwable failure) {
    if (Failures.find(failure, InterruptedException.class).isPresent()
        || Failures.find(failure, InterruptedIOException.class).isPresent()
        || Failures.find(failure, CancellationException.class).isPresent()) {
      return true;
    }
    for (Throwable t : Failures.chain(failure)) {
      String text = String.valueOf(t.getMessage());
      boolean stopped =
          text.contains("SparkContext was shut down") || text.contains("stopped SparkContext");
      // Executors that die one after the other end a stage without an exception of the task.
      boolean executorsLost =
          t instanceof SparkException
              && t.getCause() == null
              && (text.contains("ExecutorLostFailure")
                  || text.contains("FetchFailed")
                  || text.contains("Master removed our application")
                  || text.contains("All masters are unresponsive"));
      if (stopped || executorsLost) {
        return true;
      }
    }
    return false;
  }

  private static ExitStatus of(ErrorCode kind, String message) {
    return new ExitStatus(kind.status(), message, kind.retryable());
  }

  private static String firstLine(Throwable t) {
    String text = Failures.firstLine(t.getMessage());
    return t instanceof FileNotFoundException || t instanceof NoSuchFileException
        ? text
        : t.getClass().getSimpleName() + ": " + text;
  }
}
