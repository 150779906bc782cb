package dev.ancestral.data.rows.survey;

import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.data.rows.RowInput;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceContext;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.data.source.table.Table;
import dev.ancestral.model.EventSpec;
import java.util.List;
import java.util.Optional;

/**
 * The format {@code table}: vectors of numbers ({@link Table}) where nothing is said of columns and
 * all of them are numbers, else rows of typed columns ({@link RowTable}).
 */
public final class TableProvider implements SourceProvider {
  private static final List<String> OF_ROWS =
      List.of(
          "inputFormat",
          "table",
          "query",
          "option",
          "column",
          "drop",
          "key",
          "nulls",
          "vocabulary",
          "rows");
  private static final List<String> OF_VECTORS = List.of("levels", "continuous", "missing");

  @Override
  public String name() {
    return "table";
  }

  @Override
  public Source read(Settings settings) {
    boolean rows = false;
    for (String key : OF_ROWS) {
      rows |= settings.has(key);
    }
    if (!rows) {
      Table vectors = (Table) new Table.Provider().read(settings);
      if (!vectors.isPlain()) {
        return vectors;
      }
      RowInput input = RowInput.files(settings.texts("input", List.of()));
      return new Either(
          vectors, new RowTable(input, RowOptions.of(vectors.columns(), vectors.label())));
    }
    if (!settings.flag("rows", true)) {
      settings.wrong("rows", false, "true, or left out: another option asks for rows");
    }
    for (String key : OF_VECTORS) {
      if (settings.has(key)) {
        settings.wrong(key, settings.values().get(key), "left out: it is not an option of rows");
      }
    }
    return new RowTable(RowInput.read(settings), RowOptions.read(settings));
  }

  /** Vectors if all columns are numbers, else rows. */
  private record Either(Table vectors, RowTable rows) implements Source {
    private static final long serialVersionUID = 1L;

    @Override
    public String extraInputs(Storage storage) {
      return vectors.extraInputs(storage);
    }

    @Override
    public Survey survey(SourceContext context) {
      Optional<EventSpec> fixed = context.fixed();
      boolean ofRows = fixed.isPresent() ? fixed.get().isRows() : !vectors.isOfNumbers(context);
      return ofRows ? rows.survey(context) : vectors.survey(context);
    }

    @Override
    public String toString() {
      return vectors.toString();
    }
  }
}
