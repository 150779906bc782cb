package dev.ancestral.job.train;

import dev.ancestral.job.train.TrainSpec.Compression;
import dev.ancestral.job.train.TrainSpec.Strategy;
import dev.ancestral.job.train.collective.Reduction;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.ImplicitNetwork;
import dev.ancestral.model.Network;
import dev.ancestral.model.NetworkInputs;
import dev.ancestral.optimize.NormClip;
import dev.ancestral.optimize.WeightAverage;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;

/**
 * One logical worker: a copy of the model, its share of the examples, and what it does to them. It
 * knows neither Spark nor where the other replicas are.
 *
 * <p>All calls come from one thread, which {@link ResidentReplicas} provides.
 */
final class Replica implements AutoCloseable {
  private final Run run;
  private final int index;
  private final Network network;
  private final List<PlayerShare> players;
  private final Engine engine;
  private final BoundParameters parameters;
  private final NormClip clip;
  private final WeightAverage average;
  private final ReplicaState state;
  private final TrainingBatches batches;
  private final HeldOutScores heldOut;
  private final HeldOutSignals signals;
  private final CompressedUpdates compressed;
  private final FlatVector window;

  private String stamp = "none";
  private String position = "none";

  private double[] objective;
  private long divergedAt;
  private long computeNanos;
  private long exchangeNanos;
  private long loadNanos;
  private long bytesSent;

  Replica(Run run, int index, Device device) {
    this.run = run;
    this.index = index;
    network = (Network) run.recipe().define();
    players = PlayerShare.of(network, run.spec().optimizer());
    engine = TorchEngine.open(new TorchEngine.Options(device, run.spec().precision()));
    parameters = engine.bind(network.parameters());
    clip = new NormClip(run.spec().clipNorm());
    average = new WeightAverage(run.spec().ema());
    boolean ternary = run.spec().compression() == Compression.TERNARY;
    state = new ReplicaState(engine, parameters, players, !ternary, average.enabled());
    batches = new TrainingBatches(run, index, network);
    if (network instanceof ImplicitNetwork implicit) {
      heldOut = null;
      signals =
          run.dataset().event().variableLength()
              ? null
              : new HeldOutSignals(run, index, implicit, parameters);
    } else {
      heldOut = new HeldOutScores(run, index, network, parameters);
      signals = null;
    }
    compressed = ternary ? new CompressedUpdates(engine, network.parameters(), players) : null;
    window =
        run.spec().strategy() == Strategy.PARAMETER_AVERAGING
            ? engine.vector(Math.min(ReplicaState.CHUNK, state.size()))
            : null;
  }

  int index() {
    return index;
  }

  ReplicaState state() {
    return state;
  }

  List<PlayerShare> players() {
    return players;
  }

  /** Whether replicas exchange compressed updates instead of gradients. */
  boolean isCompressed() {
    return compressed != null;
  }

  BoundParameters parameters() {
    return parameters;
  }

  String device() {
    return engine.description();
  }

  /** Takes the state that a round begins from, unless it is held already. */
  void begin(RoundPlan plan) {
    long started = System.nanoTime();
    RoundPlan.Base base = plan.base();
    if (!stamp.equals(base.stamp())) {
      switch (base.origin()) {
        case INITIAL -> {
          network.parameters().initialize(run.key("initialize"), parameters.values());
          state.reset();
          if (compressed != null) {
            compressed.reset();
          }
        }
        case COMMITTED -> base.slices().forEach(this::load);
        case RESIDENT -> throw new StaleReplicaException(index, stamp, base.stamp());
      }
    }
    // From here on the state is in motion: whoever asks for the old stamp must read it again.
    stamp = "in motion";
    batches.begin();
    objective = new double[players.size()];
    divergedAt = -1;
    computeNanos = 0;
    exchangeNanos = 0;
    loadNanos = System.nanoTime() - started;
  }

  /**
   * Checks that this replica stands where the last exchange left it.
   *
   * @throws StaleReplicaException if it was made anew or has gone further since
   */
  void require(String wanted) {
    if (!position.equals(wanted)) {
      throw new StaleReplicaException(index, position, wanted);
    }
    position = "in motion";
  }

  /** Notes where this replica stands. */
  void standsAt(String place) {
    position = place;
  }

  private void load(Commit.Slice slice) {
    Path checkpoints = Checkpoints.folder(run.storage(), run.directory());
    if (slice.replica() < 0) {
      ReplicaState.load(run.storage(), checkpoints, slice, state::write);
    } else if (slice.replica() == index && compressed != null) {
      ReplicaState.load(run.storage(), checkpoints, slice, compressed.state()::write);
    }
  }

  /** Takes the steps of a round, exchanging through the reduction; stops early when it diverges. */
  void steps(RoundPlan plan, Reduction reduction) {
    long step = plan.fromStep();
    while (step < plan.toStep() && divergedAt < 0) {
      long next = run.nextExchange(step);
      if (run.spec().strategy() == Strategy.GRADIENT_SHARING) {
        shareGradients(step, reduction);
      } else {
        double[] scalars = localSteps(step, next);
        average(step, next, scalars, reduction);
        noteDivergence(scalars, next - 1);
      }
      step = next;
    }
  }

