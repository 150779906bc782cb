package dev.ancestral.job.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.rows.RowInput;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.impute.ImputeJob;
import dev.ancestral.job.impute.ImputeReport;
import dev.ancestral.job.impute.ImputeRequest;
import dev.ancestral.job.output.RowOutput;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.RowModel;
import dev.ancestral.spark.SparkApplication;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImputeJobTest {
  @TempDir Path folder;

  private Customers customers;

  @BeforeEach
  void model() {
    customers = new Customers(folder);
    customers.model();
  }

  @Test
  void observed_cells_and_types_stay_and_missing_ones_are_filled_the_same_in_any_partition() {
    List<Row> rows = Customers.rows(300);
    Map<String, Row> own = byCustomer(Customers.table(rows));
    Map<String, Row> before = null;
    for (int partitions : new int[] {1, 5}) {
      String name = "rows" + partitions;
      Customers.table(rows).repartition(partitions).write().parquet(customers.at(name));
      ImputeReport report = impute(name, "out" + partitions, RowModel.Completion.DRAW, 1);
      Dataset<Row> filled = read("out" + partitions);
      assertEquals(Customers.TABLE.simpleString(), filled.schema().simpleString());
      Map<String, Row> completed = byCustomer(filled);
      assertEquals(300, completed.size());
      long cells = 0;
      for (Map.Entry<String, Row> row : completed.entrySet()) {
        for (int c = 0; c < 4; c++) {
          Object observed = own.get(row.getKey()).get(c);
          cells += observed == null ? 1 : 0;
          assertFalse(row.getValue().isNullAt(c));
          if (observed != null) {
            assertEquals(observed, row.getValue().get(c));
          }
        }
      }
      assertEquals(cells, report.filled().values().stream().mapToLong(n -> n).sum());
      if (before != null) {
        assertEquals(before, completed);
      }
      before = completed;
    }
  }

  @Test
  void several_draws_are_of_the_conditional_distribution_and_equal_rows_draw_apart() {
    int equal = 40;
    int draws = 25;
    List<Row> rows =
        IntStream.range(0, equal)
            .mapToObj(i -> RowFactory.create(null, 9.0, null, 2))
            .map(Row.class::cast)
            .toList();
    Customers.table(rows).write().parquet(customers.at("rows"));
    ImputeReport report = impute("rows", "out", RowModel.Completion.DRAW, draws);
    assertEquals((long) equal * draws, report.rows());
    Map<String, Integer> counts = new HashMap<>();
    Set<String> patterns = new HashSet<>();
    Map<Integer, StringBuilder> byDraw = new HashMap<>();
    for (Row row : read("out").collectAsList()) {
      counts.merge(row.getAs("colour"), 1, Integer::sum);
      byDraw
          .computeIfAbsent(row.getAs("draw"), draw -> new StringBuilder())
          .append(row.<String>getAs("colour").charAt(0));
    }
    byDraw.values().forEach(pattern -> patterns.add(pattern.toString()));
    assertEquals(
        IntStream.range(0, draws).boxed().collect(java.util.stream.Collectors.toSet()),
        byDraw.keySet());
    assertTrue(patterns.size() > draws / 2, "draws are independent");
    assertTrue(
        patterns.stream().allMatch(pattern -> pattern.chars().distinct().count() > 1),
        "equal rows are drawn apart");
    double red = 0;
    double all = 0;
    for (String colour : new String[] {"red", "blue", "green"}) {
      double p = Math.exp(Customers.logProb(colour, 2, 9.0));
      all += p;
      red += colour.equals("red") ? p : 0;
    }
    int n = equal * draws;
    double expected = red / all;
    double error = Math.sqrt(expected * (1 - expected) / n);
    assertEquals(expected, counts.get("red") / (double) n, 4 * error);
  }

  @Test
  void the_mode_is_one_and_models_without_conditionals_are_refused() {
    Customers.table(Customers.rows(20)).write().parquet(customers.at("rows"));
    impute("rows", "out", RowModel.Completion.MODE, 1);
    assertEquals(0, read("out").filter("colour is null or count is null").count());
    CommandLine both =
        CommandLine.run(
            "impute",
            "--model",
            customers.at("model"),
            "--input",
            customers.at("rows"),
            "--output",
            customers.at("none"),
            "--mode",
            "--draws",
            "3");
    assertEquals(2, both.status(), both.err());
    CommandLine again =
        CommandLine.run(
            "impute",
            "--model",
            customers.at("model"),
            "--input",
            customers.at("rows"),
            "--output",
            customers.at("out"),
            "--mode");
    assertEquals(0, again.status(), again.err());
    assertTrue(again.out().contains("is complete"), again.out());
    CommandLine drawn =
        CommandLine.run(
            "impute",
            "--model",
            customers.at("model"),
            "--input",
            customers.at("rows"),
            "--output",
            customers.at("out"));
    assertEquals(2, drawn.status(), drawn.err());
    assertNotEquals("", drawn.err());
  }

  /** A tree says of rows what naive Bayes says, to the same commands. */
  @Test
  void a_tree_fills_cells_scores_rows_and_draws_given_columns() {
    List<Row> rows = Customers.rows(200);
    Customers.table(rows).write().parquet(customers.at("rows"));
    customers.tree("tree", rows);
    run("impute", "--input", customers.at("rows"), "--output", customers.at("filled"));
    Dataset<Row> filled = read("filled");
    assertEquals(200, filled.count());
    assertEquals(0, filled.filter("colour is null or count is null or weight is null").count());
    run(
        "score",
        "--input",
        customers.at("rows"),
        "--output",
        customers.at("scored"),
        "--reference",
        customers.at("tree-data"),
        "--as",
        "parquet");
    Dataset<Row> scored = read("scored");
    assertEquals(200, scored.filter("component = 0 and log_likelihood < 0").count());
    assertTrue(scored.filter("size(least_likely_columns) > 0").count() > 0);
    run(
        "generate",
        "--count",
        "60",
        "--seed",
        "3",
        "--given",
        "colour = 'blue' AND count IS NULL",
        "--as",
        "table",
        "--output-format",
        "parquet",
        "--output",
        customers.at("drawn"));
    Dataset<Row> drawn = read("drawn/table");
    assertEquals(60, drawn.filter("colour = 'blue' and count is null").count());
    assertTrue(drawn.filter("weight is not null").distinct().count() > 10);
  }

  private void run(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command, "--model", customers.at("tree")));
    all.addAll(List.of(arguments));
    CommandLine run = CommandLine.run(all.toArray(String[]::new));
    assertEquals(0, run.status(), run.err());
  }

  private ImputeReport impute(String input, String output, RowModel.Completion how, int draws) {
    ImputeRequest request =
        new ImputeRequest(
            customers.at("model"),
            RowInput.files(List.of(customers.at(input))),
            how,
            draws,
            1,
            RowOutput.files(customers.at(output), "parquet"),
            false);
    return new ImputeJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(request);
  }

  private Dataset<Row> read(String name) {
    return LocalSpark.session().read().parquet(customers.at(name));
  }

  private static Map<String, Row> byCustomer(Dataset<Row> rows) {
    Map<String, Row> byCustomer = new HashMap<>();
    for (Row row : rows.collectAsList()) {
      byCustomer.put(row.getString(0), row);
    }
    return byCustomer;
  }
}
