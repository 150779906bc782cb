package dev.ancestral.job;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Progress for a person: one live line on a terminal; elsewhere plain lines, at most one every few
 * seconds, so that a log stays readable.
 */
public final class ConsoleProgress implements Progress, AutoCloseable {
  private static final long LIVE_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 5_000_000_000L;
  private static final int BAR = 24;
  // An estimate from less than this share of the work would jump about.
  private static final double LEAST_FOR_ESTIMATE = 0.01;
  private static final String CLEAR_LINE = "\r\u001B[K";

  private final PrintStream out;
  private final boolean live;
  private final LongSupplier nanoClock;
  private String phase = "";
  private long phaseStart;
  private long lastShown;
  private boolean shownInPhase;
  private boolean lineOpen;

  ConsoleProgress(PrintStream out, boolean live, LongSupplier nanoClock) {
    this.out = out;
    this.live = live;
    this.nanoClock = nanoClock;
  }

  /** Progress on a stream; live if the process is attached to a terminal. */
  public static ConsoleProgress on(PrintStream out) {
    boolean ours = out == System.out || out == System.err;
    return new ConsoleProgress(
        out, ours && isTerminal() && !"dumb".equals(System.getenv("TERM")), System::nanoTime);
  }

  @SuppressWarnings("SystemConsoleNull") // Both ways of saying "no terminal" are asked.
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // From Java 22 on there is always a console, and this says what it is.
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException before22) {
      return true;
    }
  }

  @Override
  public synchronized void phase(String name) {
    clear();
    phase = name;
    phaseStart = nanoClock.getAsLong();
    shownInPhase = false;
    lastShown = phaseStart;
    if (live) {
      show(name + " ...");
    }
  }

  @Override
  public synchronized void update(double fraction, String detail) {
    long now = nanoClock.getAsLong();
    boolean due = now - lastShown >= (live ? LIVE_NANOS : PLAIN_NANOS);
    // The end of a phase is shown when the phase was shown at all, so that no line stops at 97 %.
    boolean end = fraction >= 1 && (live || shownInPhase);
    if (!due && !end) {
      return;
    }
    lastShown = now;
    shownInPhase = true;
    show(line(Math.max(0, Math.min(1, fraction)), detail, now - phaseStart));
  }

  @Override
  public synchronized void message(String line) {
    clear();
    out.println(Redaction.ofProcess().text(line));
    out.flush();
  }

  /** Ends the live line, so that what is printed next starts on a line of its own. */
  @Override
  public synchronized void close() {
    clear();
  }

  private String line(double fraction, String detail, long elapsedNanos) {
    StringBuilder text = new StringBuilder(phase).append(' ');
    if (live) {
      int filled = (int) Math.round(fraction * BAR);
      text.append("█".repeat(filled)).append("░".repeat(BAR - filled)).append(' ');
    }
    text.append(String.format(Locale.ROOT, "%3.0f %%", Math.floor(fraction * 100)));
    if (!detail.isEmpty()) {
      text.append(" · ").append(detail);
    }
    double elapsed = elapsedNanos / 1e9;
    if (fraction >= 1) {
      text.append(" · ").append(duration(elapsed));
    } else if (fraction >= LEAST_FOR_ESTIMATE) {
      text.append(" · ").append(duration(elapsed * (1 - fraction) / fraction)).append(" left");
    }
    return text.toString();
  }

  private void show(String text) {
    if (live) {
      out.print(CLEAR_LINE + text);
      lineOpen = true;
    } else {
      out.println(text);
    }
    out.flush();
  }

  private void clear() {
    if (lineOpen) {
      out.print(CLEAR_LINE);
      out.flush();
      lineOpen = false;
    }
  }

  /** {@code 0:07}, {@code 12:30} or {@code 2:05:00}. */
  static String duration(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
