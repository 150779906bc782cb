package dev.ancestral.tensor.torch;

import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Named leaves of autograd that are windows of one vector of values, and whose gradients are the
 * same windows of one vector of gradients.
 *
 * <p>A leaf is {@code flat.narrow(0, offset, n).view(shape).detach()}: without {@code detach} it
 * would be a view of the flat vector, and every backward pass would scatter into vectors of full
 * length. Its gradient is set beforehand, so that autograd accumulates into the window in place.
 */
final class TorchParameters implements BoundParameters {
  private final TorchEngine engine;
  private final ParameterLayout layout;
  private final TorchVector values;
  private final TorchVector gradient;
  private final List<org.bytedeco.pytorch.Tensor> leaves = new ArrayList<>();
  private final TensorMap weights;

  TorchParameters(TorchEngine engine, ParameterLayout layout) {
    this.engine = engine;
    this.layout = layout;
    values = engine.vector(layout.size());
    gradient = engine.vector(layout.size());
    Map<String, Tensor> byName = new LinkedHashMap<>();
    engine.within(
        true,
        () -> {
          for (ParameterLayout.Parameter parameter : layout.parameters()) {
            org.bytedeco.pytorch.Tensor leaf =
                engine.own(window(values, parameter).detach().requires_grad_(true));
            leaf.mutable_grad().put(window(gradient, parameter));
            leaves.add(leaf);
            byName.put(parameter.name(), new TorchTensor(engine, leaf));
          }
          return null;
        });
    weights = new TensorMap(engine, byName);
  }

  private static org.bytedeco.pytorch.Tensor window(
      TorchVector vector, ParameterLayout.Parameter parameter) {
    return vector
        .data()
        .narrow(0, parameter.offset(), parameter.size())
        .view(parameter.dimensions());
  }

  @Override
  public ParameterLayout layout() {
    return layout;
  }

  @Override
  public FlatVector values() {
    return values;
  }

  @Override
  public FlatVector gradient() {
    return gradient;
  }

  @Override
  public TensorMap weights() {
    return weights;
  }

  @Override
  public double differentiate(Function<TensorMap, Tensor> scalar) {
    return engine.within(
        true,
        () -> {
          org.bytedeco.pytorch.Tensor value = TorchTensor.nativeOf(scalar.apply(weights));
          if (value.numel() != 1 || !value.requires_grad()) {
            throw new IllegalArgumentException(
                "only a scalar that depends on the parameters can be differentiated; this has "
                    + value.numel()
                    + " elements");
          }
          gradient.data().zero_();
          value.backward();
          return value.item_double();
        });
  }

  @Override
  public void close() {
    leaves.forEach(engine::free);
    leaves.clear();
    values.close();
    gradient.close();
  }
}
