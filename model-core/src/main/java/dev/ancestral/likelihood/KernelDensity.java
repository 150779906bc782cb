package dev.ancestral.likelihood;

import dev.ancestral.model.Batch;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.LogSum;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import java.util.Arrays;

/**
 * A Gaussian kernel (Parzen window) on the decoder's mean of each of M draws of the latent:
 *
 * <p>p̂(x) = (1/M) Σ_j N(x; decode(z_j), h² I), z_j ~ N(0, I) (Breuleux, Bengio &amp; Vincent 2011;
 * Goodfellow et al. 2014, section 5).
 *
 * <p>It is the density of a mixture of M bumps, not of the model: in many dimensions it says little
 * about log p(x), and it can rank models the wrong way round (Theis, van den Oord &amp; Bethge
 * 2016, section 3.2; Wu et al. 2017). Take it as a diagnostic.
 */
public final class KernelDensity {
  private static final int AT_ONCE = 500;

  private final Engine engine;
  private final int count; // M
  private final int elements; // D
  private final float[] centers; // [M, D], minus origin
  private final float[] origin; // [D]: the mean of the centers
  private final double deviation;

  private KernelDensity(Engine engine, int elements, float[] centers) {
    this.engine = engine;
    this.elements = elements;
    this.centers = centers;
    count = centers.length / elements;
    origin = new float[elements];
    double[] sums = new double[elements];
    for (int i = 0; i < centers.length; i++) {
      sums[i % elements] += centers[i];
    }
    double squares = 0;
    for (int d = 0; d < elements; d++) {
      origin[d] = (float) (sums[d] / count);
    }
    // Distances near the origin lose the fewest digits.
    for (int i = 0; i < centers.length; i++) {
      centers[i] -= origin[i % elements];
      squares += (double) centers[i] * centers[i];
    }
    deviation = Math.sqrt(squares / centers.length);
  }

  /**
   * Kernels on draws of a decoder, over continuous events.
   *
   * @param count M
   * @param key draw j uses {@code key.fold(j)}
   */
  public static KernelDensity of(Decoder decoder, int count, RandomKey key) {
    if (count < 1) {
      throw new IllegalArgumentException("count is " + count + "; it must be at least 1");
    }
    Engine engine = decoder.engine();
    int elements = decoder.event().size();
    int latent = decoder.latentSize();
    float[] centers = new float[Math.multiplyExact(count, elements)];
    for (int first = 0; first < count; first += AT_ONCE) {
      float[] z = new float[AT_ONCE * latent]; // always as wide, as bits may depend on the width
      for (int j = 0; j < AT_ONCE; j++) {
        key.fold(first + (long) j).fillNormal(0, z, j * latent, latent);
      }
      float[] means =
          engine.inference(() -> decoder.mean(engine.constant(z, AT_ONCE, latent)).toFloats());
      int kept = Math.min(AT_ONCE, count - first);
      System.arraycopy(means, 0, centers, first * elements, kept * elements);
    }
    return new KernelDensity(engine, elements, centers);
  }

  /** The root mean square distance of an element of a center from its mean. */
  public double deviation() {
    return deviation;
  }

  /**
   * log p̂(x) in nats, [bandwidths][B].
   *
   * @param x continuous examples of fixed shape
   * @param bandwidths h, each above 0
   */
  public double[][] logDensity(Batch x, double... bandwidths) {
    LogSum[][] sums = new LogSum[bandwidths.length][x.size()];
    for (LogSum[] row : sums) {
      Arrays.setAll(row, b -> new LogSum());
    }
    for (int first = 0; first < count; first += AT_ONCE) {
      int some = Math.min(AT_ONCE, count - first);
      double[] squares = squaredDistances(x, first, some); // [B, some]
      for (int h = 0; h < bandwidths.length; h++) {
        double precision = 1 / (2 * bandwidths[h] * bandwidths[h]);
        for (int i = 0; i < squares.length; i++) {
          sums[h][i / some].add(-squares[i] * precision);
        }
      }
    }
    double[][] nats = new double[bandwidths.length][x.size()];
    for (int h = 0; h < bandwidths.length; h++) {
      double normalizer =
          Math.log(count) + 0.5 * elements * Math.log(2 * Math.PI * bandwidths[h] * bandwidths[h]);
      for (int b = 0; b < x.size(); b++) {
        nats[h][b] = sums[h][b].value() - normalizer;
      }
    }
    return nats;
  }

  /** |x_b − c_j|² = |x_b|² + |c_j|² − 2 x_b·c_j, [B, some]. */
  private double[] squaredDistances(Batch x, int first, int some) {
    float[] shifted = x.values().clone();
    for (int i = 0; i < shifted.length; i++) {
      shifted[i] -= origin[i % elements];
    }
    float[] part = Arrays.copyOfRange(centers, first * elements, (first + some) * elements);
    return engine.inference(
        () -> {
          Tensor points = engine.constant(shifted, x.size(), elements); // [B, D]
          Tensor kernels = engine.constant(part, some, elements); // [some, D]
          Tensor products = points.matmul(kernels.permute(1, 0)).mul(-2); // [B, some]
          Tensor ofPoints = points.square().sum(-1).expandDims(1); // [B, 1]
          Tensor ofKernels = kernels.square().sum(-1); // [some]
          return products.add(ofPoints).add(ofKernels).relu().toDoubles();
        });
  }
}
