package dev.ancestral.job.generate.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GivenTest {

  @Test
  void conditions_are_read_as_sql_has_them() {
    Given given =
        Given.parse(
            "country = 'O''Brien''s' and `a ``b` =-1.5e3 AND marital-status='x' AND day = DATE"
                + " '2024-01-31' AND active = TRUE AND age IS null");
    assertEquals(
        List.of(
            new Given.Term("country", "O'Brien's"),
            new Given.Term("a `b", "-1.5e3"),
            new Given.Term("marital-status", "x"),
            new Given.Term("day", "2024-01-31"),
            new Given.Term("active", "true"),
            new Given.Term("age", null)),
        given.terms());
    assertEquals(
        "country = 'O''Brien''s' AND `a ``b` = '-1.5e3' AND marital-status = 'x' AND day ="
            + " '2024-01-31' AND active = 'true' AND age IS NULL",
        given.text());
    assertEquals(given, Given.parse(given.text()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "country",
        "country = ",
        "country = DE",
        "country = NULL",
        "country = 'DE",
        "country = \"DE\"",
        "country == 'DE'",
        "country <> 'DE'",
        "country = 'DE' OR country = 'FR'",
        "NOT country = 'DE'",
        "country IS NOT NULL",
        "country IN ('DE')",
        "age > 3",
        "age = 3 + 1",
        "age = 3 AND",
        "AND age = 3",
        "(age = 3)",
        "'DE' = country",
        "age = other",
        "age = 3x",
        "age = 3; DROP TABLE t",
        "age = 3 age = 4",
        "age = 3 AND age = 4"
      })
  void anything_else_is_refused_with_what_is_allowed(String sql) {
    AncestralException refusal = assertThrows(AncestralException.class, () -> Given.parse(sql));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(
        refusal.getMessage().contains("joined by AND")
            || refusal.getMessage().contains("name a column once"),
        refusal.getMessage());
  }
}
