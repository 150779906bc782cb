package dev.ancestral.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final AtomicLong clock = new AtomicLong();

  @Test
  void without_a_terminal_a_line_every_few_seconds() {
    ConsoleProgress progress = new ConsoleProgress(out, false, clock::get, () -> 80);
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
    ConsoleProgress progress = new ConsoleProgress(out, false, clock::get, () -> 80);
    progress.phase("scoring");
    progress.update(0.5, "half");
    progress.update(1, "all");
    assertEquals("", text());
  }

  private static String live(String line) {
    return "\r\033[J\033[?7l" + line + "\033[?7h\r";
  }

  @Test
  void on_a_terminal_one_line_that_makes_way() {
    ConsoleProgress progress = new ConsoleProgress(out, true, clock::get, () -> 80);
    progress.phase("scoring");
    clock.addAndGet(6 * SECOND);
    progress.update(0.5, "half");
    progress.message("a line of its own");
    progress.close();
    assertEquals(
        live("scoring ...")
            + live("scoring " + "█".repeat(12) + "░".repeat(12) + "  50 % · half · 0:06 left")
            + "\r\033[Ja line of its own\n",
        text());
  }

  /** The line that an update shows in a window of so many columns. */
  private String shown(String phase, double fraction, String detail, int columns) {
    ConsoleProgress progress = new ConsoleProgress(out, true, clock::get, () -> columns);
    progress.phase(phase);
    clock.addAndGet(60 * SECOND);
    bytes.reset();
    progress.update(fraction, detail);
    return text().replaceAll("\r|\033\\[\\??[0-9]*[A-Za-z]", "");
  }

  @Test
  void a_line_is_no_wider_than_the_window_and_the_most_important_comes_first() {
    String detail =
        "epoch 2.08, valid -164.602, train -171.001 nats, 4,012 examples/s, round 12, step 1,200 of"
            + " 9,600";
    for (int columns = 1; columns < 200; columns++) {
      assertTrue(TextWidth.of(shown("train", 0.125, detail, columns)) < columns);
    }
    assertEquals(
        "train  12 % · epoch 2.08, valid -164.602, train -171.001 nats · 7:00 left",
        shown("train", 0.125, detail, 80));
    assertEquals(
        "train  12 % · epoch 2.08, valid -164.602 · 7:00 left", shown("train", 0.125, detail, 60));
    assertEquals("train  12 % · 7:00 left", shown("train", 0.125, detail, 25));
    assertEquals("train  12 %", shown("train", 0.125, detail, 14));
    assertEquals("train …", shown("train", 0.125, detail, 8));
    assertTrue(shown("train", 0.125, detail, 160).startsWith("train ███░"));
  }

  @Test
  void the_window_may_change_its_size() {
    AtomicInteger columns = new AtomicInteger(130);
    ConsoleProgress progress = new ConsoleProgress(out, true, clock::get, columns::get);
    progress.phase("scoring");
    clock.addAndGet(60 * SECOND);
    progress.update(0.5, "5,000 of 10,000 examples · 83 examples/s");
    columns.set(40);
    bytes.reset();
    clock.addAndGet(SECOND);
    progress.tick();
    assertEquals(live("scoring ███████░░░░░░  50 % · 0:59 left"), text());
  }

  @Test
  void wide_and_combining_characters_are_measured_as_they_are_shown() {
    assertEquals(4, TextWidth.of("漢字"));
    assertEquals(5, TextWidth.of("cafe\u0301s"));
    assertEquals(2, TextWidth.of("\uD83D\uDE00"));
    assertEquals("漢…", TextWidth.cut("漢字漢字", 4));
    assertEquals("cafe\u0301…", TextWidth.cut("cafe\u0301-house", 5));
    assertEquals("", TextWidth.cut("abc", 0));
    assertEquals(132, TerminalSize.columns("132"));
    assertEquals(80, TerminalSize.columns("0"));
    assertEquals(80, TerminalSize.columns(null));
  }

  @Test
  void work_that_says_nothing_shows_that_it_lives() {
    ConsoleProgress progress = new ConsoleProgress(out, false, clock::get, () -> 80);
    progress.phase("scoring");
    clock.addAndGet(59 * SECOND);
    progress.tick();
    assertEquals("", text());
    clock.addAndGet(SECOND);
    progress.tick();
    progress.update(0.25, "16 of 64 examples");
    clock.addAndGet(60 * SECOND);
    progress.tick();
    progress.close();
    clock.addAndGet(600 * SECOND);
    progress.tick();
    assertEquals("scoring ... 1:00\nscoring  25 % · 16 of 64 examples · 2:00 left\n", text());
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
