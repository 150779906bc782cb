package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C on a real process. */
class InterruptionTest {
  @TempDir Path folder;

  @Test
  void an_interrupted_command_says_so_and_goes_on_when_it_is_run_again() throws Exception {
    String model =
        new Fixtures(new Storage(new Configuration()))
            .untrained(
                folder.resolve("vae").toString(),
                "vae",
                Map.of("hidden", List.of(8), "latent", 3),
                EventSpec.discrete(2, 4, 3, 1),
                "none",
                5);
    Path out = folder.resolve("out");
    String[] command = {
      "generate",
      "--model",
      model,
      "--count",
      "75000",
      "--seed",
      "1",
      "--shard-size",
      "500",
      "--output",
      out.toString()
    };

    Process process = ChildProcess.start(folder, List.of(), command);
    Path first = out.resolve("part-00000.parquet");
    while (process.isAlive() && !Files.exists(first)) {
      Thread.sleep(20);
    }
    // TERM, not INT: what runs behind a script may have been told to ignore that one.
    new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the process ends");

    assertEquals(7, process.exitValue(), Files.readString(folder.resolve("err")));
    assertEquals(
        "interrupted: run the same command again to go on\n",
        Files.readString(folder.resolve("err")));
    String status = Files.readString(out.resolve("status.json"));
    assertTrue(status.contains("\"status\" : 7"), status);
    assertTrue(status.contains("\"retryable\" : true"), status);
    assertFalse(Files.exists(out.resolve("manifest.json")));

    FileTime made = Files.getLastModifiedTime(first);
    CommandLine again = CommandLine.run(command);
    assertEquals(0, again.status(), again.err());
    assertTrue(again.out().contains("75,000 samples"), again.out());
    assertEquals(made, Files.getLastModifiedTime(first));
  }
}
