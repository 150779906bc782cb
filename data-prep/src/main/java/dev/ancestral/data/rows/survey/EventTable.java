package dev.ancestral.data.rows.survey;

import dev.ancestral.data.Storage;
import dev.ancestral.data.prepare.TableContext;
import dev.ancestral.data.rows.InputFailure;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceContext;
import java.util.List;

/**
 * Events of a table as sequences: one for each group of rows, in an order.
 *
 * <p>Rows of one place in the order are put into that of their contents, so a sequence does not
 * depend on how its rows lie in files; nulls of the order come first. Time that passes between rows
 * is no step: what is to be learned of it must be a column. The columns of the group are the keys
 * of the sequence.
 *
 * <p>One column of texts makes sequences of symbols, one of real numbers sequences of real numbers,
 * anything else sequences of rows.
 *
 * @param table the rows, with the columns of the group as keys
 * @param orderBy columns of the order, the first one first
 */
record EventTable(RowTable table, List<String> orderBy) implements Source {
  private static final long serialVersionUID = 1L;

  EventTable {
    orderBy = List.copyOf(orderBy);
  }

  @Override
  public boolean readsFiles() {
    return table.readsFiles();
  }

  @Override
  public String extraInputs(Storage storage) {
    return table.extraInputs(storage);
  }

  @Override
  public String contents(SourceContext context) {
    return table.contents(context);
  }

  @Override
  public Survey survey(SourceContext context) {
    try {
      return EventSurvey.of(this, (TableContext) context);
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare.
      throw InputFailure.of(table.input(), e);
    }
  }

  @Override
  public String toString() {
    return "events in the order of " + orderBy + ", " + table;
  }
}
