package dev.ancestral.model.gan;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.EventSpec;
import dev.ancestral.nn.Activation;
import dev.ancestral.nn.Conv2d;
import dev.ancestral.nn.ConvTranspose2d;
import dev.ancestral.nn.Linear;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.List;

/**
 * Deep convolutional networks for images (Radford, Metz &amp; Chintala 2016): kernels of 4×4 and
 * stride 2, which double the sides in the generator and halve them in the discriminator; no
 * pooling; rectifiers in the generator, leaky ones in the discriminator; linear first and last
 * layers.
 *
 * <p>Differs from the paper: no batch normalization, which would make an example's gradient depend
 * on its batch. The generator instead scales the channels of every position to mean square 1 (pixel
 * normalization; Karras et al. 2018, section 4.2), the discriminator has none, and weights start by
 * fan-in (He et al. 2015) instead of with standard deviation 0.02.
 *
 * @param height of the image
 * @param width of the image
 * @param imageChannels of the image
 * @param latent L
 * @param channels of the layers, from the image inwards; each halves the sides
 */
record Convolutions(int height, int width, int imageChannels, int latent, List<Integer> channels)
    implements Architecture {
  private static final int KERNEL = 4;
  private static final int STRIDE = 2;
  private static final int PAD = 1;
  private static final double EPSILON = 1e-8;

  /**
   * Networks for such images.
   *
   * @throws AncestralException (MISMATCH) if the event is no image, or its sides cannot be halved
   *     as often as there are layers
   */
  static Convolutions of(EventSpec event, int latent, List<Integer> channels) {
    List<Integer> shape = event.shape();
    if (shape.size() < 2 || shape.size() > 3) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "network dcgan does not suit the event "
              + event.describe()
              + "; it needs images [height, width, channels]: choose network: mlp");
    }
    int times = 1 << channels.size();
    if (shape.get(0) % times != 0 || shape.get(1) % times != 0) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "network dcgan with hidden: "
              + channels
              + " halves the sides of an image "
              + channels.size()
              + " times, but those of the event "
              + event.describe()
              + " are no multiples of "
              + times
              + "; give hidden fewer layers, or choose network: mlp");
    }
    return new Convolutions(
        shape.get(0), shape.get(1), shape.size() == 3 ? shape.get(2) : 1, latent, channels);
  }

  private Linear input() {
    return new Linear(GENERATOR + "input", latent, innermost(), Initializer.he(latent));
  }

  /** Layer i of the generator, from the innermost on. */
  private ConvTranspose2d up(int i) {
    int layers = channels.size();
    int in = channels.get(layers - 1 - i);
    int out = i == layers - 1 ? imageChannels : channels.get(layers - 2 - i);
    return new ConvTranspose2d(GENERATOR + i, in, out, KERNEL, STRIDE, PAD);
  }

  /** Layer i of the discriminator, from the image on. */
  private Conv2d down(int i) {
    int in = i == 0 ? imageChannels : channels.get(i - 1);
    Initializer initial = Initializer.he((long) in * KERNEL * KERNEL);
    return new Conv2d(DISCRIMINATOR + i, in, channels.get(i), KERNEL, KERNEL, STRIDE, initial);
  }

  private Linear output() {
    return Linear.glorot(DISCRIMINATOR + "output", innermost(), 1);
  }

  @Override
  public void declare(ParameterLayout.Builder layout) {
    input().declare(layout);
    for (int i = 0; i < channels.size(); i++) {
      up(i).declare(layout);
    }
    for (int i = 0; i < channels.size(); i++) {
      down(i).declareWithImageBias(layout);
    }
    output().declare(layout);
  }

  @Override
  public Tensor generate(TensorMap weights, Tensor z) {
    int layers = channels.size();
    Tensor h = input().apply(weights, z); // [N, C_in · h · w]
    h = h.reshape(-1, channels.get(layers - 1), height >> layers, width >> layers);
    for (int i = 0; i < layers; i++) {
      h = up(i).apply(weights, normalized(h.relu())); // [N, C', 2 H, 2 W]
    }
    return h.permute(0, 2, 3, 1).reshape(-1, (long) height * width * imageChannels); // [N, D]
  }

  @Override
  public Tensor discriminate(TensorMap weights, Tensor y) {
    Tensor h = y.reshape(-1, height, width, imageChannels).permute(0, 3, 1, 2); // [N, C, H, W]
    for (int i = 0; i < channels.size(); i++) {
      h = Activation.LEAKY_RELU.apply(down(i).apply(weights, h, PAD, PAD)); // [N, C', H/2, W/2]
    }
    return output().apply(weights, h.reshape(-1, innermost())).reshape(-1); // [N]
  }

  @Override
  public long valuesPerExample() {
    long values = 4L * height * width * imageChannels;
    for (int i = 0; i < channels.size(); i++) {
      values += 6L * channels.get(i) * (height >> (i + 1)) * (width >> (i + 1));
    }
    return 2 * values;
  }

  /** Elements of the innermost layer. */
  private long innermost() {
    int layers = channels.size();
    return (long) channels.get(layers - 1) * (height >> layers) * (width >> layers);
  }

  /** h over the root mean square of its channels at every position, [N, C, H, W]. */
  private static Tensor normalized(Tensor h) {
    return h.div(h.square().mean(1).add(EPSILON).sqrt().expandDims(1));
  }
}
