package dev.ancestral.job.observe;

import dev.ancestral.job.status.ProgressListener;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.logging.log4j.LogManager;

/** Says once that an observer is in trouble, and to the log each time. */
final class Warning {
  private final ProgressListener progress;
  private final AtomicBoolean said = new AtomicBoolean();

  Warning(ProgressListener progress) {
    this.progress = progress;
  }

  void say(String what) {
    LogManager.getLogger(Warning.class).info(what);
    if (said.compareAndSet(false, true)) {
      progress.message("warning: " + what + "; the training goes on");
    }
  }
}
