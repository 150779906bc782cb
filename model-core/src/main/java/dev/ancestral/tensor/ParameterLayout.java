package dev.ancestral.tensor;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.random.RandomKey;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where each named parameter lies in the one flat vector, and how it starts.
 *
 * @param parameters in the order of the flat vector, without gaps
 */
public record ParameterLayout(List<Parameter> parameters) {
  /** Most parameters of a layout. */
  public static final int MOST_PARAMETERS = 100_000;

  /**
   * A named window of the flat vector.
   *
   * @param name unique; dots group, as in {@code encoder.0.weight}
   * @param shape row-major
   * @param offset of the first element in the flat vector
   * @param initial how the elements start
   */
  public record Parameter(String name, List<Long> shape, long offset, Initializer initial) {
    public Parameter {
      shape = List.copyOf(shape);
    }

    public long size() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }

    public long[] dimensions() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }
  }

  /** How the elements of a parameter start: a function of its key, so the same in every process. */
  public sealed interface Initializer {

    /** Writes elements {@code first} to {@code first + count − 1} of the parameter. */
    void fill(RandomKey key, long first, float[] into, int count);

    /** Every element has this value. */
    record Constant(double value) implements Initializer {
      @Override
      public void fill(RandomKey key, long first, float[] into, int count) {
        Arrays.fill(into, 0, count, (float) value);
      }
    }

    /** Uniform on [−bound, bound). */
    record Uniform(double bound) implements Initializer {
      @Override
      public void fill(RandomKey key, long first, float[] into, int count) {
        key.fillUniform(first, into, 0, count);
        for (int i = 0; i < count; i++) {
          into[i] = (float) ((2.0 * into[i] - 1.0) * bound);
        }
      }
    }

    /** Normal with mean zero. */
    record Normal(double standardDeviation) implements Initializer {
      @Override
      public void fill(RandomKey key, long first, float[] into, int count) {
        key.fillNormal(first, into, 0, count);
        for (int i = 0; i < count; i++) {
          into[i] = (float) (into[i] * standardDeviation);
        }
      }
    }

    /** Zero everywhere. */
    static Initializer zeros() {
      return new Constant(0);
    }

    /** Uniform with bound √(6 / (fanIn + fanOut)) (Glorot &amp; Bengio 2010, eq. 16). */
    static Initializer glorot(long fanIn, long fanOut) {
      return new Uniform(Math.sqrt(6.0 / (fanIn + fanOut)));
    }

    /** Normal with standard deviation √(2 / fanIn) (He et al. 2015, eq. 10). */
    static Initializer he(long fanIn) {
      return new Normal(Math.sqrt(2.0 / fanIn));
    }
  }

  public ParameterLayout {
    parameters = List.copyOf(parameters);
    Set<String> names = new HashSet<>();
    long offset = 0;
    for (Parameter parameter : parameters) {
      if (!names.add(parameter.name())) {
        throw new IllegalArgumentException("two parameters are named '" + parameter.name() + "'");
      }
      if (parameter.offset() != offset) {
        throw new IllegalArgumentException(
            "parameter '"
                + parameter.name()
                + "' starts at "
                + parameter.offset()
                + " but the one before ends at "
                + offset);
      }
      offset += parameter.size();
    }
  }

  /** The length of the flat vector. */
  public long size() {
    return parameters.isEmpty()
        ? 0
        : parameters.get(parameters.size() - 1).offset()
            + parameters.get(parameters.size() - 1).size();
  }

  /**
   * The parameter of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Parameter parameter(String name) {
    return parameters.stream()
        .filter(p -> p.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no parameter is named '"
                        + name
                        + "'; there are "
                        + parameters.stream().map(Parameter::name).toList()));
  }

  /** Where values go: the elements from {@code offset} on. */
  @FunctionalInterface
  public interface Sink {
    void write(long offset, FloatBuffer from);
  }

  /**
   * Writes the starting values; element i of a parameter depends on key, name order and i alone.
   */
  public void initialize(RandomKey key, FlatVector into) {
    initialize(key, into::write);
  }

  /** As {@link #initialize(RandomKey, FlatVector)}, to wherever the values are kept. */
  public void initialize(RandomKey key, Sink into) {
    int index = 0;
    for (Parameter parameter : parameters) {
      RandomKey own = key.fold(index++);
      float[] chunk = new float[(int) Math.min(parameter.size(), 1 << 20)];
      for (long from = 0; from < parameter.size(); from += chunk.length) {
        int n = (int) Math.min(chunk.length, parameter.size() - from);
        parameter.initial().fill(own, from, chunk, n);
        into.write(parameter.offset() + from, FloatBuffer.wrap(chunk, 0, n));
      }
    }
  }

  /** Starts a layout. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects parameters in the order of the flat vector. */
  public static final class Builder {
    private final List<Parameter> parameters = new ArrayList<>();
    private long offset;

    /**
     * Appends a parameter.
     *
     * @throws AncestralException (SPEC) if there are {@value #MOST_PARAMETERS} before it, or the
     *     vector would be longer than 2⁶³ − 1: sizes may come from a file that is not trusted
     */
    public Builder add(String name, Initializer initial, long... shape) {
      List<Long> dimensions = new ArrayList<>();
      for (long n : shape) {
        if (n < 1) {
          throw new IllegalArgumentException(
              "parameter '" + name + "' has an axis of size " + n + "; sizes are at least 1");
        }
        dimensions.add(n);
      }
      if (parameters.size() == MOST_PARAMETERS) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "the network has more than "
                + MOST_PARAMETERS
                + " parameters, the last of which is '"
                + name
                + "'; take fewer layers");
      }
      Parameter parameter = new Parameter(name, dimensions, offset, initial);
      try {
        offset = Math.addExact(offset, parameter.size());
      } catch (ArithmeticException beyond) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "parameter '"
                + name
                + "' of shape "
                + dimensions
                + " makes the network larger than any memory; take smaller sizes",
            beyond);
      }
      parameters.add(parameter);
      return this;
    }

    public ParameterLayout build() {
      return new ParameterLayout(parameters);
    }
  }
}
