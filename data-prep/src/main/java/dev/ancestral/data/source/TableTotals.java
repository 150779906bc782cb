package dev.ancestral.data.source;

import dev.ancestral.Refusal;
import dev.ancestral.model.EventSpec;
import java.util.List;

/** Adds up the blocks of a table in the order of the input; the first wrong row is refused. */
final class TableTotals {
  private static final int MOST_LEVELS = 1 << 16;

  private final List<String> files;
  private long rows;
  private int file = -1;
  private long fileBegin;
  private int elements = -1;
  private boolean whole = true;
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;
  private String largestAt = "";
  private int classes;

  TableTotals(List<String> files) {
    this.files = files;
  }

  /**
   * Adds the block that comes next.
   *
   * @throws Refusal (DATA) if one of its rows is wrong or has another number of elements
   */
  void add(TableBlock block) {
    if (block.file() != file) {
      file = block.file();
      fileBegin = rows;
    }
    if (block.wrong() != null) {
      throw new Refusal(Refusal.Kind.DATA, row(block.wrongRow()) + ": " + block.wrong());
    }
    if (elements >= 0 && block.elements() != elements) {
      throw new Refusal(
          Refusal.Kind.DATA,
          row(1) + " has " + block.elements() + " numbers, the rows before it " + elements);
    }
    if (block.most() > most) {
      most = block.most();
      largestAt = row(block.mostRow());
    }
    elements = block.elements();
    whole &= block.whole();
    least = Math.min(least, block.least());
    classes = Math.max(classes, block.largestLabel() + 1);
    rows += block.rows();
  }

  /** A row of the present block, counted within its file. */
  private String row(long inBlock) {
    return files.get(file) + " row " + (rows - fileBegin + inBlock);
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
   * @throws Refusal (DATA) if there are none, or they have values that the table may not have
   */
  EventSpec event(Table table) {
    if (rows == 0 || elements < 1) {
      throw new Refusal(Refusal.Kind.DATA, "the table has no rows with numbers; name other files");
    }
    boolean discrete = !table.continuous() && whole && least >= 0 && most < MOST_LEVELS;
    if (table.levels() > 0 && !discrete) {
      throw new Refusal(
          Refusal.Kind.DATA,
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
    EventSpec event =
        discrete
            ? EventSpec.discrete(Matrix.levels(table.levels(), (int) most, largestAt), elements)
            : EventSpec.continuous(elements);
    return event.withClasses(classes).withMissing(table.missing());
  }
}
