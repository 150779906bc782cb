package dev.ancestral.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small files that claim gigabytes, opened one after the other in a JVM of 256 MB that reads what
 * the whole process has held, native memory and all.
 */
class MemoryBombTest {
  private static final long MOST_KILOBYTES = 256L << 10;

  @TempDir Path folder;

  @Test
  @Timeout(300)
  void each_is_refused_within_256_megabytes() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                MemoryBombs.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    List<String> lines = output.lines().filter(line -> line.startsWith(MemoryBombs.MARK)).toList();
    assertEquals(MemoryBombs.values().length, lines.size(), output);
    for (String line : lines) {
      String[] words = line.substring(MemoryBombs.MARK.length()).split(" ", 4);
      MemoryBombs bomb = MemoryBombs.valueOf(words[0]);
      assertEquals(bomb.kind().toString(), words[1], line);
      long kilobytes = Long.parseLong(words[2]);
      assertTrue(kilobytes >= 0 && kilobytes < MOST_KILOBYTES, line);
      assertTrue(words[3].contains(bomb.says()), line);
    }
    System.out.println(String.join("\n", lines));
  }
}
