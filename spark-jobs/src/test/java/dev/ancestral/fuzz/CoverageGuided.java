package dev.ancestral.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The same targets for Jazzer, which is led by what the code has not done yet; see
 * deploy/help/bad-input.md. {@code -Dfuzz.target} names one.
 */
public final class CoverageGuided {
  private static final FuzzTarget TARGET =
      FuzzTarget.valueOf(
          System.getProperty("fuzz.target", "IDX").toUpperCase(Locale.ROOT).replace('-', '_'));

  private CoverageGuided() {}

  /** Takes what Jazzer made; what it allocates itself, to instrument classes, is not ours. */
  public static void fuzzerTestOneInput(byte[] file) {
    Fuzzing.unmeasured().parse(TARGET, file);
  }

  /** Writes the sound files to a folder, for Jazzer to begin from. */
  public static void main(String[] folder) throws IOException {
    Path seeds = Files.createDirectories(Path.of(folder[0]));
    List<byte[]> files = Seeds.of(TARGET);
    for (int i = 0; i < files.size(); i++) {
      Files.write(seeds.resolve("seed-" + i), files.get(i));
    }
  }
}
