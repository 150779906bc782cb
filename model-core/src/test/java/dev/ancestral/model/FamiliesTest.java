package dev.ancestral.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.Refusal;
import org.junit.jupiter.api.Test;
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

  @Test
  void aClassIsFoundByName() {
    assertInstanceOf(Brought.class, Families.named(Brought.class.getName()));
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
  void aNameThatGivesNoFamilyIsRefused(String name, String message) {
    Refusal refusal = assertThrows(Refusal.class, () -> Families.named(name));
    assertEquals(Refusal.Kind.SPEC, refusal.kind());
    assertTrue(refusal.getMessage().contains(name), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }
}
