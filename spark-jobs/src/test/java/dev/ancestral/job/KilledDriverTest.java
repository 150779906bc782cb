package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.job.output.OutputSession;
import dev.ancestral.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGKILL for the process of a command; the same command then goes on by itself. */
class KilledDriverTest {
  private static final int KILLED = 128 + 9;
  // Claim asked for, claim held, status; then each of three parts and its record; the preview.
  private static final int CHANGES_BEFORE_MANIFEST = 3 + 2 * 3 + 1;

  @TempDir Path folder;

  private SmallJobs jobs;

  @BeforeEach
  void inputs() throws IOException {
    jobs = new SmallJobs(folder);
    FaultyStore.heal();
  }

  @Test
  void between_the_last_part_and_the_manifest() throws Exception {
    Path output = folder.resolve("killed");
    killAt(CHANGES_BEFORE_MANIFEST + 1, "generate", output);
    assertFalse(Files.exists(output.resolve("manifest.json")));
    Path last = output.resolve("part-00002.parquet");
    FileTime made = Files.getLastModifiedTime(last);
    String status = Files.readString(output.resolve(OutputSession.FILE));
    assertTrue(status.contains("\"status\" : 7"), status);

    CommandLine again = run("generate", output);
    assertFalse(again.out().contains("waiting"), "its process is gone for all to see");
    assertEquals(made, Files.getLastModifiedTime(last), "a whole part is kept");
    assertSameAsUndisturbed("generate", output);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"generate", "evaluate", "train", "prepare"})
  void anywhere(String kind) throws Exception {
    Path undisturbed = folder.resolve("undisturbed");
    FaultyStore.heal();
    run(kind, undisturbed);
    int changes = FaultyStore.changes();
    for (int seed = 1; seed <= 5; seed++) {
      int change = 1 + (int) RandomKey.of(seed).fold(kind).below(0, changes);
      Path output = folder.resolve("killed-" + seed);
      killAt(change, kind, output);
      run(kind, output);
      String when = kind + " killed at change " + change + " of " + changes;
      Contents.assertSame(Contents.of(undisturbed), Contents.of(output), when);
      System.out.println(when + ", seed " + seed + ": the same bytes");
    }
  }

  private void killAt(int change, String kind, Path output) throws Exception {
    String[] command = jobs.command(kind, FaultyStore.uri(output));
    Process process = ChildProcess.start(folder, List.of(FaultyStore.killedAt(change)), command);
    assertTrue(process.waitFor(180, TimeUnit.SECONDS), "the process ends");
    assertEquals(KILLED, process.exitValue(), Files.readString(folder.resolve("err")));
  }

  private CommandLine run(String kind, Path output) throws IOException {
    CommandLine result = CommandLine.run(jobs.command(kind, FaultyStore.uri(output)));
    assertEquals(0, result.status(), result.err());
    return result;
  }

  private void assertSameAsUndisturbed(String kind, Path output) throws IOException {
    Path undisturbed = folder.resolve("undisturbed");
    run(kind, undisturbed);
    Map<String, byte[]> expected = Contents.of(undisturbed);
    Contents.assertSame(expected, Contents.of(output), kind);
  }
}
