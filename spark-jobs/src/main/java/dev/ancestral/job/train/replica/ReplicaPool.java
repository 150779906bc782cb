package dev.ancestral.job.train.replica;

import dev.ancestral.Failures;
import dev.ancestral.spark.CommonArithmetic;
import dev.ancestral.tensor.Device;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.spark.TaskContext;

/**
 * The replicas that stay alive in this JVM between rounds, each on a thread of its own.
 *
 * <p>It is a cache: a replica that is not here is made, and one whose state is not the one asked
 * for reads it. Each has its own thread because an engine belongs to one, while Spark runs every
 * task on whichever thread is free.
 */
public final class ReplicaPool {
  private record Key(String run, int index) {}

  private static final int POLL_MILLIS = 100;
  private static final Map<Key, Resident> RESIDENTS = new ConcurrentHashMap<>();

  private ReplicaPool() {}

  /** A replica and its thread. */
  private static final class Resident {
    private final ExecutorService thread;
    private volatile Thread worker;
    private Replica replica;
    private Device device;
    private volatile PooledRound round;

    /** Ends a round that tasks no longer carry on, so that the thread is free. */
    private void endRound() {
      PooledRound left = round;
      if (left != null) {
        round = null;
        left.abort("another round begins");
      }
    }

    private Resident(Key key) {
      thread =
          Executors.newSingleThreadExecutor(
              work -> {
                Thread made = new Thread(work, "replica-" + key.index());
                made.setDaemon(true);
                worker = made;
                return made;
              });
    }
  }

  /**
   * Does something with a replica on its thread and waits for it.
   *
   * @param killed called when the task is killed, to make the work end
   */
  public static <T> T with(
      TrainingContext run, int index, Device device, Function<Replica, T> work, Runnable killed) {
    Resident resident = RESIDENTS.computeIfAbsent(new Key(run.id(), index), Resident::new);
    resident.endRound();
    return await(resident, () -> work.apply(replica(resident, run, index, device)), killed);
  }

  /**
   * Begins a round that several tasks carry on, one after the other.
   *
   * @param work what the replica does on its thread until the end of the round
   */
  public static void begin(
      TrainingContext run,
      int index,
      Device device,
      PooledRound round,
      Function<Replica, RoundReport> work) {
    Resident resident = RESIDENTS.computeIfAbsent(new Key(run.id(), index), Resident::new);
    resident.endRound();
    round.runsAs(
        resident.thread.submit(
            () -> {
              Thread.interrupted(); // meant for the work before
              return work.apply(replica(resident, run, index, device));
            }));
    resident.round = round;
  }

  /** The round that a replica is in, or null. */
  public static PooledRound round(TrainingContext run, int index) {
    Resident resident = RESIDENTS.get(new Key(run.id(), index));
    return resident == null ? null : resident.round;
  }

  private static Replica replica(Resident resident, TrainingContext run, int index, Device device) {
    // Spark may give another device to the next task: the replica is then on a device that
    // another task uses.
    if (resident.replica != null && !device.equals(resident.device)) {
      resident.replica.close();
      resident.replica = null;
    }
    if (resident.replica == null) {
      CommonArithmetic.requireHere(run.arithmetic(), device);
      resident.replica = new Replica(run, index, device);
      resident.device = device;
    }
    return resident.replica;
  }

  /** Closes the replicas of a run in this JVM. */
  public static void release(String run) {
    for (Map.Entry<Key, Resident> entry : List.copyOf(RESIDENTS.entrySet())) {
      if (entry.getKey().run().equals(run) && RESIDENTS.remove(entry.getKey()) != null) {
        Resident resident = entry.getValue();
        resident.endRound();
        Callable<Void> closing =
            () -> {
              if (resident.replica != null) {
                resident.replica.close();
              }
              return null;
            };
        await(resident, closing, () -> {});
        resident.thread.shutdown();
      }
    }
  }

  /**
   * Has the work done and waits for it, and makes it end when the task is killed: its slot must not
   * be given to another task before. Spark may kill a task within a millisecond of its start; work
   * that has not begun is not interrupted, which would reach the work before it, and be lost.
   */
  private static <T> T await(Resident resident, Callable<T> work, Runnable killed) {
    AtomicBoolean begun = new AtomicBoolean();
    Future<T> future =
        resident.thread.submit(
            () -> {
              Thread.interrupted(); // meant for the work before
              begun.set(true);
              return work.call();
            });
    TaskContext task = TaskContext.get();
    boolean interrupted = false;
    boolean told = false;
    try {
      while (true) {
        boolean unwanted = interrupted || (task != null && task.isInterrupted());
        if (!told && unwanted && begun.get()) {
          told = true;
          killed.run();
          resident.worker.interrupt();
        }
        try {
          return future.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // Not done yet; Spark may have killed the task without interrupting its thread.
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw Failures.unchecked(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
