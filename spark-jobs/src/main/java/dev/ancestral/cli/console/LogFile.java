package dev.ancestral.cli.console;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.UnaryOperator;
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
  private static final String NAME = "ancestral.log";

  private LogFile() {}

  /**
   * Sets the log up, unless the user configured Log4j. Where the driver runs inside the cluster,
   * the log stays where the cluster collects it; credentials are kept out of it there too. Lines of
   * the file are JSON where {@code ANCESTRAL_LOG_FORMAT} is {@code json}.
   *
   * @throws AncestralException (SPEC) if it is something else than {@code json} or {@code text}
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
      Path home = Path.of(System.getProperty("user.home"));
      System.setProperty(PROPERTY, choose(System::getenv, home).toString());
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
      throw new AncestralException(
          ErrorCode.SPEC, FORMAT + " is " + format + "; it must be text or json");
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

  /**
   * {@code ANCESTRAL_LOG}, else in a folder that its owner alone can enter: that for state of the
   * XDG base directories, or where there is none, as service accounts have it, a temporary one of a
   * random name. In a shared folder another user could put a link in the place of a log whose name
   * is known.
   */
  static Path choose(UnaryOperator<String> environment, Path home) {
    String named = environment.apply(VARIABLE);
    if (named != null && !named.isBlank()) {
      return Path.of(named);
    }
    String state = environment.apply("XDG_STATE_HOME");
    Path folder =
        (state != null && !state.isBlank() ? Path.of(state) : home.resolve(".local/state"))
            .resolve("ancestral");
    try {
      if (isOwners(folder)) {
        return folder.resolve(NAME);
      }
    } catch (IOException e) {
      // A home that cannot be written; the log goes elsewhere.
    }
    try {
      return Files.createTempDirectory("ancestral-").resolve(NAME);
    } catch (IOException e) {
      throw new AncestralException(
          ErrorCode.CLUSTER,
          "no log can be written below " + folder + " or java.io.tmpdir; set " + VARIABLE,
          e);
    }
  }

  /** Makes a folder its owner's alone; false if it cannot be written. */
  private static boolean isOwners(Path folder) throws IOException {
    Set<PosixFilePermission> owners = PosixFilePermissions.fromString("rwx------");
    if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(folder);
    } else if (Files.isDirectory(folder)) {
      Files.setPosixFilePermissions(folder, owners);
    } else {
      Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(owners));
    }
    return Files.isWritable(folder);
  }
}
