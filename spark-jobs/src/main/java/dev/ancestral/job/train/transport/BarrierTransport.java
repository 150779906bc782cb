package dev.ancestral.job.train.transport;

import dev.ancestral.AncestralException;
import dev.ancestral.data.transfer.JavaBytes;
import dev.ancestral.data.transfer.Shared;
import dev.ancestral.job.train.backend.PlainCollectives;
import dev.ancestral.job.train.replica.ReplicaPool;
import dev.ancestral.job.train.replica.RoundPlan;
import dev.ancestral.job.train.replica.RoundReport;
import dev.ancestral.job.train.replica.TaskPlacement;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.spark.BarrierStage;
import dev.ancestral.spark.DriverSecret;
import dev.ancestral.spark.ExecutorLocation;
import dev.ancestral.spark.LocalityRdd;
import dev.ancestral.spark.TaskSlots;
import dev.ancestral.tensor.torch.RendezvousStore;
import dev.ancestral.train.collective.Collective;
import dev.ancestral.train.collective.CollectiveException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;

/**
 * A round is one barrier stage with a task for every replica; they exchange through memory inside a
 * JVM and through Gloo or NCCL between JVMs, as often as the strategy asks.
 */
public final class BarrierTransport implements Transport {
  private final JavaSparkContext spark;
  private final Shared<TrainingContext> run;
  private final RendezvousStore store;
  private final String host;
  private final DriverSecret secret;
  private final ExecutorLocation[] where;
  private final List<String> homes;

  public BarrierTransport(JavaSparkContext spark, TrainingContext run) {
    this.spark = spark;
    this.run = Shared.of(spark, run, TrainingContext.class);
    where = new ExecutorLocation[run.replicas()];
    homes = DataLocality.choose(spark, run);
    if (spark.isLocal()) {
      store = null;
      host = "";
      secret = null;
    } else {
      host = spark.getConf().get("spark.driver.host");
      store =
          RendezvousStore.serve(
              spark.getConf().get("spark.driver.bindAddress", host),
              TimeUnit.SECONDS.toMillis(run.spec().deadlineSeconds()));
      secret = DriverSecret.serve();
    }
  }

  @Override
  public List<RoundReport> round(RoundPlan plan) {
    Meeting meeting = store == null ? null : new Meeting(host, store.port(), secret.name());
    List<Result> results =
        BarrierStage.collect(
                LocalityRdd.replicas(spark, where, homes), new ReplicaTask(run, plan, meeting))
            .stream()
            .map(result -> JavaBytes.value(result, Result.class))
            .toList();
    List<RoundReport> reports = new ArrayList<>();
    for (Result result : results) {
      if (result.refusal() != null) {
        throw result.refusal();
      }
    }
    for (Result result : results) {
      if (result.report() == null) {
        throw new IllegalStateException(result.failure());
      }
      RoundReport report = result.report();
      where[report.replica()] = new ExecutorLocation(report.host(), report.executor());
      reports.add(report);
    }
    return reports;
  }

  /**
   * What a task brings back. A refusal travels as a result, and so does a failed exchange, which
   * another replica's refusal may have caused: Spark would repeat a barrier stage in which a task
   * fails, and hands no cause on.
   */
  private record Result(RoundReport report, AncestralException refusal, String failure)
      implements Serializable {}

  /**
   * Where replicas in several JVMs meet, for the closure of their tasks.
   *
   * @param host of the store
   * @param port of the store
   * @param secret by which name the driver hands it out
   */
  private record Meeting(String host, int port, String secret) implements Serializable {
    Rendezvous.Address address() {
      return new Rendezvous.Address(host, port, GroupSecret.of(DriverSecret.ask(secret)));
    }
  }

  private static final class ReplicaTask implements Function<Integer, byte[]> {
    private static final long serialVersionUID = 1L;

    private final Shared<TrainingContext> broadcast;
    private final RoundPlan plan;
    private final Meeting meeting;

    private ReplicaTask(Shared<TrainingContext> broadcast, RoundPlan plan, Meeting meeting) {
      this.broadcast = broadcast;
      this.plan = plan;
      this.meeting = meeting;
    }

    @Override
    public byte[] call(Integer replica) {
      Result result;
      try {
        result =
            round(
                meeting == null ? Rendezvous.Address.sameJvm() : meeting.address(),
                replica,
                TaskPlacement.ofTask(broadcast.value().spec().device()));
      } catch (AncestralException e) {
        result = new Result(null, e, null);
      }
      return JavaBytes.of(result);
    }

