package dev.ancestral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServicesTest {
  @TempDir Path jar;

  /** What is provided. */
  public interface Shape {
    /** The name. */
    String name();
  }

  /** A provider. */
  public static final class Round implements Shape {
    @Override
    public String name() {
      return "round";
    }
  }

  /** Another one. */
  public static final class Angular implements Shape {
    @Override
    public String name() {
      return "angular";
    }
  }

  /** One with the name of another. */
  public static final class Circular implements Shape {
    @Override
    public String name() {
      return "round";
    }
  }

  @Test
  void those_of_a_jar_are_found_in_the_order_of_its_file() throws IOException {
    Map<String, Shape> found = found(Round.class.getName(), Angular.class.getName());
    assertEquals(List.of("round", "angular"), List.copyOf(found.keySet()));
    assertSame(found.get("round"), Services.named(found, "shape", "round"));
    AncestralException unknown =
        assertThrows(AncestralException.class, () -> Services.named(found, "shape", "anguler"));
    assertEquals(ErrorCode.SPEC, unknown.code());
    assertEquals(
        "shape is anguler; it must be one of round, angular; did you mean angular?",
        unknown.getMessage());
  }

  @Test
  void two_of_one_name_are_refused_with_both_classes() {
    AncestralException twice =
        assertThrows(
            AncestralException.class, () -> found(Round.class.getName(), Circular.class.getName()));
    assertEquals(ErrorCode.SPEC, twice.code());
    assertTrue(twice.getMessage().contains(Round.class.getName()), twice.getMessage());
    assertTrue(twice.getMessage().contains(Circular.class.getName()), twice.getMessage());
  }

  @Test
  void one_that_cannot_be_made_is_refused() {
    AncestralException missing =
        assertThrows(AncestralException.class, () -> found("no.such.Shape"));
    assertEquals(ErrorCode.SPEC, missing.code());
    assertTrue(missing.getMessage().contains("no.such.Shape"), missing.getMessage());
  }

  private Map<String, Shape> found(String... classes) throws IOException {
    Path services = Files.createDirectories(jar.resolve("META-INF/services"));
    Files.write(services.resolve(Shape.class.getName()), List.of(classes));
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, Shape.class.getClassLoader())) {
      Thread.currentThread().setContextClassLoader(loader);
      return Services.byName(Shape.class, Shape::name, "a shape", "shapes");
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}
