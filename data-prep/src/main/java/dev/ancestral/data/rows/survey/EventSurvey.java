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
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Both passes over events. */
final class EventSurvey implements Source.Survey {
  private static final String GROUP = "group";
  private static final String STEP = "step";
  private static final int GROUP_AT = 0;
  private static final int STEP_AT = 1;
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
    StepEncoder encoder = StepEncoder.of(fixed, selected.modelled());
    int keysAt = selected.keysAt();
    int orderAt = selected.orderAt();
    int orders = selected.order().size();
    JavaRDD<Row> steps =
        selected
            .rows()
            .javaRDD()
            .map(
                row -> {
                  Object[] cells = new Object[2 + orders];
                  cells[GROUP_AT] = row.get(keysAt);
                  cells[STEP_AT] = encoder.payload(row);
                  for (int o = 0; o < orders; o++) {
                    cells[2 + o] = row.get(orderAt + o);
                  }
                  return RowFactory.create(cells);
                });
    StructType type =
        new StructType()
            .add(GROUP, DataTypes.StringType, false)
            .add(STEP, DataTypes.BinaryType, false);
    List<Column> order = new ArrayList<>(List.of(functions.col(GROUP)));
    for (int o = 0; o < orders; o++) {
      StructField field = selected.order().fields()[o];
      type = type.add("order" + o, field.dataType(), true);
      order.add(functions.col("order" + o));
    }
    order.add(functions.col(STEP));
    Dataset<Row> sorted =
        context
            .session()
            .createDataFrame(steps, type)
            .repartition(context.tasks(), functions.col(GROUP))
            .sortWithinPartitions(order.toArray(Column[]::new));
    JavaRDD<Row> sequences = sorted.javaRDD().mapPartitions(Sequences::new);
    return HashedExamples.extraction(context, sequences, fixed, selected.keys());
  }

  /** Sequences of neighbouring rows of one group. */
  private static final class Sequences implements Iterator<Row> {
    private final Iterator<Row> steps;
    private Row next;

    Sequences(Iterator<Row> steps) {
      this.steps = steps;
      next = steps.hasNext() ? steps.next() : null;
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Row next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      String group = next.getString(GROUP_AT);
      ByteArrayOutputStream payload = new ByteArrayOutputStream();
      int length = 0;
      while (next != null && next.getString(GROUP_AT).equals(group)) {
        payload.writeBytes(next.getAs(STEP_AT));
        length++;
        next = steps.hasNext() ? steps.next() : null;
      }
      return HashedExamples.row(payload.toByteArray(), Example.NONE, length, group);
    }
  }
}
