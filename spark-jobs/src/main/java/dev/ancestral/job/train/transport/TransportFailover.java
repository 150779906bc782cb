package dev.ancestral.job.train.transport;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.replica.RoundPlan;
import dev.ancestral.job.train.replica.RoundReport;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.TrainSpec.FewerSlots;
import dev.ancestral.job.train.spec.TransportKind;
import dev.ancestral.spark.TaskSlots;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Carries out rounds while executors come and go: with the transport of the spec as long as every
 * replica has a slot; where executors are lost for good, the replicas move to those left and take
 * turns over the spark transport, or wait for slots, as the spec says. The bytes are the same.
 */
public final class TransportFailover implements AutoCloseable {
  private static final int POLL_MILLIS = 100;
  private static final int START_SECONDS = 60;

  private final JavaSparkContext spark;
  private final TrainingContext run;
  private final ProgressListener progress;
  private Transport transport;
  private boolean inTurn;
  // Executors that have been there and are missed, in contrast to those that are still to come.
  private boolean seated;

  /**
   * Chooses a transport.
   *
   * @param resumed whether the run goes on: then slots that are missing were lost
   * @throws AncestralException (CLUSTER) if the transport that the spec names cannot work here
   */
  public TransportFailover(
      JavaSparkContext spark, TrainingContext run, ProgressListener progress, boolean resumed) {
    this.spark = spark;
    this.run = run;
    this.progress = progress;
    String wanted = run.spec().transport();
    if (TransportProvider.named(wanted).simultaneous() && !spark.isLocal()) {
      int slots =
          slotsWithin(run.replicas(), Math.min(START_SECONDS, run.spec().deadlineSeconds()));
      if (slots < run.replicas() && run.spec().fewerSlots() == FewerSlots.WAIT) {
        waitForSlots(slots, run.replicas());
      } else if (slots < run.replicas() && resumed && !wanted.equals(TransportKind.AUTO)) {
        // A cluster that still ends what an earlier driver left behind may have none at first.
        slots = Math.max(slots, slotsWithin(1, START_SECONDS));
        if (slots > 0 && slots < run.replicas()) {
          takeTurns(slots);
          return;
        }
      }
    }
    transport = Transports.choose(spark, run, progress);
    seated = transport.simultaneous();
  }

  /**
   * Runs a round.
   *
   * @return the reports of the replicas, in their order
   * @throws AncestralException for what another attempt would not mend
   * @throws RuntimeException for what another attempt, from the last commit, may mend
   */
  public List<RoundReport> round(RoundPlan plan) {
    if (seated && !spark.isLocal()) {
      findSlots(plan);
    }
    List<RoundReport> reports = transport.round(plan);
    seated = true;
    return reports;
  }

  private void findSlots(RoundPlan plan) {
    int needed = transport.simultaneous() ? run.replicas() : 1;
    // Asked here because Spark asks only every 15 seconds while an executor is being replaced.
    int slots = slotsWithin(needed, run.spec().deadlineSeconds());
    if (slots < needed) {
      if (run.spec().fewerSlots() == FewerSlots.WAIT) {
        waitForSlots(slots, needed);
      } else if (slots == 0) {
        throw new IllegalStateException("no executor is left");
      } else {
        transport.close();
        takeTurns(slots);
      }
    } else if (inTurn
        && plan.base().origin() != RoundPlan.Origin.RESIDENT
        && TaskSlots.now(spark) >= run.replicas()) {
      inTurn = false;
      transport.close();
      progress.message("every replica has a slot again");
      transport = TransportProvider.named(run.spec().transport()).open(spark, run);
    }
  }

  private void takeTurns(int slots) {
    String warning =
        "warning: "
            + (slots == 1 ? "1 slot is left" : slots + " slots are left")
            + " for "
            + run.replicas()
            + " replicas: from here on they take turns, exchanging over Spark's shuffle, which is"
            + " slower and gives the same bytes (fewerSlots: wait would wait instead)";
    progress.message(warning);
    LogManager.getLogger(TransportFailover.class).warn(warning);
    transport = new ShuffleTransport(spark, run);
    inTurn = true;
    seated = true;
  }

  private void waitForSlots(int slots, int needed) {
    progress.message(
        "waiting for slots: "
            + slots
            + " of "
            + needed
            + " are there; bring executors back, or go on with fewer by fewerSlots: turns");
    while (slotsWithin(needed, run.spec().deadlineSeconds()) < needed) {
      if (spark.sc().isStopped() || Thread.currentThread().isInterrupted()) {
        throw new AncestralException(
            ErrorCode.INTERRUPTED,
            "the Spark application ended while the run waited for slots; run the same command"
                + " again to go on");
      }
    }
  }

  /** Tasks that can run at once, after waiting for as many as are wanted. */
  private int slotsWithin(int wanted, int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    int slots = TaskSlots.now(spark);
    while (slots < wanted && System.nanoTime() < end && !spark.sc().isStopped()) {
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return slots;
      }
      slots = TaskSlots.now(spark);
    }
    return slots;
  }

  @Override
  public void close() {
    transport.close();
  }
}
