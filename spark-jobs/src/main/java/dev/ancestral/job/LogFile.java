package dev.ancestral.job;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;

/**
 * The log of a command: Spark's warnings and all stack traces go to a file, and of warnings only
 * the first line goes to standard error. Credentials go to neither.
 */
public final class LogFile {
  private static final String VARIABLE = "ANCESTRAL_LOG_FILE";
  private static final String PROPERTY = "ancestral.log.file";

  private LogFile() {}

  /**
   * Sets the log up, unless the user configured Log4j. Where the driver runs inside the cluster,
   * the log stays where the cluster collects it; credentials are kept out of it there too.
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
    try {
      URI configuration = LogFile.class.getResource("log4j2.properties").toURI();
      Configurator.reconfigure(configuration);
      redact();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a resource has a URI", e);
    }
  }

  private static void redact() {
    if (LogManager.getContext(false) instanceof LoggerContext context) {
      RedactingAppender.install(context);
    }
  }

  /** Lets nothing more of the log through to standard error. */
  static void leaveConsole() {
    if (LogManager.getContext(false) instanceof LoggerContext context) {
      context.getConfiguration().getRootLogger().removeAppender("console");
    }
  }

  /** The file, or null where the log is not ours. */
  public static String path() {
    return System.getProperty(PROPERTY, System.getenv(VARIABLE));
  }

  /** {@code ANCESTRAL_LOG_FILE}, else below the folder for state of the XDG base directories. */
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
