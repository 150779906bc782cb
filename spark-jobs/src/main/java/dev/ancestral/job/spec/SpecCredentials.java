package dev.ancestral.job.spec;

import dev.ancestral.job.status.Redaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Credentials that a spec holds by mistake. It is copied into {@code model.json}, the report and
 * trackers, so it may have none.
 *
 * @param problems one for each
 * @param values by their keys
 */
record SpecCredentials(List<String> problems, Map<String, String> values) {
  private static final Set<String> ELSEWHERE = Set.of("model", "submit");

  /**
   * Those of a document, at whatever depth. What a family calls its settings is its own affair, and
   * the settings of Spark are looked at where they are read.
   */
  static SpecCredentials in(YamlDocument document) {
    SpecCredentials found = new SpecCredentials(new ArrayList<>(), new TreeMap<>());
    document.values().entrySet().stream()
        .filter(section -> !ELSEWHERE.contains(section.getKey()))
        .forEach(
            section ->
                found.look(document, section.getKey(), section.getKey(), section.getValue()));
    return found;
  }

  /** Another problem without them. */
  String redacted(String problem) {
    return Redaction.of(values).text(problem);
  }

  private void look(YamlDocument document, String path, String key, Object value) {
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (inner, content) -> look(document, path + "." + inner, String.valueOf(inner), content));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        look(document, path + "[" + i + "]", key, list.get(i));
      }
    } else if (value instanceof String text && Redaction.isCredential(key, text)) {
      values.put(key, text);
      problems.add(
          document.locate(path)
              + ": "
              + path
              + " is "
              + Redaction.MARK
              + "; it must be in a file given by --properties-file: a spec has no credentials");
    }
  }
}
