package dev.ancestral.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.RowModel;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("isolated")
class EvaluateJobTest {
  private static final EventSpec BITS = EventSpec.discrete(2, 4, 3, 1);
  private static final Map<String, Object> BERNOULLI = Map.of("likelihood", "bernoulli");
  private static final Map<String, Object> SMALL_VAE =
      Map.of("hidden", List.of(8), "latent", 3, "likelihood", "bernoulli");

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private final Fixtures fixtures = new Fixtures(storage);

  @Test
  void exact_scores_are_those_of_the_model() {
    String data = fixtures.dataset(at("data"), "test", BITS, 730, 300);
    String model = fixtures.fitted(at("model"), "naive-bayes", BERNOULLI, data, "test");

    EvaluationReport report = evaluate(model, data, EvaluateSpec.standard(), "out");

    double sum = 0;
    try (PerExample.Reader rows =
            PerExample.open(storage, storage.path(at("out/" + PerExample.FILE)));
        var loaded = ModelDirectory.open(storage, model).load(new Device(Device.Kind.CPU, 0))) {
      for (int s = 0; s < 3; s++) {
        Shard shard = Dataset.open(storage, data).shard("test", s);
        double[] nats = ((ExactModel) loaded.model()).logProb(shard.batch(0, shard.size()));
        for (int i = 0; i < nats.length; i++) {
          assertTrue(rows.next());
          assertEquals(shard.id(i), rows.id());
          assertEquals(nats[i], rows.nats(), 1e-9);
          sum += nats[i];
        }
      }
      assertFalse(rows.next());
    }
    LogLikelihood likelihood = report.likelihood();
    assertEquals(LogLikelihood.Kind.EXACT, likelihood.kind());
    assertEquals(730, likelihood.examples());
    assertEquals(730 * 12, likelihood.elements());
    assertEquals(sum / 730, likelihood.meanNats(), 1e-9);
    assertEquals(-sum / (730 * 12 * Math.log(2)), likelihood.bitsPerDim().orElseThrow(), 1e-9);
    assertTrue(report.draws().isEmpty());
  }

  @Test
  void training_examples_are_compared_with_held_out_ones() {
    String data = fixtures.dataset(at("data"), "test", BITS, 70, 40);
    fixtures.dataset(data, "train", BITS, 200, 90);
    String model = fixtures.untrained(at("model"), "vae", SMALL_VAE, BITS, "none", 5);
    EvaluateSpec iwae = spec("test", OptionalLong.empty());
    EvaluationReport train = evaluate(model, data, spec("train", OptionalLong.of(50)), "train");
    EvaluationReport test = evaluate(model, data, iwae, "test");

    EvaluateSpec both = iwae.withTrainSample(OptionalLong.of(50));
    EvaluationReport report = evaluate(model, data, both, "out");
    TrainGap gap = report.trainGap().orElseThrow();
    assertEquals(50, gap.examples());
    LogLikelihood onTrain = train.likelihood();
    LogLikelihood onTest = test.likelihood();
    assertEquals(onTrain.meanNats() - onTest.meanNats(), gap.nats(), 1e-9);
    assertEquals(
        Math.hypot(onTrain.standardError(), onTest.standardError()), gap.standardError(), 1e-9);
    assertEquals(onTest, report.likelihood());
    assertTrue(report.summary().contains("; 50 examples of train are "), report.summary());
    assertEquals(report, ReportJson.read(storage, at("out")));
    assertEquals(report, evaluate(model, data, both, "out"));

    AncestralException same =
        assertThrows(
            AncestralException.class,
            () ->
                evaluate(
                    model,
                    data,
                    spec("train", OptionalLong.empty()).withTrainSample(OptionalLong.of(9)),
                    "none"));
    assertEquals(ErrorCode.SPEC, same.code());
    String alone = fixtures.dataset(at("alone"), "test", BITS, 20, 20);
    AncestralException none =
        assertThrows(AncestralException.class, () -> evaluate(model, alone, both, "none"));
    assertEquals(ErrorCode.DATA, none.code());
    assertTrue(none.getMessage().contains("no two examples of split train"), none.getMessage());
  }

