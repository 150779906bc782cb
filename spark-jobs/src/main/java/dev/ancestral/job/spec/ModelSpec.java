package dev.ancestral.job.spec;

import dev.ancestral.Refusal;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.Family;
import dev.ancestral.model.Settings;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /**
   * The mathematics for this event.
   *
   * @throws Refusal (SPEC) naming every key that is wrong; (MISMATCH) if the family cannot model
   *     such an event
   */
  public Definition define(EventSpec event) {
    Settings settings = settings();
    Refusal mismatch = null;
    Definition definition = null;
    try {
      definition = Families.named(family).define(settings, event);
    } catch (Refusal refusal) {
      mismatch = refusal;
    }
    List<String> problems = settings.problems();
    if (mismatch != null && (problems.isEmpty() || mismatch.kind() != Refusal.Kind.MISMATCH)) {
      throw mismatch;
    }
    if (!problems.isEmpty()) {
      throw Problems.refusal(file, problems);
    }
    return definition;
  }

  /**
   * What is wrong whatever the event: the problems that several quite different events share. For
   * specs whose data are not prepared yet.
   */
  List<String> problemsOfAnyEvent() {
    Family named;
    try {
      named = Families.named(family);
    } catch (Refusal refusal) {
      return List.of(locator.apply("model.family") + ": " + refusal.getMessage());
    }
    Set<String> common = null;
    for (EventSpec event : probes()) {
      Settings settings = settings();
      try {
        named.define(settings, event);
      } catch (Refusal refusal) {
        // This event does not suit the family, which says nothing about the keys.
        continue;
      }
      Set<String> problems = new LinkedHashSet<>(settings.problems());
      if (common == null) {
        common = problems;
      } else {
        common.retainAll(problems);
      }
    }
    return common == null ? List.of() : new ArrayList<>(common);
  }

  private Settings settings() {
    Settings settings = new Settings("model", values, locator);
    settings.text("family", null);
    return settings;
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
    }
    return events;
  }
}
