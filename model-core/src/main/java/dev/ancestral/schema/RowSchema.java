package dev.ancestral.schema;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The columns of the rows that a dataset holds and a model models. */
public final class RowSchema implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What a null is. */
  public enum Nulls {
    /** A value with a probability of its own. */
    VALUE,
    /** A value that was not observed: it is integrated out. */
    MISSING
  }

  private final List<RowColumn> columns;
  private final Nulls nulls;
  // Where each column begins among the elements, and after the last one their number.
  private final int[] begins;
  private final int hash;

  /**
   * @throws IllegalArgumentException if there is no column, or two have one name
   */
  public RowSchema(List<RowColumn> columns, Nulls nulls) {
    this.columns = List.copyOf(columns);
    this.nulls = nulls;
    begins = new int[columns.size() + 1];
    Set<String> names = new HashSet<>();
    for (int c = 0; c < columns.size(); c++) {
      begins[c + 1] = Math.addExact(begins[c], columns.get(c).type().elements());
      if (!names.add(columns.get(c).name())) {
        throw new IllegalArgumentException("two columns are named '" + columns.get(c).name() + "'");
      }
    }
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("a row has at least one column");
    }
    hash = 31 * this.columns.toString().hashCode() + nulls.name().hashCode();
  }

  /** The columns in their order. */
  public List<RowColumn> columns() {
    return columns;
  }

  /** What a null is in this data. */
  public Nulls nulls() {
    return nulls;
  }

  /** Elements of a row. */
  public int size() {
    return begins[columns.size()];
  }

  /** The first element of a column. */
  public int begin(int column) {
    return begins[column];
  }

  /** The index of the column of that name. */
  public Optional<Integer> index(String name) {
    for (int c = 0; c < columns.size(); c++) {
      if (columns.get(c).name().equals(name)) {
        return Optional.of(c);
      }
    }
    return Optional.empty();
  }

  /** Names of the columns, in their order. */
  public List<String> names() {
    return columns.stream().map(RowColumn::name).toList();
  }

  /** Whether some of its values may be unobserved. */
  public boolean missing() {
    return nulls == Nulls.MISSING && columns.stream().anyMatch(RowColumn::nullable);
  }

  /** The same columns in the order of other ones that have the same names. */
  public RowSchema arranged(List<String> names) {
    return new RowSchema(
        names.stream().map(name -> columns.get(index(name).orElseThrow())).toList(), nulls);
  }

  @Override
  public boolean equals(Object other) {
    // Batches carry the schema: the common case must not compare vocabularies.
    return this == other
        || (other instanceof RowSchema schema
            && hash == schema.hash
            && nulls == schema.nulls
            && columns.equals(schema.columns));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return columns.toString() + ", nulls " + nulls;
  }
}
