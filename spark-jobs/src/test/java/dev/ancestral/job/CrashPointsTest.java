package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.job.output.OutputLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A command is cut off from its store at every single change that it makes there, once with that
 * change undone and once with half of it done; the same command then leaves what an undisturbed one
 * leaves, to the byte and to the last file. The store cannot rename.
 */
class CrashPointsTest {
  private static final String CLAIM_SECONDS = "spark.hadoop." + OutputLock.PATIENCE_KEY;

  @TempDir Path folder;

  private SmallJobs jobs;

  @BeforeEach
  void inputs() throws IOException {
    jobs = new SmallJobs(folder);
    FaultyStore.heal();
  }

  @AfterEach
  void healed() {
    FaultyStore.heal();
    System.clearProperty(CLAIM_SECONDS);
  }

  @ParameterizedTest(name = "{0}, half a change: {1}")
  @CsvSource({"generate, false", "evaluate, false", "prepare, false"})
  void an_output_is_the_same_wherever_the_command_was_cut_off(String kind, boolean half)
      throws IOException {
    cutOffEverywhere(kind, half);
  }

  // Half a manifest of a dataset, which no object store shows, cannot be told from a damaged one.
  @Tag("long")
  @ParameterizedTest(name = "{0}, half a change: {1}")
  @CsvSource({"train, false", "generate, true", "evaluate, true", "train, true"})
  void an_output_is_the_same_after_half_a_change(String kind, boolean half) throws IOException {
    cutOffEverywhere(kind, half);
  }

  private void cutOffEverywhere(String kind, boolean half) throws IOException {
    if (half) { // A torn claim is nobody's: it has to be waited for.
      System.setProperty(CLAIM_SECONDS, "1");
    }
    Path undisturbed = folder.resolve("undisturbed");
    run(kind, undisturbed, 0);
    Map<String, byte[]> expected = Contents.of(undisturbed);
    int changes = FaultyStore.changes();
    FaultyStore.heal();
    run(kind, undisturbed, 0);
    assertEquals(0, FaultyStore.changes(), "changes by a command whose work is done");

    int cutOff = 0;
    for (int change = 1; change <= changes; change++) {
      Path output = folder.resolve("cut-" + change);
      String when = kind + " cut off at change " + change + " of " + changes;
      FaultyStore.goneAt(change, half);
      int status = CommandLine.run(jobs.command(kind, FaultyStore.uri(output))).status();
      // The last change removes the claim, which the next command does as well.
      assertTrue(status == 7 || (status == 0 && change >= changes - 1), when + ": " + status);
      cutOff += status == 7 ? 1 : 0;
      FaultyStore.heal();
      run(kind, output, 0);
      if (status == 7) {
        Contents.assertSame(expected, Contents.of(output), when);
      }
    }
    assertTrue(cutOff >= 8, "cut off " + cutOff + " times");
    System.out.println(kind + ": cut off at " + cutOff + " changes, half done: " + half);
  }

  private void run(String kind, Path output, int status) throws IOException {
    CommandLine result = CommandLine.run(jobs.command(kind, FaultyStore.uri(output)));
    assertEquals(status, result.status(), result.err());
  }
}
