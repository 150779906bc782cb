package dev.ancestral.data.rows.survey;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.prepare.TableContext;
import dev.ancestral.data.rows.RowEncoder;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;

/** Looks at the rows of a later split, whose schema the first one fixed. */
final class FixedSchema {
  private FixedSchema() {}

  /**
   * Counts rows, nulls and texts that the vocabulary does not have.
   *
   * @throws AncestralException (MISMATCH) if the table has not the columns of the schema, (DATA) if
   *     it has no row, or a value that its column cannot have
   */
  static SchemaSurvey.Found look(TableContext context, SelectedRows selected, RowSchema schema) {
    RowEncoder encoder = RowEncoder.of(schema, selected.modelled());
    JavaRDD<Row> rows = selected.rows().javaRDD();
    JavaRDD<Row> coarse = rows.coalesce(context.tasks());
    int columns = schema.columns().size();
    long[] all = new long[1 + 2 * columns];
    for (long[] part : context.partitions(coarse).collect((p, some) -> counts(encoder, some))) {
      for (int i = 0; i < all.length; i++) {
        all[i] += part[i];
      }
    }
    if (all[0] == 0) {
      throw new AncestralException(ErrorCode.DATA, "the table has no row; name one that has some");
    }
    List<String> fates = new ArrayList<>();
    for (int c = 0; c < columns; c++) {
      RowColumn column = schema.columns().get(c);
      long nulls = all[1 + 2 * c];
      long others = all[2 + 2 * c];
      fates.add(
          column.name()
              + ": "
              + column.kind().text()
              + " as the dataset has it"
              + (nulls == 0 ? ", no nulls" : ", " + nulls + " nulls")
              + (others == 0 ? "" : ", " + others + " values that it does not know, as other"));
    }
    for (String name : selected.modelled().fieldNames()) {
      if (schema.names().stream().noneMatch(name::equalsIgnoreCase)) {
        fates.add(name + ": left out, for the dataset has no such column");
      }
    }
    return new SchemaSurvey.Found(schema, all[0], fates);
  }

  /** Rows, and for each column nulls and texts that are other. */
  private static long[] counts(RowEncoder encoder, Iterator<Row> rows) {
    RowSchema schema = encoder.schema();
    long[] counts = new long[1 + 2 * schema.columns().size()];
    float[] elements = new float[schema.size()];
    while (rows.hasNext()) {
      encoder.encode(rows.next(), elements, 0);
      counts[0]++;
      for (int c = 0; c < schema.columns().size(); c++) {
        float first = elements[schema.begin(c)];
        if (Float.isNaN(first)) {
          counts[1 + 2 * c]++;
        } else if (schema.columns().get(c).type() instanceof ColumnType.Category category
            && first == category.other()) {
          counts[2 + 2 * c]++;
        }
      }
    }
    return counts;
  }
}
