package dev.ancestral.model.network;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.BoundNetwork;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.DecoderNetwork;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.ExactNetwork;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.ImplicitModel;
import dev.ancestral.model.ImplicitNetwork;
import dev.ancestral.model.Network;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.label.LabelFrequencies;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A {@link Network} with its parameters: the distribution itself.
 *
 * <p>Whatever is asked is computed in chunks of a fixed number of values, so memory does not grow
 * with the batch or with the number of samples.
 */
public abstract sealed class NetworkModel {
  /** How many numbers one chunk may hold at once: 64 MB of float32. */
  private static final long CHUNK_VALUES = 1L << 24;

  private final Network network;
  private final BoundParameters parameters;
  private final LabelFrequencies labels; // Null where there are none to draw.

  private NetworkModel(Network network, BoundParameters parameters, LabelFrequencies labels) {
    this.network = network;
    this.parameters = parameters;
    this.labels = labels;
  }

  /**
   * The distribution that these parameters give; it reads them as they are at each call.
   *
   * @param parameters laid out as the network asks; closing the model closes them
   * @return an {@link ExactModel}, {@link BoundModel} or {@link ImplicitModel} as the network is,
   *     the latter two with a decoder ({@link DecoderModel}) if the network has one
   */
  public static GenerativeModel bind(Network network, BoundParameters parameters) {
    return bind(network, parameters, Optional.empty());
  }

  /**
   * The distribution that these parameters give.
   *
   * @param labels p(label), from which a model of p(x | label) draws where none is asked for
   */
  public static GenerativeModel bind(
      Network network, BoundParameters parameters, Optional<LabelFrequencies> labels) {
    LabelFrequencies own = labels.orElse(null);
    if (network instanceof ExactNetwork exact) {
      return new Exact(exact, parameters, own);
    }
    if (network instanceof BoundNetwork bound) {
      return network instanceof DecoderNetwork decoder
          ? new BoundWithDecoder(bound, decoder, parameters, own)
          : new Bound(bound, parameters, own);
    }
    ImplicitNetwork implicit = (ImplicitNetwork) network;
    return network instanceof DecoderNetwork decoder
        ? new ImplicitWithDecoder(implicit, decoder, parameters, own)
        : new Implicit(implicit, parameters, own);
  }

  public EventSpec event() {
    return network.event();
  }

