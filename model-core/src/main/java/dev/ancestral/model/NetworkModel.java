package dev.ancestral.model;

import dev.ancestral.Refusal;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.Arrays;
import java.util.List;
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

  private NetworkModel(Network network, BoundParameters parameters) {
    this.network = network;
    this.parameters = parameters;
  }

  /**
   * The distribution that these parameters give; it reads them as they are at each call.
   *
   * @param parameters laid out as the network asks; closing the model closes them
   * @return an {@link ExactModel}, {@link BoundModel} or {@link ImplicitModel} as the network is,
   *     the latter two with a decoder ({@link DecoderModel}) if the network has one
   */
  public static GenerativeModel bind(Network network, BoundParameters parameters) {
    if (network instanceof ExactNetwork exact) {
      return new Exact(exact, parameters);
    }
    if (network instanceof BoundNetwork bound) {
      return network instanceof DecoderNetwork decoder
          ? new BoundWithDecoder(bound, decoder, parameters)
          : new Bound(bound, parameters);
    }
    ImplicitNetwork implicit = (ImplicitNetwork) network;
    return network instanceof DecoderNetwork decoder
        ? new ImplicitWithDecoder(implicit, decoder, parameters)
        : new Implicit(implicit, parameters);
  }

  public EventSpec event() {
    return network.event();
  }

  /** See {@link GenerativeModel#sample}. */
  public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
    EventSpec event = requireAnswerable(request);
    Engine engine = engine();
    return engine.inference(
        () -> {
          TensorMap inputs =
              NetworkInputs.forSampling(engine, ids, network.samplingNoise(request), key, request);
          Tensor drawn = network.sample(weights(), inputs, request);
          int[] lengths = null;
          if (event.variableLength()) {
            lengths = new int[ids.length];
            Arrays.fill(lengths, Math.toIntExact(drawn.shape()[1]));
          }
          int[] labels = null;
          if (request.label().isPresent()) {
            labels = new int[ids.length];
            Arrays.fill(labels, request.label().getAsInt());
          }
          return new Batch(event, ids, drawn.toFloats(), labels, lengths);
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

  /** How many examples (times samples) one chunk holds; it does not depend on the batch's size. */
  final int rowsPerChunk(Batch batch) {
    long perRow = Math.max(1, network.valuesPerExample(batch.steps()));
    return (int) Math.max(1, CHUNK_VALUES / perRow);
  }

  /** The event of what is drawn: without labels unless one was asked for. */
  private EventSpec requireAnswerable(SampleRequest request) {
    OptionalInt label = request.label();
    EventSpec event = event();
    if (label.isPresent() && (label.getAsInt() < 0 || label.getAsInt() >= event.classes())) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "label is "
              + label.getAsInt()
              + (event.hasLabels()
                  ? "; the model knows labels 0 to " + (event.classes() - 1)
                  : ", but the model was fitted to data without labels; ask for no label"));
    }
    if (request.length().isPresent() && !event.variableLength()) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "length is "
              + request.length().getAsInt()
              + ", but the model draws "
              + event.describe()
              + "; ask for no length");
    }
    return label.isPresent() ? event : event.withClasses(0);
  }

  /** Log-likelihoods, piece by piece. */
  private static final class Exact extends NetworkModel implements ExactModel {
    private final ExactNetwork network;

    Exact(ExactNetwork network, BoundParameters parameters) {
      super(network, parameters);
      this.network = network;
    }

    @Override
    public double[] logProb(Batch x) {
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

    Bound(BoundNetwork network, BoundParameters parameters) {
      super(network, parameters);
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

    private void forEachChunk(Batch x, int samples, RandomKey key, ChunkScorer scorer) {
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
    Implicit(ImplicitNetwork network, BoundParameters parameters) {
      super(network, parameters);
    }
  }

  /** Bounds, and p(x | z). */
  private static final class BoundWithDecoder extends Bound implements DecoderModel {
    private final Decoder decoder;

    BoundWithDecoder(BoundNetwork network, DecoderNetwork decoder, BoundParameters parameters) {
      super(network, parameters);
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
        ImplicitNetwork network, DecoderNetwork decoder, BoundParameters parameters) {
      super(network, parameters);
      this.decoder = new Decoder(decoder, network.event(), parameters.weights());
    }

    @Override
    public Decoder decoder() {
      return decoder;
    }
  }
}
