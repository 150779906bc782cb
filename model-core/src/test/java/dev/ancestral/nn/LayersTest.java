package dev.ancestral.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LayersTest {
  private final TorchEngine engine =
      TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void a_perceptron_is_its_layers_in_turn() {
    Mlp mlp = Mlp.of("net", 3, List.of(4, 2), Activation.TANH, "last", 5);
    ParameterLayout.Builder layout = ParameterLayout.builder();
    mlp.declare(layout);
    assertEquals(
        List.of(
            "net.0.weight",
            "net.0.bias",
            "net.1.weight",
            "net.1.bias",
            "net.last.weight",
            "net.last.bias"),
        layout.build().parameters().stream().map(ParameterLayout.Parameter::name).toList());
    TensorMap weights = random(layout);
    Tensor x = normal(1, 2, 3);
    Tensor h = x;
    for (int i = 0; i < 2; i++) {
      h = h.matmul(weights.get("net." + i + ".weight")).add(weights.get("net." + i + ".bias"));
      h = h.tanh();
    }
    h = h.matmul(weights.get("net.last.weight")).add(weights.get("net.last.bias"));
    assertArrayEquals(h.toDoubles(), mlp.apply(weights, x).toDoubles());
  }

  @Test
  void the_transposed_convolution_is_the_adjoint_of_the_convolution() {
    ParameterLayout.Builder layout = ParameterLayout.builder();
    Conv2d down = new Conv2d("c", 2, 3, 4, 4, 2, Initializer.he(8));
    ConvTranspose2d up = new ConvTranspose2d("c", 3, 2, 4, 2, 1);
    down.declareWeight(layout);
    TensorMap weights = random(layout);
    TensorMap transposed =
        new TensorMap(
            engine, Map.of("c.weight", weights.get("c.weight"), "c.bias", engine.full(0, 2, 1, 1)));
    Tensor x = normal(2, 1, 2, 8, 8);
    Tensor y = normal(3, 1, 3, 4, 4);
    double down2 = down.convolve(weights, x, 1, 1).mul(y).sum().item();
    double up2 = up.apply(transposed, y).mul(x).sum().item();
    assertEquals(down2, up2, 1e-10);
  }

  @Test
  void a_causal_convolution_is_the_dilated_convolution_over_time() {
    int steps = 9;
    CausalConv1d layer = new CausalConv1d("c", 2, 3, 3, 2, Initializer.he(6));
    ParameterLayout.Builder layout = ParameterLayout.builder();
    layer.declare(layout);
    TensorMap weights = random(layout);
    Tensor x = normal(4, steps, 2); // one sequence, [T, I]
    Tensor padded = x.pad(0, layer.reach(), 0);
    Tensor[] shifted = new Tensor[3];
    for (int k = 0; k < 3; k++) {
      long from = layer.reach() - 2L * k;
      shifted[k] = padded.slice(0, from, from + steps);
    }
    Tensor kernel = weights.get("c.tap.2").expandDims(2);
    for (int k = 1; k >= 0; k--) {
      kernel = kernel.concat(2, weights.get("c.tap." + k).expandDims(2)); // [I, O, K]
    }
    Tensor expected =
        x.permute(1, 0)
            .expandDims(0)
            .conv1d(kernel.permute(1, 0, 2), 2, layer.reach())
            .permute(0, 2, 1)
            .reshape(steps, 3)
            .add(weights.get("c.bias"));
    assertArrayEquals(expected.toDoubles(), layer.apply(weights, shifted).toDoubles(), 1e-12);
  }

  @Test
  void an_embedding_is_the_rows_of_its_table() {
    Embedding table = new Embedding("t", 4, 2, Initializer.zeros());
    ParameterLayout.Builder layout = ParameterLayout.builder();
    table.declare(layout);
    TensorMap weights = random(layout);
    double[] all = weights.get("t").toDoubles();
    assertArrayEquals(
        new double[] {all[6], all[7], all[2], all[3]},
        table.apply(weights, engine.constant(new double[] {3, 1}, 2)).toDoubles());
  }

  private TensorMap random(ParameterLayout.Builder layout) {
    BoundParameters parameters = engine.bind(layout.build());
    float[] values = new float[(int) parameters.values().size()];
    RandomKey.of(1).fillNormal(0, values, 0, values.length);
    parameters.values().write(0, FloatBuffer.wrap(values));
    return parameters.weights();
  }

  private Tensor normal(int seed, long... shape) {
    int size = 1;
    for (long n : shape) {
      size *= (int) n;
    }
    float[] values = new float[size];
    RandomKey.of(seed).fillNormal(0, values, 0, size);
    return engine.constant(values, shape);
  }
}
