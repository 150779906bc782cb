package dev.ancestral.tensor.torch;

import java.util.function.Supplier;

/**
 * Counts the threads inside a native object, which is freed once none is: libtorch does not notice
 * that another thread frees what it works on.
 */
public final class UseCount {
  private final String what;
  private int inside;
  private boolean closed;

  /**
   * @param what is counted, for messages
   */
  public UseCount(String what) {
    this.what = what;
  }

  /**
   * Does work inside the object.
   *
   * @throws IllegalStateException if it is closed, or is being closed
   */
  public <T> T during(Supplier<T> work) {
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException(what + " is closed");
      }
      inside++;
    }
    try {
      return work.get();
    } finally {
      synchronized (this) {
        inside--;
        notifyAll();
      }
    }
  }

  /**
   * Does work inside the object that gives nothing back.
   *
   * @throws IllegalStateException as {@link #during}
   */
  public void run(Runnable work) {
    during(
        () -> {
          work.run();
          return null;
        });
  }

  /**
   * Refuses work from now on, waits for the end of the work that has begun, and frees the object.
   * Only the first call does; it must not come from inside.
   */
  public void close(Runnable free) {
    boolean interrupted = false;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      while (inside > 0) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true; // What is inside would not end the sooner.
        }
      }
    }
    try {
      free.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
