package dev.ancestral.oracle;

import java.util.Locale;

/**
 * A number that is known, and what this build makes of it.
 *
 * @param subject whose law it is
 * @param law in words
 * @param tolerance largest difference that still holds
 */
public record Verdict(String subject, String law, double expected, double found, double tolerance) {

  /** Whether the law holds here. */
  public boolean holds() {
    return Math.abs(found - expected) <= tolerance;
  }

  /** One row of a table. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%-4s  %-28s  %-58s  %14.9f  %14.9f  %9.1e",
        holds() ? "ok" : "FAIL",
        subject,
        law,
        expected,
        found,
        tolerance);
  }

  /** The row above all rows. */
  public static String heading() {
    return String.format(
        "%-4s  %-28s  %-58s  %14s  %14s  %9s", "", "what", "law", "expected", "found", "tolerance");
  }
}
