package dev.ancestral.job.status;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes credentials out of a text before a person or a file gets it: the values of settings whose
 * key looks like a credential, whatever follows such a key in the text, and passwords in URIs.
 */
public final class Redaction {
  /** What stands in the place of a credential. */
  public static final String MARK = "(redacted)";

  private static final String SECRET_KEY =
      "secret|passw|passphrase|token|(?:access|private|account|api)[._-]?key";
  private static final Pattern KEY = Pattern.compile(SECRET_KEY, Pattern.CASE_INSENSITIVE);
  private static final Pattern KEY_AND_VALUE =
      Pattern.compile(
          "((?<![\\w.-])[\\w.-]*?(?:"
              + SECRET_KEY
              + ")[\\w.-]*+(?:[\"']?\\s*=\\s*|[\"']\\s*:\\s*|:(?=\\S))[\"']?)([^\\s\"',;&)]+)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern URI_PASSWORD = Pattern.compile("(://[^/@\\s:]*:)[^/@\\s]+(@)");

  /** Numbers, flags and the like: hidden everywhere in a text, they would hide what is wrong. */
  private static final Pattern NO_CREDENTIAL =
      Pattern.compile("\\s*|true|false|none|\\d{1,6}|.{1,3}", Pattern.CASE_INSENSITIVE);

  private final List<String> values;

  private Redaction(Collection<String> values) {
    // The longest first: one may contain another.
    this.values =
        values.stream()
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
  }

  /** Of the settings of this process: its properties, among them Spark's, and its environment. */
  public static Redaction ofProcess() {
    Map<String, String> settings = new HashMap<>(System.getenv());
    for (String name : System.getProperties().stringPropertyNames()) {
      settings.put(name, System.getProperty(name, ""));
    }
    return of(settings);
  }

  /** Of settings by their keys. */
  public static Redaction of(Map<String, String> settings) {
    List<String> values = new ArrayList<>();
    settings.forEach(
        (key, value) -> {
          if (isSecret(key) && !NO_CREDENTIAL.matcher(value).matches()) {
            values.add(value);
          }
        });
    return new Redaction(values);
  }

  /** Whether a setting of this name is taken for a credential. */
  public static boolean isSecret(String key) {
    return KEY.matcher(key).find();
  }

  /** The text without credentials; null stays null. */
  public String text(String text) {
    if (text == null) {
      return null;
    }
    String clean = text;
    for (String value : values) {
      clean = clean.replace(value, MARK);
    }
    clean = URI_PASSWORD.matcher(clean).replaceAll("$1" + MARK + "$2");
    Matcher keys = KEY_AND_VALUE.matcher(clean);
    return keys.replaceAll(
        found ->
            Matcher.quoteReplacement(
                found.group(1)
                    + (NO_CREDENTIAL.matcher(found.group(2)).matches() ? found.group(2) : MARK)));
  }
}
