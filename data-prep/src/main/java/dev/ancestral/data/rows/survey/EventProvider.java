package dev.ancestral.data.rows.survey;

import dev.ancestral.config.Settings;
import dev.ancestral.data.rows.RowInput;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceProvider;

/** The format {@code events}: one sequence for each group of rows ({@link EventTable}). */
public final class EventProvider implements SourceProvider {
  @Override
  public String name() {
    return "events";
  }

  @Override
  public Source read(Settings settings) {
    RowOptions options = RowOptions.readGrouped(settings, settings.texts("groupBy", null));
    return new EventTable(
        new RowTable(RowInput.read(settings), options), settings.texts("orderBy", null));
  }
}
