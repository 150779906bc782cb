package dev.ancestral.job.train.dl4j;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Work on a thread of its own that may never end: the caller waits only as long as it shows
 * progress. Spark's properties of the thread that begins it hold for it too.
 */
final class AttendedWork {
  private final FutureTask<Void> task;
  private final Thread thread;

  AttendedWork(String name, Runnable work) {
    task = new FutureTask<>(work, null);
    thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Waits for the end.
   *
   * @param silenceNanos longest time without a sign
   * @param signs number of signs so far
   * @return whether it ended; if not, it was interrupted and left to itself
   * @throws RuntimeException what it threw
   */
  boolean attend(long silenceNanos, int pollMillis, LongSupplier signs) {
    long seen = signs.getAsLong();
    long since = System.nanoTime();
    while (true) {
      try {
        task.get(pollMillis, TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException still) {
        long now = signs.getAsLong();
        if (now != seen) {
          seen = now;
          since = System.nanoTime();
        } else if (System.nanoTime() - since > silenceNanos) {
          thread.interrupt();
          return false;
        }
      } catch (ExecutionException e) {
        // As thrown, with the thread that waited for it.
        throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
      } catch (InterruptedException e) {
        thread.interrupt();
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting", e);
      }
    }
  }

  /** Waits a moment. */
  static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", e);
    }
  }
}
