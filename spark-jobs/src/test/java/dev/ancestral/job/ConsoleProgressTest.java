package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final AtomicLong clock = new AtomicLong();

  @Test
  void without_a_terminal_a_line_every_few_seconds() {
    ConsoleProgress progress = new ConsoleProgress(out, false, clock::get);
    progress.phase("scoring");
    for (int percent = 1; percent <= 99; percent++) {
      clock.addAndGet(SECOND / 5);
      progress.update(percent / 100.0, percent + " examples");
    }
    progress.message("one thing");
    progress.update(1, "all");
    assertEquals(
        """
        scoring  25 % · 25 examples · 0:15 left
        scoring  50 % · 50 examples · 0:10 left
        scoring  75 % · 75 examples · 0:05 left
        one thing
        scoring 100 % · all · 0:20
        """,
        text());
  }

  @Test
  void what_is_quick_says_nothing_on_the_way() {
    ConsoleProgress progress = new ConsoleProgress(out, false, clock::get);
    progress.phase("scoring");
    progress.update(0.5, "half");
    progress.update(1, "all");
    assertEquals("", text());
  }

  @Test
  void on_a_terminal_one_line_that_makes_way() {
    ConsoleProgress progress = new ConsoleProgress(out, true, clock::get);
    progress.phase("scoring");
    clock.addAndGet(6 * SECOND);
    progress.update(0.5, "half");
    progress.message("a line of its own");
    progress.close();
    assertEquals(
        "\r\033[Kscoring ..."
            + "\r\033[Kscoring "
            + "█".repeat(12)
            + "░".repeat(12)
            + "  50 % · half · 0:06 left"
            + "\r\033[Ka line of its own\n",
        text());
  }

  @Test
  void durations_are_short() {
    assertEquals("0:07", ConsoleProgress.duration(7.2));
    assertEquals("12:30", ConsoleProgress.duration(750));
    assertEquals("2:05:00", ConsoleProgress.duration(7500));
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
