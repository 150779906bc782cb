package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.job.output.OutputSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of an output, hidden ones too, to be compared with those of another. */
public final class Contents {
  private static final String TIME =
      "\"((?:[a-z_]+_)?seconds|examples_per_second)\"\\s*:\\s*[-+0-9.eE]+";
  private static final String SEAL = "\n  \"sha256\"[^\n]*";

  private Contents() {}

  /**
   * All files below a folder by their names, without {@code status.json} and pages for people, and
   * with times and the name of the folder taken out.
   */
  public static Map<String, byte[]> of(Path folder) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (name.endsWith(OutputSession.FILE)
            || name.endsWith(".html")
            || (name.startsWith("checkpoints/round-") && name.endsWith(".json"))) {
          continue; // A commit lists names that are made up anew for every attempt.
        }
        if (name.startsWith("checkpoints/") && name.endsWith(".f32")) {
          name = name.replaceAll("round-(\\d+)-[^/]*", "round-$1");
        }
        contents.put(name, comparable(folder, name, Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  private static byte[] comparable(Path folder, String name, byte[] content) {
    if (!isText(name)) {
      return content;
    }
    String text =
        text(content)
            .replaceAll(TIME, "\"$1\":0")
            .replace("\"" + folder.getFileName() + "\"", "\"NAME\"");
    if (name.equals("report.json") || name.equals("manifest.json")) {
      text = text.replaceAll(SEAL, ""); // It covers what was taken out.
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isText(String name) {
    return name.endsWith(".json") || name.endsWith(".jsonl");
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.UTF_8);
  }

  /** Fails unless the same names hold the same bytes. */
  public static void assertSame(
      Map<String, byte[]> expected, Map<String, byte[]> actual, String when) {
    assertEquals(expected.keySet(), actual.keySet(), when);
    expected.forEach(
        (name, bytes) -> {
          if (isText(name)) {
            assertEquals(text(bytes), text(actual.get(name)), when + ": " + name);
          } else {
            assertArrayEquals(bytes, actual.get(name), when + ": " + name);
          }
        });
  }
}
