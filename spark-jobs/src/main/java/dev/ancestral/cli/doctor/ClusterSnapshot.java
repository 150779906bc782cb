package dev.ancestral.cli.doctor;

import dev.ancestral.spark.MemoryOverhead;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/**
 * What was seen of a cluster: facts, no judgement.
 *
 * @param conf of the application
 * @param local whether driver and tasks are one process
 * @param slots tasks that can run at once
 * @param driver the process of the driver
 * @param executors the processes that tasks ran in; the driver's where it is local
 * @param expectedExecutors how many Spark says there are
 * @param serializerObstacle why {@code spark.serializer} cannot carry what the engine sends, if it
 *     cannot
 * @param meshObstacle why DeepLearning4J cannot share gradients, if it is meant to and cannot
 * @param arithmeticObstacle why what executors compute must not be mixed, if they differ or do not
 *     compute as was asked for
 */
record ClusterSnapshot(
    SparkConf conf,
    boolean local,
    int slots,
    ProcessView driver,
    List<ProcessView> executors,
    int expectedExecutors,
    Optional<String> serializerObstacle,
    Optional<String> meshObstacle,
    Optional<String> arithmeticObstacle) {

  ClusterSnapshot {
    executors = executors.stream().sorted(Comparator.comparing(ProcessView::executor)).toList();
  }

  /** Tasks that one executor can run at once. */
  int slotsAnExecutor() {
    int count = Math.max(1, executors.size());
    return (slots + count - 1) / count;
  }

  /** Cores of a task. */
  int taskCpus() {
    return conf.getInt("spark.task.cpus", 1);
  }

  /** The executors by the machine that they are on. */
  Map<String, List<ProcessView>> byHost() {
    return executors.stream()
        .collect(Collectors.groupingBy(ProcessView::host, TreeMap::new, Collectors.toList()));
  }

  /** Whether a resource manager ends executors that exceed what they asked for. */
  boolean limitsContainers() {
    return MemoryOverhead.isEnforced(conf);
  }
}
