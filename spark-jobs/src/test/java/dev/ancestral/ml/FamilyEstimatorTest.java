package dev.ancestral.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FamilyEstimatorTest {
  private static final StructType TYPE =
      new StructType().add("id", "bigint").add("colour", "string").add("large", "boolean");

  /** What one test has fitted another finds. */
  @TempDir static Path fits;

  @TempDir Path folder;

  private final SparkSession spark = LocalSpark.session();
  private Dataset<Row> rows;

  /** Of 400 rows: red large 150, red small 50, blue large 20, blue small 180. */
  @BeforeEach
  void table() {
    List<Row> all = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      boolean red = i < 200;
      all.add(RowFactory.create((long) i, red ? "red" : "blue", red ? i < 150 : i < 220));
    }
    rows = spark.createDataFrame(all, TYPE);
  }

  private LatentClass estimator() {
    return new LatentClass()
        .setInputCols("colour", "large")
        .setMaxIter(20)
        .setSeed(1)
        .setCheckpointDirectory(fits.toString());
  }

  @Test
  void independent_columns_have_the_likelihood_of_their_counts() {
    LatentClassModel model =
        estimator().setComponents(1).setSmoothing(0).setValidationFraction(0).fit(rows);
    Map<String, Double> expected = new HashMap<>();
    for (String colour : List.of("red", "blue")) {
      expected.put(colour + true, Math.log(0.5) + Math.log(170 / 400.0));
      expected.put(colour + false, Math.log(0.5) + Math.log(230 / 400.0));
    }
    Dataset<Row> scored = model.transform(rows);
    assertArrayEquals(
        new String[] {"id", "colour", "large", "logLikelihood", "component"}, scored.columns());
    double sum = 0;
    for (Row row : scored.collectAsList()) {
      double byHand = expected.get(row.getString(1) + row.getBoolean(2));
      assertEquals(byHand, row.getDouble(3), 1e-12);
      sum += byHand;
    }
    assertEquals("exact", kind(scored));
    assertEquals(sum / 400, new LogLikelihoodEvaluator().evaluate(scored), 1e-9);
    TrainingSummary summary = model.summary();
    assertEquals(400, summary.train().rows());
    assertEquals(sum / 400, summary.train().meanNats(), 1e-9);
    assertEquals("exact", summary.train().kind());
    assertTrue(summary.validation().isEmpty());
  }

  @Test
  void transform_is_score_to_the_bit_and_each_side_reads_the_other_s_model() throws IOException {
    LatentClassModel model = estimator().setLogLikelihoodCol("nats").fit(rows);
    rows.write().parquet(at("rows"));
    model.write().save(at("saved"));
    Map<Long, Double> expected = byId(model.transform(rows), "nats");
    CommandLine scored =
        CommandLine.run(
            "score", "--model", at("saved"), "--input", at("rows"), "--output", at("scored"));
    assertEquals(0, scored.status(), scored.err());
    assertEquals(expected, byId(spark.read().parquet(at("scored")), "log_likelihood"));

    LatentClassModel loaded = LatentClassModel.load(at("saved"));
    assertEquals(model.uid(), loaded.uid());
    assertEquals(expected, byId(loaded.transform(rows.repartition(7)), "nats"));

    CommandLine trained = trained();
    assertEquals(0, trained.status(), trained.err());
    LatentClassModel ofCommand = LatentClassModel.load(at("run/run"));
    assertEquals(byId(ofCommand.transform(rows), "logLikelihood").keySet(), expected.keySet());
    Dataset<Row> drawn = ofCommand.sample(spark, 1_000, 7);
    CommandLine generated =
        CommandLine.run(
            "generate",
            "--model",
            at("run/run"),
            "--count",
            "1000",
            "--seed",
            "7",
            "--as",
            "table",
            "--output",
            at("drawn"));
    assertEquals(0, generated.status(), generated.err());
    Dataset<Row> written = spark.read().parquet(at("drawn/table"));
    assertEquals(sorted(written), sorted(drawn));
    assertArrayEquals(new String[] {"colour", "large"}, drawn.columns());
    assertEquals("string", drawn.schema().apply("colour").dataType().catalogString());
    assertEquals("boolean", drawn.schema().apply("large").dataType().catalogString());
  }

  private CommandLine trained() throws IOException {
    CommandLine prepared =
        CommandLine.run(
            "prepare",
            "--format",
            "table",
            "--input",
            at("rows"),
            "--columns",
            "colour,large",
            "--rows",
            "--split",
            "train",
            "--output",
            at("data"));
    assertEquals(0, prepared.status(), prepared.err());
    Path spec = folder.resolve("spec.yaml");
    Files.writeString(
        spec,
        """
        name: rows
        seed: 1
        output: %s
        data: {path: %s}
        model: {family: naive-bayes, components: 2, iterations: 20}
        """
            .formatted(at("run"), at("data")));
    return CommandLine.run("train", "--spec", spec.toString());
  }

  @Test
  void cells_are_filled_and_rows_drawn_given_others_as_by_the_command_line() {
    LatentClassModel model = estimator().fit(rows);
    Dataset<Row> holes = rows.withColumn("large", functions.lit(null).cast("boolean"));
    for (Row row : model.imputeMode(holes).collectAsList()) {
      // 3 of 4 red rows are large, 1 of 10 blue ones is.
      assertEquals(row.getString(1).equals("red"), row.getBoolean(2), row.toString());
    }
    holes.write().parquet(at("holes"));
    CommandLine filled =
        CommandLine.run(
            "impute",
            "--model",
            model.directory(),
            "--input",
            at("holes"),
            "--draws",
            "2",
            "--seed",
            "5",
            "--output",
            at("filled"));
    assertEquals(0, filled.status(), filled.err());
    assertEquals(sorted(spark.read().parquet(at("filled"))), sorted(model.impute(holes, 2, 5)));
    Dataset<Row> red = model.sampleGiven(spark, 2_000, 3, "colour = 'red'");
    assertEquals(2_000, red.filter("colour = 'red'").count());
    // Bayes' rule on the numbers of transform.
    Map<Long, Double> nats = byId(model.transform(rows), "logLikelihood");
    double large = Math.exp(nats.get(0L)) / (Math.exp(nats.get(0L)) + Math.exp(nats.get(199L)));
    assertEquals(large, red.filter("large").count() / 2_000.0, 0.045);
  }

  @Test
  void the_function_of_sql_gives_the_numbers_of_transform() {
    LatentClassModel model = estimator().fit(rows);
    model.register(spark, "log_p");
    rows.createOrReplaceTempView("ml_rows");
    assertEquals(
        byId(model.transform(rows), "logLikelihood"),
        byId(spark.sql("SELECT id, log_p(struct(*)) AS nats FROM ml_rows"), "nats"));
    spark.catalog().dropTempView("ml_rows");
  }

  @Test
  void a_variational_autoencoder_scores_as_the_command_line_and_says_that_it_is_a_bound() {
    VariationalAutoencoder estimator =
        new VariationalAutoencoder()
            .setInputCols("colour", "large")
            .setLatent(2)
            .setHidden(8)
            .setMaxIter(3)
            .setSeed(1)
            .setScoreEstimator("elbo")
            .setScoreSamples(3)
            .setCheckpointDirectory(at("checkpoints"));
    VariationalAutoencoderModel model = estimator.fit(rows);
    Dataset<Row> scored = model.transform(rows);
    assertArrayEquals(new String[] {"id", "colour", "large", "logLikelihood"}, scored.columns());
    assertEquals("lower-bound", kind(scored));
    rows.write().parquet(at("rows"));
    CommandLine score =
        CommandLine.run(
            "score",
            "--model",
            model.directory(),
            "--input",
            at("rows"),
            "--estimator",
            "elbo",
            "--samples",
            "3",
            "--seed",
            "1",
            "--output",
            at("scored"));
    assertEquals(0, score.status(), score.err());
    assertEquals(
        byId(spark.read().parquet(at("scored")), "log_likelihood"),
        byId(scored.repartition(3), "logLikelihood"));
    assertTrue(model.summary().validation().isPresent());
    assertEquals(50, model.sample(spark, 50, 1).filter("colour in ('red', 'blue')").count());
    AncestralException other =
        assertThrows(AncestralException.class, () -> LatentClassModel.load(model.directory()));
    assertEquals(ErrorCode.MISMATCH, other.code());
  }

  @Test
  void sequences_score_as_the_prepared_ones_and_their_states_come_back() throws IOException {
    // 40 users, 12 events each: the first half is calm (a, near 0), the second is not (b, near 9).
    Random random = new Random(4);
    List<Row> events = new ArrayList<>();
    for (int user = 0; user < 40; user++) {
      for (int t = 0; t < 12; t++) {
        boolean calm = t < 6;
        double amount = (calm ? 0 : 9) + random.nextGaussian();
        // Two events share each place in the order.
        events.add(RowFactory.create("u" + user, t / 2, calm ? "a" : "b", amount));
      }
    }
    StructType type =
        new StructType()
            .add("user", "string")
            .add("day", "int")
            .add("kind", "string")
            .add("amount", "double");
    Dataset<Row> table = spark.createDataFrame(events, type);
    HiddenMarkovModel estimator =
        new HiddenMarkovModel()
            .setInputCols("kind", "amount")
            .setGroupCols("user")
            .setOrderCols("day")
            .setStates(2)
            .setMaxIter(10)
            .setSeed(2)
            .setValidationFraction(0)
            .setCheckpointDirectory(at("checkpoints"));
    HiddenMarkovModelModel model = estimator.fit(table);
    Dataset<Row> scored = model.transform(table.repartition(5));
    assertArrayEquals(new String[] {"user", "logLikelihood", "states"}, scored.columns());
    assertEquals("exact", kind(scored));
    CommandLine score =
        CommandLine.run(
            "score",
            "--model",
            model.directory(),
            "--data",
            prepared(),
            "--split",
            "train",
            "--output",
            at("scored"));
    assertEquals(0, score.status(), score.err());
    assertEquals(
        sorted(spark.read().parquet(at("scored")).select("user", "log_likelihood", "states")),
        sorted(scored));
    for (Row row : scored.collectAsList()) {
      List<Integer> states = row.getList(2);
      assertEquals(12, states.size());
      assertEquals(1, states.subList(0, 6).stream().distinct().count(), states.toString());
      assertFalse(states.get(0).equals(states.get(11)), states.toString());
    }
    model.save(at("saved"));
    HiddenMarkovModelModel loaded = HiddenMarkovModelModel.load(at("saved"));
    assertEquals(sorted(scored), sorted(loaded.transform(table)));
    Dataset<Row> drawn = loaded.sample(spark, 10, 1, 5);
    assertArrayEquals(new String[] {"id", "step", "kind", "amount"}, drawn.columns());
    assertEquals(50, drawn.count());
    AncestralException refusal =
        assertThrows(
            AncestralException.class, () -> new HiddenMarkovModel().setOrderCols("day").fit(table));
    assertTrue(refusal.getMessage().startsWith("groupCols is not set"), refusal.getMessage());
  }

  /** The only dataset that was prepared. */
  private String prepared() throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve("checkpoints"))) {
      return all.filter(path -> path.getFileName().toString().startsWith("data-"))
          .findFirst()
          .orElseThrow()
          .toString();
    }
  }

  private static String kind(Dataset<Row> scored) {
    return scored
        .schema()
        .apply("logLikelihood")
        .metadata()
        .getMetadata("ancestral")
        .getString("kind");
  }

  @Test
  void equal_rows_are_prepared_and_trained_once() throws IOException {
    LatentClass estimator = estimator().setCheckpointDirectory(at("checkpoints"));
    LatentClassModel model = estimator.fit(rows);
    Map<String, Long> before = modified();
    LatentClassModel again = estimator.fit(rows.repartition(5).orderBy("large"));
    assertEquals(model.directory(), again.directory());
    assertEquals(before, modified());
    LatentClassModel other = estimator.setComponents(3).fit(rows);
    assertFalse(other.directory().equals(model.directory()));
    assertEquals(0, spark.catalog().listTables().filter("isTemporary").count());
  }

  /** Time of each file of prepared data. */
  private Map<String, Long> modified() throws IOException {
    Map<String, Long> times = new HashMap<>();
    try (Stream<Path> all = Files.walk(folder.resolve("checkpoints"))) {
      for (Path file : all.filter(path -> path.toString().endsWith(".parquet")).toList()) {
        times.put(file.toString(), Files.getLastModifiedTime(file).toMillis());
      }
    }
    assertFalse(times.isEmpty());
    return times;
  }

  @Test
  void a_streaming_transform_has_the_numbers_of_the_batch() throws Exception {
    LatentClassModel model = estimator().fit(rows);
    rows.repartition(3).write().parquet(at("rows"));
    StreamingQuery query =
        model
            .transform(spark.readStream().schema(TYPE).parquet(at("rows")))
            .writeStream()
            .format("memory")
            .queryName("scored")
            .option("checkpointLocation", at("stream"))
            .trigger(Trigger.AvailableNow())
            .start();
    query.awaitTermination();
    assertEquals(
        byId(model.transform(rows), "logLikelihood"), byId(spark.table("scored"), "logLikelihood"));
    spark.catalog().dropTempView("scored");
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> estimator().fit(spark.readStream().schema(TYPE).parquet(at("rows"))));
    assertEquals(ErrorCode.DATA, refusal.code());
  }

  @Test
  void cross_validation_in_a_pipeline_chooses_the_components_that_are_there() throws IOException {
    // Three numbers in a vector: all near 0 or all near 9, so that two components say more.
    Random random = new Random(3);
    List<Row> points = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      double centre = i % 2 == 0 ? 0 : 9;
      points.add(
          RowFactory.create(
              (long) i,
              centre + random.nextGaussian(),
              centre + random.nextGaussian(),
              centre + random.nextGaussian()));
    }
    StructType type =
        new StructType()
            .add("id", "bigint")
            .add("x", "double")
            .add("y", "double")
            .add("z", "double");
    Dataset<Row> table = spark.createDataFrame(points, type);
    LatentClass mixture =
        new LatentClass()
            .setInputCols("features")
            .setSmoothing(0.1)
            .setMaxIter(20)
            .setCheckpointDirectory(at("checkpoints"));
    Pipeline pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new VectorAssembler()
                      .setInputCols(new String[] {"x", "y", "z"})
                      .setOutputCol("features"),
                  mixture
                });
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(mixture.components(), new int[] {1, 2}).build();
    CrossValidator validator =
        new CrossValidator()
            .setEstimator(pipeline)
            .setEvaluator(new LogLikelihoodEvaluator())
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .setParallelism(2)
            .setSeed(5);
    CrossValidatorModel chosen = validator.fit(table);
    double[] metrics = chosen.avgMetrics();
    assertTrue(metrics[1] > metrics[0] + 1, metrics[0] + " " + metrics[1]);
    PipelineModel best = (PipelineModel) chosen.bestModel();
    Dataset<Row> scored = best.transform(table);
    assertEquals(2, scored.select("component").distinct().count());
    assertEquals(
        1,
        scored.filter("id % 2 = 0").select("component").distinct().count(),
        "a component has the rows near one centre");
    chosen.write().overwrite().save(at("chosen"));
    CrossValidatorModel loaded = CrossValidatorModel.load(at("chosen"));
    assertEquals(byId(scored, "logLikelihood"), byId(loaded.transform(table), "logLikelihood"));
    validator.write().save(at("validator"));
    assertEquals(2, CrossValidator.load(at("validator")).getEstimatorParamMaps().length);
    Dataset<Row> longer =
        scored.select(functions.col("id"), functions.expr("array(x, y, z, 0.0D)").as("features"));
    LatentClassModel model = (LatentClassModel) best.stages()[1];
    String told =
        assertThrows(Exception.class, () -> model.transform(longer).collectAsList()).toString();
    assertTrue(told.contains("an array has 4 elements"), told);
  }

  @Test
  void wrong_parameters_and_columns_are_told_by_name() {
    assertEquals(
        ErrorCode.SPEC,
        assertThrows(AncestralException.class, () -> estimator().setComponents(0).fit(rows))
            .code());
    AncestralException absent =
        assertThrows(AncestralException.class, () -> estimator().setInputCols("color").fit(rows));
    assertTrue(absent.getMessage().contains("did you mean colour?"), absent.getMessage());
    LatentClassModel model = estimator().fit(rows);
    Dataset<Row> scored = model.transform(rows);
    assertTrue(
        assertThrows(AncestralException.class, () -> model.transform(scored))
            .getMessage()
            .contains("logLikelihoodCol is logLikelihood"));
    LatentClassModel renamed =
        model.copy(ParamMap.empty()).setLogLikelihoodCol("again").setComponentCol("second");
    assertEquals(byId(scored, "logLikelihood"), byId(renamed.transform(scored), "again"));
    assertThrows(AncestralException.class, () -> model.transform(rows.drop("colour")));
  }

  private static Map<Long, Double> byId(Dataset<Row> scored, String column) {
    Map<Long, Double> scores = new HashMap<>();
    for (Row row : scored.select("id", column).collectAsList()) {
      scores.put(row.getLong(0), row.getDouble(1));
    }
    return scores;
  }

  private static List<String> sorted(Dataset<Row> table) {
    return table.collectAsList().stream()
        .map(Row::toString)
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
