package dev.ancestral.job.spec;

import dev.ancestral.AncestralException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;

/**
 * One YAML document as plain maps, lists and scalars, and the line on which each key stands.
 *
 * <p>It is built from parser events, so no class is ever instantiated and an alias cannot multiply:
 * tags and aliases are refused, as are duplicate keys, several documents, nesting deeper than
 * {@value #MAX_DEPTH}, keys longer than {@value #MAX_KEY} characters, more than {@value
 * #MAX_VALUES} values and files above {@value #MAX_CODE_POINTS} characters. Each value keeps its
 * dotted path, so all of these bounds together are what bounds the memory.
 *
 * <p>Scalars follow the core schema of YAML 1.2: {@code true}, {@code false}, {@code null}, {@code
 * ~}, decimal whole numbers and decimal numbers ({@code 1e-3} is one); everything else, also {@code
 * yes}, {@code 010} and {@code 12:30}, is a text.
 *
 * @param file name of the file, for messages
 * @param values the top mapping
 * @param lines line of each key by its dotted path; list items are {@code key[i]}
 */
public record YamlDocument(String file, Map<String, Object> values, Map<String, Integer> lines) {
  static final int MAX_DEPTH = 20;
  static final int MAX_CODE_POINTS = 1_000_000;
  static final int MAX_VALUES = 20_000;
  static final int MAX_KEY = 200;

  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> TRUE = Set.of("true", "True", "TRUE");
  private static final Set<String> FALSE = Set.of("false", "False", "FALSE");
  private static final Pattern WHOLE = Pattern.compile("[-+]?(0|[1-9][0-9]{0,17})");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern LEADING_ZERO = Pattern.compile("[-+]?0[0-9]+");

  public YamlDocument {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    lines = Map.copyOf(lines);
  }

