package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluate.ReportJson;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.train.checkpoint.CheckpointStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of command on a disk that keeps only what was synced for sure; the power goes at
 * random moments. What a command had finished is all there, what is committed is whole, and the
 * same command goes on from what is left.
 */
class PowerLossTest {
  private static final int CUT_OFFS = 200;
  private static final int TRIED_AGAIN = 8;

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());

  /**
   * A command that ran.
   *
   * @param output its folder below the disk
   * @param words of the command, with {@value #OUTPUT} for the output
   * @param begin events before it
   * @param end events when it had said that it was done
   */
  private record Step(String output, List<String> words, int begin, int end) {
    static final String OUTPUT = "@output";

    String[] into(String uri) {
      return words.stream().map(word -> word.equals(OUTPUT) ? uri : word).toArray(String[]::new);
    }
  }

  @Test
  void two_hundred_losses_of_power_take_nothing_that_was_done() throws IOException {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    List<Step> steps = run(disk);
    List<DiskImage.Event> events = VolatileDisk.events();
    List<Map<String, byte[]>> results = new ArrayList<>();
    for (Step step : steps) {
      results.add(new DiskImage(disk, events.subList(0, step.end())).seen(step.output()));
      // What a claim and a file that is not finished say is over with the process.
      results.get(results.size() - 1).keySet().removeIf(name -> name.matches("(.*/)?\\..*"));
      assertTrue(results.get(results.size() - 1).size() > 2, step.output());
    }
    SplittableRandom random = new SplittableRandom(17);
    int underWay = 0;
    for (int cutOff = 0; cutOff < CUT_OFFS; cutOff++) {
      int at = random.nextInt(1, events.size() + 1);
      Path left = folder.resolve("left-" + cutOff);
      new DiskImage(disk, events.subList(0, at)).losePower(left, random);
      int last = 0;
      for (String output : steps.stream().map(Step::output).distinct().toList()) {
        int begun = lastBegun(steps, output, at);
        if (begun < 0) {
          continue;
        }
        Path there = left.resolve(output);
        String when = output + " after " + at + " of " + events.size() + " changes and syncs";
        if (steps.get(begun).end() <= at) {
          requireAll(results.get(begun), there, when);
        } else {
          requireWhole(output, there, when);
          underWay++;
        }
        last = Math.max(last, begun);
      }
      if (cutOff % (CUT_OFFS / TRIED_AGAIN) == 0) {
        requireMended(steps.get(last), results.get(last), left);
      }
    }
    assertTrue(underWay > CUT_OFFS / 2, "cut off within a command " + underWay + " times");
  }

  private List<Step> run(Path disk) throws IOException {
    SmallJobs jobs = new SmallJobs(folder);
    String[] generate = jobs.command("generate", Step.OUTPUT);
    String[] other = generate.clone();
    other[Arrays.asList(other).indexOf("--seed") + 1] = "4";
    VolatileDisk.clear();
    List<Step> steps = new ArrayList<>();
    steps.add(run(disk, "data", jobs.command("prepare", Step.OUTPUT)));
    steps.add(run(disk, "run", jobs.command("train", Step.OUTPUT)));
    steps.add(run(disk, "scores", jobs.command("evaluate", Step.OUTPUT)));
    steps.add(run(disk, "samples", generate));
    steps.add(run(disk, "samples", with(other, "--overwrite", "--as", "png")));
    steps.add(run(disk, "run", with(jobs.command("train", Step.OUTPUT), "--restart")));
    return steps;
  }

  private static String[] with(String[] words, String... more) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static Step run(Path disk, String output, String... words) {
    int begin = VolatileDisk.events().size();
    Step step = new Step(output, List.of(words), begin, begin);
    CommandLine result = CommandLine.run(step.into(VolatileDisk.uri(disk.resolve(output))));
    assertEquals(0, result.status(), result.err());
    return new Step(output, step.words(), begin, VolatileDisk.events().size());
  }

  private static int lastBegun(List<Step> steps, String output, int at) {
    int last = -1;
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).output().equals(output) && steps.get(i).begin() < at) {
        last = i;
      }
    }
    return last;
  }

  private static void requireAll(Map<String, byte[]> expected, Path there, String when)
      throws IOException {
    for (Map.Entry<String, byte[]> file : expected.entrySet()) {
      Path path = there.resolve(file.getKey());
      assertTrue(Files.exists(path), file.getKey() + " is lost: " + when);
      assertArrayEquals(file.getValue(), Files.readAllBytes(path), file.getKey() + ": " + when);
    }
  }

  /** If there is a commit, everything that it lists is there. */
  private void requireWhole(String output, Path there, String when) {
    switch (output) {
      case "data" -> {
        if (Files.exists(there.resolve(DatasetManifest.FILE))) {
          Dataset dataset = Dataset.open(storage, there.toString());
          dataset
              .manifest()
              .splits()
              .forEach(
                  (name, split) -> {
                    for (int i = 0; i < split.shards().size(); i++) {
                      dataset.shard(name, i);
                    }
                  });
        }
      }
      case "run" -> {
        if (Files.exists(there.resolve(ModelDirectory.DESCRIPTION))) {
          ModelDirectory model = ModelDirectory.open(storage, there.toString());
          assertEquals(
              Optional.of(model.weightsSha256()), model.description().parametersSha256(), when);
        }
        CheckpointStore checkpoints = new CheckpointStore(storage, there.toString());
        assertEquals(checkpoints.newest(), checkpoints.latest(), when);
      }
      case "scores" -> {
        if (Files.exists(there.resolve(EvaluationReport.FILE))) {
          EvaluationReport report = ReportJson.read(storage, there.toString());
          assertEquals(
              report.perExample().sha256(), sha256(there.resolve("per-example.parquet")), when);
        }
      }
      case "samples" -> {
        if (Files.exists(there.resolve(GenerationManifest.FILE))) {
          GenerationManifest manifest =
              GenerationManifest.read(storage, storage.path(there.toString()));
          for (ShardEntry part : manifest.parts()) {
            assertEquals(part.sha256(), sha256(there.resolve(part.file())), when);
          }
          manifest
              .files()
              .forEach(
                  (name, written) ->
                      assertEquals(written, written(there.resolve(name)), name + ": " + when));
        }
      }
      default -> throw new IllegalArgumentException(output);
    }
  }

  private String sha256(Path file) {
    return Sha256.of(storage, storage.path(file.toString()));
  }

  /** Of a file, or of the files of a folder in the order of their names. */
  private static Storage.Written written(Path path) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        content.write(Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Storage.Written(content.size(), Sha256.of(content.toByteArray()));
  }

  /** The same command makes of what is left what it made without a loss. */
  private void requireMended(Step step, Map<String, byte[]> result, Path left) throws IOException {
    Path undisturbed = left.resolve("undisturbed").resolve(step.output());
    for (Map.Entry<String, byte[]> file : result.entrySet()) {
      Path path = undisturbed.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    Path output = left.resolve(step.output());
    CommandLine again = CommandLine.run(step.into(output.toString()));
    assertEquals(0, again.status(), again.err());
    Map<String, byte[]> expected = Contents.of(undisturbed);
    Map<String, byte[]> actual = Contents.of(output);
    actual.keySet().retainAll(expected.keySet()); // What was removed may have come back.
    Contents.assertSame(expected, actual, step.words().toString());
  }
}
