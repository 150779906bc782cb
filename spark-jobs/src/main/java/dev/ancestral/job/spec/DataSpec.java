package dev.ancestral.job.spec;

import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.dequantization.Dequantization;
import java.util.List;
import java.util.Locale;

/**
 * The keys under {@code data:}.
 *
 * @param path of the dataset directory
 * @param dequantize how a continuous density meets discrete data
 * @param prepare what makes the dataset, in this order; empty where it is there already
 */
public record DataSpec(String path, Dequantize dequantize, List<PrepareSpec> prepare) {

  /** How a continuous density meets discrete data. */
  public enum Dequantize {
    NONE,
    UNIFORM;

    /** As it is written. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The event that a model of such data is defined on. */
  EventSpec modelled(EventSpec event) {
    return dequantize == Dequantize.UNIFORM && event.isDiscrete()
        ? Dequantization.event(event)
        : event;
  }

  public DataSpec {
    prepare = List.copyOf(prepare);
  }
}
