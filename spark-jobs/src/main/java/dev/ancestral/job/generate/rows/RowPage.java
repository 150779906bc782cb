package dev.ancestral.job.generate.rows;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.util.ArrayList;
import java.util.List;

/**
 * Some rows for a person.
 *
 * @param columns their names
 * @param rows a text for each column, each
 * @param numbers whether each column is set right
 */
public record RowPage(List<String> columns, List<List<String>> rows, List<Boolean> numbers) {
  private static final int WIDEST = 28;
  private static final int MOST_STEPS = 12;

  /**
   * Rows, or the first steps of sequences of rows.
   *
   * @param examples batches of one example each
   */
  public static RowPage of(EventSpec event, List<Batch> examples) {
    RowSchema schema = event.schema().orElseThrow();
    boolean sequences = event.variableLength();
    List<String> columns = new ArrayList<>(sequences ? List.of("id", "step") : List.of());
    List<Boolean> numbers = new ArrayList<>(sequences ? List.of(true, true) : List.of());
    for (RowColumn column : schema.columns()) {
      columns.add(column.name());
      numbers.add(
          switch (column.kind()) {
            case INTEGER, REAL -> true;
            default -> false;
          });
    }
    List<List<String>> rows = new ArrayList<>();
    for (Batch batch : examples) {
      int steps = sequences ? Math.min(MOST_STEPS, batch.lengths()[0]) : 1;
      for (int step = 0; step < steps; step++) {
        List<String> row = new ArrayList<>();
        if (sequences) {
          row.add(String.valueOf(batch.ids()[0]));
          row.add(String.valueOf(step));
        }
        for (int c = 0; c < schema.columns().size(); c++) {
          RowColumn column = schema.columns().get(c);
          int at = step * event.size() + schema.begin(c);
          row.add(CellText.of(column, column.decode(batch.values(), at)));
        }
        rows.add(row);
      }
    }
    return new RowPage(columns, rows, numbers);
  }

  /** Columns of one width each, below their names. */
  public String text() {
    int[] widths = columns.stream().mapToInt(name -> shown(name).length()).toArray();
    for (List<String> row : rows) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], shown(row.get(c)).length());
      }
    }
    StringBuilder text = new StringBuilder();
    line(columns, widths, text);
    for (int c = 0; c < widths.length; c++) {
      text.append(c == 0 ? "" : "  ").append("-".repeat(widths[c]));
    }
    text.append('\n');
    rows.forEach(row -> line(row, widths, text));
    return text.toString();
  }

  private void line(List<String> cells, int[] widths, StringBuilder text) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String cell = shown(cells.get(c));
      String space = " ".repeat(widths[c] - cell.length());
      line.append(c == 0 ? "" : "  ").append(numbers.get(c) ? space + cell : cell + space);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  /** On one line, and not wider than a person reads. */
  private static String shown(String cell) {
    String line = cell.replaceAll("\\p{Cntrl}", " ");
    return line.codePointCount(0, line.length()) <= WIDEST
        ? line
        : line.substring(0, line.offsetByCodePoints(0, WIDEST - 3)) + "...";
  }
}
