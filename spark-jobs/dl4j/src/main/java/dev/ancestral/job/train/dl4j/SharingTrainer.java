package dev.ancestral.job.train.dl4j;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.train.backend.BackendInputs;
import dev.ancestral.spark.ExecutorLossListener;
import dev.ancestral.spark.LocalityRdd;
import dev.ancestral.spark.TaskSlots;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartitioner;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.parameterserver.training.SharedTrainingMaster;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.parameterserver.distributed.v2.ModelParameterServer;
import org.nd4j.parameterserver.distributed.v2.util.AbstractUpdatesHandler;

/**
 * {@code strategy: gradient-sharing} by DeepLearning4J's {@link SharedTrainingMaster}: one call for
 * the steps of a round.
 *
 * <p>In every executor one network takes steps, without waiting for the others, and sends what
 * moved it, as signs above a threshold, to all of them and to the driver. The driver's sum is the
 * state that a round ends with, and the next begins with everywhere. Replicas that share an
 * executor take turns on its network: more than one network in a process would be copied through
 * JSON, which a traced loss has none of.
 */
final class SharingTrainer extends MasterTrainer {
  private static final int POLL_MILLIS = 10;
  private static final int START_SECONDS = 60;
  private static final int SETTLE_MILLIS = 250;

  private Joined joined;

  /** What lasts until an executor is lost. */
  private record Joined(
      Mesh mesh,
      SharedTrainingMaster master,
      SparkComputationGraph network,
      Updates updates,
      ExecutorLossListener watch) {}

  SharingTrainer(JavaSparkContext spark, BackendInputs inputs) {
    super(spark, inputs);
    joined = join();
  }

  private Joined join() {
    TaskSlots.await(spark, inputs.replicas(), START_SECONDS);
    Mesh mesh = Mesh.join(spark);
    SharedTrainingMaster master =
        new SharedTrainingMaster.Builder(
                new MeshSettings(mesh.driver(), mesh.files()),
                groups(mesh),
                new TernaryUpdates(),
                1)
            .batchSizePerWorker(inputs.spec().batchSize())
            .workersPerNode(1)
            .workerPrefetchNumBatches(0)
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .repartitioner(new AsTheyAre())
            .storageLevel(null)
            .build();
    SparkComputationGraph network = new SparkComputationGraph(spark, state.graph(), master);
    network.setListeners(List.of(new SharingListener()));
    return new Joined(
        mesh,
        master,
        network,
        new Updates(),
        new ExecutorLossListener(
            spark, mesh.executors().stream().map(Mesh.Seat::executor).collect(Collectors.toSet())));
  }

  private int groups(Mesh mesh) {
    return Math.min(inputs.replicas(), mesh.executors().size());
  }

  @Override
  public List<Step> steps(long from, long to) {
    if (joined != null && joined.watch().lost().isPresent()) {
      leave();
    }
    if (joined == null) {
      joined = join();
    }
    state.toGraph();
    SharingCall call = new SharingCall(spark, state.floats());
    boolean whole = false;
    try {
      fit(call, from, to);
      List<Step> steps = call.steps();
      requireAll(call, steps, from, to);
      whole = true;
      state.fromGraph();
      return steps;
    } finally {
      call.end();
      if (!whole) {
        leave(); // Whatever the processes hold now, they begin anew.
      }
    }
  }

  private void leave() {
    joined.watch().close();
    joined = null;
  }

  private void fit(SharingCall call, long from, long to) {
    Joined now = joined;
    JavaRDD<String> batches = batches(now.mesh(), from, to);
    BatchLoader loader = new BatchLoader(inputs, inputs.spec().batchSize(), call);
    long seen = now.updates().count();
    AttendedWork work =
        new AttendedWork(
            "dl4j gradient sharing",
            () -> {
              // A task that waits for the dead would hold its slot for good.
              spark.setLocalProperty("spark.job.interruptOnCancel", "true");
              now.network().fitPaths(batches, loader);
            });
    long seconds = Math.max(inputs.spec().deadlineSeconds(), seen == 0 ? START_SECONDS : 0);
    boolean ended =
        work.attend(
            TimeUnit.SECONDS.toNanos(seconds),
            POLL_MILLIS,
            () -> {
              now.updates().listen(now.master());
              now.watch()
                  .lost()
                  .ifPresent(
                      who -> {
                        cancel();
                        throw new IllegalStateException(who);
                      });
              return now.updates().count();
            });
    if (!ended) {
      cancel();
      throw new AncestralException(
          ErrorCode.INTERRUPTED,
          "shared gradients stood still: in steps "
              + from
              + " to "
              + to
              + " no replica sent an update for "
              + seconds
              + " s (deadlineSeconds); look for executors that are paused or cut off, and run the"
              + " same command again: it goes on from the last commit");
    }
    if (!spark.isLocal()) {
      settle(now, seen + call.steps().size());
    }
    addBytesSent((spark.isLocal() ? 0 : groups(now.mesh())) * now.updates().takeBytes());
  }

