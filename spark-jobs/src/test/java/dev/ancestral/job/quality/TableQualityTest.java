package dev.ancestral.job.quality;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluation.Evaluation;
import dev.ancestral.job.evaluation.EvaluationJob;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.report.RunReport;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables whose numbers are known by hand, and a sampler that is right beside one that is not. */
class TableQualityTest {
  private static final RowColumn LETTER =
      new RowColumn(
          "letter",
          ColumnKind.CATEGORY,
          new ColumnType.Category(List.of("a", "b"), false),
          false,
          "string");
  private static final RowColumn NUMBER = whole("number");
  private static final RowColumn OPPOSITE =
      new RowColumn("opposite", ColumnKind.REAL, new ColumnType.Real(10, 6), true, "double");
  private static final RowColumn GAPS =
      new RowColumn("gaps", ColumnKind.REAL, new ColumnType.Real(10, 6), true, "double");
  private static final RowSchema SCHEMA =
      new RowSchema(List.of(LETTER, NUMBER, OPPOSITE, GAPS), RowSchema.Nulls.VALUE);

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private final Fixtures fixtures = new Fixtures(storage);

  /** Numbers 1 to 20 against 11 to 30, half of the letters against three quarters, and so on. */
  @Test
  void columns_and_pairs_have_the_numbers_that_are_counted_by_hand() {
    SparkSession session = LocalSpark.session();
    TableKeys keys = TableKeys.of(SCHEMA);
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      rows.add(row(keys, false, i, i <= 10 ? 0L : 1L, (long) i, 2.0 * i, i <= 5 ? null : 1.0 * i));
      rows.add(row(keys, true, i, i <= 15 ? 0L : 1L, i + 10L, -1.0 * i, 1.0 * i));
    }
    for (int partitions : new int[] {1, 3}) {
      JavaRDD<Row> table =
          JavaSparkContext.fromSparkContext(session.sparkContext()).parallelize(rows, partitions);
      ColumnShapes shapes = ColumnShapes.of(session, table, keys, 20, 20);
      // All of 2 i is above all of −i; a quarter of nulls comes before everything.
      assertArrayEquals(new double[] {0.75, 0.5, 0, 0.75}, shapes.shapes(), 1e-12);
      assertArrayEquals(new long[] {2, 4, 6, 8, 10, 12, 14, 16, 18}, shapes.deciles()[1]);
      PairTrends trends = PairTrends.of(session, table, keys, shapes.deciles(), 20, 20);
      double[] found = trends.pairs().stream().mapToDouble(PairTrends.Pair::trend).toArray();
      // letter with number: of 20 rows each, 2 share a cell, (b, above 18); with opposite: −i lies
      // in the first bin, which holds i = 1, 2 of the held-out, both a; with gaps: of the held-out
      // 15 numbers the deciles are 7, 8, 10, 11, 13, 14, 16, 17, 19, so the bins of the drawn hold
      // 7, 1, 2, 1, 2, 1 (a), then 1 a and 1 b, and 1, 2, 1 b.
      assertEquals(0.1, found[0], 1e-12);
      assertEquals(0.1, found[1], 1e-12);
      assertEquals(letterWithGaps(), found[2], 1e-12);
      // number with opposite: correlation 1 against −1; with gaps: 1 against 1; opposite with gaps.
      assertEquals(0, found[3], 1e-12);
      assertEquals(1, found[4], 1e-9);
      assertEquals(0, found[5], 1e-9);
    }
  }

  /** The same rows, binned: letters by code, numbers from 1 to 30 two a bin, gaps with nulls. */
  @Test
  void pictures_have_the_counts_of_the_rows() {
    SparkSession session = LocalSpark.session();
    TableKeys keys = TableKeys.of(SCHEMA);
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      rows.add(row(keys, false, i, i <= 10 ? 0L : 1L, (long) i, 2.0 * i, i <= 5 ? null : 1.0 * i));
      rows.add(row(keys, true, i, i <= 15 ? 0L : 1L, i + 10L, -1.0 * i, 1.0 * i));
    }
    JavaRDD<Row> table =
        JavaSparkContext.fromSparkContext(session.sparkContext()).parallelize(rows, 3);
    ColumnShapes shapes = ColumnShapes.of(session, table, keys, 20, 20);
    int[] chosen = {0, 1, 2, 3};
    assertArrayEquals(new int[] {1, 2}, shapes.leastAlike(2));
    List<TablePictures.Histogram> found =
        ColumnBins.histograms(
            session,
            session.createDataFrame(table, TableRows.type(keys)),
            table,
            keys,
            shapes.deciles(),
            chosen);
    assertEquals(
        new TablePictures.Histogram(
            "letter", true, List.of("a", "b"), List.of(10L, 10L), List.of(15L, 5L), 0, 0),
        found.get(0));
    // The middle eight tenths are 2 to 18, and half of that on both sides is cut to 1 and 26.
    TablePictures.Histogram number = found.get(1);
    assertEquals("1", number.labels().get(0));
    assertEquals("26", number.labels().get(number.held().size()));
    assertEquals(List.of(2L, 2L), number.held().subList(0, 2));
    assertEquals(20, number.held().stream().mapToLong(n -> n).sum());
    assertEquals(20, number.drawn().stream().mapToLong(n -> n).sum());
    // What lies beyond the last edge, 27 to 30, is in the last bin.
    assertEquals(6, number.drawn().get(number.drawn().size() - 1));
    assertEquals(5, found.get(3).heldNulls());
    assertEquals(15, found.get(3).held().stream().mapToLong(n -> n).sum());

    PairTrends trends = PairTrends.of(session, table, keys, shapes.deciles(), 20, 20);
    Associations associations =
        Associations.of(session, table, keys, shapes.deciles(), chosen, trends);
    assertEquals(1, associations.held().get(1).get(2), 1e-9);
    assertEquals(-1, associations.drawn().get(2).get(1), 1e-9);
    // Ten bins of two rows, each of one letter: V is 1. Of the drawn, bins 11 to 18 hold two rows
    // each, all a, and the last one 7 a and 5 b: chi² / n = (8·8/(8·15) + 49/(12·15) + 25/(12·5)) −
    // 1.
    assertEquals(1, associations.held().get(0).get(1), 1e-9);
    double ofDrawn = 8 / 15.0 + 49 / 180.0 + 25 / 60.0 - 1;
    assertEquals(Math.sqrt(ofDrawn), associations.drawn().get(1).get(0), 1e-9);

    RocCurve curve = RocCurve.of(new double[] {3, 2, 1}, new double[] {2, 0, -1, -2}, 100);
    assertEquals(List.of(0.0, 0.0, 0.25, 0.25, 0.5, 0.75, 1.0), curve.falsePositives());
    assertEquals(List.of(0.0, 1 / 3.0, 2 / 3.0, 1.0, 1.0, 1.0, 1.0), curve.truePositives());
    TablePictures.Histogram distances =
        ColumnBins.distances("d", new float[] {1, 2}, new float[] {0, 2});
    assertEquals(1, distances.held().get(10));
    assertEquals(1, distances.drawn().get(0));
  }

  /** The table of letters and bins of gaps, counted plainly. */
  private static double letterWithGaps() {
    int[] ends = {7, 8, 10, 11, 13, 14, 16, 17, 19};
    int[][] counts = new int[2][2 * 11];
    for (int i = 1; i <= 20; i++) {
      int bin = 0;
      while (bin < 9 && i > ends[bin]) {
        bin++;
      }
      counts[0][(i <= 10 ? 0 : 11) + (i <= 5 ? 10 : bin)]++;
      counts[1][(i <= 15 ? 0 : 11) + bin]++;
    }
    int differences = 0;
    for (int cell = 0; cell < 22; cell++) {
      differences += Math.abs(counts[0][cell] - counts[1][cell]);
    }
    return 1 - differences / 40.0;
  }

  @Test
  void the_right_sampler_is_good_and_a_wrong_one_is_not() throws IOException {
    RowSchema schema =
        new RowSchema(
            List.of(LETTER, NUMBER, OPPOSITE, whole("other number")), RowSchema.Nulls.VALUE);
    EventSpec event = EventSpec.rows(schema);
    Map<String, Object> vae = Map.of("hidden", List.of(), "latent", 2);
    float[] moved = new float[19]; // half of opposite is null
    moved[1] = 2; // letter a
    moved[11] = 3; // the mean of opposite
    String truth = fixtures.untrained(at("truth"), "vae", vae, event, "none", 5);
    String wrong =
        fixtures.untrained(
            at("wrong"), "vae", vae, event, "none", 5, Map.of("decoder.observation.bias", moved));
    String data = at("data");
    draws(truth, data, "test", 400, 1);
    draws(truth, data, "train", 500, 2);

    TableQualityReport good = evaluate(truth, data, "good", OptionalInt.of(3));
    TableQuality quality = good.quality();
    assertTrue(quality.columnShape() > 0.9, good.summary());
    assertTrue(quality.pairTrend() > 0.8, good.summary());
    double error = quality.detector().standardError();
    assertEquals(0.5, quality.detector().value(), 4 * error, good.summary());
    assertEquals(0.5, quality.closestTrainingShare().orElseThrow(), 0.1, good.summary());
    PredictionTask task = quality.task().orElseThrow();
    assertEquals("letter", task.column());
    assertEquals(task.trainedOnReal(), task.trainedOnDrawn(), 0.15, good.summary());
    assertTrue(quality.trainGap().isPresent());

    TablePictures pictures = TablePictures.read(storage, at("good")).orElseThrow();
    assertEquals(good.inputs(), pictures.inputs());
    assertEquals(4, pictures.histograms().size());
    for (TablePictures.Histogram histogram : pictures.histograms()) {
      long held = histogram.held().stream().mapToLong(n -> n).sum() + histogram.heldNulls();
      assertEquals(400, held, histogram.name());
    }
    String page = page(truth, "good");
    for (String text :
        List.of(
            "letter · total variation",
            "number · Kolmogorov",
            "Accuracy of predicting letter",
            "Drawn minus held-out",
            "closest held-out row",
            "Detector of drawn rows")) {
      assertTrue(page.contains(text), text);
    }

    TableQualityReport bad = evaluate(wrong, data, "bad", OptionalInt.empty());
    assertTrue(bad.quality().columnShapes().get("opposite") < 0.65, bad.summary());
    assertTrue(bad.quality().columnShapes().get("number") > 0.85, bad.summary());
    assertTrue(bad.quality().detector().value() > 0.75, bad.summary());

    byte[] before = Files.readAllBytes(folder.resolve("good/report.json"));
    TableQualityReport again = evaluate(truth, data, "good", OptionalInt.empty());
    assertEquals(good, again);
    assertArrayEquals(before, Files.readAllBytes(folder.resolve("good/report.json")));
    String text = new String(before, java.nio.charset.StandardCharsets.UTF_8);
    for (String key :
        List.of(
            "column_shape",
            "pair_trend",
            "detector_auc",
            "detector_auc_standard_error",
            "closest_training_share",
            "task",
            "train_minus_held_out_nats")) {
      assertTrue(text.contains("\"" + key + "\""), key);
    }
  }

  @Test
  void drawn_rows_have_the_nulls_of_held_out_rows_where_nulls_are_missing() {
    RowSchema missing = new RowSchema(List.of(LETTER, GAPS), RowSchema.Nulls.MISSING);
    EventSpec event = EventSpec.rows(missing);
    float[] values = new float[40 * event.size()];
    for (int i = 0; i < 40; i++) {
      values[3 * i] = i % 2;
      values[3 * i + 1] = i % 4 == 0 ? Float.NaN : i / 40f;
    }
    String data = at("gaps");
    fixtures.stored(data, "test", Batch.of(event, LongStream.range(0, 40).toArray(), values), 17);
    String model =
        fixtures.fitted(at("classes"), "naive-bayes", Map.of("components", 2), data, "test");
    EvaluateSpec spec =
        new EvaluateSpec(
                "test",
                Optional.of(TableQualityMethod.NAME),
                OptionalInt.of(80),
                1,
                OptionalLong.empty(),
                3)
            .withSettings(Map.of("task", "letter"));
    run(model, data, spec, "missing");
    TablePictures.Histogram gaps =
        TablePictures.read(storage, at("missing")).orElseThrow().histograms().get(1);
    assertEquals(10, gaps.heldNulls());
    assertEquals(20, gaps.drawnNulls()); // Each pattern is given to two rows.
    for (String column : List.of("gaps", "leter")) {
      AncestralException refused =
          assertThrows(
              AncestralException.class,
              () -> run(model, data, spec.withSettings(Map.of("task", column)), "refused"));
      assertEquals(ErrorCode.MISMATCH, refused.code());
      assertTrue(refused.getMessage().startsWith("task is " + column), refused.getMessage());
    }
  }

  @Test
  void the_task_is_the_column_of_that_name() {
    RowColumn other = new RowColumn("colour", ColumnKind.CATEGORY, LETTER.type(), false, "string");
    TableFeatures features = TableFeatures.of(new TableKeys(List.of(other, NUMBER, LETTER)));
    assertEquals(Optional.of(2), PredictionTask.column(features));
    assertEquals(0, PredictionTask.column(features, "colour"));
  }

  @Test
  void arrays_and_few_rows_are_refused() {
    EventSpec bits = EventSpec.discrete(2, 3);
    String data = fixtures.dataset(at("bits"), "test", bits, 50, 30);
    String model =
        fixtures.fitted(
            at("model"), "naive-bayes", Map.of("likelihood", "bernoulli"), data, "test");
    AncestralException arrays =
        assertThrows(AncestralException.class, () -> evaluate(model, data, "x", one()));
    assertEquals(ErrorCode.MISMATCH, arrays.code());
    assertTrue(arrays.getMessage().contains("prepare --format table"), arrays.getMessage());
    EventSpec event = EventSpec.rows(SCHEMA);
    String vae =
        fixtures.untrained(
            at("vae"), "vae", Map.of("hidden", List.of(), "latent", 2), event, "none", 5);
    String few = at("few");
    draws(vae, few, "test", 19, 1);
    AncestralException rows =
        assertThrows(AncestralException.class, () -> evaluate(vae, few, "y", one()));
    assertEquals(ErrorCode.DATA, rows.code());
  }

  private static OptionalInt one() {
    return OptionalInt.of(1);
  }

  private TableQualityReport evaluate(String model, String data, String output, OptionalInt tasks) {
    EvaluateSpec spec =
        new EvaluateSpec(
                "test",
                Optional.of(TableQualityMethod.NAME),
                OptionalInt.empty(),
                1,
                OptionalLong.empty(),
                3)
            .withTrainSample(OptionalLong.of(50))
            .withTasks(tasks);
    Evaluation evaluation = run(model, data, spec, output);
    assertEquals(evaluation, Evaluation.read(storage, at(output)).orElseThrow());
    return ((Evaluation.Table) evaluation).report();
  }

  private Evaluation run(String model, String data, EvaluateSpec spec, String output) {
    return new EvaluationJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(new EvaluateRequest(model, data, spec, at(output), false));
  }

  private String page(String model, String evaluation) throws IOException {
    RunReport report = new RunReport(storage, model);
    report.write(RunReport.Beside.asBefore().withEvaluation(at(evaluation)));
    return Files.readString(Path.of(model, RunReport.FILE));
  }

  private void draws(String model, String data, String split, int count, long seed) {
    try (var loaded = ModelDirectory.open(storage, model).load(Device.cpu())) {
      Batch drawn =
          loaded
              .model()
              .sample(
                  LongStream.range(0, count).toArray(), RandomKey.of(seed), SampleRequest.plain());
      fixtures.stored(data, split, drawn, count / 3 + 1);
    }
  }

  private static Row row(
      TableKeys keys, boolean drawn, long id, Long letter, Long number, Double real, Double gap) {
    return RowFactory.create(
        drawn, id, letter, keys.key(1, number), keys.key(2, real), keys.key(3, gap));
  }

  private static RowColumn whole(String name) {
    return new RowColumn(
        name,
        ColumnKind.INTEGER,
        new ColumnType.Whole(1, 20, 1, List.of(1L, 6L, 11L, 21L)),
        false,
        "int");
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
