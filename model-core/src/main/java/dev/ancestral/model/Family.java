package dev.ancestral.model;

import dev.ancestral.config.Settings;

/**
 * A family of models: it reads its settings and fixes the event, giving the mathematics without the
 * parameters.
 *
 * <p>A user's own family is a public class with a public constructor without arguments that
 * implements this; {@code model.family} names the class. A jar that lists it in {@code
 * META-INF/services/dev.ancestral.model.Family} makes it known by its {@link #name} as well.
 */
public interface Family {

  /** What {@code model.family} calls it: by default its class. */
  default String name() {
    return getClass().getName();
  }

  /**
   * The mathematics of this family for these settings and this event.
   *
   * @param settings the keys under {@code model:}; what is never read is reported as unknown, so
   *     read every key even after a problem
   * @param event what an example is
   * @throws dev.ancestral.AncestralException (MISMATCH) if the family cannot model such an event
   */
  Definition define(Settings settings, EventSpec event);
}
