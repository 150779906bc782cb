package dev.ancestral.job.status;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/**
 * Takes credentials out of a text before a person or a file gets it: the values of settings whose
 * key looks like a credential, whatever follows such a key in the text, and passwords in URIs.
 */
public final class Redaction {
  /** What stands in the place of a credential. */
  public static final String MARK = "(redacted)";

  /**
   * What the name of a setting that holds a credential looks like; as {@code grep -iE} reads it
   * too, since {@code bin/ancestral} has the same. It takes in all that Spark ({@code
   * spark.redaction.regex}) and Hadoop ({@code hadoop.security.sensitive-config-keys}) redact by
   * themselves.
   */
  static final String SECRET_KEY =
      "secret|passw|passphrase|[._-](pass|pwd)$|token([._-]|[a-hj-z0-9]|$)|credentials?$"
          + "|(access|private|account|api)[._-]?key"
          + "|(encryption|shared|session|master|signing|hmac|customer|client)[._-]?keys?([._-]|$)"
          + "|(^|[._-])sas([._-]|$)|(^|[._-])sig$|signature|authorization$|jaas[._-]?config"
          + "|(azure|adl)[.]oauth2|fs[.]gs[.](encryption|proxy|auth)|connection[._-]?string";

  private static final Pattern KEY = Pattern.compile(SECRET_KEY, Pattern.CASE_INSENSITIVE);

  /** References to secrets of Kubernetes by their names, which are no credentials. */
  private static final Pattern REFERENCE =
      Pattern.compile("spark\\.kubernetes\\.(driver|executor)\\.(secrets|secretKeyRef)\\..+");

  private static final Pattern KEY_AND_VALUE =
      Pattern.compile(
          "((?<![\\w.-])[\\w.-]*?(?:"
              // Where a key begins and ends in a text.
              + SECRET_KEY
                  .replace("(", "(?:")
                  .replace("^", "(?<![\\w.-])")
                  .replace("$", "(?![\\w.-])")
              + ")[\\w.-]*+(?:[\"']?\\s*=\\s*|[\"']\\s*:\\s*|:(?=\\S))[\"']?)([^\\s\"',;&)]+)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern HEADER =
      Pattern.compile(
          "\\b((?:authorization[\"']?\\s*[:=]\\s*[\"']?(?:basic|bearer|digest)|bearer)\\s+)[^\\s\"',;]+",
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

  /** Those of Hadoop's own files on the class path, which no process changes. */
  private static final class Hadoop {
    static final Map<String, String> CREDENTIALS = credentials();

    private static Map<String, String> credentials() {
      Map<String, String> credentials = new HashMap<>();
      Configuration site = new Configuration(false);
      site.addResource("core-site.xml");
      site.addResource("hdfs-site.xml");
      for (Map.Entry<String, String> setting : site) {
        if (isCredential(setting.getKey(), setting.getValue())) {
          credentials.put(setting.getKey(), setting.getValue());
        }
      }
      return credentials;
    }
  }

  /**
   * Of the settings of this process: its properties, among them Spark's, Hadoop's files, and its
   * environment.
   */
  public static Redaction ofProcess() {
    Map<String, String> settings = new HashMap<>(Hadoop.CREDENTIALS);
    settings.putAll(System.getenv());
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
          if (isCredential(key, value)) {
            values.add(value);
          }
        });
    return new Redaction(values);
  }

  /** Whether a setting of this name is taken for a credential. */
  public static boolean isSecret(String key) {
    return KEY.matcher(key).find() && !REFERENCE.matcher(key).matches();
  }

  /** The same of a setting with its value: a number or a flag is none, whatever its name. */
  public static boolean isCredential(String key, String value) {
    return isSecret(key) && !NO_CREDENTIAL.matcher(value).matches();
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
    clean = HEADER.matcher(clean).replaceAll("$1" + MARK);
    clean = URI_PASSWORD.matcher(clean).replaceAll("$1" + MARK + "$2");
    Matcher keys = KEY_AND_VALUE.matcher(clean);
    return keys.replaceAll(
        found ->
            Matcher.quoteReplacement(
                found.group(1)
                    + (NO_CREDENTIAL.matcher(found.group(2)).matches() ? found.group(2) : MARK)));
  }
}
