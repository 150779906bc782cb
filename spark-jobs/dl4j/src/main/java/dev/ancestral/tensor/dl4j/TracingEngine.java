package dev.ancestral.tensor.dl4j;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.NativeLimits;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorCache;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Adds tensor operations to a SameDiff graph instead of executing them: what an objective does with
 * tensors once, the graph does for every batch of the same shape.
 *
 * <p>Nothing has a value while it is traced, so scopes and caches have nothing to free, and what
 * would read numbers out of a tensor is refused. Flat vectors and bound parameters are not here
 * either: DeepLearning4J holds them.
 */
public final class TracingEngine implements Engine {
  static {
    NativeLimits.lift();
  }

  private final SameDiff graph;
  private final DataType type;

  /**
   * An engine that traces into a graph.
   *
   * @param precision of every tensor: float32 or float64
   */
  public TracingEngine(SameDiff graph, Precision precision) {
    this.graph = graph;
    this.type =
        switch (precision) {
          case FLOAT32 -> DataType.FLOAT;
          case FLOAT64 -> DataType.DOUBLE;
          case BFLOAT16 ->
              throw new AncestralException(
                  ErrorCode.SPEC,
                  "precision is bfloat16, which engine dl4j does not compute with; set precision:"
                      + " float32, or engine: torch");
        };
  }

  /** A variable of the graph as a tensor of this shape. */
  public Tensor tensor(SDVariable variable, long... shape) {
    return new TracedTensor(this, variable, shape);
  }

  /** The variable behind a tensor that was traced here. */
  public SDVariable variable(Tensor tensor) {
    return TracedTensor.variableOf(tensor);
  }

  SameDiff graph() {
    return graph;
  }

  DataType type() {
    return type;
  }

  @Override
  public Tensor constant(float[] values, long... shape) {
    return tensor(graph.constant(Nd4j.createFromArray(values).castTo(type).reshape(shape)), shape);
  }

  @Override
  public Tensor constant(double[] values, long... shape) {
    return tensor(graph.constant(Nd4j.createFromArray(values).castTo(type).reshape(shape)), shape);
  }

  @Override
  public Tensor full(double value, long... shape) {
    return tensor(
        graph.constant(
            shape.length == 0
                ? Nd4j.scalar(type, value)
                : Nd4j.valueArrayOf(shape.clone(), value, type)),
        shape);
  }

  @Override
  public <T> T scoped(Supplier<T> work) {
    return work.get();
  }

  @Override
  public <T> T inference(Supplier<T> work) {
    return work.get();
  }

  @Override
  public TensorCache cache() {
    return new TensorCache() {
      @Override
      public Tensor keep(Tensor tensor) {
        return tensor;
      }

      @Override
      public void release(Tensor tensor) {}

      @Override
      public void close() {}
    };
  }

  @Override
  public FlatVector vector(long size) {
    throw refused("a vector of parameters");
  }

  @Override
  public BoundParameters bind(ParameterLayout layout) {
    throw refused("parameters of its own");
  }

  @Override
  public ValueAndGradient gradient(Function<Tensor, Tensor> function, Tensor point) {
    throw refused("a gradient with a value");
  }

  /**
   * Always refused: nd4j's convolutions have no second derivatives, and a SameDiff graph is
   * differentiated once.
   *
   * @throws AncestralException (SPEC)
   */
  @Override
  public Tensor differentiableGradient(Function<Tensor, Tensor> function, Tensor point) {
    throw new AncestralException(
        ErrorCode.SPEC,
        "the objective holds a gradient (a gradientPenalty), which engine dl4j cannot differentiate"
            + " again: nd4j's operations have no second derivatives; set gradientPenalty: 0, or"
            + " engine: torch");
  }

  @Override
  public String description() {
    return "nd4j "
        + Nd4j.getBackend().getClass().getSimpleName()
        + ", "
        + type.name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public long memoryBytes() {
    return Pointer.physicalBytes();
  }

  @Override
  public void close() {}

  static AncestralException refused(String what) {
    return new AncestralException(
        ErrorCode.SPEC,
        "the objective asks for "
            + what
            + ", which engine dl4j does not have: it writes the objective down as a graph before"
            + " there are numbers; use engine: torch");
  }
}
