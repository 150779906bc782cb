package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** Keys that are carried beside the examples of a dataset, with the types that they had. */
public final class CarriedKeys {
  /** Column of the ids of the examples. */
  public static final String EXAMPLE = "example";

  private CarriedKeys() {}

  /**
   * The keys of a split: {@value #EXAMPLE}, its id, and the columns that {@code --key} or {@code
   * --group-by} named. No other columns, and no rows, where nothing is carried.
   *
   * @throws AncestralException (DATA) if the dataset has no such split
   */
  public static org.apache.spark.sql.Dataset<Row> load(
      SparkSession session, Dataset dataset, String split) {
    DatasetManifest.Keys keys = dataset.split(split).keys();
    if (keys.columns().isEmpty()) {
      return session.range(0).toDF(EXAMPLE);
    }
    StructType type = new StructType();
    for (DatasetManifest.KeyColumn key : keys.columns()) {
      type = type.add(key.name(), SqlTypes.parse(key.sqlType()), true);
    }
    return session
        .read()
        .parquet(
            keys.files().stream()
                .map(file -> new Path(dataset.path(), file.file()).toString())
                .toArray(String[]::new))
        .select(
            functions.col("id").as(EXAMPLE),
            functions.from_json(functions.col("keys"), type, Map.of("timeZone", "UTC")).as("keys"))
        .select(EXAMPLE, "keys.*");
  }
}
