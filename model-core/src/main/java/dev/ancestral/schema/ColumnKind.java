package dev.ancestral.schema;

import java.util.Locale;

/** What the values of a column are to a model. */
public enum ColumnKind {
  /** One of some texts: strings, booleans and whole numbers of few different values. */
  CATEGORY,
  /** Whole numbers, or decimals of a fixed number of places in units of the last one. */
  INTEGER,
  /** Real numbers. */
  REAL,
  /** Days since 1970-01-01. */
  DATE,
  /** Microseconds since 1970-01-01 00:00 UTC, or of a clock without a time zone. */
  TIMESTAMP;

  /** As it is written in options and files: {@code category}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
