package dev.ancestral.data.source.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.prepare.Binarization;
import dev.ancestral.data.prepare.LinkRule;
import dev.ancestral.data.prepare.LocalSpark;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.data.source.Source;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableTest {
  private static final Table ALL = new Table(List.of(), "");

  private static LocalSpark spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = new LocalSpark(2, 3);
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  private Path file(String name, String content) throws IOException {
    Path file = folder.resolve("in").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  private PrepareSpec spec(Source source) {
    return PrepareSpec.of(source, List.of(folder.resolve("in").toString()), "train");
  }

  private Batch prepared(Source source) {
    Path output = folder.resolve("out-" + source.hashCode());
    spark.prepare(spec(source), output);
    return spark.first(output, "train");
  }

  /** The event but for the names of its columns. */
  private static void assertEvent(EventSpec expected, Batch batch) {
    assertEquals(expected, batch.event().withColumns(List.of()));
  }

  @Test
  void whole_numbers_are_discrete_others_are_not() throws IOException {
    file("a %20[b].csv", "x,y,kind\n1,2,0\n300,0,2\n");
    Batch discrete = prepared(new Table(List.of(), "kind"));
    assertEvent(EventSpec.discrete(301, 2).withClasses(3), discrete);
    assertArrayEquals(new float[] {1, 2, 300, 0}, discrete.values());
    assertArrayEquals(new int[] {0, 2}, discrete.labels());
    file("a %20[b].csv", "x,y,kind\n1,-2,0\n0.5,1e3,2\n");
    Batch continuous = prepared(ALL);
    assertEvent(EventSpec.continuous(3), continuous);
    assertArrayEquals(new float[] {1, -2, 0, 0.5f, 1000, 2}, continuous.values());
  }

  @Test
  void levels_and_real_numbers_can_be_declared() throws IOException {
    file("t.csv", "x,y\n1,2\n3,0\n");
    assertEvent(EventSpec.discrete(9, 2), prepared(new Table(List.of(), "", 9, false)));
    assertEvent(EventSpec.continuous(2), prepared(new Table(List.of(), "", 0, true)));
    spark.assertRefused(
        ErrorCode.DATA,
        spec(new Table(List.of(), "", 3, false)),
        folder.resolve("out"),
        "t.csv row 2 has the value 3");
    file("t.csv", "x,y\n1,2\n3,-1\n");
    spark.assertRefused(
        ErrorCode.DATA,
        spec(new Table(List.of(), "", 3, false)),
        folder.resolve("out"),
        "from -1.0 to 3.0");
  }

  @Test
  void columns_come_in_the_order_asked_for() throws IOException {
    file("t.csv", "name,x,\"y, or so\"\n\"a, b\",1,2\nc,3,4\n");
    Batch batch = prepared(new Table(List.of("y, or so", "x"), ""));
    assertArrayEquals(new float[] {2, 1, 4, 3}, batch.values());
  }

  @Test
  void files_by_name_rows_in_order_however_spark_packs_them() throws IOException {
    // The later file is larger: Spark would read it first, and in several blocks.
    spark.session().conf().set("spark.sql.files.maxPartitionBytes", "700");
    file("1.csv", "x\n" + rows(0, 50));
    file("2.csv", "x\n" + rows(50, 1000));
    file("sub/0.csv", "x\n" + rows(1000, 1100));
    try {
      Batch batch = prepared(ALL);
      assertArrayEquals(LongStream.range(0, 1100).toArray(), batch.ids());
      for (int i = 0; i < 1100; i++) {
        assertEquals(i, batch.values()[i]);
      }
      file("2.csv", "x\n" + rows(50, 800) + "?\n" + rows(800, 1000));
      spark.assertRefused(
          ErrorCode.DATA, spec(ALL), folder.resolve("wrong"), "2.csv row 751: column 'x' is '?'");
    } finally {
      spark.session().conf().unset("spark.sql.files.maxPartitionBytes");
    }
  }

  private static String rows(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
  }

  @Test
  void wrong_rows_are_named() throws IOException {
    Path output = folder.resolve("out");
    String[][] wrong = {
      {"x,y\n1,2\n3,\n", "row 2: column 'y' is empty"},
      {"x,y\n1,2\n3,four\n", "row 2: column 'y' is 'four'", "a number"},
      {"x,y\n1,2\n3\n", "row 2", "another number of columns"},
      {"x,y\n1,2\n3,4,5\n", "row 2", "another number of columns"},
      {"x,y\n1,NaN\n", "row 1: column 'y' is 'NaN'", "finite"},
      {"x,y\n1,1e300\n", "column 'y' is '1e300'", "float32"},
      {"x,y\n", "no rows"}
    };
    for (String[] one : wrong) {
      file("t.csv", one[0]);
      spark.assertRefused(
          ErrorCode.DATA, spec(ALL), output, java.util.Arrays.copyOfRange(one, 1, one.length));
    }
    file("t.csv", "x,y\n1,2\n3,-4\n");
    spark.assertRefused(
        ErrorCode.DATA, spec(new Table(List.of(), "y")), output, "row 2: column 'y' is '-4'");
    spark.assertRefused(
        ErrorCode.DATA, spec(new Table(List.of("z"), "")), output, "no column 'z'", "[x, y]");
    spark.assertRefused(ErrorCode.SPEC, spec(new Table(List.of("x"), "x")), output, "named once");
  }

  @Test
  void columns_of_a_later_split_follow_those_of_the_first() throws IOException {
    Path output = folder.resolve("out");
    file("t.csv", "amount,age,txn\n1,2.5,3\n");
    spark.prepare(spec(ALL), output);
    List<String> inputs = List.of(folder.resolve("in").toString());
    file("t.csv", "txn,amount,age\n6,4,5.5\n");
    spark.prepare(PrepareSpec.of(ALL, inputs, "test"), output);
    assertArrayEquals(new float[] {4, 5.5f, 6}, spark.first(output, "test").values());
    Table asked = new Table(List.of("txn", "age", "amount"), "");
    spark.prepare(PrepareSpec.of(asked, inputs, "valid"), output);
    assertArrayEquals(new float[] {4, 5.5f, 6}, spark.first(output, "valid").values());
    Path other = folder.resolve("other");
    spark.prepare(PrepareSpec.of(asked, inputs, "test"), other);
    Dataset dataset = Dataset.open(spark.storage(), other.toString());
    assertArrayEquals(new float[] {6, 5.5f, 4}, values(dataset));
    EventSpec model = spark.first(output, "train").event();
    assertArrayEquals(new float[] {4, 5.5f, 6}, values(dataset.arrangedFor(model)));
    assertEquals(model, dataset.arrangedFor(model).event());
    file("t.csv", "txn,amount,height\n6,4,5.5\n");
    spark.assertRefused(
        ErrorCode.MISMATCH,
        PrepareSpec.of(ALL, inputs, "train"),
        folder.resolve("other"),
        "[txn, amount, height]",
        "[txn, age, amount]");
  }

  private static float[] values(Dataset dataset) {
    var shard = dataset.shard("test", 0);
    return shard.batch(0, shard.size()).values();
  }

  private static PrepareSpec linked(String input, LinkRule links) {
    PrepareSpec spec = PrepareSpec.of(ALL, List.of(input), "train");
    return new PrepareSpec(
        spec.source(),
        spec.inputs(),
        spec.split(),
        spec.binarize(),
        spec.limit(),
        spec.shardSize(),
        spec.seed(),
        links);
  }

  @Test
  void names_of_files_may_hold_colons_and_links_may_go_round() throws IOException {
    file("2024-01-01T12:00:00.csv", "x\n1.5\n");
    file("sub/b.csv", "x\n2.5\n");
    Path in = folder.resolve("in");
    Files.createSymbolicLink(in.resolve("loop"), Path.of("../in"));
    Files.createSymbolicLink(in.resolve("sub/up"), Path.of(".."));
    Files.createSymbolicLink(in.resolve("again.csv"), Path.of("sub/b.csv"));
    Path outside = folder.resolve("outside");
    Files.createDirectories(outside);
    Files.writeString(outside.resolve("c.csv"), "x\n3.5\n");
    Files.createSymbolicLink(in.resolve("one"), outside);
    Files.createSymbolicLink(in.resolve("two"), outside);
    Files.createSymbolicLink(in.resolve("three.csv"), outside.resolve("c.csv"));
    for (String input : List.of(in.toString(), in + "/*")) {
      Path output = folder.resolve("refused");
      spark.assertRefused(
          ErrorCode.DATA, linked(input, LinkRule.INSIDE), output, "out of the input folder");
      spark.assertRefused(ErrorCode.DATA, linked(input, LinkRule.REFUSE), output, "is a link");
    }
    Path all = folder.resolve("all");
    spark.prepare(linked(in.toString(), LinkRule.FOLLOW), all);
    assertArrayEquals(new float[] {1.5f, 3.5f, 2.5f}, spark.first(all, "train").values());
    spark.prepare(linked(in + "/*", LinkRule.FOLLOW), folder.resolve("pattern"));
    Path inside = folder.resolve("inside");
    spark.prepare(linked(in.toString(), LinkRule.SKIP), inside);
    assertArrayEquals(new float[] {1.5f, 2.5f}, spark.first(inside, "train").values());
    for (String out : List.of("one", "two", "three.csv")) {
      Files.delete(in.resolve(out));
    }
    assertArrayEquals(new float[] {1.5f, 2.5f}, prepared(ALL).values());
    Path named = in.resolve("2024-01-01T12:00:00.csv");
    spark.prepare(PrepareSpec.of(ALL, List.of(named.toString()), "train"), folder.resolve("named"));
    assertArrayEquals(new float[] {1.5f}, spark.first(folder.resolve("named"), "train").values());
  }

  @Test
  void parquet_with_numbers_and_lists() {
    StructType schema =
        new StructType()
            .add("vector", DataTypes.createArrayType(DataTypes.FloatType))
            .add("small", DataTypes.ByteType)
            .add("flag", DataTypes.BooleanType)
            .add("name", DataTypes.StringType)
            .add("label", DataTypes.LongType);
    List<Row> rows =
        IntStream.range(0, 20)
            .mapToObj(
                i ->
                    RowFactory.create(
                        List.of(i + 0.5f, i + 0.25f), (byte) (i - 3), i % 2 == 0, "n", (long) i))
            .toList();
    spark
        .session()
        .createDataFrame(rows, schema)
        .coalesce(1)
        .write()
        .parquet(folder.resolve("in").toString());
    Batch batch = prepared(new Table(List.of("vector", "small", "flag"), "label"));
    assertEvent(EventSpec.continuous(4).withClasses(20), batch);
    assertArrayEquals(
        new float[] {0.5f, 0.25f, -3, 1, 1.5f, 1.25f, -2, 0},
        java.util.Arrays.copyOf(batch.values(), 8));
    assertEvent(EventSpec.discrete(2, 1), prepared(new Table(List.of("flag"), "")));
    spark.assertRefused(
        ErrorCode.DATA,
        spec(new Table(List.of("name"), "")),
        folder.resolve("out"),
        "'name' of type string");
    spark.assertRefused(
        ErrorCode.DATA,
        spec(new Table(List.of(), "label")),
        folder.resolve("out"),
        "'name' of type string",
        "name the columns to read");
  }

  @Test
  void gaps_are_missing_elements_where_that_is_allowed() throws IOException {
    float no = Float.NaN;
    file("t.csv", "x,y,kind\n1,,0\n?,2,1\nNaN,0,1\n");
    Batch discrete = prepared(new Table(List.of(), "kind", 0, false, true));
    assertEvent(EventSpec.discrete(3, 2).withClasses(2).withMissing(true), discrete);
    assertArrayEquals(new float[] {1, no, no, 2, no, 0}, discrete.values());
    file("t.csv", "x,y\n1.0,\n0.0,1.0\n");
    Batch reals = prepared(new Table(List.of(), "", 0, false, true));
    assertEvent(EventSpec.continuous(2).withMissing(true), reals);
    assertArrayEquals(new float[] {1, no, 0, 1}, reals.values());
    Table declared = new Table(List.of(), "", 2, false, true);
    assertEvent(EventSpec.discrete(2, 2).withMissing(true), prepared(declared));
    file("t.csv", "x,y\n0.5,\n0.0,1.0\n");
    spark.assertRefused(
        ErrorCode.DATA, spec(declared), folder.resolve("half"), "not all of them whole");
    file("t.csv", "x,y\n1,\n");
    spark.assertRefused(
        ErrorCode.DATA, spec(ALL), folder.resolve("strict"), "column 'y' is empty", "'missing'");
  }

  @Test
  void gaps_of_parquet_and_of_what_is_binarized_are_kept() {
    StructType schema =
        new StructType()
            .add("vector", DataTypes.createArrayType(DataTypes.IntegerType))
            .add("x", DataTypes.IntegerType);
    spark
        .session()
        .createDataFrame(
            List.of(
                RowFactory.create(java.util.Arrays.asList(7, null), 1),
                RowFactory.create(List.of(0, 2), null)),
            schema)
        .coalesce(1)
        .write()
        .parquet(folder.resolve("in").toString());
    float no = Float.NaN;
    Table table = new Table(List.of(), "", 0, false, true);
    assertArrayEquals(new float[] {7, no, 1, 0, 2, no}, prepared(table).values());
    for (String rule : List.of("threshold=1", "stochastic")) {
      PrepareSpec whole = spec(table);
      PrepareSpec binarized =
          new PrepareSpec(
              table,
              whole.inputs(),
              whole.split(),
              Binarization.parse(rule),
              whole.limit(),
              whole.shardSize(),
              whole.seed());
      Path output = folder.resolve("binary-" + rule);
      spark.prepare(binarized, output);
      Batch binary = spark.first(output, "train");
      assertEvent(EventSpec.discrete(2, 3).withMissing(true), binary);
      assertArrayEquals(
          new float[] {1, no, 0, 0, 1, no},
          rule.equals("stochastic") ? rounded(binary.values()) : binary.values());
    }
  }

  /** What is drawn at random, 1/7 and 2/7, replaced by what a threshold of 1 gives. */
  private static float[] rounded(float[] drawn) {
    drawn[2] = 0;
    drawn[4] = 1;
    return drawn;
  }

  @Test
  void a_later_split_with_gaps_does_not_fit_a_dataset_without() throws IOException {
    Path output = folder.resolve("out");
    file("t.csv", "x,y\n1,0\n");
    spark.prepare(spec(ALL), output);
    Table gaps = new Table(List.of(), "", 0, false, true);
    List<String> inputs = List.of(folder.resolve("in").toString());
    spark.assertRefused(
        ErrorCode.MISMATCH, PrepareSpec.of(gaps, inputs, "test"), output, "some of them missing");
    Path other = folder.resolve("other");
    spark.prepare(spec(gaps), other);
    spark.prepare(PrepareSpec.of(ALL, inputs, "test"), other);
    assertArrayEquals(new float[] {1, 0}, spark.first(other, "test").values());
  }

  @Test
  void lists_of_different_length_and_damaged_files_are_refused() throws IOException {
    StructType schema =
        new StructType().add("vector", DataTypes.createArrayType(DataTypes.IntegerType));
    spark
        .session()
        .createDataFrame(
            List.of(RowFactory.create(List.of(1, 2)), RowFactory.create(List.of(1))), schema)
        .coalesce(1)
        .write()
        .parquet(folder.resolve("in").toString());
    spark.assertRefused(
        ErrorCode.DATA, spec(ALL), folder.resolve("out"), "row 2: has 1 numbers", "2");
    try (var files = Files.list(folder.resolve("in"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 10));
      }
    }
    spark.assertRefused(ErrorCode.DATA, spec(ALL), folder.resolve("out"), "as Parquet");
  }

  @Test
  void later_split_takes_the_elements_of_the_first() throws IOException {
    Path output = folder.resolve("out");
    file("t.csv", "x,y\n1,0.5\n");
    spark.prepare(spec(ALL), output);
    file("t.csv", "x,y\n1,2\n");
    spark.prepare(PrepareSpec.of(ALL, List.of(folder.resolve("in").toString()), "test"), output);
    assertArrayEquals(new float[] {1, 2}, spark.first(output, "test").values());
    assertEvent(EventSpec.continuous(2), spark.first(output, "test"));
  }
}
