package dev.ancestral;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** What is behind a failure. */
public final class Failures {
  private Failures() {}

  /** The failure, its cause, and so on; a cause may lead back to itself. */
  public static List<Throwable> chain(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable t = failure; t != null && !chain.contains(t); t = t.getCause()) {
      chain.add(t);
    }
    return chain;
  }

  /** The first of the chain that is of a class. */
  public static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
    return chain(failure).stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  /** The refusal that caused a failure, if one did. */
  public static Optional<AncestralException> refusal(Throwable failure) {
    return find(failure, AncestralException.class);
  }

  /** The last of the chain. */
  public static Throwable root(Throwable failure) {
    List<Throwable> chain = chain(failure);
    return chain.get(chain.size() - 1);
  }

  /** The first line of a message; empty if it has none. */
  public static String firstLine(String message) {
    return String.valueOf(message).strip().lines().findFirst().orElse("");
  }

  /** What is to be thrown by a wait that was interrupted; the thread stays marked as such. */
  public static AncestralException interrupted(InterruptedException failure) {
    Thread.currentThread().interrupt();
    return new AncestralException(
        ErrorCode.INTERRUPTED, "interrupted; run the same command again", failure);
  }

  /**
   * What is to be thrown on the thread that waits for a task: the cause itself where it is
   * unchecked.
   */
  public static RuntimeException unchecked(ExecutionException failure) {
    if (failure.getCause() instanceof Error error) {
      throw error;
    }
    return failure.getCause() instanceof RuntimeException cause
        ? cause
        : new IllegalStateException(failure.getCause());
  }
}
