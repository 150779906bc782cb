package dev.ancestral.job.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;

import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.spark.SparkApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The examples of a split of a dataset as scored rows, one task a shard, with their keys. */
record ScoredExamples(
    SparkApplication application, dev.ancestral.data.Dataset dataset, String split) {
  // As the files of keys call them.
  private static final String KEYS = "keys";
  private static final String EXAMPLE = "_ancestral_id";

  /** The rows; keys come first, and take the place of {@code id} where one is called so. */
  Dataset<Row> rows(ScoreColumns columns) {
    ScoreShards shards = ScoreShards.of(columns, dataset, split);
    List<Row> indices =
        IntStream.range(0, dataset.split(split).shards().size())
            .mapToObj(RowFactory::create)
            .map(Row.class::cast)
            .toList();
    Dataset<Row> scored =
        application
            .session()
            .createDataFrame(
                application.context().parallelize(indices, Math.max(1, indices.size())),
                new StructType().add("shard", "int", false))
            .flatMap(
                (FlatMapFunction<Row, Row>) shards, Encoders.row(columns.after(shards.type())));
    DatasetManifest.Keys keys = dataset.split(split).keys();
    return keys.columns().isEmpty() ? scored : withKeys(columns, scored, keys);
  }

  private Dataset<Row> withKeys(
      ScoreColumns columns, Dataset<Row> scored, DatasetManifest.Keys keys) {
    StructType type = new StructType();
    for (DatasetManifest.KeyColumn key : keys.columns()) {
      type = type.add(key.name(), DataType.fromDDL(key.sqlType()), true);
    }
    columns.after(type); // Refuses a key that is called as what scoring adds.
    String[] files =
        keys.files().stream()
            .map(file -> new Path(dataset.path(), file.file()).toString())
            .toArray(String[]::new);
    Dataset<Row> carried =
        application
            .session()
            .read()
            .schema(new StructType().add(ScoreShards.ID, "bigint").add(KEYS, "string"))
            .parquet(files)
            .select(col(ScoreShards.ID).as(EXAMPLE), from_json(col(KEYS), type, Map.of()).as(KEYS));
    List<Column> selected = new ArrayList<>();
    boolean named = false;
    for (String name : type.fieldNames()) {
      selected.add(carried.col(KEYS).getField(name).as(name));
      named |= name.equalsIgnoreCase(ScoreShards.ID);
    }
    for (String name : scored.columns()) {
      if (!(named && name.equals(ScoreShards.ID))) {
        selected.add(scored.col(SqlTypes.quoted(name)));
      }
    }
    return scored
        .join(carried, scored.col(ScoreShards.ID).equalTo(carried.col(EXAMPLE)), "left")
        .select(selected.toArray(Column[]::new));
  }
}
