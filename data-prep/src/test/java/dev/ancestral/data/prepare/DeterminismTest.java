package dev.ancestral.data.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceContext;
import dev.ancestral.data.source.array.Matrix;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every byte of a dataset is the same, however Spark runs the job. */
class DeterminismTest {
  private static final String KRYO = "org.apache.spark.serializer.KryoSerializer";

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    RandomKey key = RandomKey.of(1);
    for (int f = 0; f < 5; f++) {
      int file = f;
      Files.write(
          folder.resolve("numbers-" + f),
          IntStream.range(0, 400 + 300 * f)
              .mapToObj(r -> key.below(10_000L * file + r, 9) + "," + r % 7)
              .toList());
    }
  }

  private PrepareSpec spec(Source source) {
    return new PrepareSpec(
        source,
        List.of(folder.resolve("numbers-[0-9]").toString()),
        SplitRule.parse("auto=0.6,0.3,0.1"),
        new Binarization.Stochastic(),
        4400,
        250,
        7);
  }

  /** The same folder name each time, for it is the name of the dataset. */
  private Map<String, byte[]> prepared(LocalSpark spark, Source source, String where)
      throws IOException {
    try (spark) {
      Path output = folder.resolve(where).resolve("data");
      spark.prepare(spec(source), output);
      return LocalSpark.files(output);
    }
  }

  @Test
  void one_two_and_seven_partitions_and_kryo_give_the_same_bytes() throws IOException {
    Map<String, byte[]> one = prepared(new LocalSpark(1, 1), new Matrix(), "one");
    assertEquals(1 + 11 + 6 + 2, one.size(), one.keySet().toString());
    LocalSpark.assertSameFiles(one, prepared(new LocalSpark(2, 2), new Matrix(), "two"));
    LocalSpark.assertSameFiles(
        one, prepared(new LocalSpark("local[2]", 7, KRYO), new Matrix(), "seven"));
  }

  @Test
  void tasks_that_fail_once_change_nothing() throws IOException {
    Map<String, byte[]> undisturbed = prepared(new LocalSpark(2, 3), new Matrix(), "whole");
    Map<String, byte[]> disturbed =
        prepared(
            new LocalSpark("local[2,3]", 3, KRYO), new FailsOnce(new Matrix(), false), "failing");
    // Fingerprints differ with the source, so manifests do too.
    undisturbed.remove("manifest.json");
    assertTrue(disturbed.remove("manifest.json") != null);
    LocalSpark.assertSameFiles(undisturbed, disturbed);
  }

  @Test
  void what_a_second_attempt_would_only_repeat_is_not_attempted_again() throws IOException {
    try (LocalSpark spark = new LocalSpark("local[2,3]", 3, KRYO)) {
      Path output = folder.resolve("refused");
      spark.assertRefused(
          ErrorCode.DATA,
          spec(new FailsOnce(new Matrix(), true)),
          output,
          "refused by attempt 0 of example 0");
      assertTrue(Files.notExists(output));
    }
  }

  /** Delivers what another source does, but fails when a task first gets to a 100th example. */
  private record FailsOnce(Source source, boolean refuses) implements Source {
    private static final long serialVersionUID = 1L;

    @Override
    public Survey survey(SourceContext context) {
      Survey survey = source.survey(context);
      boolean refusing = refuses;
      return new Survey() {
        @Override
        public long examples() {
          return survey.examples();
        }

        @Override
        public EventSpec event() {
          return survey.event();
        }

        @Override
        public String largestAt() {
          return survey.largestAt();
        }

        @Override
        public Extraction extract(EventSpec event) {
          Extraction extraction = survey.extract(event);
          Decoder decoder = extraction.decoder();
          return new Extraction(
              extraction.examples(),
              (id, raw) -> {
                int attempt = TaskContext.get().attemptNumber();
                if (refusing) {
                  throw new AncestralException(
                      ErrorCode.DATA, "refused by attempt " + attempt + " of example " + id);
                }
                if (id % 100 == 0 && attempt == 0) {
                  throw new IllegalStateException("a failure that passes");
                }
                return decoder.decode(id, raw);
              },
              extraction.layout());
        }
      };
    }
  }
}
