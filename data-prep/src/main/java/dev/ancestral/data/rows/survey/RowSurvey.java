package dev.ancestral.data.rows.survey;

import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.data.prepare.TableContext;
import dev.ancestral.data.rows.RowEncoder;
import dev.ancestral.data.rows.Values;
import dev.ancestral.data.source.Source;
import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.RowSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;

/** Both passes over the rows of a table. */
final class RowSurvey implements Source.Survey {
  private final TableContext context;
  private final SelectedRows selected;
  private final SchemaSurvey.Found found;
  private final RowLabels labels;
  private final String description;

  private RowSurvey(
      TableContext context,
      SelectedRows selected,
      SchemaSurvey.Found found,
      RowLabels labels,
      String description) {
    this.context = context;
    this.selected = selected;
    this.found = found;
    this.labels = labels;
    this.description = description;
  }

  static RowSurvey of(RowTable table, TableContext context) {
    RowOptions options = table.options();
    SelectedRows selected = SelectedRows.of(table.input().load(context.session()), options);
    Optional<RowSchema> fixed = context.fixed().flatMap(EventSpec::schema);
    SchemaSurvey.Found found =
        fixed.isPresent()
            ? FixedSchema.look(context, selected, fixed.get())
            : new SchemaSurvey(context, selected, options).look();
    RowLabels labels = RowLabels.of(selected, options.label());
    List<String> fates = new ArrayList<>(found.fates());
    if (!options.label().isEmpty()) {
      fates.add(options.label() + ": label of " + labels.classes() + " classes" + labels.shown());
    }
    selected.keys().forEach(key -> fates.add(key.name() + ": key, carried and not modelled"));
    selected.leftOut().forEach(name -> fates.add(name + ": left out"));
    return new RowSurvey(
        context, selected, found, labels, "columns:\n  " + String.join("\n  ", fates));
  }

  @Override
  public long examples() {
    return found.rows();
  }

  @Override
  public EventSpec event() {
    return EventSpec.rows(found.schema()).withClasses(labels.classes());
  }

  @Override
  public String largestAt() {
    return "";
  }

  @Override
  public List<String> classNames() {
    return labels.names();
  }

  @Override
  public String labelColumn() {
    return labels.column();
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Source.Extraction extract(EventSpec event) {
    RowSchema schema = event.schema().orElseThrow();
    RowEncoder encoder = RowEncoder.of(schema, selected.modelled());
    Values label = selected.label().orElse(null);
    int labelAt = selected.labelAt();
    int keysAt = selected.keys().isEmpty() ? -1 : selected.keysAt();
    RowLabels classes = labels;
    JavaRDD<Row> hashed =
        selected
            .rows()
            .javaRDD()
            .map(
                row -> {
                  float[] elements = new float[schema.size()];
                  encoder.encode(row, elements, 0);
                  return HashedExamples.row(
                      Payload.encode(event, elements, 0, elements.length),
                      label == null
                          ? Example.NONE
                          : classes.of((String) label.value(row.get(labelAt))),
                      Example.NONE,
                      keysAt < 0 ? "" : row.getString(keysAt));
                });
    return HashedExamples.extraction(context, hashed, event, selected.keys());
  }
}