  private static EvaluateSpec spec(String split, OptionalLong limit) {
    return new EvaluateSpec(split, Optional.of("iwae"), OptionalInt.of(3), 1, limit, 1);
  }

  @Test
  void a_bound_has_the_same_bytes_whatever_the_cluster_and_the_order_of_tasks() throws IOException {
    String data = fixtures.dataset(at("data"), "test", BITS, 450, 170);
    String model = fixtures.untrained(at("model"), "vae", SMALL_VAE, BITS, "none", 5);
    EvaluateSpec spec = spec("iwae", 400, 2, OptionalLong.empty());

    evaluate(model, data, spec, "a");
    // Half of the pieces are made by one job, the others by a second one.
    evaluate(model, data, spec, "b");
    Files.delete(folder.resolve("b/report.json"));
    evaluate(model, data, spec, "b");

    assertArrayEquals(bytes("a/" + PerExample.FILE), bytes("b/" + PerExample.FILE));
    assertEquals(likelihood("a"), likelihood("b"));
    assertEquals(LogLikelihood.Kind.LOWER_BOUND, likelihood("a").kind());
    assertTrue(likelihood("a").monteCarloError().orElseThrow() > 0);
  }

  @Test
  void elbo_is_below_iwae() {
    String data = fixtures.dataset(at("data"), "test", BITS, 300, 300);
    String model = fixtures.untrained(at("model"), "vae", SMALL_VAE, BITS, "none", 5);
    double elbo =
        evaluate(model, data, spec("elbo", 50, 1, OptionalLong.empty()), "elbo")
            .likelihood()
            .meanNats();
    double iwae =
        evaluate(model, data, spec("iwae", 50, 1, OptionalLong.empty()), "iwae")
            .likelihood()
            .meanNats();
    assertTrue(elbo < iwae, elbo + " < " + iwae);
  }

  @Test
  void a_limit_takes_examples_by_their_ids_and_scores_them_as_ever() {
    String data = fixtures.dataset(at("data"), "test", BITS, 730, 300);
    String model = fixtures.fitted(at("model"), "naive-bayes", BERNOULLI, data, "test");
    evaluate(model, data, EvaluateSpec.standard(), "all");
    evaluate(model, data, limited(100), "some");
    evaluate(model, data, limited(40), "few");
    evaluate(model, data, limited(1000), "more-than-there-are");

    Map<Long, Double> all = rows("all");
    Map<Long, Double> some = rows("some");
    Map<Long, Double> few = rows("few");
    assertEquals(100, some.size());
    assertEquals(40, few.size());
    assertEquals(all, rows("more-than-there-are"));
    assertTrue(some.keySet().containsAll(few.keySet()));
    some.forEach((id, nats) -> assertEquals(all.get(id), nats));
    // Of 730 examples the first hundred have ids below 300; a random hundred has about 41 of them.
    long early = some.keySet().stream().filter(id -> id < 300).count();
    assertTrue(early > 5 && early < 30, early + " of the first hundred");
  }

  @Test
  void labels_give_joint_and_accuracy() {
    EventSpec labelled = BITS.withClasses(2);
    String data = fixtures.dataset(at("data"), "test", labelled, 300, 100);
    Map<String, Object> settings = Map.of("likelihood", "bernoulli", "classes", "label");
    String model = fixtures.fitted(at("model"), "naive-bayes", settings, data, "test");
    EvaluationReport report = evaluate(model, data, EvaluateSpec.standard(), "out");
    EvaluationReport.Classification classification = report.classification().orElseThrow();
    assertTrue(classification.jointMeanNats() < report.likelihood().meanNats());
    assertTrue(classification.accuracy() > 0.8 && classification.accuracy() <= 1);
    assertEquals(report, ReportJson.read(storage, at("out")));
  }