  /** One step with what all replicas' batches say. */
  private void shareGradients(long step, Reduction reduction) {
    for (int player = 0; player < players.size(); player++) {
      for (int update = 0; update < players.get(player).player().updates(); update++) {
        double[] scalars = {sharedGradient(step, player, update)};
        exchange(step, player, update, scalars, reduction);
        noteDivergence(scalars, step);
      }
    }
    afterStep(step);
  }

  private void exchange(long step, int player, int update, double[] scalars, Reduction reduction) {
    long started = System.nanoTime();
    if (compressed != null) {
      applyMessages(player, reduction.gather(message(step, player, update, scalars)), scalars);
      exchangeNanos += System.nanoTime() - started;
      return;
    }
    PlayerShare share = players.get(player);
    try (FlatVector own = parameters.gradient().window(share.offset(), share.size())) {
      reduction.sum(own, scalars);
    }
    exchangeNanos += System.nanoTime() - started;
    applyGradient(step, player, update);
  }

  /**
   * Leaves this replica's part of a shared step in the gradient: of the mean over all replicas'
   * batches or, where updates are compressed, of the mean over its own.
   *
   * @return Σ objective in nats
   */
  double sharedGradient(long step, int player, int update) {
    long examples =
        compressed == null
            ? run.shares().total(step)
            : Math.max(1, run.shares().count(index, step));
    return gradient(step, player, update, 1.0 / examples);
  }

  /** The compressed update that follows from the gradient, followed by the scalars. */
  byte[] message(long step, int player, int update, double[] scalars) {
    byte[] encoded;
    PlayerShare share = players.get(player);
    int count = run.shares().count(index, step);
    try (FlatVector values = parameters.values().window(share.offset(), share.size());
        FlatVector gradient = parameters.gradient().window(share.offset(), share.size())) {
      if (count > 0) {
        clip.apply(gradient);
        double weight = (double) count / run.shares().total(step);
        compressed.add(
            player,
            values,
            gradient,
            updates(step, player, update),
            rate(step, player),
            weight,
            run.replicas());
      }
      encoded = compressed.message(player);
    }
    ByteBuffer message = ByteBuffer.allocate(encoded.length + scalars.length * Double.BYTES);
    message.put(encoded);
    for (double scalar : scalars) {
      message.putDouble(scalar);
    }
    return message.array();
  }

  /** Moves a player's parameters by the messages of all replicas and adds up their scalars. */
  void applyMessages(int player, byte[][] messages, double[] scalars) {
    Arrays.fill(scalars, 0);
    for (byte[] message : messages) {
      int tail = message.length - scalars.length * Double.BYTES;
      ByteBuffer rest = ByteBuffer.wrap(message, tail, scalars.length * Double.BYTES);
      for (int i = 0; i < scalars.length; i++) {
        scalars[i] += rest.getDouble();
      }
    }
    PlayerShare share = players.get(player);
    try (FlatVector values = parameters.values().window(share.offset(), share.size())) {
      compressed.apply(player, messages, values);
    }
  }

  /**
   * Leaves the gradient of −scale·Σ objective over this replica's batch.
   *
   * @return Σ objective in nats
   */
  double gradient(long step, int player, int update, double scale) {
    long started = System.nanoTime();
    Network.Player learner = players.get(player).player();
    int count = run.shares().count(index, step);
    double sum = 0;
    if (count == 0) {
      parameters.gradient().fill(0);
    } else {
      Network.View view = batches.at(step, player == 0 && update == 0);
      RandomKey key =
          run.key("noise")
              .fold(step / run.shares().stepsPerEpoch())
              .fold(players.size() * (long) update + player);
      sum =
          engine.scoped(
              () -> {
                TensorMap inputs = NetworkInputs.of(engine, view, learner.noise(), key);
                double value =
                    parameters.differentiate(
                        weights -> objective(learner, weights, inputs).mul(-scale));
                return -value / scale;
              });
    }
    objective[player] += sum;
    computeNanos += System.nanoTime() - started;
    return sum;
  }

  private static Tensor objective(Network.Player player, TensorMap weights, TensorMap inputs) {
    return player.objective().of(weights, inputs).sum();
  }

  /** Moves a player's parameters by its gradient. */
  void applyGradient(long step, int player, int update) {
    long started = System.nanoTime();
    PlayerShare share = players.get(player);
    try (FlatVector values = parameters.values().window(share.offset(), share.size());
        FlatVector gradient = parameters.gradient().window(share.offset(), share.size())) {
      clip.apply(gradient);
      share
          .optimizer()
          .optimizer()
          .step(
              values,
              gradient,
              state.moments(player),
              updates(step, player, update),
              rate(step, player));
    }
    computeNanos += System.nanoTime() - started;
  }

  /** The number of a player's update in a step, from 1. */
  private long updates(long step, int player, int update) {
    return step * players.get(player).player().updates() + update + 1;
  }

