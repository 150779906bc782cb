package dev.ancestral.job.output;

import dev.ancestral.job.status.ProgressListener;

/**
 * Progress of work that takes the lock of its output with its first phase, and stops when it has
 * lost it.
 */
public final class SessionProgress implements ProgressListener {
  private final ProgressListener inner;
  private final OutputSession session;

  public SessionProgress(ProgressListener inner, OutputSession session) {
    this.inner = inner;
    this.session = session;
  }

  @Override
  public void phase(String name) {
    session.begin();
    inner.phase(name);
  }

  @Override
  public void update(double fraction, String detail) {
    session.requireHeld();
    inner.update(fraction, detail);
  }

  @Override
  public void message(String line) {
    inner.message(line);
  }
}
