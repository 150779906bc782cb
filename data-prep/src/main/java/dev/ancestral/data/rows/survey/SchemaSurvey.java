package dev.ancestral.data.rows.survey;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.prepare.TableContext;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/**
 * Decides what the columns of a table are, by their types and by one pass over their values; those
 * of many different values take a shuffle more. Nothing of it depends on how rows lie in files or
 * partitions.
 */
final class SchemaSurvey {
  private static final int MOST_FEW = 256;
  private static final long LEAST_ROWS_OF_UNLIKE = 1000;
  private static final String ZONED = ".*(Z|[+-][0-9]{2}:?[0-9]{2})$";

  private final TableContext context;
  private final RowOptions options;
  private final JavaRDD<Row> rows;
  private final List<PlannedColumn> columns = new ArrayList<>();

  SchemaSurvey(TableContext context, SelectedRows selected, RowOptions options) {
    this.context = context;
    this.options = options;
    rows = selected.rows().javaRDD();
    for (StructField field : selected.modelled().fields()) {
      String said = options.kinds().get(field.name());
      boolean zoned =
          "timestamp".equals(said)
              && field.dataType() instanceof StringType
              && !selected.rows().filter(selected.column(columns.size()).rlike(ZONED)).isEmpty();
      columns.add(PlannedColumn.of(field, said, zoned));
    }
  }

  /**
   * What was found.
   *
   * @param rows how many there are
   * @param fates what became of each column, for the user
   */
  record Found(RowSchema schema, long rows, List<String> fates) {}

  /** Of one partition, or of all. */
  private static final class Summaries implements Serializable {
    private static final long serialVersionUID = 1L;
    private final ArrayList<ColumnSummary> columns = new ArrayList<>();
    private long rows;

    Summaries(List<PlannedColumn> planned) {
      planned.forEach(column -> columns.add(column.summary()));
    }

    void merge(Summaries other) {
      rows += other.rows;
      for (int c = 0; c < columns.size(); c++) {
        columns.get(c).merge(other.columns.get(c));
      }
    }
  }

  /**
   * Looks at all rows.
   *
   * @throws AncestralException (DATA) if there is none, or a column has a value that it cannot have
   */
  Found look() {
    List<PlannedColumn> planned = columns;
    Summaries all = new Summaries(planned);
    // Few results, for they are merged on the driver.
    JavaRDD<Row> coarse = rows.coalesce(context.tasks());
    context.partitions(coarse).collect((p, some) -> look(planned, some)).forEach(all::merge);
    if (all.rows == 0) {
      throw new AncestralException(ErrorCode.DATA, "the table has no row; name one that has some");
    }
    List<RowColumn> found = new ArrayList<>();
    List<String> fates = new ArrayList<>();
    for (int c = 0; c < planned.size(); c++) {
      ColumnSummary summary = all.columns.get(c);
      if (summary.values() == 0) {
        throw new AncestralException(
            ErrorCode.DATA,
            "column '" + planned.get(c).name() + "' has no value in any row; leave it out (drop)");
      }
      Decision decision = decide(c, summary);
      found.add(decision.column());
      fates.add(decision.fate() + nulls(summary));
    }
    return new Found(new RowSchema(found, options.nulls()), all.rows, fates);
  }

  private static String nulls(ColumnSummary summary) {
    return summary.nulls() == 0 ? ", no nulls" : ", " + summary.nulls() + " nulls";
  }

  private static Summaries look(List<PlannedColumn> columns, Iterator<Row> rows) {
    Summaries summaries = new Summaries(columns);
    while (rows.hasNext()) {
      Row row = rows.next();
      summaries.rows++;
      for (int c = 0; c < columns.size(); c++) {
        Object cell = row.get(c);
        summaries.columns.get(c).add(cell == null ? null : columns.get(c).values().value(cell));
      }
    }
    return summaries;
  }

  private record Decision(RowColumn column, String fate) {}

  private Decision decide(int index, ColumnSummary summary) {
    PlannedColumn column = columns.get(index);
    if (summary instanceof ColumnSummary.Texts texts) {
      return category(column, texts.values(), texts.nulls(), texts(index, column, texts));
    }
    if (summary instanceof ColumnSummary.Reals reals) {
      RealScale scale = reals.scale();
      return decision(
          column,
          ColumnKind.REAL,
          scale.type(),
          reals.nulls(),
          "real, from " + reals.least() + " to " + reals.greatest());
    }
    ColumnSummary.Wholes wholes = (ColumnSummary.Wholes) summary;
    Map<Long, Long> counts = wholes.counts().counts();
    if (column.maybeCategory() && counts != null && counts.size() <= MOST_FEW) {
      Map<String, Long> texts = new HashMap<>();
      counts.forEach((value, count) -> texts.put(value.toString(), count));
      return category(column, wholes.values(), wholes.nulls(), sorted(texts));
    }
    return whole(index, column, wholes);
  }