  @Test
  void the_same_again_is_a_no_op_and_another_is_refused() throws IOException {
    String data = fixtures.dataset(at("data"), "test", BITS, 100, 100);
    String model = fixtures.fitted(at("model"), "naive-bayes", BERNOULLI, data, "test");
    evaluate(model, data, EvaluateSpec.standard(), "out");
    byte[] report = bytes("out/report.json");
    evaluate(model, data, EvaluateSpec.standard(), "out");
    assertArrayEquals(report, bytes("out/report.json"));

    AncestralException refusal =
        assertThrows(AncestralException.class, () -> evaluate(model, data, limited(10), "out"));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains("--overwrite"), refusal.getMessage());
    assertArrayEquals(report, bytes("out/report.json"));
    assertTrue(Files.readString(folder.resolve("out/status.json")).contains("\"status\" : 0"));

    Files.write(folder.resolve("out/" + PerExample.FILE), new byte[] {1, 2, 3});
    evaluate(model, data, EvaluateSpec.standard(), "out");
    assertEquals(100, rows("out").size());
  }

  @Test
  void dequantized_data_are_bounded() {
    EventSpec levels = EventSpec.discrete(8, 4, 3, 1);
    String data = fixtures.dataset(at("data"), "test", levels, 120, 60);
    Map<String, Object> settings =
        Map.of("hidden", List.of(8), "latent", 3, "likelihood", "gaussian");
    String model = fixtures.untrained(at("model"), "vae", settings, levels, "uniform", 5);
    LogLikelihood likelihood =
        evaluate(model, data, spec("iwae", 20, 1, OptionalLong.empty()), "out").likelihood();
    assertEquals(LogLikelihood.Kind.LOWER_BOUND, likelihood.kind());
    // A probability, however badly chosen: the uniform one is −12 log 8.
    assertTrue(likelihood.meanNats() < 0);
    assertTrue(likelihood.bitsPerDim().isPresent());
  }

  @Test
  void what_does_not_fit_is_refused() {
    String data = fixtures.dataset(at("data"), "test", BITS, 100, 100);
    String other =
        fixtures.dataset(at("other"), "test", EventSpec.discrete(256, 4, 3, 1), 100, 100);
    String model = fixtures.fitted(at("model"), "naive-bayes", BERNOULLI, data, "test");

    AncestralException events =
        assertThrows(
            AncestralException.class, () -> evaluate(model, other, EvaluateSpec.standard(), "out"));
    assertEquals(ErrorCode.MISMATCH, events.code());
    assertEquals(
        "events differ: the manifest has 4×3×1 with 256 levels, the model was trained on 4×3×1 with"
            + " 2 levels; pass the matching data",
        events.getMessage());

    AncestralException estimator =
        assertThrows(
            AncestralException.class,
            () -> evaluate(model, data, spec("iwae", 5, 1, OptionalLong.empty()), "out"));
    assertEquals(ErrorCode.MISMATCH, estimator.code());
    assertTrue(estimator.getMessage().contains("it has exact"), estimator.getMessage());

    EvaluateSpec noSplit =
        new EvaluateSpec(
            "valid", Optional.empty(), OptionalInt.empty(), 1, OptionalLong.empty(), 1);
    assertEquals(
        ErrorCode.DATA,
        assertThrows(AncestralException.class, () -> evaluate(model, data, noSplit, "out")).code());
    assertEquals(
        ErrorCode.DATA,
        assertThrows(
                AncestralException.class,
                () -> evaluate(at("no-model"), data, EvaluateSpec.standard(), "out"))
            .code());
  }

  @Test
  void a_damaged_shard_ends_the_job_with_its_name() throws IOException {
    String data = fixtures.dataset(at("data"), "test", BITS, 200, 100);
    String model = fixtures.fitted(at("model"), "naive-bayes", BERNOULLI, data, "test");
    Path shard = folder.resolve("data/test/shard-00001.parquet");
    byte[] content = Files.readAllBytes(shard);
    content[content.length / 2] ^= 1;
    Files.write(shard, content);
    AncestralException refusal =
        assertThrows(
            AncestralException.class, () -> evaluate(model, data, EvaluateSpec.standard(), "out"));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains("shard-00001.parquet"), refusal.getMessage());
    assertTrue(Files.readString(folder.resolve("out/status.json")).contains("\"status\" : 3"));
  }

  /**
   * Of one class the columns are independent: what is no mass is the densities of the real ones.
   */
  @Test
  void rows_have_nats_of_masses_and_of_densities_and_no_bits() {
    RowSchema schema =
        new RowSchema(
            List.of(
                new RowColumn(
                    "kind",
                    ColumnKind.CATEGORY,
                    new ColumnType.Category(List.of("a", "b"), false),
                    false,
                    "string"),
                new RowColumn(
                    "size", ColumnKind.REAL, new ColumnType.Real(100, 20), true, "double"),
                new RowColumn(
                    "count",
                    ColumnKind.INTEGER,
                    new ColumnType.Whole(0, 9, 1, List.of(0L, 5L, 10L)),
                    false,
                    "int")),
            RowSchema.Nulls.VALUE);
    EventSpec event = EventSpec.rows(schema);
    int count = 60;
    long[] ids = LongStream.range(0, count).toArray();
    float[] values = new float[count * schema.size()];
    for (int i = 0; i < count; i++) {
      Double size = i % 9 == 0 ? null : 100 + 20 * Math.sin(i);
      schema.columns().get(0).encode(i % 3 == 0 ? "b" : "a", values, i * schema.size());
      schema.columns().get(1).encode(size, values, i * schema.size() + schema.begin(1));
      schema.columns().get(2).encode((long) i % 10, values, i * schema.size() + schema.begin(2));
    }
    Batch rows = Batch.of(event, ids, values);
    Fixtures fixtures = new Fixtures(storage);
    String data = fixtures.stored(at("rows"), "test", rows, 25);
    String model = fixtures.fitted(at("nb"), "naive-bayes", Map.of(), data, "test");
    EvaluationReport report = evaluate(model, data, limited(50), "rows-evaluation");
    assertEquals(50 * 3, report.likelihood().elements());
    assertTrue(report.likelihood().bitsPerDim().isEmpty());
    Map<Long, Double> scored = rows("rows-evaluation");
    double densities = 0;
    try (LoadedModel loaded = ModelDirectory.open(storage, model).load(Device.cpu())) {
      double[][] columns = ((RowModel) loaded.model()).columnLogProb(rows);
      for (int i = 0; i < count; i++) {
        densities += scored.containsKey(ids[i]) ? columns[i][1] / 50 : 0;
      }
    }
    EvaluationReport.ColumnNats nats = report.columns().orElseThrow();
    assertEquals(densities, nats.continuousNats(), 1e-9);
    assertEquals(report.likelihood().meanNats() - densities, nats.discreteNats(), 1e-9);
    assertEquals(report, ReportJson.read(storage, at("rows-evaluation")));
  }

  private EvaluationReport evaluate(String model, String data, EvaluateSpec spec, String output) {
    return new EvaluateJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(new EvaluateRequest(model, data, spec, at(output), false));
  }

  private static EvaluateSpec spec(String estimator, int samples, int repeats, OptionalLong limit) {
    return new EvaluateSpec(
        "test", Optional.of(estimator), OptionalInt.of(samples), repeats, limit, 1);
  }

  private static EvaluateSpec limited(long limit) {
    return new EvaluateSpec(
        "test", Optional.empty(), OptionalInt.empty(), 1, OptionalLong.of(limit), 1);
  }

  private Map<Long, Double> rows(String output) {
    Map<Long, Double> rows = new java.util.HashMap<>();
    try (PerExample.Reader reader =
        PerExample.open(storage, storage.path(at(output + "/" + PerExample.FILE)))) {
      while (reader.next()) {
        rows.put(reader.id(), reader.nats());
      }
    }
    return rows;
  }

  private LogLikelihood likelihood(String output) {
    return ReportJson.read(storage, at(output)).likelihood();
  }

  private byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(folder.resolve(file));
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
