package dev.ancestral.schema;

import java.io.Serializable;

/**
 * A column of a row.
 *
 * @param name as in the table
 * @param kind what its values are to a model
 * @param type the values, and the elements that stand for them
 * @param nullable whether the data that fixed the schema had nulls in it
 * @param sqlType the type it has in tables, as Spark writes it: {@code decimal(10,2)}
 */
public record RowColumn(
    String name, ColumnKind kind, ColumnType type, boolean nullable, String sqlType)
    implements Serializable {

  public RowColumn {
    boolean suits =
        switch (kind) {
          case CATEGORY -> type instanceof ColumnType.Category;
          case REAL -> type instanceof ColumnType.Real;
          default -> type instanceof ColumnType.Whole;
        };
    if (!suits) {
      throw new IllegalArgumentException("column '" + name + "' is " + kind + " and " + type);
    }
  }

  /** Whether a number of it has a density, not a mass. */
  public boolean isContinuous() {
    return type instanceof ColumnType.Real;
  }

  /** Writes the elements of a value; a null as NaN. */
  public void encode(Object value, float[] into, int at) {
    if (value == null) {
      into[at] = Float.NaN;
      for (int i = 1; i < type.elements(); i++) {
        into[at + i] = 0;
      }
    } else {
      type.encode(value, into, at);
    }
  }

  /** The value of elements, or null. */
  public Object decode(float[] elements, int at) {
    return Float.isNaN(elements[at]) ? null : type.decode(elements, at);
  }
}
