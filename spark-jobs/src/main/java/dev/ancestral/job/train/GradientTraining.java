package dev.ancestral.job.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import dev.ancestral.data.Sha256;
import dev.ancestral.job.observe.TrainingGauges;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.audit.EpochAudit;
import dev.ancestral.job.train.audit.EpochAuditEntry;
import dev.ancestral.job.train.audit.EpochAuditException;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import dev.ancestral.job.train.checkpoint.RunCommits;
import dev.ancestral.job.train.replica.MemoryEstimate;
import dev.ancestral.job.train.replica.RoundPlan;
import dev.ancestral.job.train.replica.RoundReport;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.transport.TransportFailover;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.spark.Departures;
import dev.ancestral.spark.ExecutorHeartbeatMonitor;
import dev.ancestral.spark.MemoryOverhead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The driver's side of training by rounds: state in, Spark job, state out, commit. A round that
 * fails is made again from the last commit, so that losing any process costs at most the rounds
 * since then.
 */
final class GradientTraining {
  private static final int ATTEMPTS = 4;

  // YARN gives up an application that has lost twice as many executors as it asked for.
  private static final int OUT_OF_MEMORY_ATTEMPTS = 2;

  private final TrainingContext run;
  private final RunCommits commits;
  private final ProgressListener progress;
  private final RoundMetrics roundMetrics;

  private CheckpointManifest last;
  private RoundPlan.Base base;
  private EpochAudit ledger;
  private List<String> orders = List.of();
  private List<String> hardware = List.of();
  private CheckpointManifest.Best best;
  private int sinceBest;
  private int round;
  private long step;

  GradientTraining(TrainingContext run, RunCommits commits, ProgressListener progress) {
    this.run = run;
    this.commits = commits;
    this.progress = progress;
    roundMetrics = new RoundMetrics(run);
  }

  /**
   * Trains to the end.
   *
   * @param from the state to go on from, or null to begin
   * @return the last commit
   * @throws AncestralException (DIVERGED) at the first objective that is not a finite number,
   *     (INTERRUPTED) if rounds keep failing
   */
  CheckpointManifest train(JavaSparkContext spark, CheckpointManifest from) {
    last = from;
    if (from != null) {
      commits.goOn(from);
    }
    restore();
    if (last != null && (last.stopped() != null || last.step() >= run.totalSteps())) {
      commits.finish(last);
      return last;
    }
    long deadlineMillis = TimeUnit.SECONDS.toMillis(run.spec().deadlineSeconds());
    ExecutorHeartbeatMonitor.Watch watch =
        new ExecutorHeartbeatMonitor.Watch(run.id(), "replica", deadlineMillis, true);
    spark.setJobGroup(run.id(), "train: rounds", false);
    try (TransportFailover seating = new TransportFailover(spark, run, progress, from != null);
        Departures departures = new Departures(spark, run.id());
        ExecutorHeartbeatMonitor pulse =
            new ExecutorHeartbeatMonitor(spark, watch, progress::message)) {
      int failures = 0;
      int outOfMemory = 0;
      while (last == null || (last.stopped() == null && last.step() < run.totalSteps())) {
        try {
          round(seating, departures);
          failures = 0;
          outOfMemory = 0;
        } catch (EpochAuditException e) {
          throw e;
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
          Optional<AncestralException> refusal = Failures.refusal(e);
          if (refusal.isPresent()) {
            throw refusal.get();
          }
          failures++;
          String why =
              pulse.takeReason().orElseGet(() -> Failures.firstLine(Failures.root(e).getMessage()));
          outOfMemory += MemoryOverhead.wasExceeded(e) ? 1 : 0;
          boolean gaveUp = spark.sc().isStopped() || failures == ATTEMPTS;
          if (outOfMemory == OUT_OF_MEMORY_ATTEMPTS || (gaveUp && outOfMemory > 0)) {
            throw outOfMemory(spark, e);
          }
          if (gaveUp) {
            throw new AncestralException(
                ErrorCode.INTERRUPTED,
                "round "
                    + (round + 1)
                    + " failed "
                    + failures
                    + " times, the last time with: "
                    + why
                    + "; the run is safe up to step "
                    + safeStep()
                    + ": run the same command again to go on",
                e);
          }
          progress.message(
              "round "
                  + (round + 1)
                  + " failed ("
                  + why
                  + "); going on from the last commit, of step "
                  + safeStep()
                  + " (this round began at step "
                  + step
                  + ")");
          restore();
        }
      }
    } finally {
      spark.clearJobGroup();
    }
    return last;
  }

  private AncestralException outOfMemory(JavaSparkContext spark, Exception failure) {
    long given = MemoryOverhead.granted(spark.getConf());
    long needed =
        MemoryEstimate.of(run.recipe(), run.spec(), run.dataset())
            .executorBytes(run.spec(), spark.getConf());
    return new AncestralException(
        ErrorCode.CLUSTER,
        "round "
            + (round + 1)
            + " failed because the cluster ended executors that used more memory than they were"
            + " granted ("
            + MemoryOverhead.setting(given)
            + " beside the heap); leave that setting out, or start with --conf "
            + MemoryOverhead.setting(Math.max(2 * given, needed))
            + "; the run is safe up to step "
            + safeStep(),
        failure);
  }

  private long safeStep() {
    return last == null ? 0 : last.step();
  }

