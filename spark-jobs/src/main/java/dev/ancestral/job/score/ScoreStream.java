package dev.ancestral.job.score;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import dev.ancestral.job.output.RowFolder;
import dev.ancestral.job.output.RowOutput;
import dev.ancestral.spark.SparkApplication;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Scores rows as their files appear, each once: Spark's file sink lists what it wrote, and the
 * checkpoint what was read.
 */
record ScoreStream(SparkApplication application, ScoreRequest request, RowFolder folder) {

  /**
   * Runs the query to its end.
   *
   * @param scored a streaming dataset
   * @param centre near the mean of the scores
   * @return the totals of all rows in the output, those of earlier runs included
   */
  ScoreTotals run(Dataset<Row> scored, double centre) {
    RowOutput output = request.output();
    SparkSession session = application.session();
    String path = application.storage().path(output.path().orElseThrow()).toString();
    Dataset<Row> rows = output.writable(scored);
    try {
      StreamingQuery query =
          rows.writeStream()
              .format(output.format())
              .options(output.allOptions())
              .option("checkpointLocation", folder.checkpoint().toString())
              .partitionBy(output.partitionBy().toArray(String[]::new))
              .outputMode("append")
              .trigger(
                  request.everySeconds().isPresent()
                      ? Trigger.ProcessingTime(request.everySeconds().getAsInt(), TimeUnit.SECONDS)
                      : Trigger.AvailableNow())
              .start(path);
      query.awaitTermination();
    } catch (StreamingQueryException e) {
      throw Failures.refusal(e)
          .orElseGet(
              () ->
                  new AncestralException(
                      ErrorCode.INTERRUPTED,
                      "the stream stopped: "
                          + Failures.firstLine(e.getMessage())
                          + "; run the same command again to go on",
                      e));
    }
    Dataset<Row> all =
        session
            .read()
            .format(output.format())
            .options(output.allOptions())
            .schema(rows.schema())
            .load(path);
    List<Column> sums = ScoreTotals.sums(ScoreColumns.LOG_LIKELIHOOD, centre);
    Row totals = all.agg(sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new)).head();
    Map<String, Object> named = new LinkedHashMap<>();
    for (String name : totals.schema().fieldNames()) {
      named.put(name, totals.getAs(name));
    }
    return ScoreTotals.of(named, centre);
  }
}
