package dev.ancestral.likelihood;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.model.vae.Vae;
import dev.ancestral.model.vae.Vae.VaeFamily;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.torch.TorchEngine;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/** A VAE without hidden layers: x ~ N(b, WᵀW + v I), whose log p(x) is known (float64). */
final class LinearGaussian implements AutoCloseable {
  final double[][] w; // [L, D]
  final double[] b; // [D]
  final double v;

  private final TorchEngine engine =
      TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));
  private final GenerativeModel model;

  LinearGaussian(double[][] w, double[] b, double v) {
    this.w = w;
    this.b = b;
    this.v = v;
    Vae vae =
        (Vae)
            new VaeFamily()
                .define(
                    Settings.of(Map.of("hidden", List.of(), "latent", w.length)),
                    EventSpec.continuous(b.length));
    BoundParameters parameters = engine.bind(vae.parameters());
    for (int l = 0; l < w.length; l++) {
      write(parameters, "decoder.observation.weight", l * b.length, w[l]);
    }
    write(parameters, "decoder.observation.bias", 0, b);
    write(parameters, "decoder.logVariance", 0, Math.log(v));
    model = NetworkModel.bind(vae, parameters);
  }

  Decoder decoder() {
    return ((DecoderModel) model).decoder();
  }

  Batch batch(long[] ids, float... values) {
    return Batch.of(model.event(), ids, values);
  }

  /** log N(x; b, WᵀW + v I) of each example, by Cholesky's factors of the covariance. */
  double[] logProb(Batch x) {
    int d = b.length;
    double[][] c = new double[d][d];
    double logDeterminant = 0;
    for (int i = 0; i < d; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = i == j ? v : 0;
        for (double[] row : w) {
          sum += row[i] * row[j];
        }
        for (int k = 0; k < j; k++) {
          sum -= c[i][k] * c[j][k];
        }
        c[i][j] = i == j ? Math.sqrt(sum) : sum / c[j][j];
      }
      logDeterminant += 2 * Math.log(c[i][i]);
    }
    double[] nats = new double[x.size()];
    for (int n = 0; n < nats.length; n++) {
      double[] whitened = new double[d];
      double squares = 0;
      for (int i = 0; i < d; i++) {
        double sum = x.values()[n * d + i] - b[i];
        for (int k = 0; k < i; k++) {
          sum -= c[i][k] * whitened[k];
        }
        whitened[i] = sum / c[i][i];
        squares += whitened[i] * whitened[i];
      }
      nats[n] = -0.5 * (d * Math.log(2 * Math.PI) + logDeterminant + squares);
    }
    return nats;
  }

  private static void write(BoundParameters parameters, String name, int at, double... numbers) {
    ParameterLayout.Parameter parameter = parameters.layout().parameter(name);
    FloatBuffer buffer = FloatBuffer.allocate(numbers.length);
    for (double number : numbers) {
      buffer.put((float) number);
    }
    parameters.values().write(parameter.offset() + at, buffer.flip());
  }

  @Override
  public void close() {
    model.close();
    engine.close();
  }
}
