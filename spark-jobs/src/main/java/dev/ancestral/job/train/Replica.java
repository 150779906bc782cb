package dev.ancestral.job.train;

import dev.ancestral.job.observe.ReplicaGauges;
import dev.ancestral.job.train.TrainSpec.Compression;
import dev.ancestral.job.train.TrainSpec.Strategy;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.ImplicitNetwork;
import dev.ancestral.model.Network;
import dev.ancestral.optimize.WeightAverage;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.torch.TorchEngine;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;

/**
 * One logical worker: a copy of the model and its state, what it learns, and what a round begins
 * and ends with. It knows neither Spark nor where the other replicas are.
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
  private final ReplicaState state;
  private final Learner learner;
  private final HeldOutScores heldOut;
  private final HeldOutSignals signals;
  private final CompressedUpdates compressed;
  private final FlatVector window;

  private String stamp = "none";
  private String position = "none";

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
    boolean ternary = run.spec().compression() == Compression.TERNARY;
    boolean averaged = new WeightAverage(run.spec().ema()).enabled();
    state = new ReplicaState(engine, parameters, players, !ternary, averaged);
    compressed = ternary ? new CompressedUpdates(engine, network.parameters(), players) : null;
    learner = new Learner(run, index, network, players, engine, parameters, state, compressed);
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
    window =
        run.spec().strategy() == Strategy.PARAMETER_AVERAGING
            ? engine.vector(Math.min(ReplicaState.CHUNK, state.size()))
            : null;
  }

  /** What this replica learns from its own batches. */
  Learner learner() {
    return learner;
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

  /** Room for what is averaged at once; null unless parameters are averaged. */
  FlatVector window() {
    return window;
  }

  /** Takes the state that a round begins from, unless it is held already. */
  void begin(RoundPlan plan) {
    long started = System.nanoTime();
    RoundPlan.Base base = plan.base();
    if (!stamp.equals(base.stamp())) {
      switch (base.origin()) {
        case INITIAL -> {
          run.begin(network, parameters.values()::write);
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
    learner.begin();
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
  RoundReport end(RoundPlan plan, Workplace place, long bytesExchanged) {
    long started = System.nanoTime();
    boolean validate = plan.validate() && !learner.diverged();
    Moments scores = validate && heldOut != null ? withAveragedWeights(heldOut::scores) : null;
    SampleSignals compared =
        validate && signals != null ? withAveragedWeights(signals::signals) : null;
    boolean commit = !learner.diverged() && (plan.commit() || Departures.isCommitWanted(run, plan));
    List<Commit.Slice> slices = commit ? save(plan) : List.of();
    stamp = plan.stamp();
    loadNanos += System.nanoTime() - started;
    long memoryBytes = engine.memoryBytes();
    ReplicaGauges.shared()
        .show(
            run.id(),
            index,
            new ReplicaGauges.Round(
                learner.computeNanos() / 1e9,
                learner.inputNanos() / 1e9,
                exchangeNanos / 1e9,
                memoryBytes,
                ShardCache.shared().heldBytes()));
    return new RoundReport(
        index,
        place.host(),
        place.executor(),
        engine.description(),
        place.gpu(),
        learner.objective(),
        run.shares().count(index, plan.fromStep(), plan.toStep()),
        learner.divergedAt(),
        slices,
        learner.ledger(),
        scores,
        compared,
        memoryBytes,
        new RoundReport.Times(
            learner.computeNanos(),
            learner.inputNanos(),
            exchangeNanos,
            loadNanos,
            bytesExchanged));
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
    ReplicaGauges.shared().forget(run.id(), index);
    learner.close();
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
