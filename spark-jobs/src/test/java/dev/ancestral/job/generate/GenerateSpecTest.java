package dev.ancestral.job.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.config.Settings;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class GenerateSpecTest {
  private static final List<String> COLORS = List.of("blue", "green", "red");

  private static GenerateSpec of(String label) {
    return GenerateSpec.plain(5, 1).ofLabel(label);
  }

  private static String refused(String label, List<String> names, int classes) {
    return assertThrows(AncestralException.class, () -> of(label).withNumber(names, classes))
        .getMessage();
  }

  @Test
  void a_class_is_named_by_its_number_or_as_the_data_name_it() {
    assertEquals(OptionalInt.of(2), of("red").withNumber(COLORS, 3).label());
    assertEquals(OptionalInt.of(1), of("1").withNumber(COLORS, 3).label());
    assertEquals(OptionalInt.of(1), of("1").withNumber(List.of(), 3).label());
  }

  @Test
  void a_name_that_no_class_has_is_told_with_the_names_that_there_are() {
    String message = refused("rde", COLORS, 3);
    assertTrue(
        message.contains("label is 'rde'; the labels of this model are 0 (blue), 1 (green)"));
    assertTrue(message.endsWith("; did you mean red?"), message);
    message = refused("red", List.of(), 10);
    assertTrue(message.contains("have no names; they are the numbers 0 to 9"), message);
    assertTrue(refused("red", List.of(), 0).contains("without labels"));
    assertTrue(refused("-1", COLORS, 3).contains("label is -1; it must be a whole number from 0"));
  }

  @Test
  void a_spec_names_a_class_as_well() {
    GenerateSpec spec = GenerateSpec.read(Settings.of(Map.of("label", "green")), 1);
    assertEquals(OptionalInt.of(1), spec.withNumber(COLORS, 3).label());
    assertEquals(OptionalInt.of(2), GenerateSpec.read(Settings.of(Map.of("label", 2)), 1).label());
    Settings wrong = Settings.of(Map.of("label", 1.5));
    GenerateSpec.read(wrong, 1);
    assertTrue(wrong.problems().get(0).contains("label is 1.5; it must be a whole number from 0"));
  }
}
