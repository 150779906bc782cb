package dev.ancestral.job;

import dev.ancestral.job.status.ProgressListener;

/** How far the jobs of {@link Ancestral} are, for a program to show. Safe for several threads. */
public interface Progress extends ProgressListener {

  /** Progress that says nothing. */
  static Progress silent() {
    return new Progress() {};
  }
}
