package dev.ancestral.model;

/**
 * A family of models: it reads its settings and fixes the event, giving the mathematics without the
 * parameters.
 *
 * <p>A user's own family is a public class with a public constructor without arguments that
 * implements this; {@code model.family} names the class.
 */
public interface Family {

  /**
   * The mathematics of this family for these settings and this event.
   *
   * @param settings the keys under {@code model:}; what is never read is reported as unknown, so
   *     read every key even after a problem
   * @param event what an example is
   * @throws dev.ancestral.Refusal (MISMATCH) if the family cannot model such an event
   */
  Definition define(Settings settings, EventSpec event);
}
