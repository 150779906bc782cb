package dev.ancestral.job.score;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.data.rows.RowDecoder;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Scores the examples of shards of a dataset: {@code id}, {@code label} where there are labels, and
 * the columns of examples that are rows.
 *
 * @param decoder of rows; null of other examples
 */
record ScoreShards(ScoreColumns columns, Dataset dataset, String split, RowDecoder decoder)
    implements FlatMapFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  static final String ID = "id";
  static final String LABEL = "label";

  static ScoreShards of(ScoreColumns columns, Dataset dataset, String split) {
    EventSpec event = dataset.event();
    RowDecoder decoder =
        event.isRows() && !event.variableLength()
            ? RowDecoder.of(event.schema().orElseThrow())
            : null;
    return new ScoreShards(columns, dataset, split, decoder);
  }

  /** The columns of the examples, before those that scoring adds. */
  StructType type() {
    StructType type = new StructType().add(ID, DataTypes.LongType, false);
    if (dataset.event().hasLabels()) {
      type = type.add(LABEL, DataTypes.IntegerType, false);
    }
    if (decoder != null) {
      for (var field : decoder.type().fields()) {
        type = type.add(field);
      }
    }
    return type;
  }

  @Override
  public Iterator<Row> call(Row index) {
    Shard shard = dataset.shard(split, index.getInt(0));
    List<Row> rows = new ArrayList<>(shard.size());
    int together = columns.plan().rowsAtOnce();
    try (RowScorer scorer = RowScorer.load(columns.plan())) {
      for (int from = 0; from < shard.size(); from += together) {
        int to = Math.min(shard.size(), from + together);
        Batch batch = shard.batch(IntStream.range(from, to).toArray());
        RowScores scores = scorer.score(batch, columns.reference() != null);
        for (int i = 0; i < batch.size(); i++) {
          rows.add(columns.append(values(batch, i), scores, i));
        }
      }
    }
    return rows.iterator();
  }

  private Object[] values(Batch batch, int i) {
    List<Object> values = new ArrayList<>();
    values.add(batch.ids()[i]);
    if (batch.labels() != null) {
      values.add(batch.labels()[i]);
    }
    if (decoder != null) {
      Row row = decoder.decode(batch.values(), i * batch.event().size());
      for (int c = 0; c < row.size(); c++) {
        values.add(row.get(c));
      }
    }
    return values.toArray();
  }
}
