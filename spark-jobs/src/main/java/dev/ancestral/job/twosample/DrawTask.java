package dev.ancestral.job.twosample;

import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Condition;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.TaskDevice;
import dev.ancestral.spark.TaskRunner;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/**
 * Draws a batch of samples.
 *
 * <p>A model of p(x | label) draws labels by their frequencies in the training data; one that does
 * not know these gets the labels of held-out examples.
 *
 * @param labels of the held-out examples, sample i taking that of example i modulo their number;
 *     null where there are none
 */
record DrawTask(
    ModelDirectory model, ExampleVectors vectors, int width, int[] labels, RandomKey key)
    implements TaskRunner.Work<Integer, float[][]> {
  private static final long serialVersionUID = 1L;

  @Override
  public float[][] on(Integer batch) {
    long first = (long) batch * width;
    long[] ids = LongStream.range(first, first + width).toArray();
    try (LoadedModel loaded = model.load(TaskDevice.assigned())) {
      boolean draws =
          model.definition().condition().label() != Condition.Label.GIVEN
              || model.description().frequencies().isPresent();
      return draws
          ? rows(loaded.model().sample(ids, key, request(OptionalInt.empty())))
          : labelled(loaded.model(), ids);
    }
  }

  /** The whole batch for each label, of which the samples with that label are kept. */
  private float[][] labelled(GenerativeModel sampler, long[] ids) {
    float[][] rows = new float[ids.length][];
    int[] own = Arrays.stream(ids).mapToInt(id -> labels[(int) (id % labels.length)]).toArray();
    for (int label : Arrays.stream(own).distinct().toArray()) {
      float[][] drawn = rows(sampler.sample(ids, key, request(OptionalInt.of(label))));
      for (int i = 0; i < ids.length; i++) {
        rows[i] = own[i] == label ? drawn[i] : rows[i];
      }
    }
    return rows;
  }

  private SampleRequest request(OptionalInt label) {
    return new SampleRequest(label, vectors.length(), 1);
  }

  private float[][] rows(Batch batch) {
    float[][] rows = new float[batch.size()][];
    Arrays.setAll(rows, i -> vectors.raw(batch, i));
    return rows;
  }
}