  /** Goes back to the last commit. */
  private void restore() {
    commits.backTo(Optional.ofNullable(last));
    if (last == null) {
      base = RoundPlan.Base.initial();
      best = null;
      sinceBest = 0;
      round = 0;
      step = 0;
      ledger = EpochAudit.begun(0, run.shares().stepsPerEpoch());
      orders = List.of();
    } else {
      // A stamp that no replica carries: whatever they hold, they read the commit.
      base = RoundPlan.Base.of(last, "commit " + last.round() + " " + UUID.randomUUID());
      best = last.best();
      sinceBest = last.sinceBest();
      round = last.round();
      step = last.step();
      ledger =
          last.ledger() == null
              ? EpochAudit.begun(step, run.shares().stepsPerEpoch())
              : last.ledger();
      orders = last.ledgers();
    }
  }

  private void round(TransportFailover seating, Departures departures) {
    long started = System.nanoTime();
    long to = Math.min(run.totalSteps(), step + run.roundSteps());
    boolean end = to == run.totalSteps();
    int every = run.spec().validation().everyRounds();
    boolean validate = run.validSplit() != null && every > 0 && ((round + 1) % every == 0 || end);
    RoundPlan plan =
        new RoundPlan(
            round + 1,
            UUID.randomUUID().toString().substring(0, 8),
            step,
            to,
            base,
            end
                || validate
                || (round + 1) % run.spec().checkpoint().everyRounds() == 0
                || departures.isCommitWanted(),
            validate);
    List<RoundReport> reports = seating.round(plan);
    requireFinite(reports);
    writeDown(plan, reports);
    tellHardware(reports);
    double seconds = (System.nanoTime() - started) / 1e9;

    round = plan.round();
    step = plan.toStep();
    Moments scores = scores(reports);
    List<CheckpointManifest.Slice> slices =
        reports.stream().flatMap(report -> report.slices().stream()).toList();
    judge(scores, slices);
    JsonNode line = roundMetrics.line(plan, reports, scores, seconds);
    commits.add(line);
    TrainingGauges.shared()
        .show(line, reports.stream().mapToLong(RoundReport::memoryBytes).max().orElse(0));
    if (plan.commit() || departures.wasCommitted(plan.attempt())) {
      String stopped = end ? null : early();
      long size =
          slices.stream()
              .filter(s -> s.replica() < 0)
              .mapToLong(CheckpointManifest.Slice::count)
              .sum();
      RunCommits.State state =
          new RunCommits.State(
              round,
              step,
              size,
              slices,
              orders,
              ledger,
              hardware,
              best,
              sinceBest,
              stopped,
              run.arithmetic());
      last = commits.commit(state, end || stopped != null);
      base = RoundPlan.Base.of(last, plan.stamp());
      tellDepartures(departures.cover());
    } else {
      base = RoundPlan.Base.resident(plan.stamp());
    }
    tell(line);
  }

  private void tellDepartures(List<String> executors) {
    if (!executors.isEmpty()) {
      progress.message(
          (executors.size() == 1 ? "executor " : "executors ")
              + String.join(", ", executors)
              + " will go, Spark says; the state of step "
              + step
              + " is safe");
    }
  }

  /** Says which replica computes where, whenever that changes. */
  private void tellHardware(List<RoundReport> reports) {
    List<String> now = reports.stream().map(RoundReport::hardware).toList();
    if (now.equals(hardware)) {
      return;
    }
    hardware = now;
    for (int replica = 0; replica < now.size(); replica++) {
      String line = "replica " + replica + ": " + now.get(replica);
      LogManager.getLogger(GradientTraining.class).info(line);
      if (!reports.get(replica).gpu().isEmpty()) {
        progress.message(line);
      }
    }
  }

  /** Adds a round to the audit, which checks epochs that are over before the round is committed. */
  private void writeDown(RoundPlan plan, List<RoundReport> reports) {
    List<EpochAuditEntry> pages = reports.stream().map(RoundReport::ledger).toList();
    ledger =
        ledger.after(
            pages,
            run.dataset().split(run.trainSplit()),
            plan.toStep() / run.shares().stepsPerEpoch());
    List<String> chained = new ArrayList<>();
    for (int replica = 0; replica < pages.size(); replica++) {
      String before = orders.isEmpty() ? "" : orders.get(replica);
      String both = before + pages.get(replica).order();
      chained.add(Sha256.of(both.getBytes(StandardCharsets.US_ASCII)));
    }
    orders = List.copyOf(chained);
  }

  private void requireFinite(List<RoundReport> reports) {
    for (RoundReport report : reports) {
      if (report.divergedAt() >= 0) {
        throw new AncestralException(
            ErrorCode.DIVERGED,
            "training diverged: the objective at step "
                + report.divergedAt()
                + " is not a finite number; the last good checkpoint is that of step "
                + (last == null ? 0 : last.step())
                + "; lower optimizer.learningRate, or set clipNorm, and run with --restart");
      }
    }
  }

  private static Moments scores(List<RoundReport> reports) {
    Moments moments = new Moments();
    for (RoundReport report : reports) {
      if (report.validation() != null) {
        moments.merge(report.validation());
      }
    }
    return moments;
  }

  private void judge(Moments scores, List<CheckpointManifest.Slice> slices) {
    if (scores.count() == 0) {
      return;
    }
    if (best == null || scores.mean() > best.nats()) {
      best = new CheckpointManifest.Best(round, scores.mean(), slices);
      sinceBest = 0;
    } else {
      sinceBest++;
    }
  }

  private String early() {
    int patience = run.spec().patience();
    return patience > 0 && sinceBest >= patience
        ? "no better validation in " + sinceBest + " rounds"
        : null;
  }

  private void tell(JsonNode line) {
    progress.update(
        (double) step / run.totalSteps(),
        String.format(
            Locale.ROOT,
            "epoch %.2f, %s, %,.0f examples/s, round %d, step %,d of %,d",
            line.get("epoch").asDouble(),
            roundMetrics.summary(line),
            line.get("examples_per_second").asDouble(),
            round,
            step,
            run.totalSteps()));
  }
}
