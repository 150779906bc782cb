package dev.ancestral.data.rows.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.data.prepare.LocalSpark;
import dev.ancestral.data.prepare.Preparation;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.data.rows.CarriedKeys;
import dev.ancestral.data.rows.RowDecoder;
import dev.ancestral.model.Batch;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables become datasets of rows. */
class RowTableTest {
  private static LocalSpark spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = started(2);
  }

  /** Without the compilation of queries, which takes longer than to run small ones. */
  private static LocalSpark started(int partitions) {
    LocalSpark started = new LocalSpark(2, partitions);
    started.session().conf().set("spark.sql.codegen.wholeStage", "false");
    return started;
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  private Path write(String name, List<String> lines) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, lines);
  }

  /** Name, age, spent, since, member, town: with nulls. */
  private static List<String> customers(int rows) {
    RandomKey key = RandomKey.of(3);
    List<String> lines = new ArrayList<>();
    for (int r = 0; r < rows; r++) {
      long age = 17 + key.below(4L * r, 400);
      lines.add(
          String.join(
              ",",
              "c" + r,
              r % 10 == 3 ? "" : Long.toString(age),
              key.below(4L * r + 1, 100_000) / 100.0 + "",
              "20" + (10 + r % 9) + "-0" + (1 + r % 7) + "-15",
              r % 2 == 0 ? "true" : "false",
              List.of("Bonn", "Köln", "Ulm").get((int) key.below(4L * r + 2, 3))));
    }
    return lines;
  }

  private static final String HEADER = "id,age,spent,since,member,town";

  private static List<String> withHeader(List<String> lines) {
    List<String> all = new ArrayList<>(List.of(HEADER));
    all.addAll(lines);
    return all;
  }

  private static PrepareSpec spec(Map<String, Object> values) {
    Map<String, Object> all = new LinkedHashMap<>(Map.of("format", "table"));
    all.putAll(values);
    Settings settings = Settings.of(all);
    PrepareSpec spec = PrepareSpec.read(settings);
    assertEquals(List.of(), settings.problems());
    return spec;
  }

  private Dataset dataset(Path output) {
    return Dataset.open(spark.storage(), output.toString());
  }

  private RowSchema schema(Path output) {
    return dataset(output).event().schema().orElseThrow();
  }

  private static List<Row> rows(Path output, String split) {
    Dataset dataset = Dataset.open(spark.storage(), output.toString());
    RowDecoder decoder = RowDecoder.of(dataset.event().schema().orElseThrow());
    List<Row> rows = new ArrayList<>();
    for (int s = 0; s < dataset.split(split).shards().size(); s++) {
      Shard shard = dataset.shard(split, s);
      Batch batch = shard.batch(0, shard.size());
      for (int r = 0; r < shard.size(); r++) {
        rows.add(decoder.decode(batch.values(), r * dataset.event().size()));
      }
    }
    return rows;
  }

  @Test
  void a_table_of_customers_becomes_rows_with_their_types() throws IOException {
    Path file = write("customers.csv", withHeader(customers(3000)));
    Path output = folder.resolve("out");
    List<String> told = new ArrayList<>();
    PrepareSpec spec =
        spec(
            Map.of(
                "input",
                file.toString(),
                "key",
                "id",
                "shardSize",
                700,
                "split",
                "auto=0.8,0.2,0"));
    Preparation.run(spark.session(), spark.storage(), output.toString(), spec, told::add);
    RowSchema schema = schema(output);
    assertEquals(List.of("age", "spent", "since", "member", "town"), schema.names());
    assertEquals(
        List.of(
            ColumnKind.INTEGER,
            ColumnKind.REAL,
            ColumnKind.DATE,
            ColumnKind.CATEGORY,
            ColumnKind.CATEGORY),
        schema.columns().stream().map(RowColumn::kind).toList());
    assertTrue(schema.columns().get(0).nullable());
    assertFalse(schema.columns().get(1).nullable());
    String fates = told.stream().filter(line -> line.contains("columns:")).findFirst().orElse("");
    for (String fate :
        List.of(
            "age: integer, from 17 to ",
            "300 nulls",
            "since: date, from 2010-01-15 to 2018-07-15",
            "member: category of 2 levels, such as 'false'",
            "id: key")) {
      assertTrue(fates.contains(fate), fate + " is not in " + fates);
    }
    List<Row> all = rows(output, "train");
    all.addAll(rows(output, "valid"));
    assertEquals(
        customers(3000).stream()
            .map(line -> line.substring(line.indexOf(',') + 1))
            .sorted()
            .toList(),
        all.stream()
            .map(
                row ->
                    (row.isNullAt(0) ? "" : row.get(0))
                        + ","
                        + Math.round(row.getDouble(1) * 100) / 100.0
                        + ","
                        + row.get(2)
                        + ","
                        + row.get(3)
                        + ","
                        + row.get(4))
            .sorted()
            .toList());
    // The keys lie beside the rows, by their ids.
    var keys = dataset(output).split("train").keys();
    assertEquals("string", keys.columns().get(0).sqlType());
    assertEquals(dataset(output).split("train").shards().size(), keys.files().size());
    long carried =
        CarriedKeys.load(spark.session(), dataset(output), "train").filter("id like 'c%'").count();
    assertEquals(dataset(output).split("train").examples(), carried);
    assertFalse(spark.prepare(spec, output).changed());
  }

  @Test
  void bytes_do_not_depend_on_files_partitions_or_the_order_of_columns() throws IOException {
    List<String> lines = customers(2500);
    write("one/a.csv", withHeader(lines));
    // The same rows in three files, another order of rows and of columns in one of them.
    List<String> turned =
        lines.subList(0, 900).stream()
            .map(line -> line.substring(line.indexOf(',') + 1) + "," + line.split(",")[0])
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.reverse(turned);
    turned.add(0, "age,spent,since,member,town,id");
    write("three/b.csv", turned);
    write("three/a.csv", withHeader(lines.subList(900, 950)));
    write("three/c.csv", withHeader(lines.subList(950, 2500)));
    Map<String, Object> options =
        Map.of("label", "town", "key", "id", "split", "auto=0.7,0.3,0", "shardSize", 400);
    Map<String, byte[]> expected = null;
    for (int partitions : new int[] {2, 1, 7}) {
      List<String> inputs = partitions == 2 ? List.of("one", "three") : List.of("three");
      if (partitions != 2) {
        spark.close();
        spark = started(partitions);
        spark.session().conf().set("spark.sql.files.maxPartitionBytes", "20000");
      }
      for (String input : inputs) {
        Map<String, Object> all = new LinkedHashMap<>(options);
        all.put("input", folder.resolve(input).toString());
        Path output = folder.resolve(input + partitions).resolve("data");
        spark.prepare(spec(all), output);
        Map<String, byte[]> files = LocalSpark.files(output);
        // It tells of the inputs.
        files.remove("manifest.json");
        if (expected == null) {
          expected = files;
          assertEquals(List.of("Bonn", "Köln", "Ulm"), dataset(output).manifest().classNames());
          assertEquals("town", dataset(output).manifest().labelColumn());
        }
        LocalSpark.assertSameFiles(expected, files);
      }
    }
  }

  @Test
  void a_later_split_is_encoded_under_the_schema_of_the_first() throws IOException {
    Path train = write("train.csv", List.of("a,b,n", "x,1,5", "y,2,300", "x,1,7"));
    Path output = folder.resolve("out");
    Map<String, Object> options = Map.of("rows", true, "column", Map.of("n", "integer"));
    Map<String, Object> first = new LinkedHashMap<>(options);
    first.put("input", train.toString());
    spark.prepare(spec(first), output);
    Path valid = write("valid.csv", List.of("n,b,a,more", "9,2,z,1", ",,x,1"));
    Map<String, Object> second = new LinkedHashMap<>(options);
    second.put("input", valid.toString());
    second.put("split", "valid");
    spark.prepare(spec(second), output);
    assertEquals(List.of("a", "b", "n"), schema(output).names());
    assertEquals(
        Set.of("[other,2,9]", "[x,null,null]"),
        rows(output, "valid").stream().map(Row::toString).collect(Collectors.toSet()));

    Path test = write("test.csv", List.of("n,a", "9,z"));
    second.put("input", test.toString());
    second.put("split", "test");
    spark.assertRefused(ErrorCode.MISMATCH, spec(second), output, "'b'");
  }

  @Test
  void kinds_follow_from_types_and_values_and_are_overruled() {
    spark
        .session()
        .range(0, 3000, 1, 3)
        .selectExpr(
            "id AS many",
            "cast(id % 5 AS int) AS few",
            "cast(id / 4 AS decimal(12,2)) AS money",
            "cast(id AS decimal(30,4)) AS large",
            "if(id = 7, double('NaN'), id / 8) AS real",
            "timestamp_seconds(id * 60) AS minute",
            "timestamp_millis(id * 7) AS milli",
            "array(id, 2 * id) AS pair",
            "named_struct('x', float(id), 'y', 'u') AS point",
            "string(id) AS text",
            "date_add(date'2020-01-01', int(id % 100)) AS day",
            "id % 2 = 0 AS even")
        .createOrReplaceTempView("kinds");
    Path output = folder.resolve("out");
    Map<String, Object> options =
        Map.of(
            "table", "kinds", "column", Map.of("text", "integer", "few", "real"), "drop", "pair");
    spark.prepare(spec(options), output);
    assertEquals(
        Map.ofEntries(
            Map.entry("many", "integer bigint"),
            Map.entry("few", "real double"),
            Map.entry("money", "integer decimal(12,2)"),
            Map.entry("large", "real decimal(30,4)"),
            Map.entry("real", "real double"),
            Map.entry("minute", "timestamp timestamp"),
            Map.entry("milli", "timestamp timestamp"),
            Map.entry("point.x", "real float"),
            Map.entry("point.y", "category string"),
            Map.entry("text", "integer bigint"),
            Map.entry("day", "date date"),
            Map.entry("even", "category boolean")),
        schema(output).columns().stream()
            .collect(
                Collectors.toMap(
                    RowColumn::name, column -> column.kind().text() + " " + column.sqlType())));
    assertEquals(1_000_000, whole(output, "minute").step());
    assertEquals(1000, whole(output, "milli").step());
    assertEquals(65, whole(output, "many").edges().size());
    assertTrue(column(output, "real").nullable());
  }

  private RowColumn column(Path output, String name) {
    return schema(output).columns().get(schema(output).index(name).orElseThrow());
  }

  private ColumnType.Whole whole(Path output, String name) {
    return (ColumnType.Whole) column(output, name).type();
  }

  @Test
  void many_levels_and_many_numbers_are_counted_by_shuffles() {
    // 12,000 levels of unlike frequency; numbers of which one is heavy.
    spark
        .session()
        .range(0, 60_000, 1, 5)
        .selectExpr(
            "concat('level ', if(id < 36000, id % 12000, id % 9000)) AS name",
            "if(id % 10 = 0, 70L, id * id) AS n")
        .createOrReplaceTempView("levels");
    Path output = folder.resolve("out");
    spark.prepare(spec(Map.of("table", "levels")), output);
    ColumnType.Category category = (ColumnType.Category) column(output, "name").type();
    assertEquals(10_000, category.vocabulary().size());
    assertTrue(category.otherSeen());
    assertEquals("level 0", category.vocabulary().get(0));
    List<Long> edges = whole(output, "n").edges();
    assertTrue(edges.contains(70L) && edges.contains(71L), edges.toString());
    assertEquals(60_000, rows(output, "train").size());
  }

  @Test
  void what_cannot_be_modelled_is_named() throws IOException {
    Path file = write("customers.csv", withHeader(customers(1200)));
    Path output = folder.resolve("out");
    Map<String, Object> options = new LinkedHashMap<>(Map.of("input", file.toString()));
    refused(options, output, "'id'", "1200 different texts", "drop", "id=category");
    options.put("drop", "idd");
    refused(options, output, "'idd'", "did you mean id?");
    options.put("drop", "id");
    options.put("label", "age");
    refused(options, output, "'age'", "null in some rows");
    options.remove("label");
    options.put("column", Map.of("town", "date"));
    refused(options, output, "'town'", "must be a date such as");
    spark.session().sql("SELECT double('Infinity') AS x").createOrReplaceTempView("infinite");
    refused(Map.of("table", "infinite"), output, "'x'", "Infinity");
    spark.session().sql("SELECT 1 AS x, map(1, 2) AS m").createOrReplaceTempView("maps");
    refused(Map.of("table", "maps"), output, "'m'", "map<int,int>", "drop");
    spark.session().sql("SELECT 1 AS x, cast(null AS int) AS e").createOrReplaceTempView("empty");
    refused(Map.of("table", "empty"), output, "'e'", "no value");
    assertTrue(Files.notExists(output));
  }

  private static void refused(Map<String, Object> options, Path output, String... parts) {
    spark.assertRefused(ErrorCode.DATA, spec(options), output, parts);
  }

  @Test
  void the_same_query_again_changes_nothing_and_other_rows_are_refused() {
    Path output = folder.resolve("out");
    spark.session().range(0, 100, 1, 4).createOrReplaceTempView("numbers");
    PrepareSpec spec = spec(Map.of("query", "SELECT id % 7 AS x FROM numbers"));
    assertTrue(spark.prepare(spec, output).changed());
    spark.session().range(99, -1, -1, 3).createOrReplaceTempView("numbers");
    assertFalse(spark.prepare(spec, output).changed());
    spark.session().range(0, 101, 1, 4).createOrReplaceTempView("numbers");
    spark.assertRefused(ErrorCode.SPEC, spec, output, "made from other inputs");
  }

  @Test
  void a_table_of_numbers_alone_is_one_of_vectors_unless_rows_are_asked_for() throws IOException {
    Path file = write("numbers.csv", List.of("a,b", "1,2", "3,4"));
    spark.prepare(spec(Map.of("input", file.toString())), folder.resolve("vectors"));
    assertFalse(dataset(folder.resolve("vectors")).event().isRows());
    spark.prepare(spec(Map.of("input", file.toString(), "rows", true)), folder.resolve("rows"));
    assertTrue(dataset(folder.resolve("rows")).event().isRows());
    Path words = write("words.csv", List.of("a,b", "1,x", "3,y"));
    spark.prepare(spec(Map.of("input", words.toString())), folder.resolve("words"));
    assertTrue(dataset(folder.resolve("words")).event().isRows());
  }

  private static PrepareSpec events(Map<String, Object> values) {
    Map<String, Object> all = new LinkedHashMap<>(values);
    all.putAll(Map.of("format", "events", "groupBy", "user", "orderBy", "at"));
    return spec(all);
  }

  /** Sequences of an array event, as text. */
  private Set<String> sequences(Path output) {
    Dataset dataset = dataset(output);
    Batch batch = spark.first(output, "train");
    Set<String> texts = new TreeSet<>();
    for (int r = 0; r < batch.size(); r++) {
      StringBuilder text = new StringBuilder();
      for (int t = 0; t < batch.lengths()[r]; t++) {
        float value = batch.values()[r * batch.steps() + t];
        text.append(
                dataset.event().isDiscrete()
                    ? dataset.event().vocabulary().get((int) value)
                    : value)
            .append(' ');
      }
      texts.add(text.toString().strip());
    }
    return texts;
  }

  @Test
  void events_become_a_sequence_for_each_group_whatever_their_order() throws IOException {
    List<String> lines =
        List.of(
            "b,2,view,1.5",
            "a,3,buy,2",
            "a,1,view,0",
            "a,2,view,7",
            "b,2,buy,0",
            "b,9,view,3",
            "a,2,buy,1");
    Path file = write("events.csv", lines);
    List<String> turned = new ArrayList<>(lines);
    Collections.reverse(turned);
    turned.add(0, "user,at,what,amount");
    Files.write(file, turned);
    Map<String, byte[]> expected = null;
    for (int order = 0; order < 2; order++) {
      Path output = folder.resolve("rows" + order).resolve("data");
      spark.prepare(
          events(Map.of("input", file.toString(), "columns", List.of("what", "amount"))), output);
      assertTrue(dataset(output).event().isRows() && dataset(output).event().variableLength());
      assertEquals(2, dataset(output).split("train").examples());
      Map<String, byte[]> files = LocalSpark.files(output);
      files.remove("manifest.json");
      expected = expected == null ? files : expected;
      LocalSpark.assertSameFiles(expected, files);
      List<String> forward = new ArrayList<>(lines);
      forward.add(0, "user,at,what,amount");
      Files.write(file, forward);
    }
    Path symbols = folder.resolve("symbols");
    spark.prepare(events(Map.of("input", file.toString(), "columns", "what")), symbols);
    // Two events of one time: in the order of their codes, of which the most frequent is 0.
    assertEquals(Set.of("view view buy buy", "view buy view"), sequences(symbols));
    assertEquals(
        List.of("user"),
        dataset(symbols).split("train").keys().columns().stream().map(c -> c.name()).toList());
    Path numbers = folder.resolve("numbers");
    spark.prepare(
        events(
            Map.of(
                "input", file.toString(), "columns", "amount", "column", Map.of("amount", "real"))),
        numbers);
    assertEquals(2, sequences(numbers).size());
    assertTrue(
        sequences(numbers).stream().anyMatch(s -> s.startsWith("0.0 ")),
        sequences(numbers).toString());

    Path other = write("other.csv", List.of("user,at,what", "c,1,click"));
    Map<String, Object> later =
        Map.of("input", other.toString(), "columns", "what", "split", "valid");
    spark.assertRefused(ErrorCode.MISMATCH, events(later), symbols, "'click'", "no code");
  }
}
