package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of two commands that fill one output at the same time, one is refused and changes nothing. */
class ConcurrentCommandsTest {
  @TempDir Path folder;

  @AfterEach
  void healed() {
    FaultyStore.heal();
  }

  @Timeout(120)
  @ParameterizedTest
  @CsvSource({
    "generate, part-00000, --overwrite",
    "evaluate, .scores, --overwrite",
    "prepare, train/shard-00000, ''",
    "train, round-000002, --restart",
    "pipeline, train/shard-00000, ''"
  })
  void the_second_one_is_refused(String kind, String file, String insisting) throws Exception {
    SmallJobs jobs = new SmallJobs(folder);
    Path output = folder.resolve("output");
    String[] command = jobs.command(kind, FaultyStore.uri(output));
    FaultyStore.Gate gate = FaultyStore.gate(path -> path.contains(file));
    CompletableFuture<CommandLine> first =
        CompletableFuture.supplyAsync(() -> CommandLine.run(command));
    try {
      gate.awaitReached();
      awaitOtherTasks(gate);
      refuse(kind, command, insisting, output);
    } finally {
      gate.open();
    }
    CommandLine done = first.get(120, TimeUnit.SECONDS);
    assertEquals(0, done.status(), done.err());
    FaultyStore.heal();
    CommandLine again = CommandLine.run(command);
    assertEquals(0, again.status(), again.err());
  }

  /** Returns once every task that the gate does not hold back has written what it has to write. */
  private static void awaitOtherTasks(FaultyStore.Gate gate) throws InterruptedException {
    SparkStatusTracker tracker = SparkSession.active().sparkContext().statusTracker();
    int slots = SparkSession.active().sparkContext().defaultParallelism();
    boolean settled;
    do {
      Thread.sleep(10);
      int running = 0;
      int unfinished = 0;
      for (int stage : tracker.getActiveStageIds()) {
        SparkStageInfo info = tracker.getStageInfo(stage).getOrElse(() -> null);
        running += info == null ? 0 : info.numActiveTasks();
        unfinished += info == null ? 0 : info.numTasks() - info.numCompletedTasks();
      }
      settled = running == gate.waiting() && (running == unfinished || running == slots);
    } while (!settled);
  }

  private static void refuse(String kind, String[] command, String insisting, Path output)
      throws IOException {
    Map<String, byte[]> before = withoutClaims(output);
    for (String[] second : new String[][] {command, with(command, insisting)}) {
      CommandLine refused = CommandLine.run(second);
      assertEquals(7, refused.status(), refused.err());
      assertTrue(
          refused.err().contains(" is being filled by another command, '" + kind + "' of process "),
          refused.err());
      assertTrue(refused.err().contains("choose another output"), refused.err());
      assertEquals(1, refused.err().lines().count(), refused.err());
      Contents.assertSame(before, withoutClaims(output), "after the refusal");
    }
  }

  /** Claims are renewed while a command runs. */
  private static Map<String, byte[]> withoutClaims(Path output) throws IOException {
    Map<String, byte[]> contents = Contents.of(output);
    contents.keySet().removeIf(name -> name.contains(".claim-"));
    return contents;
  }

  private static String[] with(String[] command, String option) {
    if (option.isEmpty()) {
      return command;
    }
    String[] longer = java.util.Arrays.copyOf(command, command.length + 1);
    longer[command.length] = option;
    return longer;
  }
}
