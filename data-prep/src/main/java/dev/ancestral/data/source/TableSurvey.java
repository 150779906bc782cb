package dev.ancestral.data.source;

import dev.ancestral.Refusal;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
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
  private static final int MOST_LEVELS = 1 << 16;

  private final TableColumns columns;
  private final JavaRDD<Row> rows;
  private final Map<String, Long> positions = new HashMap<>();
  private final long examples;
  private final EventSpec event;
  private final String largestAt;

  /** What one block of a file holds. */
  private static final class Block implements Serializable {
    private static final long serialVersionUID = 1L;
    private final String key;
    private final int file;
    private final long start;
    private long rows;
    private int elements = -1;
    private boolean whole = true;
    private double least = Double.POSITIVE_INFINITY;
    private double most = Double.NEGATIVE_INFINITY;
    private long mostRow;
    private int largestLabel = Example.NONE;
    // The first wrong row and what is wrong with it.
    private long wrongRow = -1;
    private String wrong;

    Block(String key, int file, long start) {
      this.key = key;
      this.file = file;
      this.start = start;
    }

    void add(Row row, TableColumns columns) {
      rows++;
      if (wrong != null) {
        return;
      }
      try {
        TableColumns.Numbers numbers = columns.numbers(row);
        double[] values = numbers.values();
        if (elements >= 0 && values.length != elements) {
          throw new TableColumns.WrongRow(
              "has " + values.length + " numbers, the rows before it " + elements);
        }
        elements = values.length;
        whole &= numbers.whole();
        largestLabel = Math.max(largestLabel, numbers.label());
        for (double value : values) {
          least = Math.min(least, value);
          if (value > most) {
            most = value;
            mostRow = rows;
          }
        }
      } catch (TableColumns.WrongRow e) {
        wrongRow = rows;
        wrong = e.getMessage();
      }
    }
  }

  /** The blocks of one partition, as a task's result. */
  private record Blocks(List<Block> blocks) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  static TableSurvey of(TableColumns columns, Map<String, Integer> files, JavaRDD<Row> rows) {
    Map<String, Integer> order = new HashMap<>(files);
    List<byte[]> outcomes =
        rows.mapPartitions(
                some -> List.of(Outcome.of(() -> blocks(some, columns, order))).iterator())
            .collect();
    List<Block> blocks = new ArrayList<>();
    Outcome.values(outcomes, Blocks.class).forEach(some -> blocks.addAll(some.blocks()));
    blocks.sort(Comparator.<Block>comparingInt(b -> b.file).thenComparingLong(b -> b.start));
    return new TableSurvey(columns, rows, blocks, List.copyOf(files.keySet()));
  }

  private static Blocks blocks(
      Iterator<Row> rows, TableColumns columns, Map<String, Integer> files) {
    List<Block> blocks = new ArrayList<>();
    Block block = null;
    while (rows.hasNext()) {
      Row row = rows.next();
      String key = key(row);
      if (block == null || !block.key.equals(key)) {
        String file = row.getString(row.length() - 2);
        block =
            new Block(
                key,
                files.get(TableColumns.canonical(new Path(java.net.URI.create(file)))),
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
      TableColumns columns, JavaRDD<Row> rows, List<Block> blocks, List<String> files) {
    this.columns = columns;
    this.rows = rows;
    long position = 0;
    long fileBegin = 0;
    int elements = -1;
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    boolean whole = true;
    int classes = 0;
    String at = "";
    for (int b = 0; b < blocks.size(); b++) {
      Block block = blocks.get(b);
      fileBegin = b > 0 && blocks.get(b - 1).file == block.file ? fileBegin : position;
      long before = position - fileBegin;
      String file = files.get(block.file);
      if (block.wrong != null) {
        throw new Refusal(
            Refusal.Kind.DATA, file + " row " + (before + block.wrongRow) + ": " + block.wrong);
      }
      if (elements >= 0 && block.elements != elements) {
        throw new Refusal(
            Refusal.Kind.DATA,
            file
                + " row "
                + (before + 1)
                + " has "
                + block.elements
                + " numbers, the rows before it "
                + elements);
      }
      elements = block.elements;
      positions.put(block.key, position);
      position += block.rows;
      whole &= block.whole;
      least = Math.min(least, block.least);
      classes = Math.max(classes, block.largestLabel + 1);
      if (block.most > most) {
        most = block.most;
        at = file + " row " + (before + block.mostRow);
      }
    }
    if (position == 0 || elements < 1) {
      throw new Refusal(Refusal.Kind.DATA, "the table has no rows with numbers; name other files");
    }
    examples = position;
    largestAt = at;
    boolean discrete = whole && least >= 0 && most < MOST_LEVELS;
    event =
        (discrete
                ? EventSpec.discrete(Math.max(2, (int) most + 1), elements)
                : EventSpec.continuous(elements))
            .withClasses(classes);
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
