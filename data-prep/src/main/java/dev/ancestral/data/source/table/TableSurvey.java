package dev.ancestral.data.source.table;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.PartExamples;
import dev.ancestral.data.source.Partitions;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceContext;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;

/** Both passes over the rows of a table. */
final class TableSurvey implements Source.Survey {
  private static final long PART_BYTES = 32L << 20;

  private final TableColumns columns;
  private final Storage storage;
  private final Partitions<Part> parts;
  // Position of the first row of each partition.
  private final long[] positions;
  private final long examples;
  private final EventSpec event;
  private final String largestAt;

  /** What the parts of one partition hold. */
  record Parts(List<TablePart> parts, ColumnSpread spread) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  static TableSurvey of(Table.Choice choice, Table table, SourceContext context) {
    Storage storage = context.storage();
    Partitions<Part> parts =
        context.parts(
            PART_BYTES,
            (files, file, bytes) -> TableFile.of(files, file).parts(files, file, bytes));
    return new TableSurvey(
        choice.columns(),
        table,
        storage,
        parts,
        parts.collect((p, some) -> look(some, storage, choice)));
  }

  static Parts look(Iterator<Part> parts, Storage storage, Table.Choice choice) {
    TableColumns columns = choice.columns();
    List<TablePart> seen = new ArrayList<>();
    ColumnSpread spread = new ColumnSpread();
    TableRow row = new TableRow(columns.names().size());
    while (parts.hasNext()) {
      Part part = parts.next();
      TablePart content = new TablePart(part.file().uri());
      seen.add(content);
      TableFile kind = TableFile.of(storage, part.file());
      if (part.from() == 0 && !choice.all().isEmpty()) {
        refuseOthers(part.file(), kind.columns(storage, part.file()), choice.all());
      }
      try (TableFile.Rows rows = kind.open(storage, part, columns)) {
        while (rows.next(row)) {
          content.add(row);
          spread.add(row, seen.size() - 1, content.rows());
        }
      } catch (TableColumns.WrongRow e) {
        content.wrong(e.getMessage());
        break; // It is refused, so what follows does not matter.
      } catch (IOException e) {
        throw InputBytes.refusal(part.file().path(), e);
      }
    }
    return new Parts(seen, spread);
  }

  private static void refuseOthers(
      InputFile file, List<TableFile.Column> present, List<String> all) {
    for (TableFile.Column column : present) {
      if (!all.contains(column.name())) {
        throw new AncestralException(
            ErrorCode.DATA,
            file
                + " has a column '"
                + column.name()
                + "', the first file only "
                + TableFile.abbreviated(all)
                + "; name the columns to read (columns)");
      }
    }
  }

  private TableSurvey(
      TableColumns columns,
      Table table,
      Storage storage,
      Partitions<Part> parts,
      List<Parts> partitions) {
    this.columns = columns;
    this.storage = storage;
    this.parts = parts;
    positions = new long[partitions.size()];
    TableTotals totals = new TableTotals();
    for (int p = 0; p < positions.length; p++) {
      positions[p] = totals.rows();
      totals.add(partitions.get(p).parts(), partitions.get(p).spread());
    }
    examples = totals.rows();
    event = totals.event(table, columns);
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
  public String description() {
    String kind =
        event.isDiscrete() ? "whole numbers of " + event.levels() + " levels" : "real numbers";
    String all =
        event.columns().stream()
            .limit(20)
            .map(c -> c.name() + (c.elements() == 1 ? "" : " (" + c.elements() + " elements)"))
            .collect(Collectors.joining(", "));
    return "columns as "
        + kind
        + ": "
        + all
        + (event.columns().size() > 20 ? " and " + (event.columns().size() - 20) + " more" : "")
        + (columns.label().isEmpty() ? "" : "; label: " + columns.label());
  }

  @Override
  public Source.Extraction extract(EventSpec fixed) {
    TableColumns theColumns = columns;
    Storage theStorage = storage;
    EventSpec layout = event;
    long[] first = positions;
    return new Source.Extraction(
        parts.map(
            (p, some) ->
                new PartExamples(
                    some, part -> new Examples(theStorage, part, theColumns, layout), first[p])),
        Source.Decoder.NONE,
        layout);
  }

  /** The rows of a part. */
  private static final class Examples implements PartExamples.Reader {
    private final TableFile.Rows rows;
    private final EventSpec layout;
    private final TableRow row;

    Examples(Storage storage, Part part, TableColumns columns, EventSpec layout) {
      rows = TableFile.of(storage, part.file()).open(storage, part, columns);
      this.layout = layout;
      row = new TableRow(columns.names().size());
    }

    @Override
    public Source.RawExample next(long position) throws IOException {
      try {
        if (!rows.next(row)) {
          return null;
        }
      } catch (TableColumns.WrongRow e) {
        throw new AncestralException(
            ErrorCode.INTERRUPTED,
            "the table changed while it was read: a row "
                + e.getMessage()
                + "; run the same command again",
            e);
      }
      float[] floats = row.floats();
      return new Source.RawExample(
          position, Payload.encode(layout, floats, 0, floats.length), row.label(), Example.NONE);
    }

    @Override
    public void close() throws IOException {
      rows.close();
    }
  }
}
