package dev.ancestral.model.pixelcnn;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.distribution.Bernoulli;
import dev.ancestral.distribution.Categorical;
import dev.ancestral.distribution.Distribution;
import dev.ancestral.distribution.Levels;
import dev.ancestral.distribution.LogisticMixture;
import dev.ancestral.model.Condition;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactNetwork;
import dev.ancestral.model.Family;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.nn.Conv2d;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorCache;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The gated PixelCNN (van den Oord et al. 2016): log p(x) = Σ log p(x_i | x_1 .. x_{i−1}) over the
 * pixels row by row, and over the channels of a pixel in order.
 *
 * <p>{@link GatedStacks} tell what is known before each pixel, a {@link Head} makes the parameters
 * of a {@link Distribution} of it. Elements enter the network scaled to [−1, 1], and pixels outside
 * of the image are 0.
 *
 * <p>Heads: {@code bernoulli} for two levels, {@code categorical} for any number of levels, {@code
 * logistic-mixture} of the PixelCNN++ (Salimans et al. 2017). With classes, log p is log p(x |
 * label), and a draw needs a label.
 */
public final class PixelCnn implements ExactNetwork {
  private static final String NOISE = "pixel";

  /**
   * Reads the keys of {@code family: pixelcnn}.
   *
   * <pre>
   * {family: pixelcnn, channels: 32, layers: 8, kernel: 3, head: bernoulli, mixtures: 10,
   *  conditional: false}
   * </pre>
   *
   * <p>Without {@code head} it is what suits the event: bernoulli for two levels, categorical for
   * up to sixteen, a mixture of logistics for more.
   */
  public static final class PixelCnnFamily implements Family {
    private static final int FEW_LEVELS = 16;

    @Override
    public String name() {
      return "pixelcnn";
    }