  /** See {@link GenerativeModel#sample}. */
  public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
    requireAnswerable(request);
    int[] labels = labels(ids, key, request);
    // A network is told of a label, and reads that of each row from its input.
    SampleRequest told = labels == null ? request : request.withLabel(labels[0]);
    EventSpec event = labels == null ? event().withClasses(0) : event();
    Engine engine = engine();
    return engine.inference(
        () -> {
          TensorMap inputs =
              NetworkInputs.forSampling(engine, ids, network.samplingNoise(told), key, labels);
          Tensor drawn = network.sample(weights(), inputs, told);
          int[] lengths = null;
          if (event.variableLength()) {
            lengths = new int[ids.length];
            Arrays.fill(lengths, Math.toIntExact(drawn.shape()[1]));
          }
          Batch batch = new Batch(event, ids, drawn.toFloats(), labels, lengths);
          return event.learnedEnd() ? batch.untilEnd() : batch;
        });
  }

  public void close() {
    parameters.close();
  }

  final Engine engine() {
    return parameters.weights().engine();
  }

  final TensorMap weights() {
    return parameters.weights();
  }

  /** How many examples (times samples) of so many steps are computed at once. */
  public static int rowsAtOnce(Network network, int steps) {
    long perRow = Math.max(1, network.valuesPerExample(steps));
    return (int) Math.max(1, CHUNK_VALUES / perRow);
  }

  /** How many examples (times samples) one chunk holds; it does not depend on the batch's size. */
  final int rowsPerChunk(Batch batch) {
    return rowsAtOnce(network, batch.steps());
  }

  /** The label of each draw: the one that was asked for, or drawn; null of a model without. */
  private int[] labels(long[] ids, RandomKey key, SampleRequest request) {
    if (request.label().isPresent()) {
      int[] given = new int[ids.length];
      Arrays.fill(given, request.label().getAsInt());
      return given;
    }
    if (!network.isGivenLabels() || ids.length == 0) {
      return null;
    }
    if (labels == null) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "no label is given, but the model draws x given its label and knows no frequencies of"
              + " labels to draw one from (labelFrequencies in model.json); ask for a label from 0"
              + " to "
              + (event().classes() - 1));
    }
    return labels.draw(ids, key);
  }

  private void requireAnswerable(SampleRequest request) {
    OptionalInt label = request.label();
    EventSpec event = event();
    if (label.isPresent() && (label.getAsInt() < 0 || label.getAsInt() >= event.classes())) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "label is "
              + label.getAsInt()
              + (event.hasLabels()
                  ? "; the model knows labels 0 to " + (event.classes() - 1)
                  : ", but the model was fitted to data without labels; ask for no label"));
    }
    if (request.length().isPresent() && !event.variableLength()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "length is "
              + request.length().getAsInt()
              + ", but the model draws "
              + event.describe()
              + "; ask for no length");
    }
  }

  /** Log-likelihoods, piece by piece. */
  private static final class Exact extends NetworkModel implements ExactModel {
    private final ExactNetwork network;

    Exact(ExactNetwork network, BoundParameters parameters, LabelFrequencies labels) {
      super(network, parameters, labels);
      this.network = network;
    }

    @Override
    public double[] logProb(Batch examples) {
      Batch x = network.admitted(examples);
      double[] nats = new double[x.size()];
      int rows = rowsPerChunk(x);
      for (int from = 0; from < x.size(); from += rows) {
        Batch part = x.slice(from, Math.min(x.size(), from + rows));
        for (Network.View piece : network.pieces(part)) {
          double[] values = logProb(piece);
          for (int b = 0; b < values.length; b++) {
            nats[from + b] += values[b];
          }
        }
      }
      return nats;
    }

    private double[] logProb(Network.View piece) {
      return engine()
          .inference(
              () ->
                  network
                      .logProb(
                          weights(), NetworkInputs.of(engine(), piece, List.of(), RandomKey.of(0)))
                      .toDoubles());
    }
  }

  /** Bounds by Monte Carlo. */
  private static sealed class Bound extends NetworkModel implements BoundModel {
    private final BoundNetwork network;

    Bound(BoundNetwork network, BoundParameters parameters, LabelFrequencies labels) {
      super(network, parameters, labels);
      this.network = network;
    }

    @Override
    public double[] elbo(Batch x, int samples, RandomKey key) {
      double[] sums = new double[x.size()];
      forEachChunk(
          x,
          samples,
          key,
          (inputs, from, count) -> {
            double[] means = network.elbo(weights(), inputs).toDoubles(); // [B]
            for (int b = 0; b < means.length; b++) {
              sums[from + b] += count * means[b];
            }
          });
      for (int b = 0; b < sums.length; b++) {
        sums[b] /= samples;
      }
      return sums;
    }

    @Override
    public void logWeights(Batch x, int samples, RandomKey key, LogWeights each) {
      forEachChunk(
          x,
          samples,
          key,
          (inputs, from, count) -> {
            double[] logWeights = network.logWeights(weights(), inputs).toDoubles(); // [K, B]
            int examples = logWeights.length / count;
            for (int i = 0; i < logWeights.length; i++) {
              each.accept(from + i % examples, logWeights[i]);
            }
          });
    }

    private void forEachChunk(Batch examples, int samples, RandomKey key, ChunkScorer scorer) {
      Batch x = network.admitted(examples);
      if (samples < 1) {
        throw new IllegalArgumentException("samples is " + samples + "; it must be at least 1");
      }
      int rows = rowsPerChunk(x);
      for (int from = 0; from < x.size(); from += rows) {
        Batch part = x.slice(from, Math.min(x.size(), from + rows));
        int together = Math.min(samples, Math.max(1, rows / part.size()));
        for (int first = 0; first < samples; first += together) {
          int count = Math.min(together, samples - first);
          int start = from;
          long firstSample = first;
          engine()
              .inference(
                  () -> {
                    scorer.score(
                        NetworkInputs.of(
                            engine(), part, List.of(network.latentNoise(count)), key, firstSample),
                        start,
                        count);
                    return null;
                  });
        }
      }
    }

    /** Adds what some samples of some examples say. */
    @FunctionalInterface
    private interface ChunkScorer {
      void score(TensorMap inputs, int from, int count);
    }
  }

  /** A sampler alone. */
  private static sealed class Implicit extends NetworkModel implements ImplicitModel {
    Implicit(ImplicitNetwork network, BoundParameters parameters, LabelFrequencies labels) {
      super(network, parameters, labels);
    }
  }

  /** Bounds, and p(x | z). */
  private static final class BoundWithDecoder extends Bound implements DecoderModel {
    private final Decoder decoder;

    BoundWithDecoder(
        BoundNetwork network,
        DecoderNetwork decoder,
        BoundParameters parameters,
        LabelFrequencies labels) {
      super(network, parameters, labels);
      this.decoder = new Decoder(decoder, network.event(), parameters.weights());
    }

    @Override
    public Decoder decoder() {
      return decoder;
    }
  }

  /** A sampler, and p(x | z). */
  private static final class ImplicitWithDecoder extends Implicit implements DecoderModel {
    private final Decoder decoder;

    ImplicitWithDecoder(
        ImplicitNetwork network,
        DecoderNetwork decoder,
        BoundParameters parameters,
        LabelFrequencies labels) {
      super(network, parameters, labels);
      this.decoder = new Decoder(decoder, network.event(), parameters.weights());
    }

    @Override
    public Decoder decoder() {
      return decoder;
    }
  }
}
