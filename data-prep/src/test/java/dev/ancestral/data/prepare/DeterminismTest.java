package dev.ancestral.data.prepare;

import dev.ancestral.data.source.Matrix;
import dev.ancestral.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every byte of a dataset is the same for any number of partitions and slots. */
class DeterminismTest {
  @TempDir Path folder;

  @Test
  void one_two_and_seven_partitions_give_the_same_bytes() throws IOException {
    RandomKey key = RandomKey.of(1);
    for (int f = 0; f < 5; f++) {
      int file = f;
      Files.write(
          folder.resolve("numbers-" + f),
          IntStream.range(0, 400 + 300 * f)
              .mapToObj(r -> key.below(10_000L * file + r, 9) + "," + r % 7)
              .toList());
    }
    PrepareSpec spec =
        new PrepareSpec(
            new Matrix(),
            List.of(folder.resolve("numbers-[0-9]").toString()),
            SplitRule.parse("auto=0.6,0.3,0.1"),
            new Binarization.Stochastic(),
            4400,
            250,
            7);
    Map<String, byte[]> expected = null;
    for (int partitions : new int[] {1, 2, 7}) {
      try (LocalSpark spark = new LocalSpark(Math.min(partitions, 2), partitions)) {
        Path output = folder.resolve("out-" + partitions).resolve("data");
        spark.prepare(spec, output);
        Map<String, byte[]> files = LocalSpark.files(output);
        if (expected == null) {
          expected = files;
        } else {
          LocalSpark.assertSameFiles(expected, files);
        }
      }
    }
  }
}
