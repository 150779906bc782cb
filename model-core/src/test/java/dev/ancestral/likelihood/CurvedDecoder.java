package dev.ancestral.likelihood;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.LogSum;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.model.vae.Vae;
import dev.ancestral.model.vae.Vae.VaeFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.torch.TorchEngine;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/** A VAE with one latent and a hidden layer of random weights: log p(x) by quadrature (float64). */
final class CurvedDecoder implements AutoCloseable {
  private static final int D = 3;
  private static final int POINTS = 4001;
  private static final double WIDTH = 8;

  private final TorchEngine engine =
      TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));
  private final GenerativeModel model;

  CurvedDecoder(long seed) {
    Vae vae =
        (Vae)
            new VaeFamily()
                .define(
                    Settings.of(Map.of("hidden", List.of(4), "latent", 1)),
                    EventSpec.continuous(D));
    BoundParameters parameters = engine.bind(vae.parameters());
    float[] normal = new float[(int) parameters.layout().size()];
    RandomKey.of(seed).fillNormal(0, normal, 0, normal.length);
    parameters.values().write(0, FloatBuffer.wrap(normal));
    model = NetworkModel.bind(vae, parameters);
  }

  Decoder decoder() {
    return ((DecoderModel) model).decoder();
  }

  /** log ∫ N(z; 0, 1) p(x | z) dz by the trapezoid rule on [−8, 8]. */
  double[] logProb(Batch x) {
    double step = 2 * WIDTH / (POINTS - 1);
    double[] nats = new double[x.size()];
    for (int n = 0; n < nats.length; n++) {
      double[] grid = new double[POINTS];
      for (int i = 0; i < POINTS; i++) {
        grid[i] = -WIDTH + i * step;
      }
      double[] observed = new double[D];
      for (int d = 0; d < D; d++) {
        observed[d] = x.values()[n * D + d];
      }
      double[] likelihood =
          engine.inference(
              () -> {
                Tensor one = engine.constant(observed, 1, D);
                return decoder()
                    .logLikelihood(one, engine.constant(grid, POINTS, 1, 1))
                    .toDoubles();
              });
      LogSum sum = new LogSum();
      for (int i = 0; i < POINTS; i++) {
        sum.add(likelihood[i] - 0.5 * grid[i] * grid[i]);
      }
      nats[n] = sum.value() + Math.log(step) - 0.5 * Math.log(2 * Math.PI);
    }
    return nats;
  }

  @Override
  public void close() {
    model.close();
    engine.close();
  }
}
