package dev.ancestral.model.pixelcnn;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.List;

/** The sampler without caches: the whole network over the whole image for every pixel. */
final class NaiveLoop {
  private final PixelCnn network;

  NaiveLoop(PixelCnn network) {
    this.network = network;
  }

  /**
   * As {@link PixelCnn#sample} with the same noise, [B, H, W, n] → [B, H, W, K] in row-major order.
   */
  float[] sample(TensorMap weights, Tensor uniform, Tensor label, double temperature) {
    List<Integer> shape = network.event().shape();
    int height = shape.get(0);
    int across = shape.get(1);
    int channels = shape.size() == 3 ? shape.get(2) : 1;
    int batch = Math.toIntExact(uniform.shape()[0]);
    Engine engine = weights.engine();
    float[] x = new float[batch * height * across * channels];
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < across; column++) {
        int y = row;
        int at = column;
        float[] drawn =
            engine.inference(
                () -> {
                  Tensor image = network.image(engine.constant(x, batch, height, across, channels));
                  Tensor features = network.features(weights, image, label); // [B, C, H, W]
                  return network
                      .samplePixel(
                          weights,
                          features.slice(2, y, y + 1).slice(3, at, at + 1),
                          uniform,
                          y,
                          at,
                          temperature)
                      .permute(0, 2, 3, 1)
                      .toFloats(); // [B, K]
                });
        for (int b = 0; b < batch; b++) {
          System.arraycopy(
              drawn, b * channels, x, ((b * height + row) * across + column) * channels, channels);
        }
      }
    }
    return x;
  }
}
