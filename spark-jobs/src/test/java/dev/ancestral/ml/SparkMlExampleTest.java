package dev.ancestral.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.job.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of the README and of deploy/help/spark-ml.md, which has to be this one. */
class SparkMlExampleTest {
  @TempDir Path folder;

  @Test
  void the_program_of_the_pages_runs() throws IOException {
    SparkSession spark = LocalSpark.session();
    List<Row> rows =
        IntStream.range(0, 200)
            .mapToObj(
                i ->
                    RowFactory.create(
                        20 + 30 * (i % 2) + i / 2 % 7, i % 2 == 0 ? "DE" : "FR", i % 3 == 0))
            .toList();
    StructType type =
        new StructType().add("age", "int").add("country", "string").add("churned", "boolean");
    String customers = folder.resolve("customers").toString();
    spark.createDataFrame(rows, type).write().parquet(customers);
    program(spark, customers, folder.resolve("model").toString());
    assertTrue(Files.exists(folder.resolve("model/model.json")));
  }

  private static void program(SparkSession spark, String customers, String saved)
      throws IOException {
    // the program
    Dataset<Row> rows = spark.read().parquet(customers);
    LatentClass latentClass =
        new LatentClass().setComponents(20).setInputCols("age", "country", "churned").setSeed(1);
    LatentClassModel model = latentClass.fit(rows);
    System.out.println(model.summary());
    model.transform(rows).orderBy("logLikelihood").show(5);
    model.sample(spark, 1_000, 7).show(5);
    model.sampleGiven(spark, 1_000, 7, "country = 'DE'").show(5);
    model.impute(rows, 5, 3).show(5);
    model.save(saved);
    LatentClassModel loaded = LatentClassModel.load(saved);
    loaded.register(spark, "log_p");
    rows.createOrReplaceTempView("customers");
    spark.sql("SELECT *, log_p(struct(*)) AS nats FROM customers").show(5);
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(latentClass.components(), new int[] {1, 4}).build();
    CrossValidatorModel chosen =
        new CrossValidator()
            .setEstimator(latentClass)
            .setEvaluator(new LogLikelihoodEvaluator())
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .fit(rows);
    System.out.println(List.of(chosen.avgMetrics()[0], chosen.avgMetrics()[1]));
    // its end
  }

  @Test
  void the_pages_show_the_program_that_runs() throws IOException {
    List<String> source =
        Files.readAllLines(Path.of("src/test/java/dev/ancestral/ml/SparkMlExampleTest.java"));
    List<String> program =
        source.subList(marker(source, "// the program") + 1, marker(source, "// its end")).stream()
            .map(String::strip)
            .toList();
    for (String page : List.of("../README.md", "../deploy/help/spark-ml.md")) {
      List<String> lines = Files.readAllLines(Path.of(page)).stream().map(String::strip).toList();
      int from = lines.indexOf(program.get(0));
      assertTrue(from >= 0, page + " does not have the program");
      assertEquals(program, lines.subList(from, from + program.size()), page);
    }
  }

  private static int marker(List<String> source, String text) {
    return IntStream.range(0, source.size())
        .filter(i -> source.get(i).strip().equals(text))
        .findFirst()
        .orElseThrow();
  }
}
