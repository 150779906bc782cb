package dev.ancestral.data.source;

import dev.ancestral.Refusal;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;

/**
 * Both passes over a table. Spark packs blocks of files into partitions as it likes, but reads each
 * block in order: positions follow from the number of rows in each.
 */
final class TableSurvey implements Source.Survey {
  private final TableColumns columns;
  private final JavaRDD<Row> rows;
  private final Map<String, Long> positions = new HashMap<>();
  private final long examples;
  private final EventSpec event;
  private final String largestAt;

  /** The blocks of one partition, as a task's result. */
  private record Blocks(List<TableBlock> blocks) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  static TableSurvey of(
      TableColumns columns, Table table, Map<String, Integer> files, JavaRDD<Row> rows) {
    Map<String, Integer> order = new HashMap<>(files);
    List<byte[]> outcomes =
        rows.mapPartitions(
                some -> List.of(Outcome.of(() -> blocks(some, columns, order))).iterator())
            .collect();
    List<TableBlock> blocks = new ArrayList<>();
    Outcome.values(outcomes, Blocks.class).forEach(some -> blocks.addAll(some.blocks()));
    blocks.sort(Comparator.comparingInt(TableBlock::file).thenComparingLong(TableBlock::start));
    return new TableSurvey(columns, table, rows, blocks, List.copyOf(files.keySet()));
  }

  private static Blocks blocks(
      Iterator<Row> rows, TableColumns columns, Map<String, Integer> files) {
    List<TableBlock> blocks = new ArrayList<>();
    TableBlock block = null;
    while (rows.hasNext()) {
      Row row = rows.next();
      String key = key(row);
      if (block == null || !block.key().equals(key)) {
        String file = row.getString(row.length() - 2);
        block =
            new TableBlock(
                key,
                files.get(TableColumns.canonical(new Path(URI.create(file)))),
                row.getLong(row.length() - 1));
        blocks.add(block);
      }
      block.add(row, columns);
    }
    return new Blocks(blocks);
  }

  private static String key(Row row) {
    return row.getLong(row.length() - 1) + " " + row.getString(row.length() - 2);
  }

  private TableSurvey(
      TableColumns columns,
      Table table,
      JavaRDD<Row> rows,
      List<TableBlock> blocks,
      List<String> files) {
    this.columns = columns;
    this.rows = rows;
    TableTotals totals = new TableTotals(files);
    for (TableBlock block : blocks) {
      positions.put(block.key(), totals.rows());
      totals.add(block);
    }
    examples = totals.rows();
    event = totals.event(table);
    largestAt = totals.largestAt();
  }

  @Override
  public long examples() {
    return examples;
  }

  @Override
  public EventSpec event() {
    return event;
  }

  @Override
  public String largestAt() {
    return largestAt;
  }

  @Override
  public Source.Extraction extract(EventSpec fixed) {
    TableColumns theColumns = columns;
    EventSpec layout = event;
    Map<String, Long> first = new HashMap<>(positions);
    return new Source.Extraction(
        rows.mapPartitions(some -> new Examples(some, theColumns, layout, first)),
        Source.Decoder.NONE,
        layout);
  }

  /** Rows with their positions. */
  private static final class Examples implements Iterator<Source.RawExample> {
    private final Iterator<Row> rows;
    private final TableColumns columns;
    private final EventSpec layout;
    private final Map<String, Long> first;
    private String block = "";
    private long position;

    Examples(Iterator<Row> rows, TableColumns columns, EventSpec layout, Map<String, Long> first) {
      this.rows = rows;
      this.columns = columns;
      this.layout = layout;
      this.first = first;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Source.RawExample next() {
      Row row = rows.next();
      String key = key(row);
      if (!key.equals(block)) {
        block = key;
        position = first.get(key);
      }
      try {
        TableColumns.Numbers numbers = columns.numbers(row);
        double[] values = numbers.values();
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) values[i];
        }
        return new Source.RawExample(
            position++,
            Payload.encode(layout, floats, 0, floats.length),
            numbers.label(),
            Example.NONE);
      } catch (TableColumns.WrongRow e) {
        throw new Refusal(
            Refusal.Kind.INTERRUPTED, block + " changed while it was read; run it again", e);
      }
    }
  }
}
