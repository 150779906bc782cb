package dev.ancestral.job;

/** Where long work says how far it is. Safe for calls from several threads. */
public interface Progress {

  /** Begins a phase of the work; the one before is over. */
  void phase(String name);

  /**
   * How far the phase is.
   *
   * @param fraction done, from 0 to 1
   * @param detail what was done and how fast, as in {@code 1,200 of 10,000 examples}
   */
  void update(double fraction, String detail);

  /** Something worth a line of its own, at once. */
  void message(String line);

  /** Progress that says nothing, for programs. */
  static Progress silent() {
    return new Progress() {
      @Override
      public void phase(String name) {}

      @Override
      public void update(double fraction, String detail) {}

      @Override
      public void message(String line) {}
    };
  }
}
