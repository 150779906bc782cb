package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ancestral.job.output.OutputSession;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disk that fills up ends a command with 7 and a plain message; with room, it goes on. */
class FullDiskTest {
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
  }

  @ParameterizedTest
  @CsvSource({"prepare, 2500", "train, 8000", "evaluate, 5000", "generate, 5000", "generate, 0"})
  void a_store_that_is_full(String kind, long room) throws IOException {
    Path undisturbed = folder.resolve("undisturbed");
    CommandLine clean = CommandLine.run(jobs.command(kind, FaultyStore.uri(undisturbed)));
    assertEquals(0, clean.status(), clean.err());

    Path output = folder.resolve("full");
    FaultyStore.room(room);
    CommandLine full = CommandLine.run(jobs.command(kind, FaultyStore.uri(output)));
    assertFull(full, FaultyStore.uri(output));
    FaultyStore.heal();
    CommandLine again = CommandLine.run(jobs.command(kind, FaultyStore.uri(output)));
    assertEquals(0, again.status(), again.err());
    Contents.assertSame(Contents.of(undisturbed), Contents.of(output), kind);
  }

  /** A real file system: 512 KiB of memory, of which only some are left. */
  @ParameterizedTest
  @CsvSource({"train, 24", "generate, 28"})
  void a_local_disk_that_is_full(String kind, int kibibytes) throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        isDone("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk.toString()),
        "this system does not let a test mount a file system");
    try {
      Path filler = disk.resolve("filler");
      fill(filler, 512 - kibibytes);
      Path output = disk.resolve("output");
      CommandLine full = CommandLine.run(jobs.command(kind, output.toString()));
      assertFull(full, output.toString());
      assertTrue(full.err().contains("No space left on device"), full.err());
      String status = Files.readString(output.resolve(OutputSession.FILE));
      assertTrue(status.contains("\"status\" : 7"), status);
      boolean committed = Files.exists(output.resolve("checkpoints/round-000001.json"));
      assertEquals(kind.equals("train"), committed, "a state was committed before");

      Files.delete(filler);
      CommandLine again = CommandLine.run(jobs.command(kind, output.toString()));
      assertEquals(0, again.status(), again.err());
      assertEquals(kind.equals("train"), again.out().contains("going on from round "), again.out());
      Path undisturbed = folder.resolve("undisturbed");
      assertEquals(0, CommandLine.run(jobs.command(kind, undisturbed.toString())).status());
      Map<String, byte[]> expected = Contents.of(undisturbed);
      Contents.assertSame(expected, Contents.of(output), kind);
    } finally {
      assertTrue(isDone("umount", disk.toString()));
    }
  }

  @Test
  void the_claim_itself_finds_no_room() throws IOException {
    Path output = folder.resolve("full");
    FaultyStore.room(10);
    CommandLine full = CommandLine.run(jobs.command("prepare", FaultyStore.uri(output)));
    assertFull(full, FaultyStore.uri(output));
    assertFalse(Files.exists(output), "nothing is left behind");
  }

  private static void assertFull(CommandLine result, String output) {
    assertEquals(7, result.status(), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().startsWith("cannot write "), result.err());
    assertTrue(result.err().contains(output), result.err());
    assertTrue(result.err().contains(": the disk or quota is full ("), result.err());
    assertTrue(result.err().contains("make room there and run the same command"), result.err());
  }

  private static void fill(Path file, int kibibytes) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < kibibytes; i++) {
        out.write(new byte[1024]);
      }
    }
  }

  private static boolean isDone(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
  }
}
