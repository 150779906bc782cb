package dev.ancestral.optimize;

import dev.ancestral.config.Settings;
import java.io.Serializable;

/** What the learning rate is multiplied with at each step: a warm-up, then a course. */
public sealed interface Schedule extends Serializable {

  /**
   * The factor of a step: step / warmupSteps during the warm-up, then what the course says.
   *
   * @param step number of the step, from 1
   * @param totalSteps of the whole run
   */
  default double factor(long step, long totalSteps) {
    if (step <= warmupSteps()) {
      return (double) step / warmupSteps();
    }
    return course(step - 1 - warmupSteps(), Math.max(1, totalSteps - warmupSteps()));
  }

  /** Steps during which the factor rises linearly to 1; 0 for none. */
  long warmupSteps();

  /**
   * The factor after the warm-up.
   *
   * @param done steps taken since the warm-up
   * @param total steps from the warm-up to the end, at least 1
   */
  double course(long done, long total);

  /** Whether a factor depends on how long the whole run is. */
  boolean dependsOnLength();

  /** 1 throughout. */
  record Constant(long warmupSteps) implements Schedule {
    @Override
    public boolean dependsOnLength() {
      return false;
    }

    @Override
    public double course(long done, long total) {
      return 1;
    }
  }

  /**
   * Half a cosine from 1 down to {@code last} at the end of the run (Loshchilov &amp; Hutter 2017,
   * eq. 5, without restarts).
   */
  record Cosine(long warmupSteps, double last) implements Schedule {
    @Override
    public boolean dependsOnLength() {
      return true;
    }

    @Override
    public double course(long done, long total) {
      double progress = Math.min(1, (double) done / total);
      return last + (1 - last) * 0.5 * (1 + Math.cos(Math.PI * progress));
    }
  }

  /** Multiplied by {@code decay} after every {@code every} steps. */
  record Step(long warmupSteps, long every, double decay) implements Schedule {
    public Step {
      if (every < 1) {
        throw new IllegalArgumentException("every is " + every + "; it must be at least 1");
      }
    }

    @Override
    public boolean dependsOnLength() {
      return false;
    }

    @Override
    public double course(long done, long total) {
      long falls = done / every;
      return Math.pow(decay, (double) falls);
    }
  }

  /**
   * Reads {@code {name: constant, warmupSteps: 0}}, {@code {name: cosine, last: 0}} or {@code
   * {name: step, every: 10000, decay: 0.1}}, each with {@code warmupSteps}.
   */
  static Schedule read(Settings section) {
    String name = section.text("name", "constant", "constant", "cosine", "step");
    long warmupSteps = section.integer("warmupSteps", 0L, 0, Long.MAX_VALUE);
    return switch (name) {
      case "cosine" -> new Cosine(warmupSteps, section.number("last", 0.0, 0, 1));
      case "step" ->
          new Step(
              warmupSteps,
              section.integer("every", null, 1, Long.MAX_VALUE),
              section.number("decay", 0.1, 0, 1));
      default -> new Constant(warmupSteps);
    };
  }
}
