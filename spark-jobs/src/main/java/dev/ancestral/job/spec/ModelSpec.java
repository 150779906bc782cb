package dev.ancestral.job.spec;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.ModelsRows;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The keys under {@code model:}; what they mean is known once the event is.
 *
 * @param family built-in name or class name
 * @param values keys and values as they were given, with {@code family}
 * @param file for messages
 * @param locator where a dotted path stands
 */
public record ModelSpec(
    String family, Map<String, Object> values, String file, UnaryOperator<String> locator) {
  private static final RowSchema ROWS =
      new RowSchema(
          List.of(
              column(ColumnKind.CATEGORY, new ColumnType.Category(List.of("a", "b"), true)),
              column(ColumnKind.INTEGER, new ColumnType.Whole(0, 9, 1, List.of(0L, 5L, 10L))),
              column(ColumnKind.REAL, new ColumnType.Real(0, 1))),
          RowSchema.Nulls.VALUE);

  /** The keys that are the family's. */
  public Map<String, Object> familyKeys() {
    Map<String, Object> keys = new LinkedHashMap<>(values);
    keys.remove("family");
    return keys;
  }

  /** What is wrong for this event, which the data have. */
  List<String> problems(EventSpec event) {
    Settings settings = settings();
    try {
      Families.named(family).define(settings, event);
      return settings.problems();
    } catch (AncestralException refusal) {
      return whenRefused(refusal, settings);
    } catch (RuntimeException e) {
      return whenFailed(e, settings);
    }
  }

  /**
   * What is wrong whatever the event: the problems that several quite different events share. For
   * specs whose data are not prepared yet.
   */
  List<String> problemsOfAnyEvent() {
    Set<String> arrays = problemsOfAll(event -> !event.isRows());
    Set<String> rows = problemsOfAll(EventSpec::isRows);
    if (arrays == null || rows == null) {
      return List.copyOf(arrays == null ? (rows == null ? Set.of() : rows) : arrays);
    }
    Set<String> both = new LinkedHashSet<>(arrays);
    both.retainAll(rows);
    // The same key may be wrong for arrays by its value, and for rows because it is there.
    return List.copyOf(both.isEmpty() && !rows.isEmpty() ? arrays : both);
  }

  /** The problems that all of these events share; null if the family models none of them. */
  private Set<String> problemsOfAll(Predicate<EventSpec> which) {
    Set<String> common = null;
    for (EventSpec event : probes().stream().filter(which).toList()) {
      Settings settings = settings();
      List<String> problems;
      try {
        Definition definition = Families.named(family).define(settings, event);
        if (event.isRows() && !(definition instanceof ModelsRows)) {
          continue;
        }
        problems = settings.problems();
      } catch (AncestralException refusal) {
        if (refusal.code() == ErrorCode.MISMATCH) {
          // This event does not suit the family, which says nothing about the keys.
          continue;
        }
        problems = whenRefused(refusal, settings);
      } catch (RuntimeException e) {
        problems = whenFailed(e, settings);
      }
      if (common == null) {
        common = new LinkedHashSet<>(problems);
      } else {
        common.retainAll(problems);
      }
    }
    return common;
  }

  /** Whether the family can model the event at all is the job's to say. */
  private List<String> whenRefused(AncestralException refusal, Settings settings) {
    return refusal.code() == ErrorCode.SPEC
        ? List.of(locator.apply("model.family") + ": " + refusal.getMessage())
        : settings.problemsSoFar();
  }

  /** After a wrong value a family may stumble; only the wrong value is worth telling. */
  private static List<String> whenFailed(RuntimeException failure, Settings settings) {
    if (settings.problemsSoFar().isEmpty()) {
      throw failure;
    }
    return settings.problemsSoFar();
  }

  private Settings settings() {
    Settings settings = new Settings("model", values, locator);
    settings.text("family", null);
    return settings;
  }

  private static RowColumn column(ColumnKind kind, ColumnType type) {
    return new RowColumn(kind.text(), kind, type, true, kind.text());
  }

  private static List<EventSpec> probes() {
    EventSpec.Discrete binary = new EventSpec.Discrete(2);
    EventSpec.Discrete bytes = new EventSpec.Discrete(256);
    EventSpec.Continuous real = new EventSpec.Continuous();
    List<EventSpec> events = new ArrayList<>();
    for (int classes : new int[] {0, 10}) {
      for (EventSpec.Elements elements : new EventSpec.Elements[] {binary, bytes, real}) {
        events.add(new EventSpec(List.of(28, 28, 1), elements, false, classes, List.of(), 0));
        events.add(new EventSpec(List.of(8), elements, true, classes, List.of(), 0));
      }
      events.add(EventSpec.rows(ROWS).withClasses(classes));
      events.add(EventSpec.rowSequences(ROWS).withClasses(classes));
    }
    return events;
  }
}
