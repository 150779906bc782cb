package dev.ancestral.job.quality;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.job.evaluate.subset.Selection;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.Batch;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.spark.TaskDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Rows of a table as rows of Spark: whether it was drawn, its id, and the {@link TableKeys key} of
 * each column. What a partition holds depends on the data, the model and the seed alone.
 */
final class TableRows {
  static final int DRAWN = 0;
  static final int ID = 1;
  static final int FIRST = 2;

  private static final int DRAWS_A_PARTITION = 2000;

  private TableRows() {}

  static StructType type(TableKeys keys) {
    List<StructField> fields = new ArrayList<>();
    fields.add(DataTypes.createStructField("drawn", DataTypes.BooleanType, false));
    fields.add(DataTypes.createStructField("id", DataTypes.LongType, false));
    for (int c = 0; c < keys.columns().size(); c++) {
      fields.add(DataTypes.createStructField("key" + c, DataTypes.LongType, false));
    }
    return DataTypes.createStructType(fields);
  }

  /** The selected rows of a split, a shard a partition. */
  static JavaRDD<Row> held(
      JavaSparkContext spark, Dataset data, String split, Selection selection) {
    int shards = data.split(split).shards().size();
    TableKeys keys = TableKeys.of(schema(data));
    return spark
        .parallelize(IntStream.range(0, shards).boxed().toList(), Math.max(1, shards))
        .flatMap(
            index -> {
              Shard shard = data.shard(split, index);
              int[] rows = selection.rows(shard.ids());
              return rows(keys, false, shard.batch(rows)).iterator();
            });
  }

  /**
   * Draws of a model, those with ids 0 to count − 1.
   *
   * @param nulls that they are given
   */
  static JavaRDD<Row> drawn(
      JavaSparkContext spark,
      ModelDirectory model,
      TableKeys keys,
      long count,
      RandomKey key,
      NullPatterns nulls) {
    int parts = Math.toIntExact((count + DRAWS_A_PARTITION - 1) / DRAWS_A_PARTITION);
    return spark
        .parallelize(IntStream.range(0, parts).boxed().toList(), Math.max(1, parts))
        .flatMap(
            part -> {
              long first = (long) part * DRAWS_A_PARTITION;
              long[] ids =
                  LongStream.range(first, Math.min(count, first + DRAWS_A_PARTITION)).toArray();
              try (LoadedModel loaded = model.load(TaskDevice.assigned())) {
                Batch drawn = loaded.model().sample(ids, key, SampleRequest.plain());
                return nulls.given(rows(keys, true, drawn)).iterator();
              }
            });
  }

  static RowSchema schema(Dataset data) {
    return data.event().schema().orElseThrow();
  }

  private static List<Row> rows(TableKeys keys, boolean drawn, Batch batch) {
    RowSchema schema = batch.event().schema().orElseThrow();
    List<Row> rows = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      Object[] values = new Object[FIRST + keys.columns().size()];
      values[DRAWN] = drawn;
      values[ID] = batch.ids()[i];
      for (int c = 0; c < keys.columns().size(); c++) {
        values[FIRST + c] = keys.key(c, batch.values(), i * schema.size() + schema.begin(c));
      }
      rows.add(RowFactory.create(values));
    }
    return rows;
  }
}