  private void cancel() {
    spark.sc().cancelJobGroup(spark.getLocalProperty("spark.jobGroup.id"));
  }

  /**
   * Waits for the last updates, which may still be under way when the tasks have ended: one of each
   * step, or fewer, because a step that moves nothing sends none.
   */
  private static void settle(Joined now, long expected) {
    long count = now.updates().count();
    long since = System.nanoTime();
    while (count < expected
        && System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(SETTLE_MILLIS)) {
      AttendedWork.pause(POLL_MILLIS);
      long later = now.updates().count();
      if (later != count) {
        count = later;
        since = System.nanoTime();
      }
    }
    now.master().getUpdatesConsumer().flush();
  }

  /** A worker that fails ends like one that does not, so the steps are counted. */
  private void requireAll(SharingCall call, List<Step> steps, long from, long to) {
    record Place(int replica, long step) {}
    Set<Place> wanted = new HashSet<>();
    for (int replica = 0; replica < inputs.replicas(); replica++) {
      for (long step = from; step < to; step++) {
        if (inputs.count(replica, step) > 0) {
          wanted.add(new Place(replica, step));
        }
      }
    }
    steps.forEach(step -> wanted.remove(new Place(step.replica(), step.step())));
    if (wanted.isEmpty()) {
      return;
    }
    LogManager.getLogger(SharingTrainer.class).warn("steps that were not taken: {}", wanted.size());
    throw call.failure()
        .orElseGet(
            () ->
                new IllegalStateException(
                    wanted.size()
                        + " steps of "
                        + from
                        + " to "
                        + to
                        + " were not taken; the executors' logs say why"));
  }

  /** The names of the batches: in each partition those of the replicas of an executor, in turn. */
  private JavaRDD<String> batches(Mesh mesh, long from, long to) {
    int groups = groups(mesh);
    List<List<String>> all = batchNames(groups, from, to);
    return LocalityRdd.indices(
            spark,
            groups,
            group ->
                spark.isLocal() ? List.of() : List.of(mesh.executors().get(group).asPreference()))
        .flatMap(group -> all.get(group).iterator());
  }

  @Override
  public void close() {
    if (joined != null) {
      leave();
    }
    if (!spark.sc().isStopped()) {
      try {
        Mesh.dissolve(spark);
      } catch (RuntimeException e) {
        // What is left of it ends with the application.
        LogManager.getLogger(SharingTrainer.class).warn("the mesh was not dissolved", e);
      }
    }
  }

  /** Leaves every batch with the executor that it was given to. */
  private static final class AsTheyAre implements Repartitioner {
    private static final long serialVersionUID = 1L;

    @Override
    public <T> JavaRDD<T> repartition(JavaRDD<T> batches, int perWorker, int workers) {
      return batches;
    }
  }

  /** Counts the updates that reach the driver. */
  private static final class Updates extends AbstractUpdatesHandler {
    private boolean listening;
    private long count;
    private long bytes;

    /** From the moment that the master is set up. */
    synchronized void listen(SharedTrainingMaster master) {
      ModelParameterServer server = ModelParameterServer.getInstance();
      // The master's own consumer has to be the first one: it is asked for the parameters.
      if (!listening && master.getUpdatesConsumer() != null && server.isInitialized()) {
        server.addUpdatesSubscriber(this);
        listening = true;
      }
    }

    @Override
    public synchronized void onNext(INDArray update) {
      count++;
      bytes += update.length() * Integer.BYTES;
    }

    @Override
    public INDArray getParametersArray() {
      throw new IllegalStateException("the master's own consumer is asked for the parameters");
    }

    synchronized long count() {
      return count;
    }

    synchronized long takeBytes() {
      long taken = bytes;
      bytes = 0;
      return taken;
    }
  }
}
