package dev.ancestral.job.twosample;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.Phases;
import dev.ancestral.job.evaluate.subset.Selection;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Draws of a model and held-out examples as vectors, laid end to end.
 *
 * @param maps how they were made
 * @param samples how many rows are draws; the others are held-out examples
 * @param rows [N][D]
 */
record ComparedVectors(ExampleVectors maps, int samples, float[][] rows) {
  private static final int EXAMPLES = 1000;
  private static final int MOST_VECTORS = 6000;
  private static final int WIDTH = 100;

  /**
   * How much is compared.
   *
   * @param split of the dataset
   * @param limit most held-out examples, those with the smallest keyed hash of their ids
   * @param samples draws of the model
   */
  record Request(String split, long limit, int samples) {

    /**
     * What is asked for, or else as many draws as examples.
     *
     * @param estimator for messages
     * @throws AncestralException (DATA) if there are too few examples, (SPEC) if too many are asked
     *     for, (MISMATCH) if elements are missing
     */
    static Request of(String estimator, Dataset data, EvaluateSpec spec) {
      long there = data.split(spec.split()).examples();
      requireWhole(estimator, data);
      long limit = spec.limit().orElse(EXAMPLES);
      int samples = spec.samples().orElse((int) Math.min(limit, there));
      requireComparable(there, Math.min(limit, there), samples);
      return new Request(spec.split(), limit, samples);
    }
  }

  private static void requireWhole(String estimator, Dataset data) {
    if (data.event().missing()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          estimator
              + " compares whole examples, but "
              + data.uri()
              + " has "
              + data.event().describe()
              + "; evaluate with --estimator exact, which sums over what is missing");
    }
  }

  private static void requireComparable(long there, long heldOut, int samples) {
    if (there < 2) {
      throw new AncestralException(
          ErrorCode.DATA, "the split has " + there + " examples; a comparison takes at least 2");
    }
    if (samples < 2 || heldOut < 2 || samples + heldOut > MOST_VECTORS) {
      throw new AncestralException(
          ErrorCode.SPEC,
          samples
              + " samples (--samples) are to be compared with "
              + heldOut
              + " examples (--limit); a comparison takes at least 2 of each and at most "
              + MOST_VECTORS
              + " together");
    }
  }

  /** Draws and reads what is asked for, the same whatever the number of tasks. */
  static ComparedVectors of(
      Phases phases, ModelDirectory model, Dataset data, Request asked, RandomKey key) {
    int shards = data.split(asked.split()).shards().size();
    List<Selection.Entry[]> smallest = phases.smallest(data, asked.split(), asked.limit());
    ExampleVectors most = ExampleVectors.of(data.event());
    List<HeldOutTask.Rows> parts =
        phases.onEach(
            "reading held-out examples",
            shards,
            new HeldOutTask(data, asked.split(), Selection.of(asked.limit(), smallest), most));
    List<float[]> heldOut = new ArrayList<>();
    List<Integer> lengths = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (HeldOutTask.Rows part : parts) {
      heldOut.addAll(Arrays.asList(part.raw()));
      Arrays.stream(part.lengths()).forEach(lengths::add);
      if (part.labels() != null) {
        Arrays.stream(part.labels()).forEach(labels::add);
      }
    }
    int longest = Math.max(1, lengths.stream().mapToInt(n -> n).max().orElse(1));
    ExampleVectors maps = new ExampleVectors(data.event(), longest);
    int samples = asked.samples();
    List<float[][]> drawn =
        phases.onEach(
            "drawing",
            (samples + WIDTH - 1) / WIDTH,
            new DrawTask(
                model,
                maps,
                WIDTH,
                labels.isEmpty() ? null : labels.stream().mapToInt(n -> n).toArray(),
                key.fold("draw")));
    int count = heldOut.size();
    float[][] rows = new float[samples + count][];
    for (int i = 0; i < samples; i++) {
      float[] raw = drawn.get(i / WIDTH)[i % WIDTH];
      int length = maps.length(raw, lengths.get(i % count));
      rows[i] = maps.vector(raw, length, heldOut.get(i % count));
    }
    for (int i = 0; i < count; i++) {
      rows[samples + i] = maps.vector(heldOut.get(i), lengths.get(i), null);
    }
    return new ComparedVectors(maps, samples, rows);
  }

  int heldOut() {
    return rows.length - samples;
  }
}
