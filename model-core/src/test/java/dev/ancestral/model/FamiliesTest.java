package dev.ancestral.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FamiliesTest {
  /** As a user would bring one. */
  public static final class Brought implements Family {
    @Override
    public Definition define(Settings settings, EventSpec event) {
      throw new UnsupportedOperationException("only made, never used");
    }
  }

  /** As a user would register one. */
  public static final class Registered implements Family {
    @Override
    public String name() {
      return "registered";
    }

    @Override
    public Definition define(Settings settings, EventSpec event) {
      throw new UnsupportedOperationException("only made, never used");
    }
  }

  /** Takes the name of a built-in family. */
  public static final class Impostor implements Family {
    @Override
    public String name() {
      return "vae";
    }

    @Override
    public Definition define(Settings settings, EventSpec event) {
      throw new UnsupportedOperationException("only made, never used");
    }
  }

  /** Has no constructor without arguments. */
  public record NeedsAnArgument(int argument) implements Family {
    @Override
    public Definition define(Settings settings, EventSpec event) {
      throw new UnsupportedOperationException("never made");
    }
  }

  /** Fails while it is made. */
  public static final class Failing implements Family {
    public Failing() {
      throw new IllegalStateException("no licence");
    }

    @Override
    public Definition define(Settings settings, EventSpec event) {
      throw new UnsupportedOperationException("never made");
    }
  }

  /** Cannot be made. */
  public abstract static class Abstract implements Family {}

  /** No family; its initializer would show that it ran. */
  public static final class Stranger {
    static final String TRACE = "families.test.stranger";

    static {
      System.setProperty(TRACE, "ran");
    }

    private Stranger() {}
  }

  @Test
  void no_code_of_a_class_runs_before_it_is_known_to_be_a_family() {
    String name = getClass().getName() + "$Stranger";
    AncestralException refusal = assertThrows(AncestralException.class, () -> Families.named(name));
    assertTrue(refusal.getMessage().contains("is no family"), refusal.getMessage());
    assertNull(System.getProperty(Stranger.TRACE), "its static initializer ran");
  }

  @Test
  void a_class_is_found_by_name() {
    assertInstanceOf(Brought.class, Families.named(Brought.class.getName()));
  }

  @Test
  void the_built_in_families_are_registered() {
    assertEquals(
        Set.of("gan", "hmm", "naive-bayes", "pixelcnn", "tree", "vae", "wavenet"),
        Families.names());
    for (String name : Families.names()) {
      assertEquals(name, Families.named(name).name());
    }
  }

  @Test
  void a_registered_family_is_found_by_its_own_name(@TempDir Path jar) throws Exception {
    withJarThatRegisters(
        Registered.class,
        jar,
        () -> assertInstanceOf(Registered.class, Families.named("registered")));
  }

  @Test
  void a_registered_family_with_the_name_of_another_is_refused(@TempDir Path jar) throws Exception {
    withJarThatRegisters(
        Impostor.class,
        jar,
        () -> {
          AncestralException refusal =
              assertThrows(AncestralException.class, () -> Families.named("vae"));
          assertTrue(refusal.getMessage().contains("both registered as vae"), refusal.getMessage());
        });
  }

  @Test
  void a_registered_family_that_cannot_be_made_is_refused(@TempDir Path jar) throws Exception {
    withJarThatRegisters(
        Failing.class,
        jar,
        () -> {
          AncestralException refusal =
              assertThrows(AncestralException.class, () -> Families.named("vae"));
          assertEquals(ErrorCode.SPEC, refusal.code());
          assertTrue(refusal.getMessage().contains("FamiliesTest$Failing"), refusal.getMessage());
        });
  }

  private static void withJarThatRegisters(Class<?> family, Path jar, Runnable check)
      throws IOException {
    Path services = Files.createDirectories(jar.resolve("META-INF/services"));
    Files.writeString(services.resolve(Family.class.getName()), family.getName() + "\n");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, Families.class.getClassLoader())) {
      thread.setContextClassLoader(loader);
      check.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "nope, must be one of",
    "com.example.Missing, is on no class path; bring the jar that holds it by --jars",
    "java.lang.String, is no family; it must implement dev.ancestral.model.Family",
    "dev.ancestral.model.FamiliesTest$NeedsAnArgument, has no public constructor without arguments",
    "dev.ancestral.model.FamiliesTest$Failing, no licence",
    "dev.ancestral.model.FamiliesTest$Abstract, must be public and not abstract",
  })
  void a_name_that_gives_no_family_is_refused(String name, String message) {
    AncestralException refusal = assertThrows(AncestralException.class, () -> Families.named(name));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains(name), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  @Test
  void a_learned_end_needs_a_definition_that_learns_it() {
    EventSpec ended = EventSpec.endedSequences(2, List.of());
    Definition given =
        Families.define(
            "naive-bayes",
            Settings.of(Map.of("likelihood", "bernoulli")),
            EventSpec.discrete(2, 3));
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> Families.requireEnds("brought", given, ended));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains("choose wavenet or hmm"), refusal.getMessage());
    Map<String, Object> chain = Map.of("states", 2, "emissions", "categorical");
    assertInstanceOf(
        Definition.LearnsEnds.class, Families.define("hmm", Settings.of(chain), ended));
  }
}
