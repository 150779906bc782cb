package dev.ancestral.model.pixelcnn;

import dev.ancestral.Refusal;
import dev.ancestral.distribution.DiscretizedLogistic;
import dev.ancestral.model.Condition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactNetwork;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorCache;
import dev.ancestral.tensor.TensorMap;
import java.util.List;
import java.util.Locale;

/**
 * The gated PixelCNN (van den Oord et al. 2016): log p(x) = Σ log p(x_i | x_1 .. x_{i−1}) over the
 * pixels row by row, and over the channels of a pixel in order.
 *
 * <p>{@link GatedStacks} tell what is known before each pixel, a {@link Head} makes a distribution
 * of it. Elements enter the network scaled to [−1, 1], and pixels outside of the image are 0.
 *
 * <p>Heads: {@code bernoulli} for two levels, {@code categorical} for any number of levels, {@code
 * logistic-mixture} of the PixelCNN++ (Salimans et al. 2017). With classes, log p is log p(x |
 * label), and a draw needs a label.
 */
public final class PixelCnn implements ExactNetwork {
  private static final String NOISE = "pixel";

  /** p(x_i | before). */
  public enum HeadKind {
    BERNOULLI,
    CATEGORICAL,
    LOGISTIC_MIXTURE;

    /** As the spec spells it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * The choices of a PixelCNN.
   *
   * @param channels features of each stack (not those of the image)
   * @param layers gated layers
   * @param kernel of the gated layers, odd
   * @param head p(x_i | before)
   * @param mixtures components of the logistic mixture
   * @param conditional whether the label moves the gates
   */
  public record Configuration(
      int channels, int layers, int kernel, HeadKind head, int mixtures, boolean conditional) {
    public Configuration {
      if (channels < 1 || layers < 1 || mixtures < 1 || kernel < 3 || kernel % 2 == 0) {
        throw new IllegalArgumentException(
            "channels, layers and mixtures must be at least 1 and kernel odd and at least 3;"
                + " channels is "
                + channels
                + ", layers "
                + layers
                + ", mixtures "
                + mixtures
                + ", kernel "
                + kernel);
      }
    }
  }

  private final EventSpec event;
  private final boolean conditional;
  private final long height; // H
  private final long across; // W
  private final int channels; // K
  private final GatedStacks stacks;
  private final Head head;
  private final ParameterLayout parameters;

  /**
   * A PixelCNN for images [H, W] or [H, W, K].
   *
   * @throws Refusal (MISMATCH) if the event is no such image, the head does not suit its levels, or
   *     there are no labels to condition on
   */
  public PixelCnn(Configuration configuration, EventSpec event) {
    requireSuited(configuration, event);
    this.event = event;
    conditional = configuration.conditional();
    height = event.shape().get(0);
    across = event.shape().get(1);
    channels = event.shape().size() == 3 ? event.shape().get(2) : 1;
    int width = configuration.channels();
    stacks =
        new GatedStacks(
            channels,
            width,
            configuration.layers(),
            (configuration.kernel() - 1) / 2,
            conditional ? event.classes() : 0);
    head =
        switch (configuration.head()) {
          case BERNOULLI -> new ChannelwiseHead(channels, 2, 1, width);
          case CATEGORICAL -> new ChannelwiseHead(channels, event.levels(), event.levels(), width);
          case LOGISTIC_MIXTURE ->
              new LogisticMixtureHead(channels, event.levels(), configuration.mixtures(), width);
        };
    ParameterLayout.Builder layout = ParameterLayout.builder();
    stacks.declare(layout);
    head.declare(layout);
    parameters = layout.build();
  }

  @Override
  public EventSpec event() {
    return event;
  }

  /** p(x), or p(x | label). */
  @Override
  public Condition condition() {
    Condition condition = Condition.of(event);
    return conditional ? condition.withLabel(Condition.Label.GIVEN) : condition;
  }

  @Override
  public ParameterLayout parameters() {
    return parameters;
  }

  @Override
  public long valuesPerExample(int steps) {
    return height * across * Math.max(stacks.valuesPerPixel(), head.valuesPerPixel());
  }

  /** log p(x), [B], or log p(x | label) where the network is conditional. */
  @Override
  public Tensor logProb(TensorMap weights, TensorMap inputs) {
    Tensor x = image(inputs.get("x")); // [B, K, H, W]
    return head.logProb(outputs(weights, x, label(inputs)), x); // [B]
  }

  /** The parameters of the distribution of every pixel given those before it, [B, P, H, W]. */
  Tensor outputs(TensorMap weights, Tensor x, Tensor label) {
    return head.outputs(weights, features(weights, x, label), x);
  }

