package dev.ancestral.data.source.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.prepare.LocalSpark;
import dev.ancestral.data.source.RandomDraws;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random tables, read by ours and by Spark's reader: the same numbers, or a refusal where a row is
 * wrong. A hundred a format, a thousand among the long tests.
 */
class RandomTablesTest {
  private static final int COLUMNS = 4;
  private static final String DECIMAL = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?";

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

  @Test
  void csv_is_read_as_spark_reads_it() throws IOException {
    csv(100);
  }

  @Test
  void parquet_is_read_as_spark_reads_it() throws IOException {
    parquet(100);
  }

  @Tag("long")
  @Test
  void a_thousand_files_of_csv() throws IOException {
    csv(1000);
  }

  @Tag("long")
  @Test
  void a_thousand_files_of_parquet() throws IOException {
    parquet(1000);
  }

  private void csv(int files) throws IOException {
    RandomDraws draws = new RandomDraws(7);
    for (int i = 0; i < files; i++) {
      Files.writeString(folder.resolve(i + ".csv"), csv(draws));
    }
    StructType schema = new StructType();
    for (int c = 0; c < COLUMNS; c++) {
      schema = schema.add("c" + c, DataTypes.StringType);
    }
    Map<String, List<Row>> theirs =
        byFile(
            spark
                .session()
                .read()
                .schema(schema.add("wrong", DataTypes.StringType))
                .option("columnNameOfCorruptRecord", "wrong")
                .option("escape", "\"")
                .option("multiLine", true)
                .option("ignoreLeadingWhiteSpace", true)
                .option("ignoreTrailingWhiteSpace", true)
                .csv(folder.toString())
                .select(functions.col("*"), functions.col("_metadata.file_name"))
                .collectAsList());
    int refused = 0;
    for (int i = 0; i < files; i++) {
      String name = i + ".csv";
      List<Row> rows = theirs.get(name);
      // The second and the last column alone, the others may hold anything.
      Table table = new Table(List.of("b", "d"), "", 0, true);
      String expected = csv(rows.subList(1, rows.size()));
      if (expected == null) {
        AncestralException refusal =
            assertThrows(
                AncestralException.class, () -> TableReading.of(table, folder.resolve(name)), name);
        assertEquals(ErrorCode.DATA, refusal.code());
        assertTrue(refusal.getMessage().contains(name + " row "), refusal.getMessage());
        refused++;
      } else {
        List<Path> file = List.of(folder.resolve(name));
        assertEquals(expected, TableReading.of(table, file, draws.between(1, 99)).text(), name);
      }
    }
    assertTrue(refused > files / 10 && refused < files / 2, refused + " are refused");
  }

  private static Map<String, List<Row>> byFile(List<Row> rows) {
    Map<String, List<Row>> byFile = new HashMap<>();
    for (Row row : rows) {
      byFile.computeIfAbsent(row.getString(row.length() - 1), name -> new ArrayList<>()).add(row);
    }
    return byFile;
  }

  /** What Spark's fields are as numbers; null where one is none or a row has another length. */
  private static String csv(List<Row> rows) {
    StringBuilder text = new StringBuilder();
    for (Row row : rows) {
      float[] numbers = new float[2];
      for (int n = 0; n < 2; n++) {
        String field = row.getString(1 + 2 * n);
        if (!row.isNullAt(COLUMNS) || field == null || !field.matches(DECIMAL)) {
          return null;
        }
        numbers[n] = (float) Double.parseDouble(field);
      }
      text.append(TableReading.text(numbers));
    }
    return text.toString();
  }

  private static String csv(RandomDraws draws) {
    String end = draws.one("\n", "\r\n");
    StringBuilder text = new StringBuilder("a,b,\"c\",d" + end);
    int rows = draws.between(1, 6);
    for (int r = 0; r < rows; r++) {
      text.append(anything(draws)).append(',').append(number(draws)).append(',');
      text.append(anything(draws)).append(',').append(number(draws));
      text.append(draws.chance(0.02) ? draws.one(",", ",1", ",\"x\"") : "");
      text.append(end).append(draws.chance(0.1) ? end : "");
    }
    return text.toString();
  }

  private static String number(RandomDraws draws) {
    String sign = draws.one("", "", "", "-", "+");
    String digits =
        draws.one(
            "" + draws.below(100),
            draws.below(1000) + "." + draws.below(1000),
            "." + draws.between(1, 99),
            draws.below(10) + ".",
            draws.below(10)
                + "."
                + draws.below(10)
                + draws.one("e", "E")
                + draws.one("", "-", "+")
                + draws.below(9));
    String number =
        draws.chance(0.02)
            ? draws.one(
                "", "x", "1d", "2f", "NaN", "Infinity", "0x1p3", "1 2", "\u22121", "1L", "--1")
            : sign + digits;
    String space = draws.one("", "", "", " ", "\t");
    return space + (draws.chance(0.2) ? "\"" + number + "\"" : number) + space;
  }

