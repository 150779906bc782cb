package dev.ancestral.cli.console;

import dev.ancestral.job.status.Redaction;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;

/** Hands events on to another appender without credentials, in messages and in stack traces. */
final class RedactingAppender extends AbstractAppender {
  private final Appender inner;

  private RedactingAppender(Appender inner) {
    super(inner.getName(), null, null, inner.ignoreExceptions(), Property.EMPTY_ARRAY);
    this.inner = inner;
  }

  /** Stands between all loggers and their appenders. */
  static void install(LoggerContext context) {
    for (LoggerConfig logger : context.getConfiguration().getLoggers().values()) {
      for (Appender appender : List.copyOf(logger.getAppenders().values())) {
        RedactingAppender redacting = new RedactingAppender(appender);
        redacting.start();
        logger.removeAppender(appender.getName());
        logger.addAppender(redacting, null, null);
      }
    }
    context.updateLoggers();
  }

  @Override
  public void append(LogEvent event) {
    // Asked each time: Spark sets its properties after the log is set up.
    Redaction redaction = Redaction.ofProcess();
    String message = event.getMessage().getFormattedMessage();
    String trace = trace(event.getThrown());
    String cleanMessage = redaction.text(message);
    String cleanTrace = redaction.text(trace);
    if (cleanMessage.equals(message) && cleanTrace.equals(trace)) {
      inner.append(event);
      return;
    }
    Log4jLogEvent.Builder clean = new Log4jLogEvent.Builder(event);
    if (!cleanTrace.equals(trace)) {
      clean.setThrown(null).setThrownProxy(null);
      cleanMessage += System.lineSeparator() + cleanTrace;
    }
    inner.append(clean.setMessage(new SimpleMessage(cleanMessage)).build());
  }

  private static String trace(Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
