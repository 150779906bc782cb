package dev.ancestral.spark;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;

/**
 * Listens to the heartbeats of the executors that hold tasks of a run. One that is silent for the
 * deadline is named, with host and replicas, and replaced: a process that is paused, swapped out or
 * cut off would otherwise hold up the run until {@code spark.network.timeout}.
 *
 * <p>Heartbeats come from a thread of their own, so a long computation is not silence. The deadline
 * is never taken for shorter than two and a half heartbeats.
 */
public final class ExecutorHeartbeatMonitor extends SparkListener implements AutoCloseable {
  private static final String GROUP = "spark.jobGroup.id";
  private static final int POLL_MILLIS = 250;
  // A driver that stood still itself has missed everyone's heartbeats.
  private static final long PAUSED_NANOS = TimeUnit.SECONDS.toNanos(3);

  /**
   * What is watched, and what follows.
   *
   * @param group of the Spark jobs
   * @param member what partition i of them is called, as in {@code replica}
   * @param deadlineMillis longest silence
   * @param cancels whether the jobs are cancelled, for a driver that begins the round anew, or left
   *     to Spark, which repeats the tasks of the executor that is lost
   */
  public record Watch(String group, String member, long deadlineMillis, boolean cancels) {}

  private final JavaSparkContext spark;
  private final Watch watch;
  private final Consumer<String> tell;
  private final long limitNanos;
  private final Thread watcher = new Thread(this::watch, "pulse");

  private final Map<String, Long> lastSign = new HashMap<>();
  private final Map<String, Map<Long, TaskInfo>> running = new HashMap<>();
  private final Set<Integer> stages = new HashSet<>();
  private final Set<String> given = new HashSet<>();
  private long lastSlot;
  private String reason;

  /**
   * Begins to listen.
   *
   * @param tell receives every executor that is given up
   */
  public ExecutorHeartbeatMonitor(JavaSparkContext spark, Watch watch, Consumer<String> tell) {
    this.spark = spark;
    this.watch = watch;
    this.tell = tell;
    long heartbeat = spark.getConf().getTimeAsMs("spark.executor.heartbeatInterval", "10s");
    limitNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(watch.deadlineMillis(), heartbeat * 5 / 2));
    watcher.setDaemon(true);
    if (!spark.isLocal()) {
      spark.sc().addSparkListener(this);
      watcher.start();
    }
  }

  @Override
  public synchronized void onStageSubmitted(SparkListenerStageSubmitted stage) {
    if (stage.properties() != null && watch.group().equals(stage.properties().getProperty(GROUP))) {
      stages.add(stage.stageInfo().stageId());
    }
  }

  @Override
  public synchronized void onStageCompleted(SparkListenerStageCompleted stage) {
    stages.remove(stage.stageInfo().stageId());
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart task) {
    TaskInfo info = task.taskInfo();
    if (stages.contains(task.stageId())) {
      running.computeIfAbsent(info.executorId(), none -> new HashMap<>()).put(info.taskId(), info);
    }
    // That the driver hands out a task says nothing about the executor: no sign, only a beginning.
    lastSign.putIfAbsent(info.executorId(), System.nanoTime());
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
    TaskInfo info = task.taskInfo();
    Map<Long, TaskInfo> tasks = running.get(info.executorId());
    if (tasks != null) {
      tasks.remove(info.taskId());
    }
    if (info.successful()) {
      lastSign.put(info.executorId(), System.nanoTime());
    }
  }

  @Override
  public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate heartbeat) {
    lastSign.put(heartbeat.execId(), System.nanoTime());
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved executor) {
    lastSign.remove(executor.executorId());
    running.remove(executor.executorId());
  }

  /** Why the jobs were cancelled, if they were since this was last asked. */
  public synchronized Optional<String> takeReason() {
    Optional<String> taken = Optional.ofNullable(reason);
    reason = null;
    return taken;
  }

  private void watch() {
    long before = System.nanoTime();
    try {
      while (!spark.sc().isStopped()) {
        Thread.sleep(POLL_MILLIS);
        long now = System.nanoTime();
        if (now - before > PAUSED_NANOS) {
          startAfresh(now);
        }
        before = now;
        look(now);
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private synchronized void startAfresh(long now) {
    lastSign.replaceAll((executor, sign) -> now);
    lastSlot = now;
  }

  private void look(long now) {
    Map<String, String> silent = new HashMap<>();
    int slots = TaskSlots.now(spark);
    synchronized (this) {
      running.forEach(
          (executor, tasks) -> {
            long sign = lastSign.getOrDefault(executor, now);
            if (!tasks.isEmpty() && now - sign > limitNanos && given.add(executor)) {
              silent.put(executor, describe(executor, tasks) + silence(now - sign));
            }
          });
      if (slots > 0) {
        lastSlot = now;
      }
    }
    silent.forEach(this::giveUp);
    if (watch.cancels() && slots == 0 && lastSlot != 0 && now - lastSlot > limitNanos) {
      cancel("no executor is left, and none has come" + silence(now - lastSlot));
      lastSlot = now;
    }
  }

  private static String silence(long nanos) {
    return " for " + TimeUnit.NANOSECONDS.toSeconds(nanos) + " s";
  }

  private String describe(String executor, Map<Long, TaskInfo> tasks) {
    List<TaskInfo> all = List.copyOf(tasks.values());
    String members =
        new TreeSet<>(all.stream().map(TaskInfo::index).toList())
            .stream().map(index -> watch.member() + " " + index).collect(Collectors.joining(", "));
    return members + " on " + all.get(0).host() + " (executor " + executor + ") was silent";
  }

  private void giveUp(String executor, String why) {
    LogManager.getLogger(ExecutorHeartbeatMonitor.class).warn("{}; the executor is replaced", why);
    tell.accept(why + "; its executor is replaced");
    cancel(why);
    try {
      spark.sc().killAndReplaceExecutor(executor);
    } catch (RuntimeException e) {
      // Spark gives it up by itself after spark.network.timeout.
      LogManager.getLogger(ExecutorHeartbeatMonitor.class)
          .warn("executor {} cannot be ended", executor, e);
    }
  }

  private void cancel(String why) {
    if (!watch.cancels()) {
      return;
    }
    synchronized (this) {
      reason = why;
    }
    spark.sc().cancelJobGroup(watch.group());
  }

  @Override
  public void close() {
    if (!spark.isLocal()) {
      watcher.interrupt();
      if (!spark.sc().isStopped()) {
        spark.sc().removeSparkListener(this);
      }
    }
  }
}
