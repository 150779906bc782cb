package dev.ancestral.model.wavenet;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.distribution.Categorical;
import dev.ancestral.distribution.Distribution;
import dev.ancestral.distribution.Levels;
import dev.ancestral.distribution.LogisticMixture;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Condition;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactNetwork;
import dev.ancestral.model.Family;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.Crops;
import dev.ancestral.nn.Embedding;
import dev.ancestral.nn.Linear;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorCache;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/**
 * WaveNet: p(x | T) = Π_{t &lt; T} p(x_t | x_{t−R}, ..., x_{t−1}) over sequences of one discrete
 * element a step, by stacks of dilated causal convolutions with gates, residual and skip
 * connections (van den Oord et al., "WaveNet: a generative model for raw audio", 2016).
 *
 * <p>The first convolution has K taps on the levels x_{t−1}, ..., x_{t−K}; the layers follow
 * ({@link CausalStack}), then relu, 1×1, relu, 1×1 and a {@link Distribution}. R = K + (K − 1) Σ
 * dilations. Exact, in nats given the length; where the event's end is learned, the end symbol is
 * the last x_t and T a part of what is modelled: Σ_x p(x) = 1 over all sequences that end. Where
 * the configuration says so, every layer has a bias by the label.
 *
 * <p>Trained on one part of each sequence a step, with the levels before it as context; n times the
 * part's log-likelihood, n the number of parts, has the whole sequence's as its mean. Long
 * sequences are scored in such parts too, and sampled with the layers' past kept in queues ({@link
 * CachedSampler}).
 *
 * <p>Inputs beside those of every network: {@code context} [B, L], the levels before the first step
 * of {@code x}, start symbols (V) where there were none.
 *
 * <p>Differs from the paper: what precedes a sequence is an endless run of a learned start symbol,
 * not zeros inside every layer, so that a step's distribution depends on nothing but the R symbols
 * before it; the 1×1 convolutions inside the layers have no biases, which would add nothing to
 * those of the gates.
 */
public final class WaveNet implements ExactNetwork, Definition.LearnsEnds {
  // Parts of a long sequence are scored with their context computed again: a small part of them.
  private static final int RECEPTIVE_FIELDS_SCORED_AT_ONCE = 4;
  private static final int LEAST_STEPS_SCORED_AT_ONCE = 4096;
  private static final String UNIFORM = "uniform";

  /**
   * Reads the keys of {@code family: wavenet}.
   *
   * <pre>
   * {family: wavenet, channels: 32, skipChannels: 128, dilations: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
   *  blocks: 1, kernel: 2, head: categorical, mixtures: 10, conditional: false, chunk: 2048}
   * </pre>
   */
  public static final class WaveNetFamily implements Family {
    private static final List<Integer> DILATIONS = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512);
    private static final int LONGEST = 1 << 24;
    private static final int MOST_LAYERS = 1 << 14;

    @Override
    public String name() {
      return "wavenet";
    }