    private Result round(Rendezvous.Address address, int index, TaskPlacement place) {
      TrainingContext run = broadcast.value();
      BarrierTaskContext context = BarrierTaskContext.get();
      String attempt =
          plan.stamp() + " stage " + context.stageId() + "." + context.stageAttemptNumber();
      Rendezvous.Participant participant =
          new Rendezvous.Participant(
              run, attempt, index, place.host(), ExecutorLocation.port(), place.device());
      AtomicReference<Collective> joined = new AtomicReference<>();
      Runnable abort =
          () -> {
            if (joined.get() != null) {
              joined.get().abort("its task was killed");
            }
          };
      try {
        return ReplicaPool.with(
            run,
            index,
            place.device(),
            replica -> {
              try {
                replica.begin(plan);
                Collective group = Rendezvous.join(address, participant);
                joined.set(group);
                // Killed before that: no other thread aborts the group, and its native code
                // does not notice an interrupt.
                if (Thread.currentThread().isInterrupted()) {
                  throw new CollectiveException("its task was killed");
                }
                long sentBefore = group.bytesSent();
                replica.run(plan, group);
                long sent = group.bytesSent() - sentBefore;
                return new Result(replica.end(plan, place, sent), null, null);
              } catch (AncestralException e) {
                abort(address, joined.get(), participant, e);
                return new Result(null, e, null);
              } catch (CollectiveException e) {
                abort(address, joined.get(), participant, e);
                return new Result(null, null, e.getMessage());
              } catch (RuntimeException e) {
                abort(address, joined.get(), participant, e);
                throw e;
              } finally {
                Rendezvous.leave(participant);
              }
            },
            abort);
      } catch (
          AncestralException
              e) { // There is no replica: its device is not there, or too small for it.
        abort(address, null, participant, e);
        Rendezvous.leave(participant);
        throw e;
      }
    }

    private void abort(
        Rendezvous.Address address,
        Collective reduction,
        Rendezvous.Participant participant,
        Exception cause) {
      String reason = String.valueOf(cause.getMessage());
      if (reduction == null) {
        Rendezvous.decline(address, participant, reason);
      } else {
        reduction.abort(reason);
      }
      Rendezvous.disconnect(participant.run().id());
    }
  }

  @Override
  public String describe() {
    return spark.isLocal() ? "memory" : "gloo";
  }

  @Override
  public boolean simultaneous() {
    return true;
  }

  @Override
  public void close() {
    ReplicaCleanup.replicas(spark, run.value(), where);
    if (store != null) {
      store.close();
      secret.close();
    }
    run.destroy();
  }

  /** Why no barrier stage can carry the exchanges, if it cannot. */
  private static Optional<String> obstacle(JavaSparkContext spark, TrainingContext run) {
    // Within one process nothing is sent.
    Optional<String> plain =
        spark.isLocal() ? Optional.empty() : PlainCollectives.obstacle(spark.getConf(), run.spec());
    if (plain.isPresent()) {
      return plain;
    }
    int slots = TaskSlots.await(spark, run.replicas());
    if (slots < run.replicas()) {
      return Optional.of(
          "the cluster has "
              + slots
              + " slots at once and gloo needs one for each of the "
              + run.replicas()
              + " replicas; give it more executors or cores");
    }
    if (spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false)) {
      return Optional.of(
          "spark.dynamicAllocation.enabled is true, under which Spark runs no barrier stage; set"
              + " it to false");
    }
    return Optional.empty();
  }

  /** {@code gloo}: memory inside a JVM, Gloo between them, in one barrier stage a round. */
  public static final class Gloo implements TransportProvider {
    @Override
    public String name() {
      return GLOO;
    }

    @Override
    public boolean simultaneous() {
      return true;
    }

    @Override
    public Optional<String> obstacle(JavaSparkContext spark, TrainingContext run) {
      return BarrierTransport.obstacle(spark, run);
    }

    @Override
    public Transport open(JavaSparkContext spark, TrainingContext run) {
      return new BarrierTransport(spark, run);
    }
  }

  /** {@code nccl}: NCCL between CUDA devices, in one barrier stage a round. */
  public static final class Nccl implements TransportProvider {
    @Override
    public String name() {
      return "nccl";
    }

    @Override
    public boolean simultaneous() {
      return true;
    }

    @Override
    public boolean needsDevices() {
      return true;
    }

    @Override
    public Optional<String> obstacle(JavaSparkContext spark, TrainingContext run) {
      return BarrierTransport.obstacle(spark, run);
    }

    @Override
    public Transport open(JavaSparkContext spark, TrainingContext run) {
      return new BarrierTransport(spark, run);
    }
  }
}
