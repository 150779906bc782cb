package dev.ancestral.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SettingsTest {

  @Test
  void right_values_are_read() {
    Settings settings =
        settings(
            Map.of(
                "name",
                "vae",
                "epochs",
                20,
                "rate",
                0.5,
                "whole",
                2,
                "on",
                true,
                "hidden",
                List.of(200, 100),
                "betas",
                List.of(0.9, 1),
                "files",
                "a.csv",
                "optimizer",
                Map.of("name", "adam")));
    assertEquals("vae", settings.text("name", null, "vae", "hmm"));
    assertEquals(20, settings.count("epochs", null, 1, 100));
    assertEquals(0.5, settings.number("rate", null, 0, 1));
    assertEquals(2.0, settings.number("whole", null, 0, 9));
    assertTrue(settings.flag("on", false));
    assertEquals(List.of(200, 100), settings.counts("hidden", List.of(), 1, 1000));
    assertEquals(List.of(0.9, 1.0), settings.numbers("betas", null, 0, 1));
    assertEquals(List.of("a.csv"), settings.texts("files", null));
    assertEquals("adam", settings.section("optimizer").text("name", null));
    assertEquals(List.of(), settings.problems());
  }

  @Test
  void absent_values_have_their_defaults() {
    Settings settings = settings(Map.of());
    assertEquals("x", settings.text("a", "x"));
    assertEquals(3, settings.count("b", 3, 1, 9));
    assertEquals(0.25, settings.number("c", 0.25, 0, 1));
    assertTrue(settings.flag("d", true));
    assertEquals(List.of(7), settings.counts("e", List.of(7), 1, 9));
    assertEquals(1.5, settings.section("f").number("g", 1.5, 0, 2));
    assertEquals(List.of(), settings.sections("h"));
    assertFalse(settings.has("i"));
    assertEquals(List.of(), settings.problems());
  }

  @Test
  void every_problem_is_reported_with_place_key_value_and_what_is_allowed() {
    Settings settings =
        settings(
            Map.of(
                "family",
                "vea",
                "states",
                0,
                "rate",
                "fast",
                "on",
                1,
                "hidden",
                List.of(200, -1),
                "train",
                Map.of("epochs", 2.5, "epoch", 3)));
    assertNull(settings.text("family", null, "vae", "hmm"));
    assertEquals(1, settings.count("states", null, 1, 64));
    assertEquals(0.1, settings.number("rate", 0.1, 0, 1));
    assertFalse(settings.flag("on", false));
    settings.counts("hidden", List.of(), 1, 1000);
    settings.section("train").count("epochs", 1, 1, 100);
    settings.text("name", null);
    assertEquals(
        List.of(
            "at family: family is vea; it must be one of vae, hmm; did you mean vae?",
            "at states: states is 0; it must be a whole number from 1 to 64",
            "at rate: rate is fast; it must be a number from 0.0 to 1.0",
            "at on: on is 1; it must be true or false",
            "at hidden: hidden is [200, -1]; it must be a list of whole numbers from 1 to 1000",
            "at train.epochs: train.epochs is 2.5; it must be a whole number from 1 to 100",
            "at : name is missing; it must be a text",
            "at train.epoch: train.epoch is not a known key; did you mean epochs? Known here"
                + " are [epochs]"),
        settings.problems());
  }

  @Test
  void numbers_that_are_none_are_wrong() {
    Settings settings = settings(Map.of("a", Double.NaN, "b", Double.POSITIVE_INFINITY));
    settings.number("a", 1.0, 0, Double.MAX_VALUE);
    settings.number("b", 1.0, 0, Double.MAX_VALUE);
    assertEquals(2, settings.problems().size());
  }

  @Test
  void a_section_read_twice_is_the_same() {
    Settings settings = settings(Map.of("train", Map.of("a", 1, "b", 2)));
    settings.section("train").count("a", 0, 0, 9);
    settings.section("train").count("b", 0, 0, 9);
    assertSame(settings.section("train"), settings.section("train"));
    assertEquals(List.of(), settings.problems());
  }

  @Test
  void lists_of_sections_name_their_place() {
    Settings settings =
        settings(Map.of("prepare", List.of(Map.of("format", "idx"), 5, Map.of("fromat", "wav"))));
    List<Settings> each = settings.sections("prepare");
    assertEquals(2, each.size());
    each.forEach(one -> one.text("format", "idx"));
    assertEquals(
        List.of(
            "at prepare[1]: prepare[1] is 5; it must be a map of keys and values",
            "at prepare[2].fromat: prepare[2].fromat is not a known key; did you mean format? Known"
                + " here are [format]"),
        settings.problems());
  }

  private static Settings settings(Map<String, Object> values) {
    return new Settings("", values, key -> "at " + key);
  }
}
