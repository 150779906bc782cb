package dev.ancestral.job.train.transport;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.loader.MultisetHash;
import dev.ancestral.data.loader.ShardCache;
import dev.ancestral.job.train.audit.EpochAuditEntry;
import dev.ancestral.job.train.backend.TrainingBackend;
import dev.ancestral.job.train.backend.TrainingBackendProvider;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import dev.ancestral.job.train.checkpoint.CheckpointStore;
import dev.ancestral.job.train.checkpoint.StateFiles;
import dev.ancestral.job.train.replica.HeldOutScores;
import dev.ancestral.job.train.replica.HeldOutSignals;
import dev.ancestral.job.train.replica.ReplicaBatches;
import dev.ancestral.job.train.replica.RoundPlan;
import dev.ancestral.job.train.replica.RoundReport;
import dev.ancestral.job.train.replica.SampleSignals;
import dev.ancestral.job.train.replica.StaleReplicaException;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ImplicitNetwork;
import dev.ancestral.model.Network;
import dev.ancestral.spark.TaskRunner;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.torch.TorchEngine;
import dev.ancestral.train.TrainOptions.Strategy;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A round is what an {@link TrainingBackend} does with the steps between two commits; the state,
 * the commits, the validation and the metrics are those of every other run. The driver holds the
 * whole state, as the trainers it serves do.
 */
public final class BackendTransport implements Transport {
  private final JavaSparkContext spark;
  private final TrainingContext run;
  private final TrainingBackend trainer;
  private final Map<Integer, MultisetHash> held = new TreeMap<>();
  private String stamp = "none";

  public BackendTransport(
      JavaSparkContext spark, TrainingContext run, TrainingBackendProvider provider) {
    this.spark = spark;
    this.run = run;
    trainer = provider.open(spark, new ReplicaBatches(run, lookThrough()));
  }

  /** Steps of the longest training example; and what every shard holds, for the ledger. */
  private int lookThrough() {
    Dataset dataset = run.dataset();
    int[] longest = {1};
    TaskRunner.run(
        spark,
        "train: looking through the shards",
        indices(dataset.split(run.trainSplit()).shards().size()),
        new ShardTask(dataset, run.trainSplit()),
        (index, shard) -> {
          longest[0] = Math.max(longest[0], shard.longest());
          held.put(index, shard.ids());
        });
    return longest[0];
  }

  private record ShardExtent(int longest, MultisetHash ids) implements Serializable {}

  private record ShardTask(Dataset dataset, String split)
      implements TaskRunner.Work<Integer, ShardExtent> {
    private static final long serialVersionUID = 1L;

    @Override
    public ShardExtent on(Integer index) {
      var shard = ShardCache.shared().shard(dataset, split, dataset.sha256(split), index);
      int longest = 1;
      MultisetHash ids = MultisetHash.NONE;
      for (int row = 0; row < shard.size(); row++) {
        Batch example = shard.batch(row, row + 1);
        longest = Math.max(longest, example.steps());
        ids = ids.plus(MultisetHash.of(example.ids()));
      }
      return new ShardExtent(longest, ids);
    }
  }

