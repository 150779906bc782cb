package dev.ancestral.job.train.transport;

import dev.ancestral.Failures;
import dev.ancestral.job.train.replica.PooledRound;
import dev.ancestral.job.train.replica.ReplicaPool;
import dev.ancestral.job.train.replica.RoundPlan;
import dev.ancestral.job.train.replica.RoundReport;
import dev.ancestral.job.train.replica.StaleReplicaException;
import dev.ancestral.job.train.replica.TaskPlacement;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.transport.ShuffleTransport.Exchange;
import dev.ancestral.job.train.transport.ShuffleTransport.Piece;
import dev.ancestral.job.train.transport.ShuffleTransport.Scalars;
import dev.ancestral.spark.ExecutorLocation;
import dev.ancestral.train.collective.CollectiveException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.TaskContext;
import scala.Tuple2;

/**
 * A round of one replica under {@link ShuffleTransport}: the training loop runs on the thread of
 * the replica from the first exchange of the round to the last, while one task after the other
 * carries its exchanges.
 */
public final class ShuffleRound implements PooledRound {
  private static final int POLL_MILLIS = 100;

  private final int index;
  private final TaskPlacement place;
  private final ShuffleCollective collective;
  private Future<RoundReport> loop;
  private String position = "begun";

  private ShuffleRound(TrainingContext run, int index, TaskPlacement place) {
    this.index = index;
    this.place = place;
    collective = new ShuffleCollective(run.replicas());
  }

  /** Takes in the sums of the exchange before, computes up to the next, and contributes to it. */
  public static Iterator<Tuple2<Piece, byte[]>> compute(
      TrainingContext run,
      int index,
      RoundPlan plan,
      Exchange before,
      Exchange now,
      Iterator<Tuple2<Piece, byte[]>> sums) {
    ShuffleRound round;
    if (before == null) {
      round = begin(run, index, plan);
    } else {
      round = resident(run, index, plan, before);
      round.takeIn(sums);
    }
    return round.contribution(position(plan, now));
  }

  /** Takes in the last sums of a round and ends it. */
  public static RoundReport end(
      TrainingContext run,
      int index,
      RoundPlan plan,
      Exchange before,
      Iterator<Tuple2<Piece, byte[]>> sums) {
    ShuffleRound round = resident(run, index, plan, before);
    round.takeIn(sums);
    return round.report();
  }

  private static ShuffleRound begin(TrainingContext run, int index, RoundPlan plan) {
    TaskPlacement place = TaskPlacement.ofTask(run.spec().device());
    ShuffleRound round = new ShuffleRound(run, index, place);
    ReplicaPool.begin(
        run,
        index,
        place.device(),
        round,
        replica -> {
          replica.begin(plan);
          replica.run(plan, round.collective);
          return replica.end(plan, place, round.collective.bytesSent());
        });
    return round;
  }

  /** Says what comes of the loop. */
  @Override
  public void runsAs(Future<RoundReport> running) {
    loop = running;
  }

  /**
   * The round that this replica is in.
   *
   * @throws StaleReplicaException if the replica is not there, or not where the exchange before
   *     left it
   */
  private static ShuffleRound resident(
      TrainingContext run, int index, RoundPlan plan, Exchange before) {
    ShuffleRound round = (ShuffleRound) ReplicaPool.round(run, index);
    String wanted = position(plan, before);
    if (round == null) {
      throw new StaleReplicaException(index, "none", wanted);
    }
    synchronized (round) {
      if (!round.position.equals(wanted)) {
        throw new StaleReplicaException(index, round.position, wanted);
      }
      round.position = "in motion";
    }
    return round;
  }

  private static String position(RoundPlan plan, Exchange exchange) {
    return plan.stamp() + " " + exchange;
  }

  /** Makes the loop end where it waits, and waits until its thread is free. */
  @Override
  public void abort(String reason) {
    collective.abort(reason);
    try {
      loop.get();
    } catch (ExecutionException | CancellationException e) {
      // That is what was wanted.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void takeIn(Iterator<Tuple2<Piece, byte[]>> sums) {
    double[] scalars = {};
    List<byte[]> messages = new ArrayList<>();
    while (sums.hasNext()) {
      Tuple2<Piece, byte[]> piece = sums.next();
      int slice = piece._1().slice();
      if (slice < 0) {
        scalars = Scalars.of(piece._2()).values();
      } else if (collective.isOfMessages()) {
        messages.add(piece._2());
      } else {
        collective.takeIn(slice, piece._2());
      }
    }
    messages.forEach(collective::takeIn);
    collective.answer(scalars);
  }

  private Iterator<Tuple2<Piece, byte[]>> contribution(String reached) {
    collective.awaitOffer(this::requireRunning);
    synchronized (this) {
      position = reached;
    }
    return new Contribution();
  }

  /** Fails if the loop has ended, or if the task was killed. */
  private void requireRunning() {
    if (loop.isDone()) {
      outcome();
      throw new IllegalStateException("replica " + index + " ended its round before an exchange");
    }
    TaskContext task = TaskContext.get();
    if (Thread.currentThread().isInterrupted() || (task != null && task.isInterrupted())) {
      Thread.interrupted(); // so that the wait for the loop is not cut short
      abort("its task was killed");
      Thread.currentThread().interrupt();
      throw new CollectiveException("its task was killed");
    }
  }

  private RoundReport report() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          loop.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
          return outcome();
        } catch (TimeoutException e) {
          requireRunning();
        } catch (InterruptedException e) {
          interrupted = true; // What is left is short: validation and a commit.
        } catch (ExecutionException e) {
          return outcome();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private RoundReport outcome() {
    try {
      return loop.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw Failures.unchecked(e);
    }
  }

  /** The pieces of a contribution, copied out of the engine one at a time. */
  private final class Contribution implements Iterator<Tuple2<Piece, byte[]>> {
    private int next = -1;

    @Override
    public boolean hasNext() {
      return collective.isOfMessages()
          ? next < 1
          : next * collective.sliceSize() < collective.size();
    }

    @Override
    public Tuple2<Piece, byte[]> next() {
      int slice = next++;
      if (slice < 0) {
        Scalars scalars =
            new Scalars(
                collective.scalars(),
                Map.of(index, new ExecutorLocation(place.host(), place.executor())));
        return new Tuple2<>(new Piece(-1, index), scalars.bytes());
      }
      return collective.isOfMessages()
          ? new Tuple2<>(new Piece(index, index), collective.message())
          : new Tuple2<>(new Piece(slice, index), collective.slice(slice));
    }
  }
}
