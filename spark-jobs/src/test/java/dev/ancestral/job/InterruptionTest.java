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
import org.junit.jupiter.api.Tag;
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

  @Test
  @Tag("long")
  void at_random_moments_of_sharing_gradients_and_of_annealing() throws Exception {
    Interruptions interruptions = new Interruptions(folder, 1);
    for (String kind : List.of("AIS", "gradient-sharing on gloo")) {
      interruptions.trial(kind, 1, 2);
      assertEquals(List.of(), interruptions.figures().get(kind).faults(), kind);
    }
  }

  /**
   * {@code -Dinterruptions=N}: so many (200), in all kinds of work in turn, from the kind {@code
   * -Dfirst=I} on, at the moments of {@code -Dseed=S}.
   */
  @Test
  @Tag("long")
  void at_two_hundred_random_moments() throws Exception {
    int wanted = Integer.getInteger("interruptions", 200);
    Interruptions interruptions = new Interruptions(folder, Long.getLong("seed", 1));
    List<String> kinds = interruptions.kinds();
    int done = 0;
    for (int turn = Integer.getInteger("first", 0); done < wanted; turn++) {
      done += interruptions.trial(kinds.get(turn % kinds.size()), turn, Math.min(3, wanted - done));
      System.out.println(done + " interruptions\n" + interruptions.table());
      interruptions.figures().forEach((kind, of) -> assertEquals(List.of(), of.faults(), kind));
    }
  }
}
