package dev.ancestral.model.network;

import dev.ancestral.distribution.WholeDistribution;
import dev.ancestral.nn.Embedding;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a network sees of rows, [B, E] → [B, F], all of it of the size of standard normal numbers:
 *
 * <ul>
 *   <li>of a category its row of a learned table, of at most {@value #CATEGORY_WIDTH} numbers
 *   <li>of a whole number its standard value, and the row that its bin has in a learned table, of
 *       at most {@value #BIN_WIDTH} numbers
 *   <li>of a real number its standard value
 *   <li>of a column with nulls besides whether the value is one; all else of a null is 0
 * </ul>
 *
 * <p>Standard values are kept within ±{@value #FARTHEST}, so that a number far from all others does
 * not drown the rest.
 *
 * <p>Parameters: {@code name.COLUMN} [symbols, width] of categories and whole numbers.
 */
public final class RowFeatures {
  private static final int CATEGORY_WIDTH = 16;
  private static final int BIN_WIDTH = 8;
  private static final double FARTHEST = 10;
  private static final Initializer STANDARD = new Initializer.Normal(1);

  private final List<Column> columns;
  private final int width;

  /**
   * The features of such rows.
   *
   * @param name the start of all parameters' names
   */
  public RowFeatures(String name, RowSchema schema) {
    List<Column> all = new ArrayList<>();
    int features = 0;
    for (int c = 0; c < schema.columns().size(); c++) {
      RowColumn column = schema.columns().get(c);
      Value value = value(name + "." + column.name(), column.type());
      all.add(
          new Column(
              schema.begin(c), column.type().elements(), value, column.nullable(), features));
      features = Math.addExact(features, all.get(c).width());
    }
    columns = List.copyOf(all);
    width = features;
  }

  /** F. */
  public int width() {
    return width;
  }

  /** Appends the parameters. */
  public void declare(ParameterLayout.Builder layout) {
    columns.forEach(column -> column.value.declare(layout));
  }

  /** The features of rows. */
  public Tensor apply(TensorMap weights, Tensor x) {
    List<Tensor> features = new ArrayList<>();
    for (Column column : columns) {
      Tensor own = x.slice(-1, column.begin, column.begin + (long) column.elements); // [B, e]
      Tensor observed = own.slice(-1, 0, 1).greater(Double.NEGATIVE_INFINITY); // [B, 1]
      // A null of a column without nulls has no feature to tell of it.
      features.add(column.value.of(weights, own.withoutNaN(0)).mul(observed));
      if (column.nullable) {
        features.add(observed.neg().add(1));
      }
    }
    return features
        .get(0)
        .concat(-1, features.subList(1, features.size()).toArray(Tensor[]::new)); // [B, F]
  }

  /** A number for each column, [B, C], for all features of the column, [B, F]. */
  public Tensor spread(Tensor ofColumns) {
    float[] columnOf = new float[columns.size() * width];
    for (int c = 0; c < columns.size(); c++) {
      int from = c * width + columns.get(c).feature;
      Arrays.fill(columnOf, from, from + columns.get(c).width(), 1);
    }
    return ofColumns.matmul(ofColumns.engine().constant(columnOf, columns.size(), width));
  }

  private static Value value(String name, ColumnType type) {
    if (type instanceof ColumnType.Category category) {
      int codes = category.codes();
      return new Code(new Embedding(name, codes, Math.min(codes, CATEGORY_WIDTH), STANDARD));
    }
    if (type instanceof ColumnType.Whole whole) {
      WholeDistribution histogram = new WholeDistribution(whole);
      int cells = histogram.cells();
      return new Whole(
          histogram,
          Standard.of(whole),
          new Embedding(name, cells, Math.min(cells, BIN_WIDTH), STANDARD));
    }
    return new Real();
  }

  /**
   * A column.
   *
   * @param begin its first element
   * @param feature its first feature
   */
  private record Column(int begin, int elements, Value value, boolean nullable, int feature) {
    int width() {
      return value.width() + (nullable ? 1 : 0);
    }
  }

  /** What is seen of a value that is not null: its elements [B, e] → [B, width]. */
  private sealed interface Value {
    int width();

    void declare(ParameterLayout.Builder layout);

    Tensor of(TensorMap weights, Tensor elements);
  }

  private record Code(Embedding table) implements Value {
    @Override
    public int width() {
      return Math.toIntExact(table.width());
    }

    @Override
    public void declare(ParameterLayout.Builder layout) {
      table.declare(layout);
    }

    @Override
    public Tensor of(TensorMap weights, Tensor elements) {
      return table.apply(weights, elements.reshape(-1));
    }
  }

  private record Whole(WholeDistribution histogram, Standard standard, Embedding table)
      implements Value {
    @Override
    public int width() {
      return 1 + Math.toIntExact(table.width());
    }

    @Override
    public void declare(ParameterLayout.Builder layout) {
      table.declare(layout);
    }

    @Override
    public Tensor of(TensorMap weights, Tensor elements) {
      Tensor bin = table.apply(weights, histogram.cell(elements)); // [B, width − 1]
      return standard.of(elements).concat(-1, bin);
    }
  }

  private record Real() implements Value {
    @Override
    public int width() {
      return 1;
    }

    @Override
    public void declare(ParameterLayout.Builder layout) {}

    @Override
    public Tensor of(TensorMap weights, Tensor elements) {
      return elements.slice(-1, 0, 1).clamp(-FARTHEST, FARTHEST);
    }
  }

  /** (steps − mean) / deviation of a histogram whose bins hold as many values each. */
  private record Standard(double mean, double deviation) {
    static Standard of(ColumnType.Whole type) {
      int bins = type.edges().size() - 1;
      double mean = 0;
      double squares = 0;
      for (int bin = 0; bin < bins; bin++) {
        double first = type.steps(type.edges().get(bin));
        double count = type.steps(type.edges().get(bin + 1)) - first;
        double middle = first + (count - 1) / 2;
        mean += middle / bins;
        squares += (middle * middle + (count * count - 1) / 12) / bins;
      }
      return new Standard(mean, Math.sqrt(Math.max(1, squares - mean * mean)));
    }

    Tensor of(Tensor digits) {
      int count = Math.toIntExact(digits.shape()[1]);
      double[] weights = new double[count];
      for (int d = 0; d < count; d++) {
        weights[d] = Math.scalb(1 / deviation, 24 * (count - 1 - d));
      }
      Tensor standard = digits.mul(digits.engine().constant(weights, count)).sum(-1); // [B]
      return standard.add(-mean / deviation).clamp(-FARTHEST, FARTHEST).expandDims(-1); // [B, 1]
    }
  }
}
