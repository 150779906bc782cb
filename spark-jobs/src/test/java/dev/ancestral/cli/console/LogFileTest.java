package dev.ancestral.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.AncestralException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
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
  void a_log_lies_where_its_owner_alone_can_enter() throws Exception {
    Map<String, String> environment = new HashMap<>();
    Path state = folder.resolve("state");
    Path log = LogFile.choose(environment::get, folder);
    assertEquals(folder.resolve(".local/state/ancestral/ancestral.log"), log);
    assertEquals("rwx------", permissions(log.getParent()));
    environment.put("XDG_STATE_HOME", state.toString());
    Files.createDirectories(state.resolve("ancestral"));
    Files.setPosixFilePermissions(
        state.resolve("ancestral"), PosixFilePermissions.fromString("rwxr-xr-x"));
    log = LogFile.choose(environment::get, folder);
    assertEquals(state.resolve("ancestral/ancestral.log"), log);
    assertEquals("rwx------", permissions(log.getParent()));
    environment.put("ANCESTRAL_LOG", "/var/log/mine.log");
    assertEquals(Path.of("/var/log/mine.log"), LogFile.choose(environment::get, folder));
  }

  @Test
  void where_there_is_no_home_nobody_can_foresee_the_log() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    Path one = LogFile.choose(Map.<String, String>of()::get, file);
    Path two = LogFile.choose(Map.<String, String>of()::get, file);
    assertNotEquals(one, two);
    for (Path log : List.of(one, two)) {
      assertEquals("rwx------", permissions(log.getParent()));
      assertEquals(Path.of(System.getProperty("java.io.tmpdir")), log.getParent().getParent());
      Files.delete(log.getParent());
    }
  }

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void another_format_is_refused() {
    System.setProperty("ancestral.log.file", folder.resolve("log").toString());
    System.setProperty("ancestral.log.format", "xml");
    AncestralException refusal = assertThrows(AncestralException.class, LogFile::configure);
    assertEquals("ANCESTRAL_LOG_FORMAT is xml; it must be text or json", refusal.getMessage());
  }
}