  private static String anything(RandomDraws draws) {
    return draws.one(
        "",
        "x",
        "12",
        "\"Doe, J\"",
        "\"two\nlines\"",
        "\"a \"\"quote\"\"\"",
        "\u00e9\u2014",
        "\"\"",
        "5' 3");
  }

  private static final PrimitiveTypeName[] TYPES = {
    PrimitiveTypeName.INT32,
    PrimitiveTypeName.INT64,
    PrimitiveTypeName.FLOAT,
    PrimitiveTypeName.DOUBLE,
    PrimitiveTypeName.BOOLEAN
  };

  private void parquet(int files) throws IOException {
    RandomDraws draws = new RandomDraws(8);
    int schemas = 5;
    for (int s = 0; s < schemas; s++) {
      Types.MessageTypeBuilder fields = Types.buildMessage();
      int columns = draws.between(1, 6);
      for (int c = 0; c < columns; c++) {
        PrimitiveTypeName type = draws.one(TYPES);
        if (draws.chance(0.5)) {
          fields.optional(type).named("c" + c);
        } else {
          fields.required(type).named("c" + c);
        }
      }
      MessageType schema = fields.named("any");
      Path part = Files.createDirectories(folder.resolve("" + s));
      for (int i = 0; i < files / schemas; i++) {
        parquet(part.resolve(i + ".parquet"), schema, draws);
      }
      Map<String, List<Row>> theirs =
          byFile(
              spark
                  .session()
                  .read()
                  .parquet(part.toString())
                  .select(functions.col("*"), functions.col("_metadata.file_name"))
                  .collectAsList());
      Table table = new Table(List.of(), "", 0, true, true);
      for (int i = 0; i < files / schemas; i++) {
        String name = i + ".parquet";
        StringBuilder expected = new StringBuilder();
        for (Row row : theirs.get(name)) {
          expected.append(TableReading.text(numbers(row, columns)));
        }
        Path file = part.resolve(name);
        assertEquals(expected.toString(), TableReading.of(table, file).text(), s + "/" + name);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, draws.between(4, whole.length - 1)));
        assertThrows(AncestralException.class, () -> TableReading.of(table, file), s + "/" + name);
      }
    }
  }

  private static double[] doubles(Row row, int columns) {
    return IntStream.range(0, columns)
        .mapToDouble(
            c ->
                row.isNullAt(c)
                    ? Double.NaN
                    : row.get(c) instanceof Boolean bit
                        ? (bit ? 1 : 0)
                        : ((Number) row.get(c)).doubleValue())
        .toArray();
  }

  private static float[] numbers(Row row, int columns) {
    double[] doubles = doubles(row, columns);
    float[] numbers = new float[columns];
    for (int c = 0; c < columns; c++) {
      numbers[c] = (float) doubles[c];
    }
    return numbers;
  }

  private static void parquet(Path file, MessageType schema, RandomDraws draws) throws IOException {
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
            .withType(schema)
            .withDictionaryEncoding(draws.chance(0.5))
            .withWriterVersion(draws.one(WriterVersion.PARQUET_1_0, WriterVersion.PARQUET_2_0))
            .withCompressionCodec(
                draws.one(
                    CompressionCodecName.UNCOMPRESSED,
                    CompressionCodecName.SNAPPY,
                    CompressionCodecName.GZIP))
            .withPageSize(draws.one(64, 1 << 20))
            .build()) {
      SimpleGroupFactory groups = new SimpleGroupFactory(schema);
      for (int r = draws.between(1, 30); r > 0; r--) {
        Group group = groups.newGroup();
        for (var field : schema.getFields()) {
          if (field.isRepetition(org.apache.parquet.schema.Type.Repetition.OPTIONAL)
              && draws.chance(0.2)) {
            continue;
          }
          String name = field.getName();
          int value = draws.between(-1000, 1000);
          switch (field.asPrimitiveType().getPrimitiveTypeName()) {
            case INT32 -> group.append(name, value);
            case INT64 -> group.append(name, (long) value);
            case FLOAT -> group.append(name, value / 8f);
            case DOUBLE -> group.append(name, value / 7.0);
            default -> group.append(name, value > 0);
          }
        }
        writer.write(group);
      }
    }
  }
}
