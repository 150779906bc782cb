package dev.ancestral.data.source.table;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.source.Profile;
import dev.ancestral.model.EventSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Adds up the parts of a table in the order of the input; the first wrong row is refused. */
final class TableTotals {
  private static final int MOST_LEVELS = 1 << 16;

  private final ColumnSpread spread = new ColumnSpread();
  // Of each part, its file and the rows of that file before it.
  private final List<String> files = new ArrayList<>();
  private final List<Long> before = new ArrayList<>();
  private String file = "";
  private long rowsOfFile;
  private long rows;
  private int[] elements;
  private boolean whole = true;
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;
  private String largestAt = "";
  private int classes;

  /**
   * Adds the parts that come next.
   *
   * @throws AncestralException (DATA) if one of their rows is wrong or has another number of
   *     elements
   */
  void add(List<TablePart> parts, ColumnSpread next) {
    int earlier = files.size();
    parts.forEach(this::add);
    spread.merge(next, earlier);
  }

  private void add(TablePart part) {
    if (!part.file().equals(file)) {
      file = part.file();
      rowsOfFile = 0;
    }
    files.add(file);
    before.add(rowsOfFile);
    if (elements != null && part.elements() != null && !Arrays.equals(elements, part.elements())) {
      throw new AncestralException(
          ErrorCode.DATA, row(1) + " " + TablePart.differ(part.elements(), elements));
    }
    if (part.wrong() != null) {
      throw new AncestralException(ErrorCode.DATA, row(part.wrongRow()) + ": " + part.wrong());
    }
    if (part.most() > most) {
      most = part.most();
      largestAt = row(part.mostRow());
    }
    elements = part.elements() == null ? elements : part.elements();
    whole &= part.whole();
    least = Math.min(least, part.least());
    classes = Math.max(classes, part.largestLabel() + 1);
    rows += part.rows();
    rowsOfFile += part.rows();
  }

  /** A row of the present part, counted within its file. */
  private String row(long inPart) {
    return place(files.size() - 1, inPart);
  }

  private String place(int part, long row) {
    return files.get(part) + " row " + (before.get(part) + row);
  }

  long rows() {
    return rows;
  }

  String largestAt() {
    return largestAt;
  }

  /**
   * What the rows are.
   *
   * @throws AncestralException (DATA) if there are none, or they have values that the table may not
   *     have
   */
  EventSpec event(Table table, TableColumns columns) {
    int size = elements == null ? 0 : Arrays.stream(elements).sum();
    if (rows == 0 || size == 0) {
      throw new AncestralException(
          ErrorCode.DATA, "the table has no rows with numbers; name other files");
    }
    boolean discrete = !table.continuous() && whole && least >= 0 && most < MOST_LEVELS;
    if (table.levels() > 0 && !discrete) {
      throw new AncestralException(
          ErrorCode.DATA,
          "the "
              + table
              + " has numbers from "
              + least
              + " to "
              + most
              + (whole ? "" : ", not all of them whole")
              + "; levels are for whole numbers from 0 to "
              + (MOST_LEVELS - 1)
              + ": leave levels out");
    }
    spread.requireKept(columns, elements, this::place);
    EventSpec event =
        discrete
            ? EventSpec.discrete(Profile.levels(table.levels(), (int) most, largestAt), size)
            : EventSpec.continuous(size);
    return event
        .withClasses(classes)
        .withMissing(table.missing())
        .withColumns(columns(columns.names()));
  }

  /** Those that have elements: a column of empty lists has none. */
  private List<EventSpec.Column> columns(List<String> names) {
    List<EventSpec.Column> columns = new ArrayList<>();
    for (int c = 0; c < elements.length; c++) {
      if (elements[c] > 0) {
        columns.add(new EventSpec.Column(names.get(c), elements[c]));
      }
    }
    return columns;
  }
}
