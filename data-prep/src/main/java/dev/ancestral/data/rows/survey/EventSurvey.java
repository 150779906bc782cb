package dev.ancestral.data.rows.survey;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Example;
import dev.ancestral.data.prepare.TableContext;
import dev.ancestral.data.source.Source;
import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;

/** Both passes over events. */
final class EventSurvey implements Source.Survey {
  // Of float32, an error below which leaves real numbers as they are.
  private static final double LEAST_ERROR = 1e-3;

  private final TableContext context;
  private final SelectedRows selected;
  private final EventSpec event;
  private final long groups;
  private final String description;

  private EventSurvey(
      TableContext context,
      SelectedRows selected,
      EventSpec event,
      long groups,
      String description) {
    this.context = context;
    this.selected = selected;
    this.event = event;
    this.groups = groups;
    this.description = description;
  }

  static EventSurvey of(EventTable events, TableContext context) {
    RowTable table = events.table();
    SelectedRows selected =
        SelectedRows.of(table.input().load(context.session()), table.options(), events.orderBy());
    Optional<EventSpec> fixed = context.fixed().filter(EventSpec::variableLength);
    Optional<RowSchema> schema = fixed.flatMap(EventSpec::schema);
    SchemaSurvey.Found found =
        schema.isPresent()
            ? FixedSchema.look(context, selected, schema.get())
            : new SchemaSurvey(context, selected, table.options()).look();
    // Labels, if the dataset has some, are none of events: they do not fit.
    EventSpec event = fixed.map(e -> e.withClasses(0)).orElseGet(() -> event(found.schema()));
    if (!event.isRows() && fixed.isPresent()) {
      StepEncoder.of(event, selected.modelled()).requireKnown(found.schema());
    }
    long groups = selected.rows().select(selected.column(selected.keysAt())).distinct().count();
    List<String> fates = new ArrayList<>(found.fates());
    selected.keys().forEach(key -> fates.add(key.name() + ": group, carried as a key"));
    for (String name : selected.order().fieldNames()) {
      fates.add(name + ": order");
    }
    selected.leftOut().forEach(name -> fates.add(name + ": left out"));
    return new EventSurvey(
        context,
        selected,
        event,
        groups,
        found.rows()
            + " rows in "
            + groups
            + " sequences of "
            + (event.isRows() ? "rows" : event.isDiscrete() ? "symbols" : "real numbers")
            + "; columns:\n  "
            + String.join("\n  ", fates));
  }

  /** What a step is, by the columns. */
  private static EventSpec event(RowSchema schema) {
    RowColumn first = schema.columns().get(0);
    if (schema.columns().size() > 1 || first.type() instanceof ColumnType.Whole) {
      return EventSpec.rowSequences(schema);
    }
    List<EventSpec.Column> columns = List.of(new EventSpec.Column(first.name(), 1));
    if (first.type() instanceof ColumnType.Category category) {
      List<String> symbols = new ArrayList<>(category.vocabulary());
      if (category.otherSeen() && !symbols.contains(ColumnType.Category.OTHER)) {
        symbols.add(ColumnType.Category.OTHER);
      }
      return new EventSpec(
          List.of(1),
          new EventSpec.Discrete(Math.max(2, symbols.size())),
          true,
          0,
          symbols,
          0,
          first.nullable(),
          columns);
    }
    ColumnType.Real real = (ColumnType.Real) first.type();
    if (Math.ulp((float) real.shift()) > LEAST_ERROR * real.scale()) {
      throw new AncestralException(
          ErrorCode.DATA,
          "column '"
              + first.name()
              + "' is near "
              + real.shift()
              + " and spreads over "
              + real.scale()
              + " only, which float32 cannot hold; subtract an offset (query)");
    }
    return new EventSpec(
        List.of(1), new EventSpec.Continuous(), true, 0, List.of(), 0, first.nullable(), columns);
  }

  @Override
  public long examples() {
    return groups;
  }

  @Override
  public EventSpec event() {
    return event;
  }

  @Override
  public String largestAt() {
    return "";
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Source.Extraction extract(EventSpec fixed) {
    JavaRDD<Row> sequences =
        EventGroups.of(selected, fixed)
            .sequences(context.session(), context.tasks())
            .map(
                one ->
                    HashedExamples.row(
                        one.getAs(EventGroups.PAYLOAD),
                        Example.NONE,
                        one.getInt(EventGroups.LENGTH),
                        one.getString(EventGroups.GROUP)));
    return HashedExamples.extraction(context, sequences, fixed, selected.keys());
  }
}
