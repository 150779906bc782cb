package dev.ancestral.data.rows.survey;

import dev.ancestral.AncestralException;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.RowSchema;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Rows of events as sequences, one for each group, in the order that {@link EventTable} says. */
public final class EventGroups {
  /** Index of the columns of the group as a JSON object, in the rows of sequences. */
  public static final int GROUP = 0;

  /** Index of the steps, laid out as {@link dev.ancestral.data.Payload} says. */
  public static final int PAYLOAD = 1;

  /** Index of the number of steps. */
  public static final int LENGTH = 2;

  private static final String GROUP_NAME = "group";
  private static final String STEP_NAME = "step";

  private final SelectedRows selected;
  private final StepEncoder encoder;

  private EventGroups(SelectedRows selected, StepEncoder encoder) {
    this.selected = selected;
    this.encoder = encoder;
  }

  static EventGroups of(SelectedRows selected, EventSpec event) {
    return new EventGroups(selected, StepEncoder.of(event, selected.modelled()));
  }

  /**
   * The sequences of rows whose columns are those of an event.
   *
   * @param groupBy columns of the group
   * @param orderBy columns of the order, the first one first
   * @param event a sequence of named columns without a label
   * @throws dev.ancestral.AncestralException (DATA) if a column is not there, (MISMATCH) if one
   *     does not convert
   */
  public static EventGroups of(
      Dataset<Row> rows, List<String> groupBy, List<String> orderBy, EventSpec event) {
    RowOptions options =
        new RowOptions(
            Map.of(),
            event.columnNames(),
            List.of(),
            groupBy,
            "",
            RowSchema.Nulls.VALUE,
            RowOptions.VOCABULARY);
    return of(SelectedRows.of(rows, options, orderBy), event);
  }

  /** The columns of a group. */
  public List<DatasetManifest.KeyColumn> keys() {
    return selected.keys();
  }

  /**
   * Group, payload and length of each sequence.
   *
   * @param tasks that the groups are divided into
   */
  public JavaRDD<Row> sequences(SparkSession session, int tasks) {
    StepEncoder own = encoder;
    int keysAt = selected.keysAt();
    int orderAt = selected.orderAt();
    int orders = selected.order().size();
    String[] orderNames = selected.order().fieldNames();
    JavaRDD<Row> steps =
        selected
            .rows()
            .javaRDD()
            .map(
                row -> {
                  Object[] cells = new Object[2 + orders];
                  cells[GROUP] = row.get(keysAt);
                  cells[PAYLOAD] = payload(own, row, keysAt, orderAt, orderNames);
                  for (int o = 0; o < orders; o++) {
                    cells[2 + o] = row.get(orderAt + o);
                  }
                  return RowFactory.create(cells);
                });
    StructType type =
        new StructType()
            .add(GROUP_NAME, DataTypes.StringType, false)
            .add(STEP_NAME, DataTypes.BinaryType, false);
    List<Column> order = new ArrayList<>(List.of(functions.col(GROUP_NAME)));
    for (int o = 0; o < orders; o++) {
      StructField field = selected.order().fields()[o];
      type = type.add("order" + o, field.dataType(), true);
      order.add(functions.col("order" + o));
    }
    order.add(functions.col(STEP_NAME));
    Dataset<Row> sorted =
        session
            .createDataFrame(steps, type)
            .repartition(tasks, functions.col(GROUP_NAME))
            .sortWithinPartitions(order.toArray(Column[]::new));
    return sorted.javaRDD().mapPartitions(Sequences::new);
  }

  /** The payload of a row, or a refusal that says which row it is. */
  private static byte[] payload(
      StepEncoder encoder, Row row, int keysAt, int orderAt, String[] orderNames) {
    try {
      return encoder.payload(row);
    } catch (AncestralException unfit) {
      StringBuilder which = new StringBuilder("row of group ").append(row.getString(keysAt));
      for (int o = 0; o < orderNames.length; o++) {
        which.append(", ").append(orderNames[o]).append(' ').append(row.get(orderAt + o));
      }
      throw new AncestralException(unfit.code(), which + ": " + unfit.getMessage(), unfit);
    }
  }

  /** Sequences of neighbouring rows of one group. */
  private static final class Sequences implements Iterator<Row> {
    private final Iterator<Row> steps;
    private Row next;

    Sequences(Iterator<Row> steps) {
      this.steps = steps;
      next = steps.hasNext() ? steps.next() : null;
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Row next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      String group = next.getString(GROUP);
      ByteArrayOutputStream payload = new ByteArrayOutputStream();
      int length = 0;
      while (next != null && next.getString(GROUP).equals(group)) {
        payload.writeBytes(next.getAs(PAYLOAD));
        length++;
        next = steps.hasNext() ? steps.next() : null;
      }
      return RowFactory.create(group, payload.toByteArray(), length);
    }
  }
}
