package dev.ancestral.data.source.table;

import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Part;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * A table as both passes read it, without Spark.
 *
 * @param rows their numbers, NaN for a missing one
 */
record TableReading(EventSpec event, List<float[]> rows, List<Integer> labels) {
  private static final Storage STORAGE = new Storage(new Configuration());

  static InputFile input(Path file) throws IOException {
    return new InputFile(0, file.toUri().toString(), Files.size(file), 0);
  }

  static TableReading of(Table table, Path... files) throws IOException {
    return of(table, List.of(files), Long.MAX_VALUE);
  }

  /**
   * @param partBytes about how many bytes of a CSV file are read at once
   */
  static TableReading of(Table table, List<Path> files, long partBytes) throws IOException {
    List<InputFile> inputs = new ArrayList<>();
    for (Path file : files) {
      inputs.add(input(file));
    }
    Table.Choice choice = table.choose(STORAGE, inputs.iterator());
    List<Part> parts = new ArrayList<>();
    for (InputFile file : inputs) {
      parts.addAll(TableFile.of(STORAGE, file).parts(STORAGE, file, partBytes));
    }
    TableTotals totals = new TableTotals();
    // One task a part, as Spark may have it.
    for (Part part : parts) {
      TableSurvey.Parts seen = TableSurvey.look(List.of(part).iterator(), STORAGE, choice);
      totals.add(seen.parts(), seen.spread());
    }
    EventSpec event = totals.event(table, choice.columns());
    List<float[]> rows = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    TableRow row = new TableRow(choice.columns().names().size());
    for (Part part : parts) {
      try (TableFile.Rows reader =
          TableFile.of(STORAGE, part.file()).open(STORAGE, part, choice.columns())) {
        while (reader.next(row)) {
          rows.add(row.floats());
          labels.add(row.label());
        }
      } catch (TableColumns.WrongRow e) {
        throw new AssertionError("the second pass refuses what the first one read", e);
      }
    }
    return new TableReading(event, rows, labels);
  }

  /** The rows as text, for comparison. */
  String text() {
    StringBuilder text = new StringBuilder();
    rows.forEach(row -> text.append(text(row)));
    return text.toString();
  }

  /** A row as text; the two zeros are one number. */
  static String text(float[] row) {
    float[] numbers = row.clone();
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] += 0.0f;
    }
    return Arrays.toString(numbers);
  }
}
