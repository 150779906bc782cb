package dev.ancestral.model.pixelcnn;

import dev.ancestral.distribution.DiscretizedLogistic;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.List;

/**
 * A Bernoulli (one logit) or a categorical variable (a logit for each level) for every channel,
 * each given the channels before it.
 *
 * <p>As in van den Oord et al. 2016: relu, 1×1 convolution, relu, 1×1 convolution.
 *
 * <p>Differs from the paper: the order of the channels is not kept by groups of features masked all
 * through the network. Channel k has a hidden layer of its own in the head, which the channels
 * before it enter: p(x_k | x_{&lt;k}, features) is a perceptron. So the stacks run once for all
 * channels.
 *
 * @param channels K
 * @param levels of an element
 * @param logits 1 for Bernoulli, else levels
 * @param width features, C
 */
record ChannelwiseHead(int channels, int levels, int logits, int width) implements Head {

  @Override
  public void declare(ParameterLayout.Builder layout) {
    layout.add("head.skip.bias", Initializer.zeros(), width);
    layout.add(
        "head.hidden.weight",
        Initializer.glorot(width, width),
        (long) channels * width,
        width,
        1,
        1);
    layout.add("head.hidden.bias", Initializer.zeros(), (long) channels * width);
    for (int k = 1; k < channels; k++) {
      layout.add("head.before." + k + ".weight", Initializer.glorot(k, width), width, k, 1, 1);
    }
    for (int k = 0; k < channels; k++) {
      layout.add(
          "head.channel." + k + ".weight", Initializer.glorot(width, logits), logits, width, 1, 1);
      layout.add("head.channel." + k + ".bias", Initializer.zeros(), logits);
    }
  }

  @Override
  public int uniforms() {
    return channels;
  }

  @Override
  public Tensor outputs(TensorMap weights, Tensor features, Tensor x) {
    List<Tensor> hidden = hidden(weights, features);
    Tensor[] outputs = new Tensor[channels];
    for (int k = 0; k < channels; k++) {
      outputs[k] = channel(weights, hidden.get(k), k, k == 0 ? null : x.slice(1, 0, k));
    }
    return concat(outputs); // [B, K · logits, H, W]
  }

  @Override
  public Tensor logProb(Tensor outputs, Tensor x) {
    if (logits == 1) {
      // x log σ(m) + (1 − x) log σ(−m) = log σ((2 x − 1) m) for x in {0, 1}
      return outputs.mul(x.mul(2).add(-1)).logSigmoid().sum(1, 2, 3); // [B]
    }
    Tensor total = null;
    List<Tensor> ofChannels = outputs.split(1, channels);
    for (int k = 0; k < channels; k++) {
      Tensor logProbs = ofChannels.get(k).permute(0, 2, 3, 1).logSoftmax(-1); // [B, H, W, levels]
      Tensor nats = logProbs.pick(channelOf(x, k)).sum(1, 2); // [B]
      total = total == null ? nats : total.add(nats);
    }
    return total;
  }

  @Override
  public Tensor sample(TensorMap weights, Tensor features, Tensor uniform, double temperature) {
    List<Tensor> hidden = hidden(weights, features);
    Tensor x = null; // [B, k, H, W]
    for (int k = 0; k < channels; k++) {
      Tensor output = channel(weights, hidden.get(k), k, x).mul(1 / temperature);
      Tensor u = channelOf(uniform, k); // [B, H, W]
      Tensor drawn =
          logits == 1
              ? output.sigmoid().greater(u.expandDims(1))
              : Head.draw(output.permute(0, 2, 3, 1), u).expandDims(1); // [B, 1, H, W]
      x = x == null ? drawn : x.concat(1, drawn);
    }
    return x;
  }

  @Override
  public long valuesPerPixel() {
    return (2L + 5L * channels) * width + 4L * channels * logits;
  }

  /** Each channel's hidden layer before the earlier channels enter it, [B, C, H, W]. */
  private List<Tensor> hidden(TensorMap weights, Tensor features) {
    Tensor known = GatedStacks.biased(weights, "head.skip", features).relu();
    return GatedStacks.biased(
            weights, "head.hidden", known.conv2d(weights.get("head.hidden.weight"), 1, 0, 0))
        .split(1, channels);
  }

  /** The logits of channel k, [B, logits, H, W], given the channels before it, [B, k, H, W]. */
  private Tensor channel(TensorMap weights, Tensor hidden, int k, Tensor before) {
    Tensor z = hidden;
    if (k > 0) {
      Tensor scaled = new DiscretizedLogistic(levels).scaled(before);
      z = z.add(scaled.conv2d(weights.get("head.before." + k + ".weight"), 1, 0, 0));
    }
    String name = "head.channel." + k;
    return GatedStacks.biased(
        weights, name, z.relu().conv2d(weights.get(name + ".weight"), 1, 0, 0));
  }

  private static Tensor channelOf(Tensor image, int k) {
    long[] sizes = image.shape();
    return image.slice(1, k, k + 1L).reshape(sizes[0], sizes[2], sizes[3]); // [B, H, W]
  }

  private static Tensor concat(Tensor[] parts) {
    return parts.length == 1
        ? parts[0]
        : parts[0].concat(1, java.util.Arrays.copyOfRange(parts, 1, parts.length));
  }
}
