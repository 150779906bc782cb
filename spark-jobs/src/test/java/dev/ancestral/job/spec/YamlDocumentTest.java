package dev.ancestral.job.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlDocumentTest {

  @Test
  void scalars_lists_and_maps_are_plain_values_with_lines() {
    YamlDocument document =
        YamlDocument.parse(
            "a.yaml",
            """
            name: digits
            seed: 7
            big: 30000000000
            rate: 1e-3
            flag: true
            nothing:
            quoted: "12"
            zip: 0123
            yes-word: yes
            nested: {hidden: [200, 100]}
            list:
              - {format: idx}
              - {format: matrix}
            """);
    Map<String, Object> values = document.values();
    assertEquals("digits", values.get("name"));
    assertEquals(7, values.get("seed"));
    assertEquals(30_000_000_000L, values.get("big"));
    assertEquals(1e-3, values.get("rate"));
    assertEquals(true, values.get("flag"));
    assertNull(values.get("nothing"));
    assertEquals("12", values.get("quoted"));
    assertEquals("0123", values.get("zip"));
    assertEquals("yes", values.get("yes-word"));
    assertEquals(Map.of("hidden", List.of(200, 100)), values.get("nested"));
    assertEquals("a.yaml:10", document.locate("nested.hidden"));
    assertEquals("a.yaml:13", document.locate("list[1].format"));
    assertEquals("a.yaml:13", document.locate("list[1].not-there"));
    assertEquals("a.yaml", document.locate("not-there"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: 1\\na: 2 | a.yaml:2: a stands here a second time (first on line 1)",
        "a: {b: 1, b: 2} | a.yaml:1: a.b stands here a second time",
        "a: &x [1]\\nb: *x | a.yaml:2: b is an alias; write the value out",
        "a: !!java.net.URL [x] | a.yaml:1: a has the tag tag:yaml.org,2002:java.net.URL",
        "a: !point 3 | a.yaml:1: a has the tag !point; a spec has no tags",
        "a: 1\\n---\\nb: 2 | a.yaml:2: a second document starts here",
        "[1, 2] | a.yaml:1: the file must be a map",
        "just text | a.yaml:1: the file must be a map",
        "'' | a.yaml:1: the file is empty",
        "a: [1, 2 | this is not YAML",
        "a: 1\\nb: \"c\\u | a.yaml:2: this is not YAML: the file ends within a quoted text",
        "a:\\n\\t- b | a.yaml:2: this is not YAML",
        "[1]: 2 | a.yaml:1: a key of the file is not a text",
      })
  void what_is_no_spec_is_refused_with_its_line(String yaml, String expected) {
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> YamlDocument.parse("a.yaml", yaml.replace("\\n", "\n").replace("\\t", "\t")));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains(expected), refusal.getMessage());
  }

  @Test
  void nothing_multiplies_and_nothing_overflows() {
    String bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n";
    assertTrue(refused(bomb).contains("alias"));
    assertTrue(refused("a: " + "[".repeat(5000) + "]".repeat(5000)).contains("nesting"));
    assertTrue(refused("a: '" + "x".repeat(1_000_001) + "'").contains("limit"));
  }

  private static String refused(String yaml) {
    return assertThrows(AncestralException.class, () -> YamlDocument.parse("a.yaml", yaml))
        .getMessage();
  }
}
