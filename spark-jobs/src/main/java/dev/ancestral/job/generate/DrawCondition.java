package dev.ancestral.job.generate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.generate.rows.Given;
import dev.ancestral.job.generate.rows.GivenRow;
import dev.ancestral.job.generate.rows.LabelShares;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.rows.ConditionalRowModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.Device;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What is given of each sample beside the request of the sampler.
 *
 * @param given as it is written, or empty
 * @param row the same as elements, or null
 * @param classes of the samples, or null
 * @param counts samples by the names of their classes, or empty
 */
record DrawCondition(
    String given, GivenRow row, LabelShares.Allocation classes, Map<String, Long> counts)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * The condition of a generation.
   *
   * @throws AncestralException (SPEC) if the model has no such columns, values or classes, or they
   *     have probability zero; (MISMATCH) if it cannot condition exactly
   */
  static DrawCondition of(ModelDirectory model, GenerateSpec spec) {
    EventSpec event = model.event();
    Optional<LabelShares.Allocation> classes = spec.allocation(model.classNames(), event.classes());
    TreeMap<String, Long> counts = new TreeMap<>();
    classes.ifPresent(allocation -> counts.putAll(allocation.byName(model.classNames())));
    if (spec.rows().given().isEmpty()) {
      return new DrawCondition("", null, classes.orElse(null), counts);
    }
    Given given = spec.rows().given().get();
    RowSchema schema =
        event
            .schema()
            .filter(rows -> !event.variableLength())
            .orElseThrow(() -> cannot(model, "its examples are " + event.describe()));
    GivenRow row = GivenRow.of(given, schema);
    try (LoadedModel loaded = model.load(Device.cpu())) {
      if (!(loaded.model() instanceof ConditionalRowModel rows)) {
        throw cannot(model, "it has no exact distribution of columns given others");
      }
      if (!(rows.logProbGiven(row.values(), row.columns()) > Double.NEGATIVE_INFINITY)) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "given is "
                + given.text()
                + ", which has probability zero to this model; choose values that occur together");
      }
    }
    return new DrawCondition(given.text(), row, null, counts);
  }

  private static AncestralException cannot(ModelDirectory model, String why) {
    return new AncestralException(
        ErrorCode.MISMATCH,
        "columns are given, but a model of family "
            + model.family()
            + " cannot draw the others: "
            + why
            + "; train naive-bayes or tree on the rows (components: more than 1 for columns that"
            + " depend on one another), or leave --given out");
  }

  /** What the samples depend on, by its name; nothing where nothing is given. */
  Map<String, Object> told() {
    Map<String, Object> told = new TreeMap<>();
    if (row != null) {
      told.put("given", given);
    }
    if (classes != null) {
      told.put("labels", counts);
    }
    return told;
  }

  /** The samples of some ids. */
  Batch draw(GenerativeModel model, long[] ids, RandomKey key, SampleRequest request) {
    if (row != null) {
      return ((ConditionalRowModel) model).sampleGiven(ids, row.values(), row.columns(), key);
    }
    return classes == null ? model.sample(ids, key, request) : ofClasses(model, ids, key, request);
  }

  /** Each class on its own, as the sampler takes one. */
  private Batch ofClasses(GenerativeModel model, long[] ids, RandomKey key, SampleRequest request) {
    int[] labels = Arrays.stream(ids).mapToInt(classes::label).toArray();
    Batch[] drawn = new Batch[ids.length];
    for (int label : Arrays.stream(labels).distinct().sorted().toArray()) {
      int[] places = IntStream.range(0, ids.length).filter(i -> labels[i] == label).toArray();
      long[] own = Arrays.stream(places).mapToLong(i -> ids[i]).toArray();
      Batch batch = model.sample(own, key, request.withLabel(label));
      for (int i = 0; i < places.length; i++) {
        drawn[places[i]] = batch.slice(i, i + 1);
      }
    }
    int steps = Arrays.stream(drawn).mapToInt(Batch::steps).max().orElse(1);
    EventSpec event = drawn[0].event();
    float[] values = new float[ids.length * steps * event.size()];
    int[] lengths = drawn[0].lengths() == null ? null : new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      float[] one = drawn[i].values();
      System.arraycopy(one, 0, values, i * steps * event.size(), one.length);
      if (lengths != null) {
        lengths[i] = drawn[i].lengths()[0];
      }
    }
    return new Batch(event.withClasses(model.event().classes()), ids, values, labels, lengths);
  }
}
