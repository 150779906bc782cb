package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A master and two workers in processes of their own, and a command on them. */
@Tag("cluster")
class LocalClusterIT {
  @TempDir Path folder;

  private Command cluster(String script, String... arguments) {
    return Command.script(folder, "local-cluster/" + script, arguments)
        .with("ANCESTRAL_CLUSTER_DIR", folder.resolve("state").toString());
  }

  @Test
  void starts_runs_a_command_and_stops() throws Exception {
    Command.Result started = cluster("start", "--workers", "2", "--memory", "1g").run();
    List<ProcessHandle> processes;
    try {
      assertEquals(0, started.status(), started.err());
      String master = started.out().strip();
      assertTrue(master.matches("spark://127\\.0\\.0\\.1:\\d+"), master);
      processes = processes();
      assertEquals(3, processes.size());

      Command.Result again = cluster("start").run();
      assertEquals(1, again.status());
      assertTrue(again.err().contains("stop it first"), again.err());

      Path data = folder.resolve("digits");
      Command.Result prepared =
          Command.script(
                  folder,
                  "bin/ancestral",
                  "--master",
                  master,
                  "--conf",
                  "spark.executor.memory=512m",
                  "--conf",
                  "spark.executor.extraJavaOptions=-Dlog4j2.configurationFile="
                      + Shipped.folder().toAbsolutePath().resolve("conf/log4j2-json.properties"),
                  "prepare",
                  "--format",
                  "synthetic",
                  "--kind",
                  "digits",
                  "--count",
                  "200",
                  "--output",
                  data.toString())
              .with("ANCESTRAL_LOG", folder.resolve("driver.log").toString())
              .run();
      assertEquals(0, prepared.status(), prepared.err());
      assertTrue(Files.exists(data.resolve("manifest.json")));
      assertTrue(executorsStarted() > 0, "the work was done by executors of the workers");
      for (String first : firstLinesOfExecutors()) {
        assertEquals("WARN", new ObjectMapper().readTree(first).path("level").asText(), first);
      }
    } finally {
      Command.Result stopped = cluster("stop").run();
      assertEquals(0, stopped.status(), stopped.err());
    }
    for (ProcessHandle process : processes) {
      process.onExit().get(30, TimeUnit.SECONDS);
    }
    assertTrue(cluster("stop").run().err().contains("stopped 0 processes"));
  }

  @Test
  void refuses_what_is_not_a_number() {
    Command.Result result = cluster("start", "--workers", "two").run();
    assertEquals(2, result.status());
    assertEquals(
        "local-cluster: --workers is 'two'; it must be a whole number above 0\n", result.err());
  }

  private List<ProcessHandle> processes() throws IOException {
    List<ProcessHandle> processes = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve("state"), "*.pid")) {
      for (Path file : files) {
        long id = Long.parseLong(Files.readString(file).strip());
        ProcessHandle.of(id).ifPresent(processes::add);
      }
    }
    return processes;
  }

  private List<String> firstLinesOfExecutors() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder.resolve("state/work"))) {
      for (Path file : files.filter(each -> each.endsWith("stderr")).toList()) {
        // The worker's word on the command line comes first. Who was not needed may have been
        // stopped before it said anything.
        String log = Files.readString(file);
        log.substring(log.indexOf("====\n") + 5).strip().lines().findFirst().ifPresent(lines::add);
      }
    }
    assertFalse(lines.isEmpty());
    return lines;
  }

  private long executorsStarted() throws IOException {
    Matcher launched =
        Pattern.compile("Launching executor app-")
            .matcher(Files.readString(folder.resolve("state/logs/master.log")));
    return launched.results().count();
  }
}
