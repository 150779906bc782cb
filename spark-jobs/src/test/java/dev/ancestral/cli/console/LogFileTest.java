package dev.ancestral.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  private static final String SECRET = "fakefakefake08";
  private static final Map<String, String> PROPERTIES =
      Map.of("ancestral.log.format", "json", "spark.hadoop.fs.s3a.secret.key", SECRET);

  @TempDir Path folder;

  @AfterEach
  void reset() {
    PROPERTIES.keySet().forEach(System::clearProperty);
    System.clearProperty("ancestral.log.file");
    Configurator.reconfigure();
  }

  @Test
  void lines_are_json_objects_with_stack_traces_and_without_credentials() throws Exception {
    Path file = folder.resolve("ancestral.log");
    System.setProperty("ancestral.log.file", file.toString());
    PROPERTIES.forEach(System::setProperty);
    LogFile.configure();
    Logger log = LogManager.getLogger("dev.ancestral.test");
    log.info("plain \"words\"");
    log.warn("it said " + SECRET, new IllegalStateException("two\nlines"));
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(new ObjectMapper().readTree(line));
    }
    assertEquals(2, lines.size());
    assertEquals("INFO", lines.get(0).get("level").asText());
    assertEquals("plain \"words\"", lines.get(0).get("message").asText());
    assertEquals("dev.ancestral.test", lines.get(0).get("loggerName").asText());
    assertTrue(lines.get(0).get("time").asText().matches("\\d{4}-\\d\\d-\\d\\dT.*"));
    assertTrue(lines.get(1).get("message").asText().startsWith("it said (redacted)"));
    assertTrue(lines.get(1).get("thrown").get("extendedStackTrace").asText().contains("two"));
    assertFalse(Files.readString(file).contains(SECRET));
  }

  @Test
  void another_format_is_refused() {
    System.setProperty("ancestral.log.file", folder.resolve("log").toString());
    System.setProperty("ancestral.log.format", "xml");
    Refusal refusal = assertThrows(Refusal.class, LogFile::configure);
    assertEquals("ANCESTRAL_LOG_FORMAT is xml; it must be text or json", refusal.getMessage());
  }
}
