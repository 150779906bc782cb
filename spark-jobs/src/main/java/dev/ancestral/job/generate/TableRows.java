package dev.ancestral.job.generate;

import dev.ancestral.data.Shard;
import dev.ancestral.data.Storage;
import dev.ancestral.job.generate.rows.SampleTable;
import dev.ancestral.spark.SparkApplication;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The samples of parts as rows for Spark's writers: one partition a part, rows in their order. */
final class TableRows {
  // Dates are written as they are, in the calendar that other programs read them by.
  private static final List<String> REBASED =
      List.of(
          "spark.sql.parquet.datetimeRebaseModeInWrite",
          "spark.sql.parquet.int96RebaseModeInWrite",
          "spark.sql.avro.datetimeRebaseModeInWrite");

  private final SparkApplication application;
  private final Path output;
  private final SampleTable table;
  private SparkSession session;

  TableRows(SparkApplication application, Path output, SampleTable table) {
    this.application = application;
    this.output = output;
    this.table = table;
  }

  /** A session of its own: what is set there changes nothing for others. */
  SparkSession session() {
    if (session == null) {
      session = application.session().newSession();
      REBASED.forEach(key -> session.conf().set(key, "CORRECTED"));
    }
    return session;
  }

  /** Partition k has the rows of part k. */
  Dataset<Row> of(List<MadePart> parts) {
    Storage storage = application.storage();
    String folder = output.toString();
    List<MadePart> all = List.copyOf(parts);
    SampleTable rows = table;
    List<Integer> numbers = IntStream.range(0, all.size()).boxed().toList();
    JavaRDD<Row> drawn =
        application
            .context()
            .parallelize(numbers, all.size())
            .flatMap(
                number -> {
                  MadePart part = all.get(number);
                  return rows.rows(
                      Shard.read(storage, new Path(folder), part.event(), part.entry()));
                });
    return session().createDataFrame(drawn, table.type());
  }
}
