package dev.ancestral.cli.console;

import dev.ancestral.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.properties.PropertiesConfigurationBuilder;

/**
 * The log of a command: Spark's warnings and all stack traces go to a file, and of warnings only
 * the first line goes to standard error. Credentials go to neither.
 */
public final class LogFile {
  private static final String VARIABLE = "ANCESTRAL_LOG";
  private static final String FORMAT = "ANCESTRAL_LOG_FORMAT";
  private static final String FORMAT_PROPERTY = "ancestral.log.format";
  private static final String PROPERTY = "ancestral.log.file";

  private LogFile() {}

  /**
   * Sets the log up, unless the user configured Log4j. Where the driver runs inside the cluster,
   * the log stays where the cluster collects it; credentials are kept out of it there too. Lines of
   * the file are JSON where {@code ANCESTRAL_LOG_FORMAT} is {@code json}.
   *
   * @throws Refusal (SPEC) if it is something else than {@code json} or {@code text}
   */
  public static void configure() {
    boolean configured =
        System.getProperty("log4j2.configurationFile") != null
            || System.getProperty("log4j.configurationFile") != null;
    if (configured) {
      return;
    }
    if ("cluster".equals(System.getProperty("spark.submit.deployMode"))) {
      redact();
      return;
    }
    if (System.getProperty(PROPERTY) == null) {
      System.setProperty(PROPERTY, choose().toString());
    }
    if (LogManager.getContext(false) instanceof LoggerContext context) {
      Configurator.reconfigure(
          new PropertiesConfigurationBuilder()
              .setConfigurationSource(ConfigurationSource.NULL_SOURCE)
              .setRootProperties(settings())
              .setLoggerContext(context)
              .build());
      redact();
    }
  }

  private static void redact() {
    if (LogManager.getContext(false) instanceof LoggerContext context) {
      RedactingAppender.install(context);
    }
  }

  private static Properties settings() {
    Properties settings = new Properties();
    try (InputStream in = LogFile.class.getResourceAsStream("log4j2.properties")) {
      settings.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String format =
        System.getProperty(FORMAT_PROPERTY, System.getenv().getOrDefault(FORMAT, "text"));
    if (format.equals("json")) {
      settings.remove("appender.file.layout.pattern");
      settings.putAll(
          Map.of(
              "appender.file.layout.type", "JsonLayout",
              "appender.file.layout.compact", "true",
              "appender.file.layout.eventEol", "true",
              "appender.file.layout.stacktraceAsString", "true",
              "appender.file.layout.time.type", "KeyValuePair",
              "appender.file.layout.time.key", "time",
              "appender.file.layout.time.value", "$${date:yyyy-MM-dd'T'HH:mm:ss.SSSXXX}"));
    } else if (!format.equals("text")) {
      throw new Refusal(Refusal.Kind.SPEC, FORMAT + " is " + format + "; it must be text or json");
    }
    return settings;
  }

  /** Lets nothing more of the log through to standard error. */
  public static void leaveConsole() {
    if (LogManager.getContext(false) instanceof LoggerContext context) {
      context.getConfiguration().getRootLogger().removeAppender("console");
    }
  }

  /** The file, or null where the log is not ours. */
  public static String path() {
    return System.getProperty(PROPERTY, System.getenv(VARIABLE));
  }

  /** {@code ANCESTRAL_LOG}, else below the folder for state of the XDG base directories. */
  private static Path choose() {
    String named = System.getenv(VARIABLE);
    if (named != null && !named.isBlank()) {
      return Path.of(named);
    }
    String state = System.getenv("XDG_STATE_HOME");
    Path folder =
        state != null && !state.isBlank()
            ? Path.of(state, "ancestral")
            : Path.of(System.getProperty("user.home"), ".local", "state", "ancestral");
    try {
      Files.createDirectories(folder);
      if (Files.isWritable(folder)) {
        return folder.resolve("ancestral.log");
      }
    } catch (IOException e) {
      // A home that cannot be written is usual for service accounts; the log goes elsewhere.
    }
    return Path.of(
        System.getProperty("java.io.tmpdir"),
        "ancestral-" + System.getProperty("user.name") + ".log");
  }
}
