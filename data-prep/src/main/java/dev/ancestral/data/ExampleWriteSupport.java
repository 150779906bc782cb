package dev.ancestral.data;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import dev.ancestral.model.EventSpec;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;

/** How an example becomes a Parquet record. */
final class ExampleWriteSupport extends WriteSupport<Example> {
  static final String ID = "id";
  static final String PAYLOAD = "payload";
  static final String LABEL = "label";
  static final String LENGTH = "length";

  private final MessageType schema;
  private RecordConsumer consumer;

  ExampleWriteSupport(EventSpec event) {
    schema = schema(event);
  }

  static MessageType schema(EventSpec event) {
    Types.MessageTypeBuilder fields = Types.buildMessage();
    fields.required(INT64).named(ID);
    fields.required(BINARY).named(PAYLOAD);
    if (event.hasLabels()) {
      fields.required(INT32).named(LABEL);
    }
    if (event.variableLength()) {
      fields.required(INT32).named(LENGTH);
    }
    return fields.named("example");
  }

  @Override
  @SuppressWarnings("deprecation") // By the Parquet of Spark 4, which still calls it.
  public WriteContext init(Configuration configuration) {
    return new WriteContext(schema, Map.of());
  }

  @Override
  public void prepareForWrite(RecordConsumer recordConsumer) {
    consumer = recordConsumer;
  }

  @Override
  public void write(Example example) {
    consumer.startMessage();
    int field = 0;
    consumer.startField(ID, field);
    consumer.addLong(example.id());
    consumer.endField(ID, field++);
    consumer.startField(PAYLOAD, field);
    consumer.addBinary(Binary.fromReusedByteArray(example.payload()));
    consumer.endField(PAYLOAD, field++);
    if (schema.containsField(LABEL)) {
      integer(LABEL, field++, example.label());
    }
    if (schema.containsField(LENGTH)) {
      integer(LENGTH, field, example.length());
    }
    consumer.endMessage();
  }

  private void integer(String name, int field, int value) {
    consumer.startField(name, field);
    consumer.addInteger(value);
    consumer.endField(name, field);
  }
}