  private double rate(long step, int player) {
    return players.get(player).optimizer().learningRate()
        * run.spec().schedule().factor(step + 1, run.totalSteps());
  }

  /** What follows the optimizer in every step. */
  void afterStep(long step) {
    if (average.enabled()) {
      average.update(state.ema(), parameters.values(), step + 1);
    }
  }

  /**
   * Local steps [from, to).
   *
   * @return Σ objective of each player in nats
   */
  double[] localSteps(long from, long to) {
    double[] before = objective.clone();
    for (long step = from; step < to; step++) {
      int count = run.shares().count(index, step);
      if (count > 0) {
        for (int player = 0; player < players.size(); player++) {
          for (int update = 0; update < players.get(player).player().updates(); update++) {
            gradient(step, player, update, 1.0 / count);
            applyGradient(step, player, update);
          }
        }
        afterStep(step);
      }
    }
    double[] since = objective.clone();
    for (int player = 0; player < since.length; player++) {
      since[player] -= before[player];
    }
    return since;
  }

  /**
   * The weight of this replica in the average after the steps [from, to): its share of examples.
   */
  double weight(long from, long to) {
    return (double) run.shares().count(index, from, to) / run.shares().total(from, to);
  }

  /** Multiplies values by this replica's weight, in float32 as {@link FlatVector#scale} does. */
  void weigh(long from, long to, FloatBuffer values) {
    float weight = (float) weight(from, to);
    for (int i = 0; i < values.limit(); i++) {
      values.put(i, values.get(i) * weight);
    }
  }

  private void average(long from, long to, double[] scalars, Reduction reduction) {
    long started = System.nanoTime();
    double weight = weight(from, to);
    boolean[] first = {true};
    state.forEachWindow(
        (own, offset) -> {
          try (FlatVector sum = window.window(0, own.size())) {
            sum.copyFrom(own);
            sum.scale(weight);
            reduction.sum(sum, first[0] ? scalars : new double[0]);
            own.copyFrom(sum);
            first[0] = false;
          }
        });
    exchangeNanos += System.nanoTime() - started;
  }

  /** Remembers the step at which the objective of all replicas was not a finite number. */
  void noteDivergence(double[] scalars, long step) {
    for (double scalar : scalars) {
      if (!Double.isFinite(scalar) && divergedAt < 0) {
        divergedAt = step;
      }
    }
  }

  boolean diverged() {
    return divergedAt >= 0;
  }

  void addBytesSent(long bytes) {
    bytesSent += bytes;
  }

  long takeBytesSent() {
    long sent = bytesSent;
    bytesSent = 0;
    return sent;
  }

  void addExchangeNanos(long nanos) {
    exchangeNanos += nanos;
  }

  /** Ends a round: scores held-out examples and writes this replica's part of the state. */
  RoundReport end(RoundPlan plan, String host, String executor, long bytesExchanged) {
    long started = System.nanoTime();
    boolean validate = plan.validate() && divergedAt < 0;
    Moments scores = validate && heldOut != null ? withAveragedWeights(heldOut::scores) : null;
    SampleSignals compared =
        validate && signals != null ? withAveragedWeights(signals::signals) : null;
    List<Commit.Slice> slices = plan.commit() && divergedAt < 0 ? save(plan) : List.of();
    stamp = plan.stamp();
    loadNanos += System.nanoTime() - started;
    return new RoundReport(
        index,
        host,
        executor,
        device(),
        objective,
        run.shares().count(index, plan.fromStep(), plan.toStep()),
        divergedAt,
        slices,
        batches.ledger(),
        scores,
        compared,
        new RoundReport.Times(computeNanos, exchangeNanos, loadNanos, bytesExchanged));
  }

  private List<Commit.Slice> save(RoundPlan plan) {
    Path checkpoints = Checkpoints.folder(run.storage(), run.directory());
    long size = state.size();
    List<Commit.Slice> slices =
        state.save(
            run.storage(),
            checkpoints,
            plan.folder(),
            size * index / run.replicas(),
            size * (index + 1) / run.replicas());
    if (compressed != null) {
      slices.addAll(
          ReplicaState.save(
              run.storage(),
              checkpoints,
              plan.folder() + "/replica-" + index,
              index,
              0,
              compressed.state().size(),
              compressed.state()::read));
    }
    return slices;
  }

  /** Works with the averaged weights in the place of the parameters, if they are kept. */
  private <T> T withAveragedWeights(Supplier<T> work) {
    if (state.ema() == null) {
      return work.get();
    }
    try (FlatVector keep = engine.vector(parameters.values().size())) {
      keep.copyFrom(parameters.values());
      parameters.values().copyFrom(state.ema());
      try {
        return work.get();
      } finally {
        parameters.values().copyFrom(keep);
      }
    }
  }

  @Override
  public void close() {
    if (window != null) {
      window.close();
    }
    if (compressed != null) {
      compressed.close();
    }
    state.close();
    parameters.close();
    engine.close();
  }
}
