package dev.ancestral.job.badinput;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.job.CommandLine;
import dev.ancestral.job.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every bad input ends with its exit status, one message and no stack trace, and leaves everything
 * as it was: but for {@code status.json} in the output where the status is not 2, and finished
 * pieces of a resumable evaluation.
 *
 * <p>With {@code -Dbadinput.table=FILE} the table of all cases replaces what follows the marker in
 * that page.
 */
class BadInputTest {
  private static final String MARKER = "<!-- made by BadInputTest: do not edit below -->";

  /** How a case ended. */
  private record Ended(String name, String command, int status, String message) {}

  private static final List<Ended> ENDED = new ArrayList<>();

  @TempDir static Path sound;
  private static Workshop workshop;

  // A task of a refused command may still write while its folder is being deleted.
  @TempDir(cleanup = CleanupMode.NEVER)
  Path folder;

  @AfterEach
  void tidyUp() {
    FileUtils.deleteQuietly(folder.toFile());
  }

  static Stream<BadInput> cases() {
    return Stream.of(
            SpecCases.all(),
            CommandCases.all(),
            PathCases.all(),
            DatasetCases.all(),
            ForeignFileCases.all(),
            ModelCases.all(),
            FitCases.all())
        .flatMap(List::stream);
  }

  @BeforeAll
  static void build() throws IOException {
    workshop = Workshop.build(sound.resolve("sound"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void ends_as_documented(BadInput input) throws IOException, InterruptedException {
    Workshop own = workshop.copyTo(folder.resolve("own"), input.command());
    input.spoil().in(own);
    Map<String, String> before = own.listing();

    CommandLine result = own.execute(input.command());
    awaitIdle();

    String message =
        result
            .err()
            .replace(own.folder().toString(), "DIR")
            .replace(workshop.folder().toString(), "DIR")
            .strip();
    ENDED.add(
        new Ended(
            input.name(),
            input.command().replace("@", ""),
            result.status(),
            message.lines().findFirst().orElse("")));
    assertEquals(input.status(), result.status(), message);
    for (String fragment : input.fragments()) {
      assertTrue(message.contains(fragment), "'" + fragment + "' is not in: " + message);
    }
    assertTrue(message.contains("; "), "it does not say how to mend: " + message);
    assertFalse(message.contains("\tat ") || message.contains("Exception:"), message);
    assertFalse(message.length() > 20_000, "a message of " + message.length() + " characters");
    assertEquals(List.of(), unexpected(before, own.listing(), result.status()), message);
  }

  /** Tasks beside the one that was refused still run for a moment, and write what they finish. */
  private static void awaitIdle() throws InterruptedException {
    while (Arrays.stream(LocalSpark.session().sparkContext().statusTracker().getExecutorInfos())
        .anyMatch(executor -> executor.numRunningTasks() > 0)) {
      Thread.sleep(5);
    }
  }

  private static List<String> unexpected(
      Map<String, String> before, Map<String, String> after, int code) {
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    List<String> unexpected = new ArrayList<>();
    for (String name : names) {
      boolean same = String.valueOf(before.get(name)).equals(after.get(name));
      boolean status = name.endsWith("/status.json");
      boolean made =
          !before.containsKey(name)
              && name.startsWith("out")
              && (after.get(name).equals("folder") || name.contains("/scores-"));
      if (!same && (code == 2 || !(status || made))) {
        unexpected.add(
            (before.containsKey(name) ? after.containsKey(name) ? "changed " : "removed " : "made ")
                + name);
      }
    }
    return unexpected;
  }

  @AfterAll
  static void tell() throws IOException {
    Map<Integer, Long> byStatus =
        ENDED.stream()
            .collect(Collectors.groupingBy(Ended::status, TreeMap::new, Collectors.counting()));
    System.out.println("bad input: " + ENDED.size() + " cases, by exit status " + byStatus);
    String page = System.getProperty("badinput.table");
    if (page != null) {
      String text = Files.readString(Path.of(page));
      Files.writeString(
          Path.of(page),
          text.substring(0, text.indexOf(MARKER)) + MARKER + "\n\n" + table(byStatus));
    }
  }

  private static String table(Map<Integer, Long> byStatus) {
    StringBuilder table = new StringBuilder();
    table.append(ENDED.size()).append(" cases: ");
    table.append(
        byStatus.entrySet().stream()
            .map(entry -> entry.getValue() + " ended with " + entry.getKey())
            .collect(Collectors.joining(", ", "", ".\n\n")));
    table.append(
        "| what is wrong | command | status | message (first line) |\n|---|---|---|---|\n");
    for (Ended ended : ENDED) {
      table
          .append("| ")
          .append(cell(ended.name(), 200))
          .append(" | `")
          .append(cell(ended.command(), 100))
          .append("` | ")
          .append(ended.status())
          .append(" | ")
          .append(cell(ended.message(), 260))
          .append(" |\n");
    }
    return table.toString();
  }

  private static String cell(String text, int longest) {
    String printable = text.replaceAll("\\p{Cntrl}", "?").replace("|", "\\|").replace("<", "&lt;");
    return printable.length() <= longest ? printable : printable.substring(0, longest) + "...";
  }
}
