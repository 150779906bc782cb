package dev.ancestral.job.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.rows.RowInput;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.output.RowOutput;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.spark.SparkApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreJobTest {
  @TempDir Path folder;

  private Customers customers;

  @BeforeEach
  void model() {
    customers = new Customers(folder);
    customers.model();
  }

  @Test
  void scores_of_four_rows_are_those_by_hand_and_the_rows_keep_their_columns() {
    List<Row> rows =
        List.of(
            RowFactory.create("a", 12.0, "red", 1),
            RowFactory.create("b", null, "blue", 3),
            RowFactory.create("c", 7.5, "green", null),
            RowFactory.create("d", 40.0, null, 0));
    written("rows", Customers.table(rows));
    List<Row> valid = Customers.rows(100);
    String reference = customers.dataset("data", valid);
    ScoreReport report = score(request("rows", "out").comparedWith(reference));
    assertEquals(
        List.of(
            "customer",
            "weight",
            "colour",
            "count",
            "log_likelihood",
            "log_likelihood_kind",
            "percentile",
            "least_likely_columns",
            "component"),
        List.of(read("out").columns()));
    double[] usual = valid.stream().mapToDouble(Customers::logProb).toArray();
    Moments moments = new Moments();
    for (Row row : read("out").orderBy("customer").collectAsList()) {
      double byHand = Customers.logProb(row);
      moments.add(byHand);
      double nats = row.getAs("log_likelihood");
      assertEquals(byHand, nats, 1e-9, row.toString());
      assertEquals("exact", row.getAs("log_likelihood_kind"));
      long lower = Arrays.stream(usual).filter(other -> other <= nats + 1e-9).count();
      assertEquals(lower / 100.0, row.<Double>getAs("percentile"), 1e-12);
    }
    assertEquals(4, report.examples());
    assertEquals(moments.mean(), report.meanNats(), 1e-9);
    assertEquals(moments.standardError(), report.standardError(), 1e-6 * moments.standardError());
    assertEquals(List.of("colour", "count"), report.discrete());
    assertEquals(List.of("weight"), report.continuous());
    Row odd = read("out").filter("customer = 'd'").head();
    assertEquals("weight", odd.getList(odd.fieldIndex("least_likely_columns")).get(0));
    Row first = read("out").filter("customer = 'a'").head();
    boolean second = Customers.joint(1, "red", 1, 12.0) > Customers.joint(0, "red", 1, 12.0);
    assertEquals(second ? 1 : 0, first.<Integer>getAs("component"));
  }

  @Test
  void columns_are_found_by_name_and_what_does_not_convert_is_refused_by_name() {
    Dataset<Row> table = Customers.table(Customers.rows(30));
    written("rows", table);
    written("turned", table.select("count", "colour", "customer", "weight"));
    written("longs", table.withColumn("count", functions.col("count").cast("bigint")));
    score(request("rows", "out"));
    Map<String, Double> expected = byCustomer("out");
    for (String other : List.of("turned", "longs")) {
      score(request(other, "out-" + other));
      assertEquals(expected, byCustomer("out-" + other));
    }
    written("without", table.drop("colour"));
    refused("without", "colour");
    written("wrong", table.withColumn("weight", functions.lit(true)));
    refused("wrong", "weight");
    written("fractions", table.withColumn("count", functions.lit(1.5)));
    refused("fractions", "count");
    written("taken", table.withColumn("percentile", functions.lit(1)));
    refused("taken", "percentile");
  }

  private void refused(String input, String column) {
    CommandLine run =
        CommandLine.run(
            "score",
            "--model",
            customers.at("model"),
            "--input",
            customers.at(input),
            "--output",
            customers.at("none-" + input));
    assertEquals(4, run.status(), run.err());
    assertTrue(run.err().contains("'" + column + "'"), run.err());
  }

  @Test
  void scores_do_not_depend_on_partitions() {
    Dataset<Row> table = Customers.table(Customers.rows(1500));
    Map<String, Double> expected = null;
    ScoreReport report = null;
    for (int partitions : new int[] {1, 2, 7}) {
      written("rows" + partitions, table.repartition(partitions));
      ScoreReport one = score(request("rows" + partitions, "out" + partitions));
      Map<String, Double> scores = byCustomer("out" + partitions);
      assertEquals(1500, scores.size());
      if (expected != null) {
        assertEquals(expected, scores);
        assertEquals(report.meanNats(), one.meanNats(), 0);
        assertEquals(report.standardError(), one.standardError(), 0);
      }
      expected = scores;
      report = one;
    }
  }

  @Test
  void the_same_command_again_changes_nothing_and_other_things_are_not_replaced()
      throws IOException {
    written("rows", Customers.table(Customers.rows(50)));
    ScoreReport report = score(request("rows", "out"));
    Map<String, FileTime> before = times("out");
    assertEquals(report, score(request("rows", "out")));
    assertEquals(before, times("out"));
    written("more", Customers.table(Customers.rows(60)));
    AncestralException other =
        assertThrows(AncestralException.class, () -> score(request("more", "out")));
    assertEquals(ErrorCode.SPEC, other.code());
    assertEquals(50, read("out").count());
    Files.createDirectories(folder.resolve("mine"));
    Files.writeString(folder.resolve("mine/part-of-my-thesis.txt"), "text");
    AncestralException foreign =
        assertThrows(AncestralException.class, () -> score(request("rows", "mine")));
    assertEquals(ErrorCode.SPEC, foreign.code());
    assertTrue(foreign.getMessage().contains("part-of-my-thesis.txt"), foreign.getMessage());
    assertTrue(Files.exists(folder.resolve("mine/part-of-my-thesis.txt")));
  }

  @Test
  void half_of_an_output_is_replaced() throws IOException {
    written("rows", Customers.table(Customers.rows(50)).repartition(3));
    score(request("rows", "out"));
    Map<String, Double> whole = byCustomer("out");
    // What is left of a command that was killed before its manifest: some files, none listed.
    Files.delete(folder.resolve("out/_ancestral/manifest.json"));
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      Files.delete(
          files.filter(f -> f.getFileName().toString().startsWith("part-")).findAny().get());
    }
    score(request("rows", "out"));
    assertEquals(whole, byCustomer("out"));
    // A file that the manifest lists is lost.
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      Files.delete(
          files.filter(f -> f.getFileName().toString().startsWith("part-")).findAny().get());
    }
    score(request("rows", "out"));
    assertEquals(whole, byCustomer("out"));
  }

  /** Every cell of every row, which a stream and a batch make in two ways. */
  private List<String> rowsOf(String output) {
    return read(output).orderBy("customer").toJSON().collectAsList();
  }

  @Test
  void columns_of_every_type_pass_by_as_they_are_and_those_of_the_model_are_read() {
    List<Row> rows = Customers.rows(1300); // More than two blocks.
    Dataset<Row> table =
        Customers.table(rows)
            .withColumn("count", functions.expr("cast(count AS decimal(12, 3))"))
            .withColumn(
                "colour", functions.expr("if(customer = 'c5', 'Größe \uD83C\uDF08', colour)"))
            .withColumn("weight", functions.expr("if(customer = 'c9', double('NaN'), weight)"))
            .withColumn("nothing", functions.expr("cast(NULL AS string)"))
            .withColumn("day", functions.expr("date '1899-12-31' + length(customer)"))
            .withColumn("at", functions.expr("timestamp_micros(length(customer))"))
            .withColumn("clock", functions.expr("timestamp_ntz '1912-02-29 00:00:00.000001'"))
            .withColumn("price", functions.expr("cast(weight AS decimal(38, 9))"))
            .withColumn("bytes", functions.expr("cast(customer AS binary)"))
            .withColumn("small", functions.expr("cast(length(customer) AS tinyint)"));
    written("rows", table);
    score(request("rows", "out"));
    Dataset<Row> scored = read("out");
    for (StructField field : table.schema().fields()) {
      assertEquals(field.dataType(), scored.schema().apply(field.name()).dataType());
    }
    Column[] own = Arrays.stream(table.columns()).map(functions::col).toArray(Column[]::new);
    assertEquals(
        table.orderBy("customer").toJSON().collectAsList(),
        scored.select(own).orderBy("customer").toJSON().collectAsList());
    for (Row row : scored.selectExpr("*", "int(count) AS whole").collectAsList()) {
      Double weight = row.getAs("weight");
      boolean known = weight != null && !weight.isNaN();
      assertEquals(
          Customers.logProb(row.getAs("colour"), row.getAs("whole"), known ? weight : null),
          row.<Double>getAs("log_likelihood"),
          1e-9,
          row.toString());
    }
    score(request("rows", "streamed").streamed());
    assertEquals(rowsOf("out"), rowsOf("streamed"));
  }

  @Test
  void a_stream_scores_each_row_once_as_the_batch_does() {
    Dataset<Row> table = Customers.table(Customers.rows(90));
    table.filter("customer < 'c4'").write().parquet(customers.at("rows"));
    ScoreReport first = score(request("rows", "streamed").streamed());
    assertEquals(table.filter("customer < 'c4'").count(), first.examples());
    table.filter("customer >= 'c4'").write().mode("append").parquet(customers.at("rows"));
    ScoreReport second = score(request("rows", "streamed").streamed());
    assertEquals(90, second.examples());
    assertEquals(90, score(request("rows", "streamed").streamed()).examples());
    ScoreReport batch = score(request("rows", "out"));
    assertEquals(byCustomer("out"), byCustomer("streamed"));
    assertEquals(90, read("streamed").count());
    assertEquals(rowsOf("out"), rowsOf("streamed"));
    assertEquals(batch.meanNats(), second.meanNats(), 0);
  }

  @Test
  void every_format_and_the_catalog_hold_the_same_scores() {
    List<Row> rows = Customers.rows(40);
    rows.set(3, RowFactory.create("c \"3\", Ltd", 9.0, "red", 1));
    written("rows", Customers.table(rows));
    score(request("rows", "out"));
    Map<String, Double> expected = byCustomer("out");
    for (String format : List.of("csv", "json", "orc")) {
      CommandLine run =
          CommandLine.run(
              "score",
              "--model",
              customers.at("model"),
              "--input",
              customers.at("rows"),
              "--as",
              format,
              "--output",
              customers.at(format),
              "--partition-by",
              "colour");
      assertEquals(0, run.status(), run.err());
      // What was written is read as what people have.
      RowInput input = RowInput.files(List.of(customers.at(format)));
      assertEquals(expected, byCustomer(input.load(LocalSpark.session())));
      assertTrue(Files.isDirectory(folder.resolve(format + "/colour=red")));
    }
    String name = "scored_" + folder.getFileName().toString().replaceAll("[^a-z0-9]", "_");
    try {
      for (int run = 0; run < 2; run++) {
        CommandLine table = toTable(name, "--input", customers.at("rows"));
        assertEquals(0, table.status(), table.err());
        assertEquals(run == 1, table.out().contains("is complete"), table.out());
        assertEquals(expected, byCustomer(LocalSpark.session().table(name)));
      }
      CommandLine other = toTable(name, "--input", customers.at("out"));
      assertEquals(4, other.status(), other.err());
    } finally {
      LocalSpark.session().sql("DROP TABLE IF EXISTS " + name);
    }
  }

  /** {@code score --output-table}, with more options. */
  private CommandLine toTable(String table, String... more) {
    List<String> words = new ArrayList<>(List.of("score", "--model", customers.at("model")));
    words.addAll(List.of("--output-table", table));
    words.addAll(List.of(more));
    return CommandLine.run(words.toArray(String[]::new));
  }

  @Test
  void a_table_that_no_command_made_and_one_that_is_read_are_never_replaced() throws Exception {
    List<Row> rows = Customers.rows(20);
    written("rows", Customers.table(rows));
    String name = "owned_" + folder.getFileName().toString().replaceAll("[^a-z0-9]", "_");
    SparkSession session = LocalSpark.session();
    String[] raw = {"--input", customers.at("rows"), "--overwrite", "--partition-by", "colour"};
    try {
      session.sql("CREATE TABLE " + name + " (a INT) USING parquet");
      session.sql("INSERT INTO " + name + " VALUES (7)");
      CommandLine foreign = toTable(name, raw);
      assertEquals(2, foreign.status(), foreign.err());
      assertTrue(foreign.err().contains("no command of this kind made it"), foreign.err());
      assertEquals(7, session.table(name).first().getInt(0));

      // As a command leaves it that is killed before its rows are there.
      session.sql("DROP TABLE " + name);
      session.sql(
          "CREATE TABLE "
              + name
              + " (a INT) USING parquet TBLPROPERTIES ('ancestral.begun' = 'some')");
      CommandLine again =
          toTable(name, "--input", customers.at("rows"), "--partition-by", "colour");
      assertEquals(0, again.status(), again.err());
      // A table has the columns that divide it behind the others.
      String[] columns = session.table(name).columns();
      assertEquals("colour", columns[columns.length - 1]);
      score(request("rows", "out"));
      assertEquals(byCustomer("out"), byCustomer(session.table(name)));

      CommandLine unknown = toTable("other" + name, raw[0], raw[1], "--as", "nosuch");
      assertEquals(5, unknown.status(), unknown.err());
      assertTrue(unknown.err().contains("bring its jar by --packages"), unknown.err());
      // Which holds one column of words.
      CommandLine text = toTable("other" + name, raw[0], raw[1], "--as", "text");
      assertEquals(2, text.status(), text.err());
      assertTrue(text.err().contains("cannot be written to table other"), text.err());

      CommandLine itself =
          toTable(
              name,
              "--query",
              "SELECT customer, weight, colour, count FROM " + name,
              "--overwrite");
      assertEquals(2, itself.status(), itself.err());
      assertTrue(itself.err().contains("both the input and the output"), itself.err());
      assertEquals(byCustomer("out"), byCustomer(session.table(name)));
    } finally {
      session.sql("DROP TABLE IF EXISTS " + name);
      session.sql("DROP TABLE IF EXISTS other" + name);
    }
  }

  @Test
  void without_a_reference_its_columns_are_null_and_the_report_says_why() {
    written("rows", Customers.table(Customers.rows(5)));
    ScoreReport report = score(request("rows", "out"));
    for (Row row : read("out").collectAsList()) {
      assertNull(row.getAs("percentile"));
      assertNull(row.getAs("least_likely_columns"));
    }
    assertTrue(report.summary().contains("--reference"), report.summary());
  }

  @Test
  void columns_are_compared_with_what_is_usual_for_them() {
    Reference reference = Reference.of(new double[] {3, 1, 2, 2}, new double[] {-1, -9, 0, -2, -5});
    assertEquals(0, reference.percentile(0.5));
    assertEquals(0.75, reference.percentile(2));
    assertEquals(1, reference.percentile(7));
    // Differences −1, −2, not observed, −4, +1.
    assertArrayEquals(
        new int[] {3, 1, 0}, reference.leastLikely(new double[] {-2, -11, Double.NaN, -6, -4}));
    assertArrayEquals(
        new int[] {4, 3, 1}, reference.leastLikely(new double[] {-2, -11, Double.NaN, -6, -14}));
    assertArrayEquals(new int[0], reference.leastLikely(new double[] {0, 0, 1, 0, 0}));
  }

  private ScoreRequest request(String input, String output) {
    return ScoreRequest.of(
        customers.at("model"),
        RowInput.files(List.of(customers.at(input))),
        RowOutput.files(customers.at(output), "parquet"));
  }

  private static ScoreReport score(ScoreRequest request) {
    return new ScoreJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(request);
  }

  private void written(String name, Dataset<Row> rows) {
    rows.write().parquet(customers.at(name));
  }

  private Dataset<Row> read(String name) {
    return LocalSpark.session().read().parquet(customers.at(name));
  }

  private Map<String, Double> byCustomer(String name) {
    return byCustomer(read(name));
  }

  private static Map<String, Double> byCustomer(Dataset<Row> rows) {
    Map<String, Double> scores = new HashMap<>();
    for (Row row : rows.select("customer", "log_likelihood").collectAsList()) {
      assertNull(scores.put(row.getString(0), row.getDouble(1)), "a row came twice");
    }
    assertFalse(scores.isEmpty());
    return scores;
  }

  private Map<String, FileTime> times(String name) throws IOException {
    Map<String, FileTime> times = new HashMap<>();
    List<Path> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder.resolve(name))) {
      files.filter(Files::isRegularFile).forEach(all::add);
    }
    for (Path file : all) {
      times.put(file.toString(), Files.getLastModifiedTime(file));
    }
    return times;
  }
}
