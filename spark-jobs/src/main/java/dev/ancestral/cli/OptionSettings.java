package dev.ancestral.cli;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Options of a command as the settings that a spec has under the same names. */
final class OptionSettings {
  private final Map<String, Object> values = new LinkedHashMap<>();

  /** Adds an option that is given; null is none. */
  void put(String key, Object value) {
    if (value != null) {
      values.put(key, value);
    }
  }

  /**
   * What reading makes of them.
   *
   * @param named how messages call a key
   * @throws AncestralException (SPEC) naming everything that is wrong
   */
  <T> T read(UnaryOperator<String> named, Function<Settings, T> reading) {
    Settings settings = new Settings("", values, named);
    T read = reading.apply(settings);
    List<String> problems = settings.problems();
    if (!problems.isEmpty()) {
      throw new AncestralException(ErrorCode.SPEC, String.join("\n", problems));
    }
    return read;
  }

  /**
   * {@code --shard-size} of {@code shardSize}.
   *
   * @param whole what all of them together are called
   */
  static String name(String key, String whole) {
    return key.isEmpty()
        ? whole
        : "--"
            + key.replaceFirst("\\..*", "").replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