  /**
   * Parses a document.
   *
   * @throws AncestralException (SPEC) naming every problem that could be found, each with file and
   *     line
   */
  public static YamlDocument parse(String file, String text) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_CODE_POINTS);
    Reader reader = new Reader(file, new Yaml(options).parse(new StringReader(text)).iterator());
    try {
      Object top = reader.document();
      if (top == null) {
        reader.problem(1, "the file is empty; it must be a map of keys and values");
      } else if (!(top instanceof Map)) {
        reader.problem(
            1, "the file must be a map of keys and values, as in 'name: my-run'; begin with these");
      }
      if (reader.problems.isEmpty()) {
        return new YamlDocument(file, asMap(top), reader.lines);
      }
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      reader.problem(
          mark == null ? 1 : mark.getLine() + 1,
          "this is not YAML: "
              + e.getProblem()
              + (mark == null ? "" : " (column " + (mark.getColumn() + 1) + ")")
              + "; mend it here or just before");
    } catch (NumberFormatException e) { // SnakeYAML's own, where the file ends within an escape
      reader.problem(
          (int) text.lines().count(),
          "this is not YAML: the file ends within a quoted text, after a backslash; end the text");
    } catch (YAMLException e) {
      reader.problem(
          1, "this is not YAML: " + e.getMessage() + "; write it as deploy/help/spec.md shows");
    }
    throw Problems.refusal(file, reader.problems);
  }

  /** What a scalar without quotes stands for: null, true or false, a number, or the text. */
  public static Object scalar(String text) {
    if (NULLS.contains(text)) {
      return null;
    }
    if (TRUE.contains(text) || FALSE.contains(text)) {
      return TRUE.contains(text);
    }
    if (WHOLE.matcher(text).matches()) {
      long number = Long.parseLong(text);
      if (number == (int) number) {
        return (int) number;
      }
      return number;
    }
    if (NUMBER.matcher(text).matches() && !LEADING_ZERO.matcher(text).matches()) {
      double number = Double.parseDouble(text);
      return Double.isFinite(number) ? (Object) number : text;
    }
    return text;
  }

  /**
   * {@code file:line} of a dotted path, or of the nearest path above it that stands in the file.
   */
  public String locate(String path) {
    String at = path;
    while (!at.isEmpty()) {
      Integer line = lines.get(at);
      if (line != null) {
        return file + ":" + line;
      }
      int cut = Math.max(at.lastIndexOf('.'), at.lastIndexOf('['));
      at = cut < 0 ? "" : at.substring(0, cut);
    }
    return file;
  }

  @SuppressWarnings("unchecked") // The reader makes maps with text keys only.
  private static Map<String, Object> asMap(Object top) {
    return (Map<String, Object>) top;
  }

  /** Recursive descent over the events of one document. */
  private static final class Reader {
    private final String file;
    private final Iterator<Event> events;
    private final Map<String, Integer> lines = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private int values;

    Reader(String file, Iterator<Event> events) {
      this.file = file;
      this.events = events;
    }

    void problem(int line, String text) {
      problems.add(file + ":" + line + ": " + text);
    }

    Object document() {
      Object top = null;
      int documents = 0;
      while (events.hasNext()) {
        Event event = events.next();
        if (event instanceof DocumentStartEvent) {
          documents++;
          if (documents > 1) {
            problem(line(event), "a second document starts here; a spec is one document");
            return top;
          }
          top = value(events.next(), "", 1);
        }
      }
      return top;
    }

    private Object value(Event event, String path, int depth) {
      if (++values > MAX_VALUES) {
        throw new YAMLException("it has more than " + MAX_VALUES + " values");
      }
      refuseTag(event, path);
      if (event instanceof ScalarEvent scalar) {
        return scalar(scalar);
      }
      if (event instanceof AliasEvent) {
        problem(line(event), named(path) + " is an alias; write the value out");
        return null;
      }
      if (depth > MAX_DEPTH) {
        throw new YAMLException("nesting is deeper than " + MAX_DEPTH);
      }
      if (event instanceof SequenceStartEvent) {
        return list(path, depth);
      }
      return map(path, depth);
    }

    private List<Object> list(String path, int depth) {
      List<Object> list = new ArrayList<>();
      Event next = events.next();
      while (!(next instanceof SequenceEndEvent)) {
        String item = path + "[" + list.size() + "]";
        lines.put(item, line(next));
        list.add(value(next, item, depth + 1));
        next = events.next();
      }
      return Collections.unmodifiableList(list);
    }

    private Map<String, Object> map(String path, int depth) {
      Map<String, Object> map = new LinkedHashMap<>();
      Event next = events.next();
      while (!(next instanceof MappingEndEvent)) {
        String key;
        if (next instanceof ScalarEvent scalar) {
          refuseTag(scalar, path);
          key = scalar.getValue();
          if (key.length() > MAX_KEY) {
            throw new YAMLException("a key is longer than " + MAX_KEY + " characters");
          }
        } else {
          problem(line(next), "a key of " + named(path) + " is not a text");
          value(next, path, depth + 1);
          key = "?";
        }
        String inner = path.isEmpty() ? key : path + "." + key;
        if (map.containsKey(key)) {
          problem(
              line(next),
              inner
                  + " stands here a second time (first on line "
                  + lines.get(inner)
                  + "); leave one of the two");
        } else {
          lines.put(inner, line(next));
        }
        Object value = value(events.next(), inner, depth + 1);
        map.putIfAbsent(key, value);
        next = events.next();
      }
      return Collections.unmodifiableMap(map);
    }

    private void refuseTag(Event event, String path) {
      String tag =
          event instanceof ScalarEvent scalar
              ? scalar.getTag()
              : event instanceof MappingStartEvent mapping
                  ? mapping.getTag()
                  : event instanceof SequenceStartEvent sequence ? sequence.getTag() : null;
      // A lone '!' only says "not resolved": the quoted style of a text already does.
      if (tag != null && !tag.equals("!")) {
        problem(line(event), named(path) + " has the tag " + tag + "; a spec has no tags");
      }
    }

    private static Object scalar(ScalarEvent event) {
      return event.getScalarStyle() == ScalarStyle.PLAIN
          ? YamlDocument.scalar(event.getValue())
          : event.getValue();
    }

    private static int line(Event event) {
      return event.getStartMark() == null ? 1 : event.getStartMark().getLine() + 1;
    }

    private static String named(String path) {
      return path.isEmpty() ? "the file" : path;
    }
  }
}
