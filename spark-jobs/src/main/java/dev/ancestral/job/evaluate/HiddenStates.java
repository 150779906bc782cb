package dev.ancestral.job.evaluate;

import dev.ancestral.data.ParquetStream;
import dev.ancestral.model.HiddenStateModel;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/**
 * Files of hidden states: id (int64), path (int32 a step; none where the example is impossible),
 * posterior (double, p(state of step t is k | x) at t · K + k) and path_log_probability (double,
 * log p(x, path) in nats), in the order of the split.
 */
final class HiddenStates {
  /** What the names of their folders begin with. */
  static final String FOLDER = "hidden-states-";

  private static final MessageType SCHEMA =
      Types.buildMessage()
          .required(PrimitiveTypeName.INT64)
          .named("id")
          .repeated(PrimitiveTypeName.INT32)
          .named("path")
          .repeated(PrimitiveTypeName.DOUBLE)
          .named("posterior")
          .required(PrimitiveTypeName.DOUBLE)
          .named("path_log_probability")
          .named("example");

  private HiddenStates() {}

  /** Takes an example. */
  @FunctionalInterface
  interface Row {
    void accept(long id, HiddenStateModel.Path path, double[] posterior) throws IOException;
  }

  /** Hands over examples one after the other. */
  @FunctionalInterface
  interface Rows {
    void forEach(Row row) throws IOException;
  }

  /** Name of the file of a piece. */
  static String file(ScorePlan.Piece piece) {
    return piece.file().replace(".scores", ".parquet");
  }

  /** Writes rows as they come; the same rows give the same bytes. */
  static void write(OutputStream out, Rows rows) throws IOException {
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new ParquetStream(out))
            .withType(SCHEMA)
            .withConf(new Configuration(false))
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_2_0)
            .withDictionaryEncoding(false)
            .build()) {
      rows.forEach(
          (id, path, posterior) -> {
            Group group = new SimpleGroup(SCHEMA);
            group.add(0, id);
            for (int state : path.states()) {
              group.add(1, state);
            }
            for (double p : posterior) {
              group.add(2, p);
            }
            group.add(3, path.logProb());
            writer.write(group);
          });
    }
  }
}
