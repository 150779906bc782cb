package dev.ancestral.job.spec;

import dev.ancestral.model.Settings;
import java.util.List;
import java.util.Locale;

/**
 * The keys under {@code data:}.
 *
 * @param path of the dataset directory
 * @param dequantize how a continuous density meets discrete data
 * @param prepare what makes the dataset, in this order; empty where it is there already
 */
public record DataSpec(String path, Dequantize dequantize, List<Settings> prepare) {

  /** How a continuous density meets discrete data. */
  public enum Dequantize {
    NONE,
    UNIFORM;

    /** As it is written. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public DataSpec {
    prepare = List.copyOf(prepare);
  }
}
