package dev.ancestral.data.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.prepare.LocalSpark;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Date;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables as people have them, read with the types that they have. */
class RowInputTest {
  private static LocalSpark spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = new LocalSpark(2, 2);
    // The compilation of queries takes longer than to run small ones.
    spark.session().conf().set("spark.sql.codegen.wholeStage", "false");
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  private Path write(String name, String... lines) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, String.join("\n", lines) + "\n");
  }

  private static RowInput input(Map<String, String> options, Path... paths) {
    return new RowInput(Arrays.stream(paths).map(Path::toString).toList(), "", options, "", "");
  }

  private static Dataset<Row> load(Path... paths) {
    return input(Map.of(), paths).load(spark.session());
  }

  private static String ddl(Dataset<Row> rows) {
    return rows.schema().toDDL().replace(" NOT NULL", "");
  }

  private static AncestralException refused(ErrorCode kind, RowInput input, String... parts) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> input.load(spark.session()).collect());
    assertEquals(kind, refusal.code(), refusal.getMessage());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), part + " is not in " + refusal.getMessage());
    }
    return refusal;
  }

  @Test
  void csv_has_the_types_that_all_its_values_have() throws IOException {
    Path file =
        write(
            "people.csv",
            "id,name,age,income,member,since,seen,at,zip,mixed",
            "9000000000,\"Doe, J\",31,1.5e3,true,2020-02-29,2020-01-01 10:00:00,"
                + "2020-01-01T10:00:00Z,01234,1",
            "2,Ann \"A\" B,,2,FALSE,,2020-01-02T10:00:00.5,2020-01-01T10:00:00+01:00,99999,x",
            "3,\"\",4,,,1999-12-31,,,,");
    Dataset<Row> rows = load(file);
    assertEquals(
        "id BIGINT,name STRING,age INT,income DOUBLE,member BOOLEAN,since DATE,"
            + "seen TIMESTAMP_NTZ,at TIMESTAMP,zip STRING,mixed STRING",
        ddl(rows));
    List<Row> all = rows.collectAsList();
    assertEquals("Doe, J", all.get(0).get(1));
    assertEquals(1500.0, all.get(0).get(3));
    assertEquals(Date.valueOf("2020-02-29"), all.get(0).get(5));
    assertEquals(LocalDateTime.parse("2020-01-02T10:00:00.5"), all.get(1).get(6));
    assertEquals("01234", all.get(0).get(8));
    // Empty cells are nulls, in quotes too.
    assertEquals(9000000000L, all.get(0).get(0));
    for (int c : new int[] {1, 3, 4, 6, 7, 8, 9}) {
      assertTrue(all.get(2).isNullAt(c), rows.columns()[c]);
    }
  }

  @Test
  void a_query_sees_files_as_the_view_input() throws IOException {
    Path file = write("weights.csv", "weight,place", "1,a", "100,b");
    RowInput query =
        new RowInput(
            List.of(file.toString()),
            "",
            Map.of(),
            "",
            "SELECT log10(weight) AS digits, place FROM input ORDER BY digits DESC");
    Dataset<Row> rows = query.load(spark.session());
    assertEquals("digits DOUBLE,place STRING", ddl(rows));
    assertEquals(2.0, rows.first().getDouble(0));
  }

  @Test
  void csv_by_options_of_sparks_reader_and_two_more() throws IOException {
    Path file = write("german.csv", "n;wert;k", "1;1,5;NA", "2;-,25;?", "3;NA;x");
    Dataset<Row> rows =
        input(Map.of("delimiter", ";", "decimalComma", "true", "nullValues", "NA,?"), file)
            .load(spark.session());
    assertEquals("n INT,wert DOUBLE,k STRING", ddl(rows));
    assertEquals(
        List.of(RowFactory.create(1, 1.5, null), RowFactory.create(2, -.25, null)),
        rows.filter("n < 3").collectAsList());
  }

  @Test
  void fields_are_separated_by_tabs_where_the_name_says_so_or_an_option() throws IOException {
    String[] lines = {"n\tplace\tsum", "1\tRome, IT\t0.5", "2\t\"a\tb\"\t"};
    List<Row> expected =
        List.of(RowFactory.create(1, "Rome, IT", 0.5), RowFactory.create(2, "a\tb", null));
    for (String name : List.of("t.tsv", "t.TAB", "t.csv")) {
      Path file = write(name, lines);
      Map<String, String> options = name.equals("t.csv") ? Map.of("sep", "\\t") : Map.of();
      Dataset<Row> rows = input(options, file).load(spark.session());
      assertEquals("n INT,place STRING,sum DOUBLE", ddl(rows), name);
      assertEquals(expected, rows.orderBy("n").collectAsList(), name);
    }
    refused(ErrorCode.DATA, input(Map.of(), write("short.tsv", "a\tb", "1\t2", "3")), "short.tsv");
  }

  @Test
  void columns_of_files_are_matched_by_name_and_types_hold_all_values() throws IOException {
    write("in/a.csv", "x,y", "1,2");
    write("in/b.csv", "y,x,z", "a,2.5,7");
    Files.createFile(folder.resolve("in/c.csv"));
    Dataset<Row> rows = load(folder.resolve("in")).orderBy("x");
    assertEquals("x DOUBLE,y STRING,z INT", ddl(rows));
    assertEquals(
        List.of(RowFactory.create(1.0, "2", null), RowFactory.create(2.5, "a", 7)),
        rows.collectAsList());
  }

  @Test
  void a_row_with_another_number_of_fields_is_refused_with_file_and_row() throws IOException {
    Path file = write("short.csv", "name,a,b", "\"Doe, J\",1,2", "Doe, 33,2,3");
    refused(ErrorCode.DATA, input(Map.of(), file), "short.csv", "Doe, 33,2,3");
  }

  @Test
  void folders_that_name_values_are_columns() throws IOException {
    write("parts/country=DE/a.csv", "x", "1");
    write("parts/country=FR/b.csv", "x", "2");
    assertEquals(
        List.of(RowFactory.create(1, "DE"), RowFactory.create(2, "FR")),
        load(folder.resolve("parts")).orderBy("x").collectAsList());
  }

  @Test
  void json_lines_with_dates_structs_and_arrays() throws IOException {
    Path file =
        write(
            "lines.jsonl",
            "{\"a\": 1, \"at\": {\"x\": 1.5, \"y\": [3, 4]}, \"day\": \"2020-01-31\"}",
            "{\"a\": null, \"at\": null, \"day\": \"2021-01-31\"}");
    Dataset<Row> rows = load(file);
    assertEquals("a BIGINT,`at.x` DOUBLE,`at.y.0` BIGINT,`at.y.1` BIGINT,day DATE", ddl(rows));
    assertEquals(
        RowFactory.create(1L, 1.5, 3L, 4L, Date.valueOf("2020-01-31")),
        rows.filter("a = 1").first());
    refused(ErrorCode.DATA, input(Map.of(), write("bad.json", "{\"a\": 1}", "no")), "no JSON");
  }

  @Test
  void parquet_and_orc_keep_their_types_and_vectors_are_flattened() {
    StructType type =
        new StructType()
            .add("s", DataTypes.StringType)
            .add("d", DataTypes.createDecimalType(10, 2))
            .add("v", SQLDataTypes.VectorType());
    Dataset<Row> table =
        spark
            .session()
            .createDataFrame(
                List.of(
                    RowFactory.create("a", new BigDecimal("1.25"), Vectors.dense(1, 2)),
                    RowFactory.create(
                        "b", null, Vectors.sparse(2, new int[] {1}, new double[] {3}))),
                type);
    for (String format : List.of("parquet", "orc")) {
      Path output = folder.resolve(format);
      table.coalesce(1).write().format(format).save(output.toString());
      Dataset<Row> rows = load(output).orderBy("s");
      assertEquals("s STRING,d DECIMAL(10,2),`v.0` DOUBLE,`v.1` DOUBLE", ddl(rows), format);
      assertEquals(
          List.of(
              RowFactory.create("a", new BigDecimal("1.25"), 1.0, 2.0),
              RowFactory.create("b", null, 0.0, 3.0)),
          rows.collectAsList());
    }
    table.createOrReplaceTempView("things");
    RowInput byName = new RowInput(List.of(), "", Map.of(), "things", "");
    assertEquals(4, byName.load(spark.session()).columns().length);
    RowInput byQuery =
        new RowInput(List.of(), "", Map.of(), "", "SELECT s, d * 2 AS twice FROM things");
    assertEquals("s STRING,twice DECIMAL(12,2)", ddl(byQuery.load(spark.session())));
  }

  @Test
  void arrays_of_unlike_lengths_are_refused_with_a_value() {
    Path output = folder.resolve("arrays");
    spark
        .session()
        .sql("SELECT array(1, 2) AS v UNION ALL SELECT array(7, 8, 9)")
        .write()
        .parquet(output.toString());
    refused(ErrorCode.DATA, input(Map.of(), output), "'v'", "2 to 3", "7, 8, 9");
  }

  @Test
  void types_of_files_are_widened_where_nothing_is_lost() {
    Path output = folder.resolve("widened");
    save("SELECT 1L AS x, 1 AS y", output.resolve("a.parquet"));
    save("SELECT 2.5D AS x, 5000000000L AS y, 'z' AS z", output.resolve("b.parquet"));
    Path[] both = {output.resolve("a.parquet"), output.resolve("b.parquet")};
    Dataset<Row> rows = load(both).orderBy("y");
    assertEquals("x DOUBLE,y BIGINT,z STRING", ddl(rows));
    assertEquals(RowFactory.create(1.0, 1L, null), rows.first());

    save("SELECT 'text' AS x", output.resolve("c.parquet"));
    refused(
        ErrorCode.DATA,
        input(Map.of(), both[0], output.resolve("c.parquet")),
        "'x'",
        "a.parquet",
        "c.parquet",
        "bigint",
        "string");
  }

  private static void save(String query, Path output) {
    spark.session().sql(query).coalesce(1).write().parquet(output.toString());
  }

  @Test
  void damaged_files_are_refused_by_name() throws IOException {
    Path broken = write("broken.parquet", "PAR1 and no more");
    refused(ErrorCode.DATA, input(Map.of(), broken), "broken.parquet", "Parquet");
    Path cut = folder.resolve("cut.csv.gz");
    Files.write(cut, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 75});
    refused(ErrorCode.DATA, input(Map.of(), cut), "cut.csv.gz");
  }

  @Test
  void what_is_not_there_is_refused() {
    refused(ErrorCode.DATA, input(Map.of(), folder.resolve("none")), "none", "does not exist");
    refused(ErrorCode.DATA, new RowInput(List.of(), "", Map.of(), "no.such", ""), "table no.such");
    refused(
        ErrorCode.CLUSTER,
        new RowInput(List.of(folder.toString()), "nosuch", Map.of(), "", ""),
        "nosuch",
        "--packages");
  }
}
