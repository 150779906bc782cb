package dev.ancestral.data.rows.survey;

import dev.ancestral.Suggestion;
import dev.ancestral.config.Settings;
import dev.ancestral.schema.RowSchema;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is said of the columns of a table.
 *
 * @param kinds by name of a column: {@code category, integer, real, date, timestamp} or {@code
 *     boolean}, whatever its type says
 * @param columns to be modelled, in this order; empty for all but the others
 * @param drop columns that are left out
 * @param keys columns that are carried beside the rows and never modelled
 * @param label column of the classes, or empty
 * @param nulls what a null is
 * @param vocabulary most texts of a category; rarer ones are {@code other}
 */
record RowOptions(
    Map<String, String> kinds,
    List<String> columns,
    List<String> drop,
    List<String> keys,
    String label,
    RowSchema.Nulls nulls,
    int vocabulary)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What {@code column} may say a column is. */
  static final List<String> KINDS =
      List.of("category", "integer", "real", "date", "timestamp", "boolean");

  static final int VOCABULARY = 10_000;
  private static final int MOST_VOCABULARY = 1 << 20;

  RowOptions {
    kinds = Collections.unmodifiableMap(new LinkedHashMap<>(kinds));
    columns = List.copyOf(columns);
    drop = List.copyOf(drop);
    keys = List.copyOf(keys);
  }

  /** All columns, as their types say. */
  static RowOptions of(List<String> columns, String label) {
    return new RowOptions(
        Map.of(), columns, List.of(), List.of(), label, RowSchema.Nulls.VALUE, VOCABULARY);
  }

  /** Reads {@code column, columns, drop, key, label, nulls} and {@code vocabulary}. */
  static RowOptions read(Settings settings) {
    return read(settings, settings.texts("key", List.of()), settings.text("label", ""));
  }

  /** The same without a label, and with the columns of a group for keys. */
  static RowOptions readGrouped(Settings settings, List<String> group) {
    return read(settings, group, "");
  }

  private static RowOptions read(Settings settings, List<String> keys, String label) {
    Settings kinds = settings.section("column");
    Map<String, String> byName = new LinkedHashMap<>();
    for (String name : kinds.values().keySet()) {
      String kind = kinds.text(name, "");
      if (!KINDS.contains(kind)) {
        kinds.wrong(name, kind, "one of " + KINDS + Suggestion.question(kind, KINDS));
      }
      byName.put(name, kind);
    }
    return new RowOptions(
        byName,
        settings.texts("columns", List.of()),
        settings.texts("drop", List.of()),
        keys,
        label,
        settings.text("nulls", "value", "value", "missing").equals("value")
            ? RowSchema.Nulls.VALUE
            : RowSchema.Nulls.MISSING,
        settings.count("vocabulary", VOCABULARY, 1, MOST_VOCABULARY));
  }

  @Override
  public String toString() {
    return (columns.isEmpty() ? "" : " columns " + columns)
        + (kinds.isEmpty() ? "" : " with " + kinds)
        + (drop.isEmpty() ? "" : " without " + drop)
        + (keys.isEmpty() ? "" : " keys " + keys)
        + (label.isEmpty() ? "" : " label " + label)
        + (nulls == RowSchema.Nulls.VALUE ? "" : ", nulls are missing")
        + (vocabulary == VOCABULARY ? "" : ", vocabulary " + vocabulary);
  }
}