  private static Decision decision(
      PlannedColumn column, ColumnKind kind, ColumnType type, long nulls, String fate) {
    return new Decision(
        new RowColumn(column.name(), kind, type, nulls > 0, column.sqlType()),
        column.name() + ": " + fate);
  }

  private Decision whole(int index, PlannedColumn column, ColumnSummary.Wholes wholes) {
    long step = column.kind() == ColumnKind.TIMESTAMP ? wholes.microStep() : 1;
    long greatest = wholes.greatest();
    if (greatest > Long.MAX_VALUE - step) {
      throw new AncestralException(
          ErrorCode.DATA,
          "column '"
              + column.name()
              + "' reaches "
              + greatest
              + ", the end of what 64 bits hold; make it real numbers (column "
              + column.name()
              + "=real), or leave it out (drop)");
    }
    List<Long> edges;
    Map<Long, Long> counts = wholes.counts().counts();
    if (counts == null) {
      PlannedColumn planned = column;
      JavaRDD<Long> values =
          rows.filter(row -> !row.isNullAt(index))
              .map(row -> (Long) planned.values().value(row.get(index)))
              .filter(value -> value != null);
      edges = LargeCounts.edges(context, values, wholes.values(), step, greatest);
    } else {
      BinEdges bins = new BinEdges(wholes.values(), step);
      long before = 0;
      for (Map.Entry<Long, Long> value : new TreeMap<>(counts).entrySet()) {
        bins.add(value.getKey(), before, value.getValue());
        before += value.getValue();
      }
      edges = bins.edges(greatest);
    }
    ColumnType.Whole type = new ColumnType.Whole(wholes.least(), greatest, step, edges);
    RowColumn found =
        new RowColumn(column.name(), column.kind(), type, wholes.nulls() > 0, column.sqlType());
    return new Decision(
        found,
        column.name()
            + ": "
            + column.kind().text()
            + ", from "
            + Shown.of(found, wholes.least())
            + " to "
            + Shown.of(found, greatest)
            + Shown.step(found)
            + " in "
            + (edges.size() - 1)
            + " bins");
  }

  private LargeCounts.Texts texts(int index, PlannedColumn column, ColumnSummary.Texts texts) {
    if (!texts.counts().isOver()) {
      return sorted(texts.counts().counts());
    }
    JavaRDD<String> values =
        rows.filter(row -> !row.isNullAt(index))
            .map(row -> (String) column.values().value(row.get(index)))
            .filter(value -> value != null);
    return LargeCounts.texts(context, values, options.vocabulary());
  }

  private static LargeCounts.Texts sorted(Map<String, Long> counts) {
    List<LargeCounts.CountedText> all = new ArrayList<>();
    counts.forEach((text, count) -> all.add(new LargeCounts.CountedText(text, count)));
    return new LargeCounts.Texts(all, all.size());
  }

  private Decision category(
      PlannedColumn column, long values, long nulls, LargeCounts.Texts texts) {
    if (column.refusedIfUnlike()
        && values > LEAST_ROWS_OF_UNLIKE
        && 2 * texts.different() > values) {
      throw new AncestralException(
          ErrorCode.DATA,
          "column '"
              + column.name()
              + "' has "
              + texts.different()
              + " different texts in "
              + values
              + " rows; carry it (key), leave it out (drop), or say that it is a category (column "
              + column.name()
              + "=category)");
    }
    List<LargeCounts.CountedText> all = new ArrayList<>(texts.top());
    all.sort(
        Comparator.comparingLong(LargeCounts.CountedText::count)
            .reversed()
            .thenComparing(LargeCounts.CountedText::text));
    List<LargeCounts.CountedText> kept = all.subList(0, Math.min(all.size(), options.vocabulary()));
    boolean other = texts.different() > kept.size();
    ColumnType.Category type =
        new ColumnType.Category(kept.stream().map(LargeCounts.CountedText::text).toList(), other);
    return decision(
        column,
        ColumnKind.CATEGORY,
        type,
        nulls,
        "category of "
            + kept.size()
            + (kept.size() == 1 ? " level" : " levels")
            + (other ? " and " + (texts.different() - kept.size()) + " rarer ones as other" : "")
            + ", such as "
            + Shown.quoted(kept.get(0).text()));
  }
}