  private static List<Integer> indices(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @Override
  public List<RoundReport> round(RoundPlan plan) {
    long started = System.nanoTime();
    begin(plan.base());
    long ready = System.nanoTime();
    // By replica and step: a task that Spark repeats tells of the same step again.
    Map<Integer, Map<Long, TrainingBackend.Step>> taken = new TreeMap<>();
    indices(run.replicas()).forEach(replica -> taken.put(replica, new TreeMap<>()));
    long at = plan.fromStep();
    boolean finite = true;
    while (at < plan.toStep() && finite) {
      long next = Math.min(plan.toStep(), nextExchange(at, plan.toStep()));
      for (TrainingBackend.Step step : trainer.steps(at, next)) {
        taken.get(step.replica()).put(step.step(), step);
        finite &= isFinite(step);
      }
      at = next;
    }
    long stepped = System.nanoTime();
    long bytes = trainer.takeBytesSent();
    Scores scores = plan.validate() && finite ? scores() : Scores.none(run.replicas());
    List<CheckpointManifest.Slice> slices = plan.commit() && finite ? save(plan) : List.of();
    stamp = plan.stamp();
    long other = System.nanoTime() - stepped + ready - started;
    List<RoundReport> reports = new ArrayList<>();
    for (int replica : indices(run.replicas())) {
      reports.add(
          report(
              plan,
              replica,
              taken.get(replica),
              scores,
              replica == 0 ? slices : List.of(),
              new RoundReport.Times(0, 0, stepped - ready, other, bytes / run.replicas())));
    }
    return reports;
  }

  /** Parameter averaging ends its steps where the spec says; gradient sharing has no such ends. */
  private long nextExchange(long step, long end) {
    return run.spec().strategy() == Strategy.PARAMETER_AVERAGING ? run.nextExchange(step) : end;
  }

  private void begin(RoundPlan.Base base) {
    if (!stamp.equals(base.stamp())) {
      switch (base.origin()) {
        case INITIAL -> {
          trainer.reset();
          run.begin((Network) run.recipe().define(), trainer::write);
        }
        case COMMITTED -> {
          for (CheckpointManifest.Slice slice : base.slices()) {
            StateFiles.load(run.storage(), checkpoints(), slice, trainer::write);
          }
        }
        case RESIDENT -> throw new StaleReplicaException(0, stamp, base.stamp());
      }
    }
    stamp = "in motion";
  }

  private static boolean isFinite(TrainingBackend.Step step) {
    for (double objective : step.objective()) {
      if (!Double.isFinite(objective)) {
        return false;
      }
    }
    return true;
  }

  private RoundReport report(
      RoundPlan plan,
      int replica,
      Map<Long, TrainingBackend.Step> steps,
      Scores scores,
      List<CheckpointManifest.Slice> slices,
      RoundReport.Times shared) {
    MessageDigest order = Sha256.digest();
    TreeMap<Long, MultisetHash> used = new TreeMap<>();
    double[] objective = null;
    long divergedAt = -1;
    long computeNanos = 0;
    String host = "";
    String executor = "";
    for (TrainingBackend.Step step : steps.values()) {
      if (objective == null) {
        objective = new double[step.objective().length];
      }
      for (int player = 0; player < objective.length; player++) {
        objective[player] += step.objective()[player] * step.ids().length;
      }
      if (divergedAt < 0 && !isFinite(step)) {
        divergedAt = step.step();
      }
      ByteBuffer ids = ByteBuffer.allocate(step.ids().length * Long.BYTES);
      for (long id : step.ids()) {
        ids.putLong(id);
      }
      order.update(ids.array());
      used.merge(
          step.step() / run.shares().stepsPerEpoch(),
          MultisetHash.of(step.ids()),
          MultisetHash::plus);
      computeNanos += step.nanos();
      host = step.host();
      executor = step.executor();
    }
    int players = ((Network) run.recipe().define()).players().size();
    return new RoundReport(
        replica,
        host,
        executor,
        trainer.description(),
        "",
        objective == null ? new double[players] : objective,
        run.shares().count(replica, plan.fromStep(), plan.toStep()),
        divergedAt,
        slices,
        new EpochAuditEntry(Sha256.hex(order), used, replica == 0 ? held : Map.of()),
        scores.moments().get(replica),
        scores.signals().get(replica),
        0, // It is on executors whose processes answer no more.
        new RoundReport.Times(
            computeNanos,
            shared.inputNanos(),
            Math.max(0, shared.exchangeNanos() - computeNanos),
            shared.loadNanos(),
            shared.bytesExchanged()));
  }

  private List<CheckpointManifest.Slice> save(RoundPlan plan) {
    return StateFiles.save(
        run.storage(),
        checkpoints(),
        plan.folder() + "/state",
        -1,
        0,
        trainer.stateSize(),
        trainer::read);
  }

  private Path checkpoints() {
    return CheckpointStore.folder(run.storage(), run.directory());
  }

  /** What the replicas' shares of the held-out examples say; null where nothing was scored. */
  private record Scores(List<Moments> moments, List<SampleSignals> signals) {
    static Scores none(int replicas) {
      List<Moments> moments = new ArrayList<>();
      List<SampleSignals> signals = new ArrayList<>();
      for (int i = 0; i < replicas; i++) {
        moments.add(null);
        signals.add(null);
      }
      return new Scores(moments, signals);
    }
  }

  /** Scored as everywhere else, on libtorch: what is scored is the model, not its engine. */
  private Scores scores() {
    float[] parameters =
        new float[Math.toIntExact(((Network) run.recipe().define()).parameters().size())];
    trainer.read(0, FloatBuffer.wrap(parameters));
    Broadcast<float[]> broadcast = spark.broadcast(parameters);
    Scores scores = Scores.none(run.replicas());
    try {
      TaskRunner.run(
          spark,
          "validation",
          indices(run.replicas()),
          new HeldOutTask(run, broadcast),
          (replica, share) -> {
            scores.moments().set(replica, share.moments());
            scores.signals().set(replica, share.signals());
          });
    } finally {
      broadcast.unpersist(false);
    }
    return scores;
  }

  private record Share(Moments moments, SampleSignals signals) implements Serializable {}

  private record HeldOutTask(TrainingContext run, Broadcast<float[]> parameters)
      implements TaskRunner.Work<Integer, Share> {
    private static final long serialVersionUID = 1L;

    @Override
    public Share on(Integer replica) {
      Network network = (Network) run.recipe().define();
      try (Engine engine = TorchEngine.open(TorchEngine.Options.cpu());
          BoundParameters bound = engine.bind(network.parameters())) {
        bound.values().write(0, FloatBuffer.wrap(parameters.value()));
        if (network instanceof ImplicitNetwork implicit) {
          return new Share(null, new HeldOutSignals(run, replica, implicit, bound).signals());
        }
        return new Share(new HeldOutScores(run, replica, network, bound).scores(), null);
      }
    }
  }

  @Override
  public String describe() {
    return "dl4j";
  }

  @Override
  public void close() {
    trainer.close();
  }
}
