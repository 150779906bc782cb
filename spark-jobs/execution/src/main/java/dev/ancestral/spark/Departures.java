package dev.ancestral.spark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.rpc.ThreadSafeRpcEndpoint;
import org.apache.spark.scheduler.TaskSchedulerImpl;
import org.apache.spark.util.RpcUtils;
import scala.PartialFunction;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/**
 * Executors that Spark has announced to go ({@code spark.decommission.enabled}: a node is drained
 * or taken back), and whether the state of a round is written because of them.
 *
 * <p>An executor that is announced ends the tasks that run on it and gets no more. A state that
 * only its replicas hold is then out of reach, so it has to be written by the tasks of the round
 * that is under way. They ask the driver when their steps are done. The driver answers all tasks of
 * an attempt alike, by what it knew when the first of them asked: either every replica writes its
 * part or none does.
 */
public final class Departures implements AutoCloseable {
  private static final String NAME = "ancestral-departures-";

  private final JavaSparkContext spark;
  private final RpcEndpointRef endpoint;
  private final Set<String> covered = new HashSet<>();
  private final Map<String, Boolean> answers = new HashMap<>();

  /** Begins to answer the tasks of a run. */
  public Departures(JavaSparkContext spark, String run) {
    this.spark = spark;
    RpcEnv messages = SparkEnv.get().rpcEnv();
    endpoint =
        spark.isLocal() ? null : messages.setupEndpoint(NAME + run, new Questions(this, messages));
  }

  /** The executors that are there and announced to go, in order. */
  public static List<String> announced(SparkContext spark) {
    List<String> announced = new ArrayList<>();
    if (spark.taskScheduler() instanceof TaskSchedulerImpl scheduler) {
      for (String executor : ScalaCollections.list(spark.getExecutorIds())) {
        if (scheduler.getExecutorDecommissionState(executor).isDefined()) {
          announced.add(executor);
        }
      }
    }
    announced.sort(null);
    return announced;
  }

  /** Whether an executor is to go that was not when the state was last written. */
  public synchronized boolean isCommitWanted() {
    return !spark.isLocal() && !covered.containsAll(announced(spark.sc()));
  }

  /** What the tasks of an attempt were told when they asked; false if none has. */
  public synchronized boolean wasCommitted(String attempt) {
    return answers.getOrDefault(attempt, false);
  }

  /**
   * Notes that the state is written.
   *
   * @return the executors for whose going it is written for the first time
   */
  public synchronized List<String> cover() {
    answers.clear();
    List<String> fresh = new ArrayList<>();
    if (!spark.isLocal()) {
      for (String executor : announced(spark.sc())) {
        if (covered.add(executor)) {
          fresh.add(executor);
        }
      }
    }
    return fresh;
  }

  private synchronized boolean answer(String attempt) {
    return answers.computeIfAbsent(attempt, first -> isCommitWanted());
  }

  /** To be called in a task of the round when its steps are done: whether it writes its part. */
  public static boolean isCommitWanted(String run, String attempt) {
    SparkEnv here = SparkEnv.get();
    if (here.executorId().equals("driver")) {
      return false; // No executor goes without the driver.
    }
    RpcEndpointRef driver = RpcUtils.makeDriverRef(NAME + run, here.conf(), here.rpcEnv());
    return driver.<Boolean>askSync(attempt, ClassTag$.MODULE$.apply(Boolean.class));
  }

  @Override
  public void close() {
    if (endpoint != null && !spark.sc().isStopped()) {
      SparkEnv.get().rpcEnv().stop(endpoint);
    }
  }

  /** Where the tasks' questions arrive: the name of an attempt. */
  private record Questions(Departures departures, RpcEnv rpcEnv) implements ThreadSafeRpcEndpoint {

    @Override
    public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext caller) {
      return new AbstractPartialFunction<>() {
        @Override
        public boolean isDefinedAt(Object question) {
          return question instanceof String;
        }

        @Override
        public BoxedUnit apply(Object question) {
          caller.reply(departures.answer((String) question));
          return BoxedUnit.UNIT;
        }
      };
    }
  }
}
