package dev.ancestral.job.generate.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Suggestion;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Given values as the elements of a row.
 *
 * @param values [size of a row]; only those of columns that are given count, and a null is NaN
 * @param columns whether each column is given, [columns]
 */
public record GivenRow(float[] values, boolean[] columns) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST_VALUES_TOLD = 12;

  /**
   * The values of conditions, as the columns that they name hold them.
   *
   * @throws AncestralException (SPEC) if there is no such column, or it cannot have such a value
   */
  public static GivenRow of(Given given, RowSchema schema) {
    float[] values = new float[schema.size()];
    boolean[] columns = new boolean[schema.columns().size()];
    for (Given.Term term : given.terms()) {
      int c =
          schema
              .index(term.column())
              .orElseThrow(
                  () ->
                      new AncestralException(
                          ErrorCode.SPEC,
                          "given is "
                              + term.text()
                              + "; the columns of this model are "
                              + schema.names()
                              + ": choose one of these"
                              + Suggestion.question(term.column(), schema.names())));
      RowColumn column = schema.columns().get(c);
      column.encode(value(term, column, schema.nulls()), values, schema.begin(c));
      columns[c] = true;
    }
    return new GivenRow(values, columns);
  }

  private static Object value(Given.Term term, RowColumn column, RowSchema.Nulls nulls) {
    if (term.value() == null) {
      if (nulls == RowSchema.Nulls.MISSING) {
        throw wrong(
            term, "a null is unobserved to this model (--nulls missing), so none can be given");
      }
      if (!column.nullable()) {
        throw wrong(term, "the data had no null there, so its probability is zero");
      }
      return null;
    }
    if (column.type() instanceof ColumnType.Category category) {
      if (!category.vocabulary().contains(term.value())) {
        throw wrong(
            term,
            "the column has the values "
                + told(category.vocabulary())
                + ": choose one of these"
                + Suggestion.question(term.value(), category.vocabulary()));
      }
      return term.value();
    }
    try {
      if (column.type() instanceof ColumnType.Whole whole) {
        return within(term, whole, column, number(term.value(), column));
      }
      double real = Double.parseDouble(term.value());
      if (!Double.isFinite(real)) {
        throw wrong(term, "the values of the column are finite real numbers");
      }
      return real;
    } catch (ArithmeticException | NumberFormatException | DateTimeException e) {
      throw wrong(term, "the column is " + column.kind().text() + ", " + column.sqlType());
    }
  }

  /** As the column counts: units of the last place, days or microseconds. */
  private static long number(String text, RowColumn column) {
    return switch (column.kind()) {
      case DATE -> LocalDate.parse(text).toEpochDay();
      case TIMESTAMP -> ChronoUnit.MICROS.between(Instant.EPOCH, instant(text));
      default ->
          new BigDecimal(text).movePointRight(CellText.places(column).orElse(0)).longValueExact();
    };
  }

  /** Without an offset it is UTC. */
  private static Instant instant(String text) {
    String iso = text.trim().replace(' ', 'T');
    if (iso.indexOf('T') < 0) {
      return LocalDate.parse(iso).atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    return iso.matches(".*(Z|[+-]\\d\\d:?\\d\\d)")
        ? OffsetDateTime.parse(iso).toInstant()
        : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
  }

  private static long within(
      Given.Term term, ColumnType.Whole whole, RowColumn column, long value) {
    boolean drawn =
        value >= whole.least()
            && value <= whole.greatest()
            && Long.remainderUnsigned(value - whole.least(), whole.step()) == 0;
    if (!drawn) {
      throw wrong(
          term,
          "it has probability zero: the values of the column go from "
              + CellText.of(column, whole.least())
              + " to "
              + CellText.of(column, whole.greatest())
              + (whole.step() == 1 ? "" : " in steps of " + whole.step()));
    }
    return value;
  }

  private static String told(List<String> values) {
    String list = String.join(", ", values.subList(0, Math.min(MOST_VALUES_TOLD, values.size())));
    return values.size() > MOST_VALUES_TOLD ? list + ", ... " + values.size() + " in all" : list;
  }

  private static AncestralException wrong(Given.Term term, String why) {
    return new AncestralException(ErrorCode.SPEC, "given is " + term.text() + "; " + why);
  }
}