    @Override
    public Definition define(Settings settings, EventSpec event) {
      List<Integer> dilations = settings.counts("dilations", DILATIONS, 1, 1 << 16);
      if (dilations.isEmpty()) {
        settings.wrong("dilations", dilations, "a list of at least one dilation");
        dilations = DILATIONS;
      }
      int blocks = settings.count("blocks", 1, 1, 1 << 10);
      int kernel = settings.count("kernel", 2, 2, 1 << 10);
      if ((long) blocks * dilations.size() > MOST_LAYERS) {
        settings.wrong(
            "blocks",
            blocks,
            "at most "
                + MOST_LAYERS / dilations.size()
                + ", as each has "
                + dilations.size()
                + " layers and there may be "
                + MOST_LAYERS);
        blocks = 1;
      }
      long reach = dilations.stream().mapToLong(Integer::longValue).sum() * (kernel - 1) * blocks;
      if (reach > LONGEST) {
        settings.wrong(
            "dilations",
            dilations,
            "such that no step sees more than " + LONGEST + " steps back; it sees " + reach);
        dilations = DILATIONS;
        kernel = 2;
        blocks = 1;
      }
      Configuration configuration =
          new Configuration(
              settings.count("channels", 32, 1, 1 << 14),
              settings.count("skipChannels", 128, 1, 1 << 14),
              dilations,
              blocks,
              kernel,
              HeadKind.valueOf(
                  settings
                      .text("head", "categorical", "categorical", "logistic-mixture")
                      .toUpperCase(Locale.ROOT)
                      .replace('-', '_')),
              settings.count("mixtures", 10, 1, 1 << 10),
              settings.flag("conditional", false),
              settings.count("chunk", 2048, 1, LONGEST));
      return new WaveNet(configuration, event);
    }
  }

  /** How levels are distributed, given the past. */
  public enum HeadKind {
    CATEGORICAL,
    LOGISTIC_MIXTURE
  }

  /**
   * The choices of a WaveNet.
   *
   * @param channels C, of the residual connections
   * @param skipChannels of the skip connections and the layer after them
   * @param dilations of the layers of one block
   * @param blocks how often they are repeated
   * @param kernel K, taps of a convolution
   * @param head distribution of a step
   * @param mixtures components of the logistic mixture
   * @param conditional whether the label is given
   * @param chunk most steps of a part that a training step sees
   */
  public record Configuration(
      int channels,
      int skipChannels,
      List<Integer> dilations,
      int blocks,
      int kernel,
      HeadKind head,
      int mixtures,
      boolean conditional,
      int chunk) {
    public Configuration {
      dilations = List.copyOf(dilations);
      if (channels < 1 || skipChannels < 1 || blocks < 1 || mixtures < 1 || chunk < 1) {
        throw new IllegalArgumentException(
            "channels, skipChannels, blocks, mixtures and chunk must be at least 1; they are "
                + List.of(channels, skipChannels, blocks, mixtures, chunk));
      }
      if (kernel < 2 || dilations.isEmpty() || dilations.stream().anyMatch(d -> d < 1)) {
        throw new IllegalArgumentException(
            "kernel must be at least 2 and dilations at least 1; they are "
                + kernel
                + " and "
                + dilations);
      }
    }
  }

  private final Configuration configuration;
  private final EventSpec event;
  private final int kernel; // K
  private final CausalStack stack;
  private final Distribution distribution; // of a step
  private final Linear hidden;
  private final Linear output;
  private final Crops crops;
  private final ParameterLayout parameters;

  /**
   * A WaveNet for such events.
   *
   * @throws AncestralException (MISMATCH) if the event is no sequence of single discrete elements,
   *     or labels are wanted and it has none
   */
  public WaveNet(Configuration configuration, EventSpec event) {
    this.configuration = configuration;
    this.event = event;
    requireSuited(configuration, event);
    kernel = configuration.kernel();
    stack =
        new CausalStack(
            configuration.channels(),
            configuration.skipChannels(),
            Collections.nCopies(configuration.blocks(), configuration.dilations()).stream()
                .flatMap(List::stream)
                .toList(),
            kernel,
            configuration.conditional() ? event.classes() : 0);
    distribution =
        switch (configuration.head()) {
          case CATEGORICAL -> new Categorical(event.levels());
          case LOGISTIC_MIXTURE -> new LogisticMixture(event.levels(), configuration.mixtures(), 1);
        };
    long width = configuration.skipChannels();
    hidden = new Linear("hidden", width, width, Initializer.he(width));
    output = Linear.glorot("output", width, distribution.parametersPerElement());
    crops = new Crops(receptiveField(), event.levels());
    parameters = layout();
  }

  @Override
  public EventSpec event() {
    return event;
  }

  /** p(x), or p(x | label), given the length unless the event's end is learned. */
  @Override
  public Condition condition() {
    Condition condition = Condition.of(event);
    return configuration.conditional() ? condition.withLabel(Condition.Label.GIVEN) : condition;
  }

  @Override
  public ParameterLayout parameters() {
    return parameters;
  }

  CausalStack stack() {
    return stack;
  }

  /** R: how many steps back a step can see. */
  public int receptiveField() {
    return kernel + stack.reachFrom(0);
  }

  @Override
  public long valuesPerExample(int steps) {
    long held = Math.min(steps, stepsScoredAtOnce() + (long) receptiveField());
    long perStep =
        (2L * stack.layers() + 10) * stack.channels()
            + 3L * stack.skipChannels()
            + 4L * distribution.parametersPerElement();
    return held * perStep;
  }

  // --- log p(x) ---

  @Override
  public View trainingView(Batch batch, RandomKey key) {
    return crops.drawn(batch, configuration.chunk(), key);
  }

  /** Start symbols in front of a context change nothing: they stand for all steps before. */
  @Override
  public ViewLimits viewLimits(int steps) {
    List<Extra> extras = new ArrayList<>();
    extras.add(new Extra(Crops.PARTS, 1, 1));
    if (steps > configuration.chunk()) {
      int context = Math.min(receptiveField(), steps - 1);
      extras.add(new Extra(Crops.CONTEXT, context, event.levels()));
    }
    return new ViewLimits(Math.min(steps, configuration.chunk()), extras);
  }

  @Override
  public List<View> pieces(Batch batch) {
    return crops.all(batch, stepsScoredAtOnce());
  }

  private int stepsScoredAtOnce() {
    return Math.max(LEAST_STEPS_SCORED_AT_ONCE, RECEPTIVE_FIELDS_SCORED_AT_ONCE * receptiveField());
  }

  @Override
  public List<Player> players() {
    return List.of(new Player("model", "", 1, List.of(), this::objective));
  }

  /** n log p(part | context), [B]; the whole sequence's log p(x) on average. */
  private Tensor objective(TensorMap weights, TensorMap inputs) {
    Tensor logProb = logProb(weights, inputs); // [B]
    return inputs.contains(Crops.PARTS)
        ? logProb.mul(inputs.get(Crops.PARTS).reshape(-1))
        : logProb; // [B]
  }

  @Override
  public Tensor logProb(TensorMap weights, TensorMap inputs) {
    Tensor x = inputs.get("x"); // [B, T, 1]
    long batch = x.shape()[0];
    long steps = x.shape()[1];
    Tensor levels = x.reshape(batch, steps).permute(1, 0).reshape(-1); // [T B]
    Tensor perStep =
        distribution.logProb(outputs(weights, inputs), levels).reshape(steps, batch); // [T, B]
    return perStep.mul(inside(inputs.get("length"), steps)).sum(0); // [B]
  }

  /** 1 for the steps of a sequence, 0 for those that pad it, [T, B]. */
  private static Tensor inside(Tensor length, long steps) {
    float[] numbers = new float[(int) steps];
    for (int t = 0; t < numbers.length; t++) {
      numbers[t] = t;
    }
    return length.expandDims(0).greater(length.engine().constant(numbers, steps, 1)); // [T, B]
  }

  // --- the network over many steps ---

  /**
   * The parameters of the distributions, for every step of {@code x} given what precedes it: [T B,
   * outputs], step-major.
   */
  Tensor outputs(TensorMap weights, TensorMap inputs) {
    Engine engine = weights.engine();
    Tensor label = label(inputs);
    Crops.Past given = Crops.Past.of(inputs);
    long first = Math.min(given.known(), stack.reachFrom(0)); // A: steps before those of x
    Crops.Past past = given.reaching(first + kernel, event.levels());
    List<Tensor> start = first < stack.reachFrom(0) ? beforeTheStart(weights, label) : List.of();
    // Every layer has a scope of its own: what it needs on the way is freed before the next one.
    try (TensorCache cache = engine.cache()) {
      List<Tensor> gates = new ArrayList<>();
      Tensor x = engine.scoped(() -> cache.keep(enter(weights, past, first))); // [(A + T) B, C]
      long early = first;
      for (int l = 0; l < stack.layers(); l++) {
        int layer = l;
        Tensor before = x;
        long had = early;
        long has = Math.min(had, stack.reachFrom(l + 1));
        x =
            engine.scoped(
                () -> {
                  Tensor[] taps = taps(layer, before, past, had, has, start);
                  Tensor gate = stack.gate(weights, layer, taps, label); // [(A' + T) B, C]
                  gates.add(cache.keep(past.ofEvent(gate, has))); // [T B, C]
                  return layer + 1 < stack.layers()
                      ? cache.keep(stack.next(weights, layer, taps[0], gate))
                      : null;
                });
        cache.release(before);
        early = has;
      }
      return project(weights, gates); // [T B, outputs]
    }
  }

  /**
   * Shifted activations for the steps from A' before x on, [(A' + T) B, C] each; what lies before
   * the given ones is what the layer sees before the start.
   *
   * @param had A, steps before those of x that are given
   * @param has A', steps before those of x that are wanted
   */
  private Tensor[] taps(
      int layer, Tensor given, Crops.Past past, long had, long has, List<Tensor> start) {
    int reach = stack.reach(layer);
    long missing = has + reach - had;
    Tensor all = given; // [(A' + reach + T) B, C]
    if (missing > 0) {
      long batch = past.batch();
      all =
          start
              .get(layer)
              .expandDims(0)
              .broadcastTo(missing, batch, stack.channels())
              .reshape(missing * batch, stack.channels())
              .concat(0, given);
    }
    Tensor[] taps = new Tensor[kernel];
    for (int k = 0; k < kernel; k++) {
      long from = reach - (long) k * stack.dilations().get(layer);
      taps[k] = all.slice(0, from * past.batch(), (from + has + past.steps()) * past.batch());
    }
    return taps;
  }

  /** The first convolution for the steps from A before x on, [(A + T) B, C]. */
  private Tensor enter(TensorMap weights, Crops.Past past, long early) {
    return firstConvolution(weights, k -> past.levels(-early - k, past.steps() - k));
  }

  /**
   * Σ_k E_k[x_{t−k}], [N, C].
   *
   * @param levels x_{t−k} for k from 1 to K, [N]
   */
  Tensor firstConvolution(TensorMap weights, IntFunction<Tensor> levels) {
    Tensor x = embed(weights, 1, levels.apply(1)); // [N, C]
    for (int k = 2; k <= kernel; k++) {
      x = x.add(embed(weights, k, levels.apply(k))); // [N, C]
    }
    return x;
  }

  /** From the gates of all layers, [N, C] each, to the parameters of the distributions. */
  Tensor project(TensorMap weights, List<Tensor> gates) {
    Tensor h = stack.skips(weights, gates).relu(); // [N, S]
    return output.apply(weights, hidden.apply(weights, h).relu()); // [N, outputs]
  }

  /** What each layer sees long before a sequence begins, [1, C], or [B, C] given labels. */
  List<Tensor> beforeTheStart(TensorMap weights, Tensor label) {
    Tensor symbol = weights.engine().full(event.levels(), 1);
    return stack.beforeTheStart(weights, firstConvolution(weights, k -> symbol), label);
  }

  /**
   * What tap k of the first convolution adds, [N, C]. A level enters one-hot, that is, as a row of
   * a table (van den Oord et al. 2016, section 2.2), or, where it leaves as a number, as its value
   * y in [−1, 1] and whether there is one: (y, 1), or (0, 0) for the start symbol.
   *
   * @param symbols levels and start symbols, [N]
   */
  private Tensor embed(TensorMap weights, int k, Tensor symbols) {
    if (configuration.head() == HeadKind.CATEGORICAL) {
      return table(k).apply(weights, symbols);
    }
    Tensor present = symbols.greater(event.levels() - 0.5).neg().add(1); // [N]
    Tensor value = new Levels(event.levels()).scaled(symbols).mul(present); // [N]
    return value
        .expandDims(1)
        .concat(1, present.expandDims(1)) // [N, 2]
        .matmul(weights.get(table(k).name())); // [N, C]
  }

  private Embedding table(int k) {
    long rows = configuration.head() == HeadKind.CATEGORICAL ? event.levels() + 1L : 2;
    return new Embedding(
        "input.tap." + k, rows, configuration.channels(), new Initializer.Normal(0.5));
  }

  private Tensor label(TensorMap inputs) {
    return stack.classes() > 0 ? inputs.get("label") : null; // [B]
  }

  // --- sampling ---

  @Override
  public List<Noise> samplingNoise(SampleRequest request) {
    int steps = request.steps(event);
    requireLabel(request);
    return List.of(
        new Noise(UNIFORM, Noise.Kind.UNIFORM, 0, List.of(steps, distribution.noisePerElement())));
  }

  private void requireLabel(SampleRequest request) {
    if (configuration.conditional() && request.label().isEmpty()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "no label is given, but the model is conditional; ask for one of 0 to "
              + (event.classes() - 1));
    }
    if (!configuration.conditional() && request.label().isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "label is "
              + request.label().getAsInt()
              + ", but this wavenet was not trained with conditional: true; ask for no label");
    }
  }

  /** Draws step after step. A temperature divides logits and multiplies scales. */
  @Override
  public Tensor sample(TensorMap weights, TensorMap inputs, SampleRequest request) {
    Distribution step = distribution.forManyDraws(weights.engine());
    return new CachedSampler(this, stack, weights, label(inputs))
        .sample(
            inputs.get(UNIFORM),
            event.learnedEnd() ? OptionalInt.of(event.endSymbol()) : OptionalInt.empty(),
            (parameters, uniform) -> step.sample(parameters, uniform, request.temperature()));
  }

  // --- parameters ---

  private ParameterLayout layout() {
    ParameterLayout.Builder layout = ParameterLayout.builder();
    for (int k = 1; k <= kernel; k++) {
      table(k).declare(layout);
    }
    stack.declare(layout);
    hidden.declare(layout);
    output.declare(layout);
    return layout.build();
  }

  private static void requireSuited(Configuration configuration, EventSpec event) {
    if (!event.variableLength() || event.size() != 1 || !event.isDiscrete()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the event is "
              + event.describe()
              + "; a wavenet models sequences of one discrete element a step: prepare wav, text or"
              + " sequences of levels, or choose another family");
    }
    if (configuration.conditional() && !event.hasLabels()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "conditional is true, but the data have no labels; prepare them with --label-pattern, or"
              + " set conditional: false");
    }
  }
}
