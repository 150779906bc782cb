package dev.ancestral.cli.console;

import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.status.Redaction;
import java.io.Console;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Progress for a person: one live line on a terminal, as wide as it, whose most important parts
 * come first; elsewhere plain lines, at most one every few seconds, so that a log stays readable.
 *
 * <p>The cursor rests at the beginning of the live line and the terminal is told not to wrap it, so
 * that a window that is made narrower, whose terminal breaks the line in two, is clean again with
 * the next update.
 */
public final class ConsoleProgress implements ProgressListener, AutoCloseable {
  private static final long LIVE_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 5_000_000_000L;
  // A log of work that says nothing shows that it lives.
  private static final long SILENT_NANOS = 60_000_000_000L;
  private static final long TICK_MILLIS = 1000;
  private static final int BAR = 24;
  private static final int SHORTEST_BAR = 8;
  // An estimate from less than this share of the work would jump about.
  private static final double LEAST_FOR_ESTIMATE = 0.01;
  private static final String CLEAR = "\r\u001B[J";
  private static final String NO_WRAP = "\u001B[?7l";
  private static final String WRAP = "\u001B[?7h";
  private static volatile boolean terminalLeft;
  // Where a live line stands, if there is one.
  private static volatile PrintStream lastLive;

  private final PrintStream out;
  private final boolean live;
  private final LongSupplier nanoClock;
  private final IntSupplier columns;
  private Timer timer;
  private String phase = "";
  private long phaseStart;
  private long lastShown;
  private boolean shownInPhase;
  private boolean lineOpen;
  private boolean working;
  private double fraction;
  private String detail = "";
  private long updated;

  /**
   * @param live whether the stream is a terminal
   * @param columns of the terminal
   */
  ConsoleProgress(PrintStream out, boolean live, LongSupplier nanoClock, IntSupplier columns) {
    this.out = out;
    this.live = live;
    this.nanoClock = nanoClock;
    this.columns = columns;
  }

  /** Progress on a stream; live if the process is attached to a terminal. */
  public static ConsoleProgress on(PrintStream out) {
    boolean ours = out == System.out || out == System.err;
    boolean live = ours && isTerminal() && !"dumb".equals(System.getenv("TERM"));
    ConsoleProgress progress =
        new ConsoleProgress(
            out, live, System::nanoTime, live ? new TerminalSize() : () -> Integer.MAX_VALUE);
    progress.timer = ours ? new Timer("progress", true) : null;
    if (progress.timer != null) {
      progress.timer.schedule(
          new TimerTask() {
            @Override
            public void run() {
              progress.tick();
            }
          },
          TICK_MILLIS,
          TICK_MILLIS);
    }
    return progress;
  }

  /** The process ends: the live line goes, and no other comes. */
  public static void leaveTerminal() {
    terminalLeft = true;
    if (lastLive != null) {
      lastLive.print(CLEAR);
      lastLive.flush();
    }
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
    working = true;
    fraction = 0;
    detail = "";
    updated = phaseStart;
    if (live) {
      show(TextWidth.cut(name + " ...", width()));
    }
  }

  @Override
  public synchronized void update(double done, String what) {
    long now = nanoClock.getAsLong();
    fraction = Math.max(0, Math.min(1, done));
    detail = what;
    updated = now;
    working = done < 1;
    boolean due = now - lastShown >= (live ? LIVE_NANOS : PLAIN_NANOS);
    // The end of a phase is shown when the phase was shown at all, so that no line stops at 97 %.
    boolean end = done >= 1 && (live || shownInPhase);
    if (!due && !end) {
      return;
    }
    lastShown = now;
    shownInPhase = true;
    show(line(now));
  }

  /** Time has passed: the live line keeps its time, and silent work shows that it lives. */
  synchronized void tick() {
    long now = nanoClock.getAsLong();
    if (!working || now - lastShown < (live ? LIVE_NANOS : SILENT_NANOS)) {
      return;
    }
    lastShown = now;
    shownInPhase = true;
    show(
        updated > phaseStart
            ? line(now)
            : TextWidth.cut(phase + " ... " + duration((now - phaseStart) / 1e9), width()));
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
    working = false;
  }

  private int width() {
    return columns.getAsInt() - 1;
  }

  private String line(long now) {
    String percent = String.format(Locale.ROOT, "%3.0f %%", Math.floor(fraction * 100));
    String time = time(now);
    return live ? fitted(percent, time) : plain(percent, time);
  }

  private String plain(String percent, String time) {
    return phase
        + " "
        + percent
        + (detail.isEmpty() ? "" : " · " + detail)
        + (time.isEmpty() ? "" : " · " + time);
  }

  /** What fits, the most important first: phase and share, time, details in their order, bar. */
  private String fitted(String percent, String time) {
    int width = width();
    String name = phase + " ";
    String end = time.isEmpty() ? "" : " · " + time;
    int free = width - TextWidth.of(name + percent + end);
    if (free < 0) {
      end = "";
      free = width - TextWidth.of(name + percent);
    }
    List<String> parts = new ArrayList<>();
    for (String part : detail.isEmpty() ? new String[0] : detail.split(", | · ")) {
      int needed = TextWidth.of(part) + (parts.isEmpty() ? 3 : 2);
      if (needed > free) {
        break;
      }
      parts.add(part);
      free -= needed;
    }
    int bar = free - 1 >= SHORTEST_BAR ? Math.min(BAR, free - 1) : 0;
    int filled = (int) Math.round(fraction * bar);
    return TextWidth.cut(
        name
            + "█".repeat(filled)
            + "░".repeat(bar - filled)
            + (bar > 0 ? " " : "")
            + percent
            + (parts.isEmpty() ? "" : " · ")
            + String.join(", ", parts)
            + end,
        width);
  }

  /** What is left of the phase, or how long it took; empty where too little is done to tell. */
  private String time(long now) {
    double elapsed = (updated - phaseStart) / 1e9;
    if (fraction >= 1) {
      return duration(elapsed);
    }
    if (fraction < LEAST_FOR_ESTIMATE) {
      return "";
    }
    double left = elapsed * (1 - fraction) / fraction - (now - updated) / 1e9;
    return duration(Math.max(0, left)) + " left";
  }

  private void show(String text) {
    if (!live) {
      out.println(text);
    } else if (!terminalLeft) {
      out.print(CLEAR + NO_WRAP + text + WRAP + "\r");
      lineOpen = true;
      lastLive = out;
    }
    out.flush();
  }

  private void clear() {
    if (lineOpen && !terminalLeft) {
      out.print(CLEAR);
      out.flush();
    }
    lineOpen = false;
    lastLive = null;
  }

  /** {@code 0:07}, {@code 12:30} or {@code 2:05:00}. */
  static String duration(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
