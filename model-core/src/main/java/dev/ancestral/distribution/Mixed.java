package dev.ancestral.distribution;

import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A row whose columns are independent, each of a distribution that suits its values: p(x) = Π_c
 * p_c(x_c). A sum of masses and densities in the data's own units.
 *
 * <p>Parameters, values and noise are those of the columns side by side; axes of size 1 stay:
 * parameters [.., P], values [.., E], noise [.., U], all of it uniform. The leading axes of the
 * values may be fewer than those of the parameters.
 *
 * @param columns one a column, in its order
 */
public record Mixed(List<ColumnDistribution> columns) implements Distribution {
  public Mixed {
    columns = List.copyOf(columns);
  }

  /** The distributions that suit the columns of a schema. */
  public static Mixed of(RowSchema schema) {
    return new Mixed(
        schema.columns().stream()
            .map(column -> ColumnDistribution.of(column, schema.nulls()))
            .toList());
  }

  @Override
  public int parametersPerElement() {
    return columns.stream()
        .mapToInt(ColumnDistribution::parametersPerElement)
        .reduce(0, Math::addExact);
  }

  @Override
  public int noisePerElement() {
    return columns.stream().mapToInt(ColumnDistribution::noisePerElement).sum();
  }

  /** The sum of {@link #logProbs}, [..]. */
  @Override
  public Tensor logProb(Tensor parameters, Tensor x) {
    return logProbs(parameters, x).stream().reduce(Tensor::add).orElseThrow();
  }

  /** log p_c(x_c) of each column, [..]. */
  public List<Tensor> logProbs(Tensor parameters, Tensor x) {
    List<Tensor> result = new ArrayList<>();
    long parameter = 0;
    long element = 0;
    for (ColumnDistribution column : columns) {
      long nextParameter = parameter + column.parametersPerElement();
      long nextElement = element + column.elements();
      result.add(
          column.logProb(
              parameters.slice(-1, parameter, nextParameter), x.slice(-1, element, nextElement)));
      parameter = nextParameter;
      element = nextElement;
    }
    return result;
  }

  @Override
  public Tensor sample(Tensor parameters, Tensor uniform, double temperature) {
    List<Tensor> drawn = new ArrayList<>();
    long parameter = 0;
    long number = 0;
    for (ColumnDistribution column : columns) {
      long nextParameter = parameter + column.parametersPerElement();
      long nextNumber = number + column.noisePerElement();
      drawn.add(
          column.sample(
              parameters.slice(-1, parameter, nextParameter),
              uniform.slice(-1, number, nextNumber),
              temperature));
      parameter = nextParameter;
      number = nextNumber;
    }
    return row(drawn); // [.., E]
  }

  /** The most probable codes and bins, and the means of real numbers: [.., P] → [.., E]. */
  public Tensor center(Tensor parameters) {
    List<Tensor> centers = new ArrayList<>();
    long parameter = 0;
    for (ColumnDistribution column : columns) {
      long next = parameter + column.parametersPerElement();
      centers.add(column.center(parameters.slice(-1, parameter, next)));
      parameter = next;
    }
    return row(centers); // [.., E]
  }

  private static Tensor row(List<Tensor> columns) {
    return columns.get(0).concat(-1, columns.subList(1, columns.size()).toArray(Tensor[]::new));
  }
}
