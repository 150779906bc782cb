package dev.ancestral.job.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.generate.rows.Given;
import dev.ancestral.job.generate.rows.LabelShares;
import dev.ancestral.job.generate.rows.TableOutput;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.spark.SparkApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateTableTest {
  private static final int COUNT = 1100;
  private static final long DAY_MICROS = 86_400_000_000L;

  private static final RowSchema SCHEMA =
      new RowSchema(
          List.of(
              category("country", "string", true, "DE", " FR ", "a,b \"quoted\"", ""),
              category("active", "boolean", false, "true", "false"),
              category("rooms", "int", false, "3", "4", "5"),
              whole("visits", ColumnKind.INTEGER, "bigint", -5, 400, 1, true),
              whole("price", ColumnKind.INTEGER, "decimal(10,2)", 95, 100_095, 10, false),
              whole("joined", ColumnKind.DATE, "date", 4000, 19_000, 1, true),
              whole(
                  "seen at",
                  ColumnKind.TIMESTAMP,
                  "timestamp",
                  -3_000_000 * DAY_MICROS / 100,
                  20_000 * DAY_MICROS,
                  1,
                  false),
              new RowColumn(
                  "income", ColumnKind.REAL, new ColumnType.Real(3e4, 1e4), true, "double"),
              new RowColumn("ratio", ColumnKind.REAL, new ColumnType.Real(0, 1), false, "float")),
          RowSchema.Nulls.VALUE);

  private static final String DDL =
      "country STRING, active BOOLEAN, rooms INT, visits BIGINT, price DECIMAL(10,2), joined DATE,"
          + " `seen at` TIMESTAMP, income DOUBLE, ratio FLOAT";

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private String model;

  private static RowColumn category(
      String name, String sqlType, boolean nullable, String... vocabulary) {
    return new RowColumn(
        name,
        ColumnKind.CATEGORY,
        new ColumnType.Category(List.of(vocabulary), false),
        nullable,
        sqlType);
  }

  private static RowColumn whole(
      String name,
      ColumnKind kind,
      String type,
      long least,
      long greatest,
      long step,
      boolean nulls) {
    return new RowColumn(
        name,
        kind,
        new ColumnType.Whole(least, greatest, step, List.of(least, greatest + step)),
        nulls,
        type);
  }

  @BeforeEach
  void model() {
    model = model("model", EventSpec.rows(SCHEMA));
  }

  private String model(String name, EventSpec event) {
    int steps = event.variableLength() ? 1 : 0;
    Batch one =
        new Batch(
            event,
            new long[1],
            new float[event.size()],
            event.hasLabels() ? new int[1] : null,
            steps == 0 ? null : new int[] {1});
    String data = new Fixtures(storage).stored(at(name + "-data"), "train", one, 1);
    return new Fixtures(storage)
        .fitted(at(name), PrototypeRows.class.getName(), Map.of(), data, "train");
  }

  @Test
  void every_format_of_files_has_the_schema_and_the_rows_of_the_data() {
    StructType expected = StructType.fromDDL("id BIGINT, " + DDL);
    List<List<Object>> first = null;
    for (String format : List.of("parquet", "orc", "json", "csv")) {
      // Else a CSV file has nothing between its commas for an empty text and for a null.
      Map<String, String> options = format.equals("csv") ? Map.of("nullValue", "NA") : Map.of();
      TableOutput table = new TableOutput(format, options, "", true);
      GenerationManifest manifest = generate(spec(COUNT, 170, Optional.of(table)), format);
      assertEquals(7, manifest.files().size(), format);
      Dataset<Row> read =
          read(format, format + "/table", format.matches("json|csv") ? expected : null);
      assertEquals(names(expected), names(read.schema()), format);
      List<List<Object>> rows = rows(read);
      assertEquals(COUNT, rows.size());
      assertEquals(0L, rows.get(0).get(0));
      first = first == null ? rows : first;
      assertEquals(first, rows, format);
    }
    Set<List<Object>> prototypes = new HashSet<>();
    first.forEach(row -> prototypes.add(row.subList(1, row.size())));
    assertEquals(PrototypeRows.ROWS, prototypes.size());
  }

  @Test
  void values_are_those_of_the_samples() {
    generate(spec(COUNT, 170, output("parquet", false)), "out");
    Dataset<Row> read = read("parquet", "out/table", null);
    int[] nulls = new int[SCHEMA.columns().size()];
    List<Row> rows = read.collectAsList();
    for (Row row : rows) {
      for (int c = 0; c < nulls.length; c++) {
        nulls[c] += row.isNullAt(c) ? 1 : 0;
      }
      assertTrue(
          row.isNullAt(0)
              || List.of("DE", " FR ", "a,b \"quoted\"", "").contains(row.getString(0)));
      assertTrue(Set.of(3, 4, 5).contains(row.getInt(2)));
      assertTrue(row.isNullAt(3) || (row.getLong(3) >= -5 && row.getLong(3) <= 400));
      long price = row.getDecimal(4).unscaledValue().longValueExact();
      assertTrue(price >= 95 && price <= 100_095 && price % 10 == 5, "price " + price);
    }
    float[][] prototypes = PrototypeRows.prototypes(SCHEMA);
    for (int c = 0; c < nulls.length; c++) {
      double rate = share(prototypes, SCHEMA.begin(c));
      double error = Math.sqrt(rate * (1 - rate) / COUNT);
      assertEquals(rate, nulls[c] / (double) COUNT, 4 * error, SCHEMA.columns().get(c).name());
      assertEquals(SCHEMA.columns().get(c).nullable(), rate > 0);
    }
  }

  private static double share(float[][] prototypes, int element) {
    double nulls = 0;
    double all = 0;
    for (int j = 0; j < prototypes.length; j++) {
      nulls += Float.isNaN(prototypes[j][element]) ? PrototypeRows.weight(j) : 0;
      all += PrototypeRows.weight(j);
    }
    return nulls / all;
  }

  @Test
  void files_do_not_depend_on_tasks_and_the_same_again_changes_nothing() throws IOException {
    GenerateSpec spec = spec(COUNT, 170, output("csv", true));
    GenerationManifest one = generate(spec.withTasks(OptionalInt.of(1)), "one");
    for (int tasks : new int[] {2, 7}) {
      assertEquals(
          one.files(), generate(spec.withTasks(OptionalInt.of(tasks)), "t" + tasks).files());
      for (String file : one.files().keySet()) {
        assertArrayEquals(bytes("one/" + file), bytes("t" + tasks + "/" + file));
      }
    }
    assertEquals(
        IntStream.range(0, 7).mapToObj(k -> "table/part-0000" + k + ".csv").toList(),
        List.copyOf(one.files().keySet()));
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(folder.resolve("one/table/part-00003.csv"), old);
    Files.setLastModifiedTime(folder.resolve("one/manifest.json"), old);
    assertEquals(one, generate(spec, "one"));
    assertEquals(old, Files.getLastModifiedTime(folder.resolve("one/manifest.json")));
    assertEquals(old, Files.getLastModifiedTime(folder.resolve("one/table/part-00003.csv")));
  }

  @Test
  void a_damaged_and_a_missing_file_are_made_again_and_the_others_kept() throws IOException {
    GenerateSpec spec = spec(COUNT, 170, output("json", false));
    GenerationManifest before = generate(spec, "out");
    byte[] second = bytes("out/table/part-00002.json");
    byte[] damaged = second.clone();
    damaged[damaged.length / 2] ^= 1;
    Files.write(folder.resolve("out/table/part-00002.json"), damaged);
    Files.delete(folder.resolve("out/table/part-00005.json"));
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(folder.resolve("out/table/part-00000.json"), old);
    assertEquals(before, generate(spec, "out"));
    assertArrayEquals(second, bytes("out/table/part-00002.json"));
    assertTrue(Files.exists(folder.resolve("out/table/part-00005.json")));
    assertEquals(old, Files.getLastModifiedTime(folder.resolve("out/table/part-00000.json")));
  }

  /** As after a kill between two files: three have their names and records, no manifest. */
  @Test
  void a_table_that_was_killed_half_way_goes_on_with_the_files_that_are_there() throws IOException {
    GenerateSpec spec = spec(COUNT, 170, output("csv", false));
    GenerationManifest whole = generate(spec, "whole");
    GenerationManifest parts = generate(spec(COUNT, 170, Optional.empty()), "killed");
    String records = "killed/records-" + whole.inputs().substring(0, 16);
    TableFileTask task =
        new TableFileTask(
            storage,
            storage.path(at("killed")).toString(),
            storage
                .path(
                    at(
                        records
                            + "/table-"
                            + output("csv", false).get().fingerprint().substring(0, 16)))
                .toString());
    for (int k = 0; k < 3; k++) {
      Path made = folder.resolve("killed/.table-making/part-0000" + k + "-uuid-c000.csv");
      Files.createDirectories(made.getParent());
      Files.write(made, bytes("whole/table/part-0000" + k + ".csv"));
      task.on(new TableFileTask.Order("part-0000" + k, null, made.toString()));
    }
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(folder.resolve("killed/table/part-00001.csv"), old);
    Files.write(folder.resolve("killed/table/part-00004.csv"), new byte[] {'x'});
    assertEquals(whole.files(), generate(spec, "killed").files());
    assertEquals(parts.parts(), whole.parts());
    assertEquals(old, Files.getLastModifiedTime(folder.resolve("killed/table/part-00001.csv")));
    assertEquals(files("whole"), files("killed"));
  }

  @Test
  void another_table_of_the_same_samples_is_refused_or_replaces_the_first() throws IOException {
    generate(spec(COUNT, 600, output("csv", false)), "out");
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> generate(spec(COUNT, 600, output("orc", false)), "out"));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains("--overwrite"), refusal.getMessage());
    run(model, spec(COUNT, 600, output("orc", false)), "out", true);
    assertEquals(
        List.of(
            "manifest.json",
            "part-00000.parquet",
            "part-00001.parquet",
            "status.json",
            "table/part-00000.snappy.orc",
            "table/part-00001.snappy.orc"),
        files("out"));
  }

  @Test
  void a_table_of_the_catalog_is_made_once_and_again_where_it_was_changed() {
    SparkSession spark = LocalSpark.session();
    spark.sql("CREATE DATABASE drawn LOCATION '" + at("warehouse") + "'");
    try {
      for (String format : List.of("parquet", "csv")) {
        String name = "drawn.rows_" + format;
        GenerateSpec spec =
            spec(COUNT, 600, Optional.of(new TableOutput(format, Map.of(), name, true)));
        GenerationManifest manifest = generate(spec, format);
        assertEquals(COUNT, manifest.table().get().content().get().rows());
        assertEquals(
            names(StructType.fromDDL("id BIGINT, " + DDL)), names(spark.table(name).schema()));
        List<List<Object>> rows = rows(spark.table(name));
        assertEquals(COUNT, rows.size());
        assertEquals(manifest, generate(spec, format));
        spark.sql("INSERT INTO " + name + " SELECT * FROM " + name + " WHERE id = " + recent(rows));
        spark.catalog().refreshTable(name);
        assertEquals(manifest, generate(spec, format));
        spark.catalog().refreshTable(name);
        assertEquals(rows, rows(spark.table(name)), format);
        AncestralException another =
            assertThrows(
                AncestralException.class, () -> generate(spec.withSeed(8), format + "-other"));
        assertEquals(ErrorCode.SPEC, another.code());
      }
      spark.sql("CREATE TABLE drawn.mine (id BIGINT) USING parquet");
      GenerateSpec mine =
          spec(COUNT, 600, Optional.of(new TableOutput("parquet", Map.of(), "drawn.mine", true)));
      assertThrows(AncestralException.class, () -> run(model, mine, "mine", true));
      assertEquals(1, spark.table("drawn.mine").schema().fields().length);
    } finally {
      spark.sql("DROP DATABASE drawn CASCADE");
    }
  }

  @Test
  void given_columns_are_as_given_and_the_others_follow_bayes() {
    Given given = Given.parse("active = TRUE AND country = 'DE'");
    GenerateSpec spec =
        spec(4000, 4000, output("parquet", true))
            .withRows(
                new RowOptions(output("parquet", true), Optional.of(given), Optional.empty()));
    GenerationManifest manifest = generate(spec, "out");
    assertEquals("active = 'true' AND country = 'DE'", manifest.condition());
    List<Row> rows = read("parquet", "out/table", null).collectAsList();
    Map<Integer, Double> counted = new TreeMap<>();
    for (Row row : rows) {
      assertEquals("DE", row.getAs("country"));
      assertEquals(true, row.getAs("active"));
      counted.merge(row.<Integer>getAs("rooms"), 1.0 / rows.size(), Double::sum);
    }
    Map<Integer, Double> expected = new TreeMap<>();
    double total = 0;
    float[][] prototypes = PrototypeRows.prototypes(SCHEMA);
    for (int j = 0; j < prototypes.length; j++) {
      if (prototypes[j][0] == 0 && prototypes[j][1] == 0) {
        expected.merge(3 + (int) prototypes[j][2], PrototypeRows.weight(j), Double::sum);
        total += PrototypeRows.weight(j);
      }
    }
    assertEquals(expected.keySet(), counted.keySet());
    for (int value : expected.keySet()) {
      double p = expected.get(value) / total;
      assertEquals(p, counted.get(value), 4 * Math.sqrt(p * (1 - p) / rows.size()) + 1e-9);
    }
    GenerationManifest fewer = generate(spec(4000, 170, spec.rows()), "seven");
    assertEquals(
        rows(read("parquet", "out/table", null)), rows(read("parquet", "seven/table", null)));
    assertEquals(24, fewer.parts().size());
  }

  @Test
  void what_cannot_be_given_is_refused_with_what_can() {
    for (Map.Entry<String, String> wrong :
        Map.of(
                "country = 'XX'", "choose one of these",
                "county = 'DE'", "did you mean country",
                "active IS NULL", "probability is zero",
                "visits = 401", "from -5 to 400",
                "price = 9.5", "from 0.95 to 1000.95 in steps of",
                "rooms = 'many'", "choose one of these",
                "joined = 'yesterday'", "the column is date",
                "`seen at` = 1", "the column is timestamp")
            .entrySet()) {
      RowOptions rows =
          new RowOptions(
              Optional.empty(), Optional.of(Given.parse(wrong.getKey())), Optional.empty());
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () -> generate(spec(10, 10, Optional.empty()).withRows(rows), "out"));
      assertEquals(ErrorCode.SPEC, refusal.code(), refusal.getMessage());
      assertTrue(refusal.getMessage().contains(wrong.getValue()), refusal.getMessage());
    }
    RowSchema plain =
        new RowSchema(
            List.of(category("no condition", "string", false, "a", "b")), RowSchema.Nulls.VALUE);
    String other = model("plain", EventSpec.rows(plain));
    RowOptions rows =
        new RowOptions(
            Optional.empty(), Optional.of(Given.parse("`no condition` = 'a'")), Optional.empty());
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> run(other, spec(10, 10, Optional.empty()).withRows(rows), "out", false));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
  }

  @Test
  void labels_come_in_the_proportions_that_are_asked_for() {
    String labelled = model("labelled", EventSpec.rows(SCHEMA).withClasses(3));
    RowOptions rows =
        new RowOptions(
            output("parquet", true), Optional.empty(), Optional.of(LabelShares.parse("2=1,0=2")));
    GenerateSpec spec = spec(1000, 170, rows);
    GenerationManifest manifest = run(labelled, spec, "out", false);
    assertEquals(Map.of("0", 667L, "2", 333L), manifest.labels());
    int[] counts = new int[3];
    List<Row> read = read("parquet", "out/table", null).collectAsList();
    read.forEach(row -> counts[row.<Integer>getAs("label")]++);
    assertArrayEquals(new int[] {667, 0, 333}, counts);
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> generate(spec(10, 10, rows), "unlabelled"));
    assertEquals(ErrorCode.SPEC, refusal.code());
  }

  @Test
  void a_sequence_of_rows_has_one_row_a_step() {
    String chain = model("chain", EventSpec.rowSequences(SCHEMA));
    GenerateSpec spec =
        new GenerateSpec(
                40,
                7,
                OptionalInt.of(15),
                OptionalInt.empty(),
                OptionalInt.of(4),
                1,
                SampleFormat.TABLE,
                false)
            .withRows(new RowOptions(output("csv", false), Optional.empty(), Optional.empty()));
    run(chain, spec, "out", false);
    StructType type = StructType.fromDDL("id BIGINT, step INT, " + DDL);
    Dataset<Row> read = read("csv", "out/table", type);
    List<List<Integer>> steps = new ArrayList<>();
    IntStream.range(0, 40).forEach(id -> steps.add(new ArrayList<>()));
    read.collectAsList().forEach(row -> steps.get((int) row.getLong(0)).add(row.getInt(1)));
    for (int id = 0; id < 40; id++) {
      assertEquals(
          IntStream.rangeClosed(0, id % 4).boxed().toList(),
          steps.get(id).stream().sorted().toList());
    }
  }

  @Test
  void numbers_with_names_are_a_table_and_pictures_are_none() {
    EventSpec numbers =
        EventSpec.discrete(2, 3)
            .withColumns(List.of(new EventSpec.Column("left", 1), new EventSpec.Column("pair", 2)));
    String data = new Fixtures(storage).dataset(at("bits"), "train", numbers, 100, 100);
    Map<String, Object> settings = Map.of("likelihood", "bernoulli");
    String bits = new Fixtures(storage).fitted(at("nb"), "naive-bayes", settings, data, "train");
    run(bits, spec(30, 30, output("parquet", false)), "out", false);
    Dataset<Row> read = read("parquet", "out/table", null);
    assertEquals("struct<left:int,pair:array<int>>", read.schema().catalogString());
    assertEquals(2, read.first().getList(1).size());
    EventSpec picture = EventSpec.discrete(2, 4, 3, 1);
    String vae =
        new Fixtures(storage)
            .untrained(
                at("vae"),
                "vae",
                Map.of("hidden", List.of(8), "latent", 3, "likelihood", "bernoulli"),
                picture,
                "none",
                5);
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> run(vae, spec(10, 10, output("csv", false)), "no", false));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
  }

  @Test
  void a_preview_of_rows_is_an_aligned_table() throws IOException {
    GenerateSpec spec =
        new GenerateSpec(
            30,
            7,
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            1,
            "parquet",
            true);
    generate(spec, "out");
    List<String> lines = Files.readAllLines(folder.resolve("out/preview.txt"));
    assertEquals(22, lines.size());
    assertTrue(lines.get(0).startsWith("country"), lines.get(0));
    int income = lines.get(0).indexOf("income") + "income".length();
    assertTrue(
        lines.subList(2, 22).stream().allMatch(line -> line.charAt(income) == ' '),
        String.join("\n", lines));
  }

  private static Optional<TableOutput> output(String format, boolean withId) {
    return Optional.of(new TableOutput(format, Map.of(), "", withId));
  }

  private static GenerateSpec spec(long count, int shardSize, Optional<TableOutput> table) {
    return spec(count, shardSize, new RowOptions(table, Optional.empty(), Optional.empty()));
  }

  private static GenerateSpec spec(long count, int shardSize, RowOptions rows) {
    return new GenerateSpec(
            count,
            7,
            OptionalInt.of(shardSize),
            OptionalInt.empty(),
            OptionalInt.empty(),
            1,
            rows.table().isPresent() ? SampleFormat.TABLE : SampleFormat.PARQUET,
            false)
        .withRows(rows);
  }

  private GenerationManifest generate(GenerateSpec spec, String output) {
    return run(model, spec, output, false);
  }

  private GenerationManifest run(String from, GenerateSpec spec, String output, boolean overwrite) {
    return new GenerateJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(new GenerateRequest(from, spec, at(output), overwrite));
  }

  /** As someone else reads it, who knows the format and, for texts, the types. */
  private Dataset<Row> read(String format, String at, StructType type) {
    var reader = LocalSpark.session().read().format(format);
    if (format.equals("csv")) {
      reader = reader.option("header", "true").option("nullValue", "NA").option("escape", "\"");
    }
    return (type == null ? reader : reader.schema(type)).load(at(at));
  }

  /** The id of a row with no time before 1900, which Spark does not write unasked. */
  private static Object recent(List<List<Object>> rows) {
    return rows.stream()
        .filter(row -> ((java.sql.Timestamp) row.get(7)).getTime() > 0)
        .findFirst()
        .orElseThrow()
        .get(0);
  }

  private static List<String> names(StructType type) {
    return Arrays.stream(type.fields())
        .map(field -> field.name() + " " + field.dataType().catalogString())
        .toList();
  }

  private static List<List<Object>> rows(Dataset<Row> table) {
    List<List<Object>> rows = new ArrayList<>();
    for (Row row : table.orderBy("id").collectAsList()) {
      List<Object> cells = new ArrayList<>();
      for (int c = 0; c < row.size(); c++) {
        cells.add(row.get(c));
      }
      rows.add(cells);
    }
    return rows;
  }

  private List<String> files(String output) throws IOException {
    Path top = folder.resolve(output);
    try (Stream<Path> all = Files.walk(top)) {
      return all.filter(Files::isRegularFile)
          .map(file -> top.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  private byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(folder.resolve(file));
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
