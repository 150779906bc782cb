package dev.ancestral.config;

import dev.ancestral.Suggestion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Typed reading of a map of settings that collects every problem instead of stopping at the first.
 *
 * <p>A wrong value is reported and the default is returned, so reading goes on; the code that made
 * the settings asks for {@link #problems()} at the end and refuses.
 */
public final class Settings {
  private static final int LONGEST_TOLD = 100;

  /** Most numbers of a list: each may stand for a layer, which takes much more memory. */
  private static final int MOST_NUMBERS = 1 << 14;

  private final String path;
  private final Map<String, Object> values;
  private final UnaryOperator<String> locator;
  private final List<String> problems;
  private final Set<String> read = new HashSet<>();
  private final Map<String, Settings> sections = new LinkedHashMap<>();

  /**
   * @param path dotted path of this map in the document, empty at the top
   * @param values keys to scalars, lists and maps
   * @param locator where a dotted path stands, for messages: {@code spec.yaml:12}
   */
  public Settings(String path, Map<String, Object> values, UnaryOperator<String> locator) {
    this(path, values, locator, new ArrayList<>());
  }

  private Settings(
      String path,
      Map<String, Object> values,
      UnaryOperator<String> locator,
      List<String> problems) {
    this.path = path;
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    this.locator = locator;
    this.problems = problems;
  }

  /** Settings that stand in no file. */
  public static Settings of(Map<String, Object> values) {
    return new Settings("", values, key -> "settings");
  }

  /** Whether the key is there; asking makes it a known key. */
  public boolean has(String key) {
    read.add(key);
    return values.get(key) != null;
  }

  /** A text among those allowed (any, if none is named); required if the default is null. */
  public String text(String key, String byDefault, String... allowed) {
    Object value = value(key, byDefault, allowed.length == 0 ? "a text" : oneOf(allowed));
    if (value == null) {
      return byDefault;
    }
    String text =
        value instanceof String || value instanceof Number || value instanceof Boolean
            ? value.toString()
            : null;
    if (text == null || (allowed.length > 0 && !List.of(allowed).contains(text))) {
      wrong(
          key,
          value,
          allowed.length == 0
              ? "a text"
              : oneOf(allowed) + Suggestion.question(String.valueOf(value), List.of(allowed)));
      return byDefault;
    }
    return text;
  }

  /** A whole number within [least, most]; required if the default is null. */
  public long integer(String key, Long byDefault, long least, long most) {
    String allowed =
        "a whole number"
            + (least == Long.MIN_VALUE ? "" : " from " + least)
            + (most == Long.MAX_VALUE ? "" : " to " + most);
    Object value = value(key, byDefault, allowed);
    if (value == null) {
      return byDefault == null ? least : byDefault;
    }
    if ((value instanceof Integer || value instanceof Long)
        && ((Number) value).longValue() >= least
        && ((Number) value).longValue() <= most) {
      return ((Number) value).longValue();
    }
    wrong(key, value, allowed);
    return byDefault == null ? least : byDefault;
  }

  /** A whole number that fits an int, within [least, most]; required if the default is null. */
  public int count(String key, Integer byDefault, int least, int most) {
    return Math.toIntExact(integer(key, byDefault == null ? null : (long) byDefault, least, most));
  }

  /** A finite number within [least, most]; required if the default is null. */
  public double number(String key, Double byDefault, double least, double most) {
    String allowed = "a number from " + least + (most == Double.MAX_VALUE ? "" : " to " + most);
    Object value = value(key, byDefault, allowed);
    if (value == null) {
      return byDefault == null ? least : byDefault;
    }
    if (value instanceof Number n && n.doubleValue() >= least && n.doubleValue() <= most) {
      return n.doubleValue();
    }
    wrong(key, value, allowed);
    return byDefault == null ? least : byDefault;
  }

  /** true or false; required if the default is null. */
  public boolean flag(String key, Boolean byDefault) {
    Object value = value(key, byDefault, "true or false");
    if (value == null) {
      return byDefault != null && byDefault;
    }
    if (value instanceof Boolean b) {
      return b;
    }
    wrong(key, value, "true or false");
    return byDefault != null && byDefault;
  }

  /** A list of whole numbers, each within [least, most]; required if the default is null. */
  public List<Integer> counts(String key, List<Integer> byDefault, int least, int most) {
    String allowed = "a list of whole numbers from " + least + " to " + most;
    Object value = value(key, byDefault, allowed);
    if (value == null) {
      return byDefault == null ? List.of() : byDefault;
    }
    if (value instanceof List<?> list && list.size() > MOST_NUMBERS) {
      wrong(key, list.subList(0, 10), allowed + ", at most " + MOST_NUMBERS + " of them");
      return byDefault == null ? List.of() : byDefault;
    }
    if (value instanceof List<?> list
        && list.stream().allMatch(n -> n instanceof Integer i && i >= least && i <= most)) {
      return list.stream().map(n -> (Integer) n).toList();
    }
    wrong(key, value, allowed);
    return byDefault == null ? List.of() : byDefault;
  }

  /** A list of numbers, each within [least, most]; required if the default is null. */
  public List<Double> numbers(String key, List<Double> byDefault, double least, double most) {
    String allowed = "a list of numbers from " + least + " to " + most;
    Object value = value(key, byDefault, allowed);
    if (value == null) {
      return byDefault == null ? List.of() : byDefault;
    }
    if (value instanceof List<?> list
        && list.stream()
            .allMatch(
                x ->
                    x instanceof Number n && n.doubleValue() >= least && n.doubleValue() <= most)) {
      return list.stream().map(x -> ((Number) x).doubleValue()).toList();
    }
    wrong(key, value, allowed);
    return byDefault == null ? List.of() : byDefault;
  }

  /** A list of texts, or one text alone; required if the default is null. */
  public List<String> texts(String key, List<String> byDefault) {
    String allowed = "a text or a list of texts";
    Object value = value(key, byDefault, allowed);
    if (value == null) {
      return byDefault == null ? List.of() : byDefault;
    }
    List<?> list = value instanceof List<?> several ? several : List.of(value);
    if (list.stream().allMatch(x -> x instanceof String || x instanceof Number)) {
      return list.stream().map(String::valueOf).toList();
    }
    wrong(key, value, allowed);
    return byDefault == null ? List.of() : byDefault;
  }

  /** The settings under a key, the same each time; empty ones if it is absent. */
  public Settings section(String key) {
    Settings known = sections.get(key);
    if (known != null) {
      return known;
    }
    read.add(key);
    Object value = values.get(key);
    Map<String, Object> inner = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((k, v) -> inner.put(String.valueOf(k), v));
    } else if (value != null) {
      wrong(key, value, "a map of keys and values");
    }
    Settings section = new Settings(join(key), inner, locator, problems);
    sections.put(key, section);
    return section;
  }

  /** The maps of a list under a key; none if it is absent. */
  public List<Settings> sections(String key) {
    read.add(key);
    Object value = values.get(key);
    List<Settings> result = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        String name = key + "[" + i + "]";
        if (list.get(i) instanceof Map<?, ?> map) {
          Map<String, Object> inner = new LinkedHashMap<>();
          map.forEach((k, v) -> inner.put(String.valueOf(k), v));
          Settings section = new Settings(join(name), inner, locator, problems);
          result.add(section);
          sections.put(name, section);
        } else {
          wrong(name, list.get(i), "a map of keys and values");
        }
      }
    } else if (value != null) {
      wrong(key, value, "a list");
    }
    return result;
  }

  /** Reports a problem with the value of a key. */
  public void wrong(String key, Object value, String allowed) {
    String told = String.valueOf(value);
    if (told.length() > LONGEST_TOLD) {
      told = told.substring(0, LONGEST_TOLD) + "...";
    }
    problems.add(
        locator.apply(join(key)) + ": " + join(key) + " is " + told + "; it must be " + allowed);
  }

  /** The keys and values as they were given. */
  public Map<String, Object> values() {
    return values;
  }

  /** What was wrong so far, without keys that were not read yet: for a reading that broke off. */
  public List<String> problemsSoFar() {
    return List.copyOf(problems);
  }

  /** Everything that was wrong, including keys that were not read. */
  public List<String> problems() {
    List<String> all = new ArrayList<>(problems);
    Map<String, String> paths = new TreeMap<>();
    knownKeys(paths);
    unknown(all, paths);
    return all;
  }

  private void unknown(List<String> into, Map<String, String> paths) {
    for (String key : values.keySet()) {
      if (!read.contains(key)) {
        into.add(
            locator.apply(join(key))
                + ": "
                + join(key)
                + " is not a known key; "
                + meant(key, paths)
                    .map(word -> "did you mean " + word + "? Known here are ")
                    .orElse("known here are ")
                + Suggestion.nearestFirst(key, read.stream().sorted().toList()));
      }
    }
    sections.values().forEach(section -> section.unknown(into, paths));
  }

  /** A key of this section, or one that another section has by just that name. */
  private Optional<String> meant(String key, Map<String, String> paths) {
    return Suggestion.nearest(key, read).or(() -> Optional.ofNullable(paths.get(key)));
  }

  /** The paths of the keys that are known anywhere, by their last part; of lists, none. */
  private void knownKeys(Map<String, String> paths) {
    read.forEach(key -> paths.putIfAbsent(key, join(key)));
    sections.values().forEach(section -> section.knownKeys(paths));
  }

  private Object value(String key, Object byDefault, String allowed) {
    read.add(key);
    Object value = values.get(key);
    if (value == null && byDefault == null) {
      problems.add(locator.apply(path) + ": " + join(key) + " is missing; it must be " + allowed);
    }
    return value;
  }

  private String join(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String oneOf(String... allowed) {
    return "one of " + String.join(", ", allowed);
  }
}
