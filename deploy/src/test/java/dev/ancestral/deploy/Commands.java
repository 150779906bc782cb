package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The options that commands have, as their help lists them. */
final class Commands {
  private static final Pattern OPTION = Pattern.compile("(?m)^ +(?:-\\w, )?(--[a-z-]+)");
  private static final Map<String, Set<String>> OPTIONS = new ConcurrentHashMap<>();

  private Commands() {}

  /** Holds a command line, whose first word is the command, against the help. */
  static void requireKnown(Path folder, List<String> line) {
    Set<String> known = OPTIONS.computeIfAbsent(line.get(0), command -> options(folder, command));
    for (String word : line) {
      if (word.startsWith("--")) {
        assertTrue(known.contains(word), word + " is no option of " + line.get(0) + ": " + known);
      }
    }
  }

  private static Set<String> options(Path folder, String command) {
    Command.Result help = Command.script(folder, "bin/ancestral", command, "--help").run();
    assertEquals(0, help.status(), help.err());
    return OPTION
        .matcher(help.out())
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toSet());
  }
}