  /** What is known before each pixel, [B, C, H, W]. */
  Tensor features(TensorMap weights, Tensor x, Tensor label) {
    try (TensorCache carried = x.engine().cache()) {
      // The result stays with the caller's scope once the cache lets it go.
      return stacks
          .features(weights, scaled(x), label, carried)
          .reshape(x.shape()[0], -1, height, across);
    }
  }

  @Override
  public List<Noise> samplingNoise(SampleRequest request) {
    return List.of(
        new Noise(
            NOISE,
            Noise.Kind.UNIFORM,
            0,
            List.of(Math.toIntExact(height), Math.toIntExact(across), head.uniforms())));
  }

  /**
   * Draws pixel by pixel, [B, shape...], computing each feature once; see {@link PixelLoop}. A
   * temperature divides the logits and multiplies the scales of logistics.
   *
   * @throws Refusal (SPEC) if a conditional network is asked for no label, or another for one
   */
  @Override
  public Tensor sample(TensorMap weights, TensorMap inputs, SampleRequest request) {
    requireAnswerable(request);
    Tensor uniform = inputs.get(NOISE); // [B, H, W, n]
    long batch = uniform.shape()[0];
    Tensor x =
        drawEach(
            weights,
            batch,
            label(inputs),
            (row, column, features) ->
                samplePixel(
                    weights,
                    features,
                    uniform,
                    row,
                    column,
                    request.temperature())); // [B, K, H, W]
    return asEvents(x.permute(0, 2, 3, 1)); // [B, shape...]
  }

  /** An image [B, K, H, W] whose pixels are chosen in order, each from the features before it. */
  Tensor drawEach(TensorMap weights, long batch, Tensor label, PixelLoop.Choice choice) {
    return new PixelLoop(stacks, weights, label, this::scaled).run(batch, height, across, choice);
  }

  /** Draws one pixel, [B, K, 1, 1], from its features [B, C, 1, 1] and its noise. */
  Tensor samplePixel(
      TensorMap weights,
      Tensor features,
      Tensor uniform,
      long row,
      long column,
      double temperature) {
    Tensor own = uniform.slice(1, row, row + 1).slice(2, column, column + 1); // [B, 1, 1, n]
    return head.sample(weights, features, own.permute(0, 3, 1, 2), temperature);
  }

  /** The head's parameters of one pixel, [B, P, 1, 1], for a choice that is known beforehand. */
  Tensor outputsOfPixel(TensorMap weights, Tensor features, Tensor x) {
    return head.outputs(weights, features, x);
  }

  /** [B, shape...] → [B, K, H, W] with the channels innermost in memory. */
  Tensor image(Tensor x) {
    return x.reshape(-1, height, across, channels).permute(0, 3, 1, 2);
  }

  /** Whether the outputs are a group for each channel, which depends on the channels before it. */
  boolean ordersChannels() {
    return head instanceof ChannelwiseHead;
  }

  private Tensor scaled(Tensor x) {
    return new DiscretizedLogistic(event.levels()).scaled(x);
  }

  private Tensor label(TensorMap inputs) {
    return conditional ? inputs.get("label") : null;
  }

  private void requireAnswerable(SampleRequest request) {
    if (conditional && request.label().isEmpty()) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "label is missing, but the model was trained with conditional: true and draws from one"
              + " class at a time; ask for a label from 0 to "
              + (event.classes() - 1));
    }
    if (!conditional && request.label().isPresent()) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "label is "
              + request.label().getAsInt()
              + ", but the model was trained with conditional: false; ask for no label, or train"
              + " with conditional: true");
    }
  }

  private static void requireSuited(Configuration configuration, EventSpec event) {
    String mend = null;
    if (event.variableLength() || !event.isDiscrete()) {
      mend = "a pixelcnn needs images of whole numbers: leave dequantize at none";
    } else if (event.shape().size() < 2 || event.shape().size() > 3) {
      mend = "a pixelcnn needs images of shape height×width or height×width×channels";
    } else if (configuration.head() == HeadKind.BERNOULLI && event.levels() != 2) {
      mend =
          "head bernoulli needs 2 levels: prepare the data with --binarize, or choose head:"
              + " categorical or logistic-mixture";
    } else if (configuration.conditional() && !event.hasLabels()) {
      mend = "conditional: true needs labels: prepare the data with labels, or set it to false";
    }
    if (mend != null) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "a pixelcnn with head "
              + configuration.head().text()
              + " does not suit the event "
              + event.describe()
              + "; "
              + mend);
    }
  }
}
