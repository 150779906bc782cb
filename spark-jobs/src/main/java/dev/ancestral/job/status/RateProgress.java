package dev.ancestral.job.status;

import java.util.Locale;

/** Counts what is done of a known total and tells {@link ProgressListener}, with the rate. */
public final class RateProgress {
  private final ProgressListener progress;
  private final String unit;
  private final long total;
  private final long before;
  private final long start;
  private long done;

  /**
   * @param unit plural, as in {@code examples}
   * @param total to be done
   * @param before done by an earlier run: part of the total, but not of the rate
   */
  public RateProgress(ProgressListener progress, String unit, long total, long before) {
    this.progress = progress;
    this.unit = unit;
    this.total = total;
    this.before = before;
    this.start = System.nanoTime();
    this.done = before;
  }

  /** So many more are done. */
  public synchronized void add(long count) {
    done += count;
    double seconds = Math.max(1e-9, (System.nanoTime() - start) / 1e9);
    progress.update(
        total == 0 ? 1 : (double) done / total,
        String.format(
            Locale.ROOT,
            "%,d of %,d %s · %,.0f %s/s",
            done,
            total,
            unit,
            (done - before) / seconds,
            unit));
  }
}
