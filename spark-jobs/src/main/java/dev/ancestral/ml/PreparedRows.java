package dev.ancestral.ml;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.job.prepare.PrepareJob;
import dev.ancestral.job.status.ProgressListener;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * The rows of a dataset as what training reads. Equal rows, in whatever order and partitions, are
 * prepared once: the folder is named after the sum of their hashes.
 *
 * @param contents of all rows
 */
record PreparedRows(Dataset<Row> rows, String contents) {
  private static final int NAME_LENGTH = 24;
  private static final int HASH_BITS = 256;
  private static final Map<String, String> JSON =
      Map.of("timeZone", "UTC", "ignoreNullFields", "false");

  /**
   * Reads the rows once to know them.
   *
   * @param columns those that are read
   * @throws AncestralException (DATA) if the dataset is a stream
   */
  static PreparedRows of(Dataset<?> dataset, List<String> columns) {
    if (dataset.isStreaming()) {
      throw new AncestralException(
          ErrorCode.DATA,
          "a stream is not fitted; fit the rows that are there (spark.read), and transform the"
              + " stream");
    }
    Column[] selected =
        columns.stream().map(name -> functions.col(SqlTypes.quoted(name))).toArray(Column[]::new);
    Dataset<Row> rows = dataset.toDF().select(selected);
    Dataset<Row> texts = rows.select(functions.to_json(functions.struct(selected), JSON));
    return new PreparedRows(rows, rows.schema().toDDL() + "\n" + sum(texts));
  }

  /** The sum of the hashes of texts, which needs no order. */
  private static String sum(Dataset<Row> texts) {
    List<String> parts =
        texts
            .as(Encoders.STRING())
            .mapPartitions(
                (MapPartitionsFunction<String, String>) PreparedRows::sum, Encoders.STRING())
            .collectAsList();
    BigInteger sum = BigInteger.ZERO;
    for (String part : parts) {
      sum = sum.add(new BigInteger(part, 16));
    }
    return sum.mod(BigInteger.ONE.shiftLeft(HASH_BITS)).toString(16);
  }

  private static Iterator<String> sum(Iterator<String> texts) {
    BigInteger sum = BigInteger.ZERO;
    while (texts.hasNext()) {
      byte[] text = texts.next().getBytes(StandardCharsets.UTF_8);
      sum = sum.add(new BigInteger(Sha256.of(text), 16));
    }
    return List.of(sum.toString(16)).iterator();
  }

  /** Of everything that the prepared rows depend on. */
  String fingerprint(Map<String, Object> keys) {
    return Fingerprint.of(Map.of("contents", contents, "keys", keys));
  }

  /**
   * The directory of the prepared rows, which are made if they are not there.
   *
   * @param keys what is said of the columns, as of {@code prepare}
   */
  String in(Checkpoints folder, Map<String, Object> keys) {
    String name = fingerprint(keys).substring(0, NAME_LENGTH);
    String place = folder.at("data-" + name);
    synchronized (folder.monitor(place)) {
      if (!Checkpoints.hasDataset(folder.storage(), place)) {
        prepare(folder, keys, "ancestral_" + name, place);
      }
    }
    return place;
  }

  private void prepare(Checkpoints folder, Map<String, Object> keys, String view, String place) {
    Map<String, Object> all = new LinkedHashMap<>(keys);
    all.put("table", view);
    Settings settings = new Settings("", all, key -> key);
    PrepareSpec spec = PrepareSpec.read(settings);
    if (!settings.problems().isEmpty()) {
      throw new AncestralException(ErrorCode.SPEC, String.join("\n  ", settings.problems()));
    }
    rows.createOrReplaceTempView(view);
    try {
      new PrepareJob(folder.application(), ProgressListener.silent()).run(spec, place);
    } finally {
      folder.session().catalog().dropTempView(view);
    }
  }
}
