package dev.ancestral.job.generate;

import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactNetwork;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What is drawn how, and in which parts. Nothing here depends on the cluster, so neither does any
 * sample.
 *
 * @param count of samples
 * @param seed of all draws
 * @param label class to draw from, or −1
 * @param length steps, or −1
 * @param temperature divides the logits of discrete draws
 * @param shardSize samples in a part
 * @param batchWidth ids drawn at once, those of a multiple of it on: a sample's bytes may depend on
 *     how many are drawn with it
 * @param condition what is given of every sample
 */
record SamplePlan(
    ModelDirectory model,
    long count,
    long seed,
    int label,
    int length,
    double temperature,
    int shardSize,
    int batchWidth,
    DrawCondition condition)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int WIDEST = 250;
  private static final int ELEMENTS_AT_ONCE = WIDEST * 4096;
  private static final int SHARD_SIZE = 10_000;
  // A sample of these takes a network pass for every element: smaller parts keep a cluster busy.
  private static final int SHARD_SIZE_OF_AUTOREGRESSIVE = 1_000;

  static SamplePlan of(ModelDirectory model, GenerateSpec spec) {
    int byDefault =
        model.definition() instanceof ExactNetwork ? SHARD_SIZE_OF_AUTOREGRESSIVE : SHARD_SIZE;
    EventSpec event = model.event();
    int width = Math.max(1, Math.min(WIDEST, ELEMENTS_AT_ONCE / event.size()));
    GenerateSpec.requireFewParts(spec.count(), spec.shardSize().orElse(byDefault));
    return new SamplePlan(
        model,
        spec.count(),
        spec.seed(),
        spec.label().orElse(-1),
        spec.length().orElse(-1),
        spec.temperature(),
        spec.shardSize().orElse(byDefault),
        width,
        DrawCondition.of(model, spec));
  }

  /**
   * A range of ids that one file holds.
   *
   * @param firstId inclusive
   * @param endId exclusive
   */
  record Part(int index, long firstId, long endId) implements Serializable {
    private static final long serialVersionUID = 1L;

    String name() {
      return String.format(Locale.ROOT, "part-%05d", index);
    }

    String file() {
      return name() + ".parquet";
    }

    int samples() {
      return (int) (endId - firstId);
    }
  }

  List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    for (long first = 0; first < count; first += shardSize) {
      parts.add(new Part(parts.size(), first, Math.min(count, first + shardSize)));
    }
    return parts;
  }

  /** Whether a draw depends on its id alone, so that none need be drawn only to fill a batch. */
  private boolean drawsAlone() {
    return model.definition() instanceof StatisticsModel;
  }

  /** The first id of the batch that an id is drawn with. */
  long firstDrawnWith(long id) {
    return drawsAlone() ? id : id - id % batchWidth;
  }

  /**
   * The id after the last one of the batch that an id is drawn with.
   *
   * @param end of the ids that are wanted
   */
  long endDrawnWith(long id, long end) {
    if (!drawsAlone()) {
      return firstDrawnWith(id) + batchWidth;
    }
    EventSpec event = model.event();
    long steps = event.variableLength() ? request().steps(event) : 1;
    long elements = steps * event.size();
    return Math.min(end, id + Math.max(1, ELEMENTS_AT_ONCE / elements));
  }

  /** The samples of some ids. */
  Batch draw(GenerativeModel from, long[] ids, RandomKey key) {
    return condition.draw(from, ids, key, request());
  }

  /** As the sampler takes it. */
  SampleRequest request() {
    return new SampleRequest(optional(label), optional(length), temperature);
  }

  private static OptionalInt optional(int value) {
    return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }

  /** Of everything that the samples depend on; where things lie is not part of it. */
  String fingerprint() {
    Map<String, Object> inputs = new TreeMap<>();
    inputs.put("model", model.sha256());
    inputs.put("weights", model.weightsSha256());
    inputs.put("seed", seed);
    inputs.put("count", count);
    inputs.put("shardSize", shardSize);
    inputs.put("batchWidth", batchWidth);
    inputs.put("label", label);
    inputs.put("length", length);
    inputs.put("temperature", temperature);
    inputs.putAll(condition.told());
    return Fingerprint.of(inputs);
  }
}