    @Override
    public Definition define(Settings settings, EventSpec event) {
      if (event.variableLength()) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "the event is "
                + event.describe()
                + "; a pixelcnn models images of fixed shape: choose family hmm or wavenet for"
                + " sequences");
      }
      HeadKind suited =
          event.levels() == 2
              ? HeadKind.BERNOULLI
              : event.levels() <= FEW_LEVELS ? HeadKind.CATEGORICAL : HeadKind.LOGISTIC_MIXTURE;
      int kernel = settings.count("kernel", 3, 3, 99);
      if (kernel % 2 == 0) {
        settings.wrong("kernel", kernel, "an odd number");
        kernel = 3;
      }
      Configuration configuration =
          new Configuration(
              settings.count("channels", 32, 1, 1 << 16),
              settings.count("layers", 8, 1, 1 << 10),
              kernel,
              HeadKind.of(
                  settings.text(
                      "head", suited.text(), "bernoulli", "categorical", "logistic-mixture")),
              settings.count("mixtures", 10, 1, 1 << 10),
              settings.flag("conditional", false));
      return new PixelCnn(configuration, event);
    }
  }

  /** p(x_i | before). */
  public enum HeadKind {
    BERNOULLI,
    CATEGORICAL,
    LOGISTIC_MIXTURE;

    /** As the spec spells it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static HeadKind of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
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
  private final Levels levels;
  private final Head head;
  private final ParameterLayout parameters;

  /**
   * A PixelCNN for images [H, W] or [H, W, K].
   *
   * @throws AncestralException (MISMATCH) if the event is no such image, the head does not suit its
   *     levels, or there are no labels to condition on
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
    levels = new Levels(event.levels());
    head = Head.of(configuration, levels, channels);
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
          .features(weights, levels.scaled(x), label, carried)
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
   * @throws AncestralException (SPEC) if a conditional network is asked for no label, or another
   *     for one
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
    return new PixelLoop(stacks, weights, label, levels::scaled).run(batch, height, across, choice);
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
    return head.ordersChannels();
  }

  private Tensor label(TensorMap inputs) {
    return conditional ? inputs.get("label") : null;
  }

  private void requireAnswerable(SampleRequest request) {
    if (conditional && request.label().isEmpty()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "label is missing, but the model was trained with conditional: true and draws from one"
              + " class at a time; ask for a label from 0 to "
              + (event.classes() - 1));
    }
    if (!conditional && request.label().isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
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
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "a pixelcnn with head "
              + configuration.head().text()
              + " does not suit the event "
              + event.describe()
              + "; "
              + mend);
    }
  }

  /**
   * The layers that make the parameters of the distribution of a pixel from the features of those
   * before it.
   *
   * <p>As in van den Oord et al. 2016: relu, 1×1 convolution, relu, 1×1 convolution. A mixture of
   * logistics is one distribution of all channels; of the others each channel has its own, given
   * the channels before it.
   *
   * <p>Differs from the paper: the order of the channels is not kept by groups of features masked
   * all through the network. Channel k has a hidden layer of its own in the head, which the
   * channels before it enter: p(x_k | x_{&lt;k}, features) is a perceptron. So the stacks run once
   * for all channels.
   *
   * <p>Features are [B, C, H, W], of a whole image or, when sampling, of one pixel; x are levels
   * [B, K, H, W].
   *
   * @param distribution of a channel, or of all
   * @param ordersChannels whether each channel has a distribution of its own
   * @param channels K
   * @param levels of an element
   * @param width features, C
   * @param valuesPerPixel about how many numbers a pixel holds at once
   */
  private record Head(
      Distribution distribution,
      boolean ordersChannels,
      int channels,
      Levels levels,
      int width,
      long valuesPerPixel) {

    static Head of(Configuration configuration, Levels levels, int channels) {
      int width = configuration.channels();
      int mixtures = configuration.mixtures();
      boolean ordered = configuration.head() != HeadKind.LOGISTIC_MIXTURE;
      Distribution distribution =
          switch (configuration.head()) {
            case BERNOULLI -> new Bernoulli();
            case CATEGORICAL -> new Categorical(levels.count());
            case LOGISTIC_MIXTURE -> new LogisticMixture(levels.count(), mixtures, channels);
          };
      long parameters = distribution.parametersPerElement();
      long values =
          ordered
              ? (2L + 5L * channels) * width + 4L * channels * parameters
              : 6L * width + 3L * parameters + 24L * channels * mixtures;
      return new Head(distribution, ordered, channels, levels, width, values);
    }

    private int groups() {
      return ordersChannels ? channels : 1;
    }

    private Conv2d hidden() {
      Initializer initial = Initializer.glorot(width, width);
      int out = Math.multiplyExact(groups(), width);
      return new Conv2d("head.hidden", width, out, 1, 1, 1, initial);
    }

    private Conv2d before(int group) {
      return Conv2d.dense("head.before." + group, group, width, 1, 1);
    }

    private Conv2d output(int group) {
      String name = ordersChannels ? "head.channel." + group : "head.mixture";
      return Conv2d.dense(name, width, distribution.parametersPerElement(), 1, 1);
    }

    void declare(ParameterLayout.Builder layout) {
      layout.add("head.skip.bias", Initializer.zeros(), width);
      hidden().declare(layout);
      for (int k = 1; k < groups(); k++) {
        before(k).declareWeight(layout);
      }
      if (ordersChannels) {
        for (int k = 0; k < channels; k++) {
          output(k).declare(layout);
        }
      } else {
        output(0).declareWeight(layout);
        // Components that start at the same place stay together for long: spread over [−1, 1].
        layout.add(
            "head.mixture.bias", new Initializer.Uniform(1), distribution.parametersPerElement());
      }
    }

    /** Uniform numbers that a draw of one pixel takes. */
    int uniforms() {
      return groups() * distribution.noisePerElement();
    }

    /**
     * The parameters of all distributions, [B, groups · P, H, W]; those of a channel may depend on
     * the channels of x before it.
     */
    Tensor outputs(TensorMap weights, Tensor features, Tensor x) {
      List<Tensor> hidden = hidden(weights, features);
      List<Tensor> outputs = new ArrayList<>();
      for (int k = 0; k < groups(); k++) {
        outputs.add(output(weights, hidden.get(k), k, k == 0 ? null : x.slice(1, 0, k)));
      }
      Tensor[] others = outputs.subList(1, outputs.size()).toArray(Tensor[]::new);
      return others.length == 0 ? outputs.get(0) : outputs.get(0).concat(1, others);
    }

    /** Each distribution's hidden layer before the earlier channels enter it, [B, C, H, W]. */
    private List<Tensor> hidden(TensorMap weights, Tensor features) {
      Tensor known = Conv2d.biased(weights, "head.skip", features).relu();
      return hidden().apply(weights, known, 0, 0).split(1, groups());
    }

    /** The parameters of distribution k, [B, P, H, W], given the channels before, [B, k, H, W]. */
    private Tensor output(TensorMap weights, Tensor hidden, int k, Tensor before) {
      Tensor z =
          k == 0 ? hidden : hidden.add(before(k).convolve(weights, levels.scaled(before), 0, 0));
      return output(k).apply(weights, z.relu(), 0, 0);
    }

    /** log p in nats summed over the image, [B], of x under {@link #outputs}. */
    Tensor logProb(Tensor outputs, Tensor x) {
      if (distribution.parametersPerElement() == 1) {
        return distribution.logProb(outputs, x).sum(1, 2, 3); // [B]
      }
      List<Tensor> parameters = outputs.split(1, groups()); // [B, P, H, W] each
      List<Tensor> values = x.split(1, groups());
      Tensor total = null;
      for (int k = 0; k < groups(); k++) {
        Tensor perPixel =
            distribution.logProb(channelsLast(parameters.get(k)), channelsLast(values.get(k)));
        Tensor nats = perPixel.sum(1, 2); // [B]
        total = total == null ? nats : total.add(nats);
      }
      return total;
    }

    /**
     * Draws all channels of pixels, [B, K, H, W].
     *
     * @param uniform [B, uniforms, H, W]
     */
    Tensor sample(TensorMap weights, Tensor features, Tensor uniform, double temperature) {
      List<Tensor> hidden = hidden(weights, features);
      List<Tensor> noise = uniform.split(1, groups());
      Tensor x = null; // [B, k, H, W]
      for (int k = 0; k < groups(); k++) {
        Tensor drawn =
            distribution.sample(
                channelsLast(output(weights, hidden.get(k), k, x)),
                channelsLast(noise.get(k)),
                temperature); // [B, H, W], or [B, H, W, K]
        Tensor image = drawn.shape().length == 3 ? drawn.expandDims(1) : drawn.permute(0, 3, 1, 2);
        x = x == null ? image : x.concat(1, image);
      }
      return x;
    }

    /** [B, n, H, W] → [B, H, W, n], or [B, H, W] where n is 1. */
    private static Tensor channelsLast(Tensor image) {
      long[] sizes = image.shape();
      return sizes[1] == 1
          ? image.reshape(sizes[0], sizes[2], sizes[3])
          : image.permute(0, 2, 3, 1);
    }
  }
}
