package dev.ancestral.job.train.replica;

import dev.ancestral.data.loader.ShardCache;
import dev.ancestral.job.observe.ReplicaGauges;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import dev.ancestral.job.train.checkpoint.CheckpointStore;
import dev.ancestral.job.train.checkpoint.StateFiles;
import dev.ancestral.job.train.spec.TrainSpec.Compression;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.ImplicitNetwork;
import dev.ancestral.model.Network;
import dev.ancestral.spark.Departures;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.torch.TorchEngine;
import dev.ancestral.train.CompressedUpdates;
import dev.ancestral.train.ParameterGroup;
import dev.ancestral.train.TrainLoop;
import dev.ancestral.train.TrainOptions;
import dev.ancestral.train.TrainState;
import dev.ancestral.train.TrainStep;
import dev.ancestral.train.collective.Collective;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * One logical worker: a copy of the model and its state, what it learns, and what a round begins
 * and ends with. It knows neither Spark nor where the other replicas are.
 *
 * <p>All calls come from one thread, which {@link ReplicaPool} provides.
 */
public final class Replica implements AutoCloseable {
  private final TrainingContext run;
  private final int index;
  private final Network network;
  private final Engine engine;
  private final BoundParameters parameters;
  private final TrainOptions options;
  private final TrainState state;
  private final TrainStep trainStep;
  private final DataLoader batches;
  private final HeldOutScores heldOut;
  private final HeldOutSignals signals;
  private final CompressedUpdates compressed;

  private String stamp = "none";
  private TrainLoop loop;
  private long loadNanos;

  public Replica(TrainingContext run, int index, Device device) {
    this.run = run;
    this.index = index;
    network = (Network) run.recipe().define();
    List<ParameterGroup> groups = ParameterGroup.of(network, run.spec().optimizer());
    engine = TorchEngine.open(new TorchEngine.Options(device, run.spec().precision()));
    parameters = engine.bind(network.parameters());
    options = run.options();
    boolean ternary = run.spec().compression() == Compression.TERNARY;
    state = new TrainState(engine, parameters, groups, !ternary, options);
    compressed = ternary ? new CompressedUpdates(engine, network.parameters(), groups) : null;
    trainStep = new TrainStep(engine, groups, state, compressed, options, run.key("noise"));
    batches = new DataLoader(run, index, network);
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
  }

  /** Takes the state that a round begins from, unless it is held already. */
  public void begin(RoundPlan plan) {
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
    // From here on the state changes: a reader of the old stamp must read it again.
    stamp = "in motion";
    batches.begin();
    loop = new TrainLoop(trainStep, state, options, batches, run.replicas());
    loadNanos = System.nanoTime() - started;
  }

  /** Takes the steps of a round. */
  public void run(RoundPlan plan, Collective collective) {
    loop.run(plan.fromStep(), plan.toStep(), collective);
  }

  private void load(CheckpointManifest.Slice slice) {
    Path checkpoints = CheckpointStore.folder(run.storage(), run.directory());
    if (slice.replica() < 0) {
      StateFiles.load(run.storage(), checkpoints, slice, state.all()::write);
    } else if (slice.replica() == index && compressed != null) {
      StateFiles.load(run.storage(), checkpoints, slice, compressed.state()::write);
    }
  }

  /** Ends a round: scores held-out examples and writes this replica's part of the state. */
  public RoundReport end(RoundPlan plan, TaskPlacement place, long bytesExchanged) {
    long started = System.nanoTime();
    boolean validate = plan.validate() && !loop.diverged();
    Moments scores =
        validate && heldOut != null ? state.withAveragedWeights(heldOut::scores) : null;
    SampleSignals compared =
        validate && signals != null ? state.withAveragedWeights(signals::signals) : null;
    boolean commit =
        !loop.diverged() && (plan.commit() || Departures.isCommitWanted(run.id(), plan.attempt()));
    List<CheckpointManifest.Slice> slices = commit ? save(plan) : List.of();
    stamp = plan.stamp();
    loadNanos += System.nanoTime() - started;
    long memoryBytes = engine.memoryBytes();
    ReplicaGauges.shared()
        .show(
            run.id(),
            index,
            new ReplicaGauges.Round(
                loop.times().computeNanos() / 1e9,
                loop.times().inputNanos() / 1e9,
                loop.times().exchangeNanos() / 1e9,
                memoryBytes,
                ShardCache.shared().heldBytes()));
    return new RoundReport(
        index,
        place.host(),
        place.executor(),
        engine.description(),
        place.gpu(),
        loop.objective(),
        run.shares().count(index, plan.fromStep(), plan.toStep()),
        loop.divergedAt(),
        slices,
        batches.ledger(),
        scores,
        compared,
        memoryBytes,
        new RoundReport.Times(
            loop.times().computeNanos(),
            loop.times().inputNanos(),
            loop.times().exchangeNanos(),
            loadNanos,
            bytesExchanged));
  }

  private List<CheckpointManifest.Slice> save(RoundPlan plan) {
    Path checkpoints = CheckpointStore.folder(run.storage(), run.directory());
    long size = state.all().size();
    List<CheckpointManifest.Slice> slices =
        StateFiles.save(
            run.storage(),
            checkpoints,
            plan.folder() + "/state",
            -1,
            size * index / run.replicas(),
            size * (index + 1) / run.replicas(),
            state.all()::read);
    if (compressed != null) {
      slices.addAll(
          StateFiles.save(
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

  @Override
  public void close() {
    ReplicaGauges.shared().forget(run.id(), index);
    batches.close();
    if (compressed != null) {
      compressed.close();
    }
    state.close();
    parameters.close();
    engine.close();
  }
}
