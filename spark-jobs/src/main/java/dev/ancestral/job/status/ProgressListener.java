package dev.ancestral.job.status;

/** Hears how far long work is. Safe for calls from several threads. */
public interface ProgressListener {

  /** Begins a phase of the work; the one before is over. */
  default void phase(String name) {}

  /**
   * How far the phase is.
   *
   * @param fraction done, from 0 to 1
   * @param detail what was done and how fast, as in {@code 1,200 of 10,000 examples}
   */
  default void update(double fraction, String detail) {}

  /** Something worth a line of its own, at once. */
  default void message(String line) {}

  /** One that says nothing. */
  static ProgressListener silent() {
    return new ProgressListener() {};
  }
}
