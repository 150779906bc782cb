package dev.ancestral.data.rows.survey;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Example;
import dev.ancestral.data.rows.RowMessages;
import dev.ancestral.data.rows.Values;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.sql.Row;

/**
 * Classes by the texts of a column: whole numbers up to six digits stand for themselves; if any is
 * something else, all are names, numbered in their order.
 *
 * @param column that they are of; empty without labels
 * @param names of the classes, sorted; empty where they are numbers
 * @param classes how many there are; 0 without labels
 */
record RowLabels(String column, List<String> names, int classes) implements Serializable {
  private static final long serialVersionUID = 1L;

  RowLabels {
    names = List.copyOf(names);
  }

  /**
   * The classes of a table.
   *
   * @param name of the column of labels, for messages
   * @throws AncestralException (DATA) if a row has none, or there are more than a million
   */
  static RowLabels of(SelectedRows selected, String name) {
    if (selected.label().isEmpty()) {
      return new RowLabels("", List.of(), 0);
    }
    Values values = selected.label().get();
    TreeSet<String> texts = new TreeSet<>();
    for (Row row :
        selected
            .rows()
            .select(selected.column(selected.labelAt()))
            .distinct()
            .limit(EventSpec.MOST_CLASSES + 1)
            .collectAsList()) {
      Object text = row.isNullAt(0) ? null : values.value(row.get(0));
      if (text == null) {
        throw new AncestralException(
            ErrorCode.DATA,
            "column '"
                + name
                + "' is the label, and is null in some rows; leave them out (query), or model the"
                + " column as others");
      }
      texts.add((String) text);
    }
    if (texts.size() > EventSpec.MOST_CLASSES) {
      throw new AncestralException(
          ErrorCode.DATA,
          "column '"
              + name
              + "' is the label, and has more than "
              + EventSpec.MOST_CLASSES
              + " different values; name another");
    }
    if (texts.stream().allMatch(text -> text.matches("\\d{1,6}"))) {
      int largest = texts.stream().mapToInt(Integer::parseInt).max().orElse(Example.NONE);
      return new RowLabels(name, List.of(), largest + 1);
    }
    return new RowLabels(name, List.copyOf(texts), texts.size());
  }

  /** The class of a text that this was made of. */
  int of(String text) {
    return names.isEmpty() ? Integer.parseInt(text) : Collections.binarySearch(names, text);
  }

  /** For the user. */
  String shown() {
    return names.isEmpty() ? ", by number" : " " + RowMessages.abbreviated(names);
  }
}
