package dev.ancestral.job.generate.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Shard;
import dev.ancestral.data.rows.RowDecoder;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Samples as rows of a table: one for each, or for each step of a sequence, in the order of the
 * ids.
 *
 * <p>Columns: {@code id} if asked for and of sequences always, {@code step} of sequences, those of
 * the data, and the label if the model draws one.
 *
 * @param event what a sample is
 * @param classNames texts of the labels by number, or empty
 * @param label the column of the label, or empty
 * @param withId whether the ids are a column
 * @param decoder of rows, or null where the elements are numbers
 */
public record SampleTable(
    EventSpec event, List<String> classNames, String label, boolean withId, RowDecoder decoder)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String ID = "id";
  private static final String STEP = "step";
  private static final String LABEL = "label";

  /**
   * The table of the samples of a model.
   *
   * @param event what a sample is
   * @throws AncestralException (MISMATCH) if they are no rows; (SPEC) if the data have a column of
   *     the name of one that is added
   */
  public static SampleTable of(ModelDirectory model, EventSpec event, boolean withId) {
    if (!event.isRows() && event.columns().isEmpty()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "samples as a table were asked for, but a sample is no row with named columns: the model"
              + " was trained on "
              + event.describe()
              + "; leave out --as");
    }
    boolean ids = withId || event.variableLength();
    SampleTable table =
        new SampleTable(
            event,
            List.copyOf(model.classNames()),
            event.hasLabels() ? model.labelColumn().orElse(LABEL) : "",
            ids,
            event.schema().map(RowDecoder::of).orElse(null));
    table.requireNames();
    return table;
  }

  private void requireNames() {
    List<String> added = new ArrayList<>();
    if (withId) {
      added.add(ID);
    }
    if (event.variableLength()) {
      added.add(STEP);
    }
    if (!label.isEmpty()) {
      added.add(label);
    }
    for (String name : event.columnNames()) {
      if (added.stream().anyMatch(name::equalsIgnoreCase)) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "the rows of the data have a column '"
                + name
                + "', which is added to drawn rows"
                + (event.variableLength() || name.equalsIgnoreCase(label)
                    ? "; give the column another name and prepare the data again"
                    : "; leave out --with-id"));
      }
    }
  }

  /** The columns and their types. */
  public StructType type() {
    StructType type = new StructType();
    if (withId) {
      type = type.add(ID, DataTypes.LongType, false);
    }
    if (event.variableLength()) {
      type = type.add(STEP, DataTypes.IntegerType, false);
    }
    if (decoder != null) {
      for (var field : decoder.type().fields()) {
        type = type.add(field);
      }
    } else {
      DataType number = event.isDiscrete() ? DataTypes.IntegerType : DataTypes.FloatType;
      for (EventSpec.Column column : event.columns()) {
        boolean one = column.elements() == 1;
        type = type.add(column.name(), one ? number : DataTypes.createArrayType(number, true));
      }
    }
    if (!label.isEmpty()) {
      type = type.add(label, classNames.isEmpty() ? DataTypes.IntegerType : DataTypes.StringType);
    }
    return type;
  }

  /** The rows of a part, as they are asked for. */
  public Iterator<Row> rows(Shard shard) {
    return new Iterator<>() {
      private int next;
      private Batch batch;
      private int step;

      @Override
      public boolean hasNext() {
        while (batch == null || step == steps(batch)) {
          if (next == shard.size()) {
            return false;
          }
          batch = shard.batch(next, next + 1);
          next++;
          step = 0;
        }
        return true;
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return row(batch, 0, step++);
      }
    };
  }

  /**
   * The rows of some examples of a batch.
   *
   * @param from index of the first
   * @param end index behind the last
   */
  public Iterator<Row> rows(Batch batch, int from, int end) {
    return IntStream.range(from, end)
        .boxed()
        .flatMap(
            i ->
                IntStream.range(0, batch.lengths() == null ? 1 : batch.lengths()[i])
                    .mapToObj(step -> row(batch, i, step)))
        .iterator();
  }

  private static int steps(Batch batch) {
    return batch.lengths() == null ? 1 : batch.lengths()[0];
  }

  /** Step {@code step} of example {@code i} of a batch. */
  private Row row(Batch batch, int i, int step) {
    int at = (i * batch.steps() + step) * event.size();
    List<Object> cells = new ArrayList<>();
    if (withId) {
      cells.add(batch.ids()[i]);
    }
    if (event.variableLength()) {
      cells.add(step);
    }
    if (decoder != null) {
      Row decoded = decoder.decode(batch.values(), at);
      for (int c = 0; c < decoded.size(); c++) {
        cells.add(decoded.get(c));
      }
    } else {
      numbers(batch.values(), at, cells);
    }
    if (!label.isEmpty()) {
      cells.add(batch.labels() == null ? null : text(batch.labels()[i]));
    }
    return RowFactory.create(cells.toArray());
  }

  private Object text(int number) {
    return classNames.isEmpty() ? (Object) number : classNames.get(number);
  }

  private void numbers(float[] values, int from, List<Object> cells) {
    int at = from;
    for (EventSpec.Column column : event.columns()) {
      List<Object> elements = new ArrayList<>();
      for (int e = 0; e < column.elements(); e++) {
        float value = values[at++];
        if (Float.isNaN(value)) {
          elements.add(null);
        } else {
          elements.add(event.isDiscrete() ? (Object) (int) value : value);
        }
      }
      cells.add(column.elements() == 1 ? elements.get(0) : elements.toArray());
    }
  }
}
