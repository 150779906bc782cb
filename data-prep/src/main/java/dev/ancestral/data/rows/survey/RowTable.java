package dev.ancestral.data.rows.survey;

import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.data.prepare.TableContext;
import dev.ancestral.data.rows.InputFailure;
import dev.ancestral.data.rows.RowInput;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceContext;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Rows of named, typed columns, of any table that Spark reads.
 *
 * <p>The first split fixes the schema ({@link SchemaSurvey}); a later one is encoded under it,
 * whatever its values: texts that the vocabulary does not have are {@code other}.
 *
 * <p>Spark knows no order of rows. Their positions are the ranks of a hash of what is stored of
 * them, so they depend on the contents of the table alone; equal rows are interchangeable.
 */
record RowTable(RowInput input, RowOptions options) implements Source {
  private static final long serialVersionUID = 1L;
  private static final Map<String, String> JSON =
      Map.of("timeZone", "UTC", "ignoreNullFields", "false");

  @Override
  public boolean readsFiles() {
    return !input.paths().isEmpty();
  }

  /**
   * The options of the reader, whose values may hold secrets and are not printed, and the query.
   */
  @Override
  public String extraInputs(Storage storage) {
    return "options " + new TreeMap<>(input.options()) + "\nquery " + input.query() + "\n";
  }

  /** The columns and the sum of the hashes of all rows, which needs no order. */
  @Override
  public String contents(SourceContext context) {
    if (input.isOfFiles()) {
      return "";
    }
    TableContext tables = (TableContext) context;
    Dataset<Row> rows = input.load(tables.session());
    Column[] columns =
        Arrays.stream(rows.columns())
            .map(name -> functions.col(SqlTypes.quoted(name)))
            .toArray(Column[]::new);
    Dataset<Row> texts = rows.select(functions.to_json(functions.struct(columns), JSON));
    BigInteger modulus = BigInteger.ONE.shiftLeft(256);
    BigInteger sum = BigInteger.ZERO;
    for (BigInteger part : tables.partitions(texts.javaRDD()).collect((p, some) -> sum(some))) {
      sum = sum.add(part).mod(modulus);
    }
    return rows.schema().toDDL() + "\n" + sum.toString(16);
  }

  private static BigInteger sum(Iterator<Row> texts) {
    BigInteger sum = BigInteger.ZERO;
    while (texts.hasNext()) {
      byte[] text = texts.next().getString(0).getBytes(StandardCharsets.UTF_8);
      sum = sum.add(new BigInteger(Sha256.of(text), 16));
    }
    return sum;
  }

  @Override
  public Survey survey(SourceContext context) {
    TableContext tables = (TableContext) context;
    try {
      return RowSurvey.of(this, tables);
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare.
      throw InputFailure.of(input, e);
    }
  }

  @Override
  public String toString() {
    return "rows of "
        + (input.isOfFiles()
            ? (input.format().isEmpty() ? "files" : input.format() + " files")
            : input.toString())
        + (input.options().isEmpty()
            ? ""
            : " with options " + List.copyOf(input.options().keySet()))
        + options;
  }
}
