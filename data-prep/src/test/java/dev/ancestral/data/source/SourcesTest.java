package dev.ancestral.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.source.array.Matrix;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Formats that a jar of {@code --jars} brings. */
class SourcesTest {
  private static final List<String> BUILT_IN =
      List.of(
          "idx", "images", "wav", "text", "matrix", "sequences", "synthetic", "table", "events");

  @TempDir Path jar;

  /** A format of a user's own. */
  public static final class Own implements SourceProvider {
    @Override
    public String name() {
      return "own";
    }

    @Override
    public Source read(Settings settings) {
      return new Matrix(settings.count("shades", 2, 2, 256));
    }
  }

  /** A format with the name of another. */
  public static final class SecondMatrix implements SourceProvider {
    @Override
    public String name() {
      return "matrix";
    }

    @Override
    public Source read(Settings settings) {
      return new Matrix();
    }
  }

  private void withJarThatRegisters(Class<?> provider, Runnable check) throws IOException {
    Path services = Files.createDirectories(jar.resolve("META-INF/services"));
    Files.writeString(services.resolve(SourceProvider.class.getName()), provider.getName() + "\n");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, Sources.class.getClassLoader())) {
      thread.setContextClassLoader(loader);
      check.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void a_format_of_a_jar_is_listed_after_the_built_in_ones_and_reads_its_options()
      throws IOException {
    assertEquals(BUILT_IN, Sources.names());
    withJarThatRegisters(
        Own.class,
        () -> {
          assertEquals("own", Sources.names().get(BUILT_IN.size()));
          Settings settings = Settings.of(Map.of("format", "own", "shades", 4));
          assertEquals(new Matrix(4), Sources.read(settings));
          assertEquals(List.of(), settings.problems());
          Settings unknown = Settings.of(Map.of("format", "owm"));
          Sources.read(unknown);
          assertTrue(
              unknown
                  .problems()
                  .get(0)
                  .contains("synthetic, table, events, own; did you mean own?"),
              unknown.problems().toString());
        });
  }

  @Test
  void two_formats_of_one_name_are_refused_with_both_classes() throws IOException {
    withJarThatRegisters(
        SecondMatrix.class,
        () -> {
          Settings settings = Settings.of(Map.of("format", "idx"));
          AncestralException refusal =
              assertThrows(AncestralException.class, () -> Sources.read(settings));
          assertEquals(ErrorCode.SPEC, refusal.code());
          for (String provider :
              List.of(Matrix.Provider.class.getName(), SecondMatrix.class.getName())) {
            assertTrue(refusal.getMessage().contains(provider), refusal.getMessage());
          }
        });
  }
}
