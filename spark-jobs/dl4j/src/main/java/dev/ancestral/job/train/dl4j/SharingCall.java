package dev.ancestral.job.train.dl4j;

import dev.ancestral.AncestralException;
import dev.ancestral.data.transfer.Shared;
import dev.ancestral.job.train.backend.TrainingBackend;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * One call of {@link SharingTrainer}, as its tasks see it: the state that the networks begin from,
 * and where reports go. It travels with the loader of batches.
 *
 * <p>A worker that fails does not report it: it writes a warning and returns a result like any
 * other. So what fails is noted here, and the driver counts the steps.
 */
final class SharingCall implements Serializable {
  private static final long serialVersionUID = 1L;

  /** By task attempt: the calls that tasks of this process are for. */
  private static final Map<Long, SharingCall> OPEN = new ConcurrentHashMap<>();

  private final Shared<float[][]> state;
  private final CollectionAccumulator<TrainingBackend.Step> steps;
  private final CollectionAccumulator<Failure> failures;
  private transient boolean begun;

  /**
   * A call.
   *
   * @param state parameters, and the memory of the updaters
   */
  SharingCall(JavaSparkContext spark, float[][] state) {
    this.state = Shared.of(spark, state, float[][].class);
    steps = spark.sc().collectionAccumulator("dl4j steps");
    failures = spark.sc().collectionAccumulator("dl4j failures");
  }

  /**
   * What went wrong in a task.
   *
   * @param refusal if it is one, else null
   */
  private record Failure(AncestralException refusal, String message) implements Serializable {}

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    TaskContext task = TaskContext.get();
    if (task != null) {
      long attempt = task.taskAttemptId();
      OPEN.put(attempt, this);
      task.addTaskCompletionListener((TaskCompletionListener) ended -> OPEN.remove(attempt));
    }
  }

  /** The call of the task on this thread. */
  static SharingCall ofTask() {
    return OPEN.get(TaskContext.get().taskAttemptId());
  }

  /** Gives a network the state that this call begins from, once. */
  void begin(ComputationGraph network) {
    if (begun) {
      return;
    }
    begun = true;
    TaskContext task = TaskContext.get();
    if (task.attemptNumber() > 0 || task.stageAttemptNumber() > 0) {
      // The others have taken in its updates already, and would take them in twice.
      IllegalStateException lost =
          new IllegalStateException("a replica was lost in the middle of its steps");
      failed(lost);
      throw lost;
    }
    NetworkState.put(network, state.value()[0], state.value()[1]);
  }

  /** Notes a step. */
  void done(TrainingBackend.Step step) {
    steps.add(step);
  }

  /** Notes what went wrong. */
  void failed(RuntimeException failure) {
    failures.add(
        failure instanceof AncestralException refusal
            // Without its causes, which need not be serializable.
            ? new Failure(
                new AncestralException(refusal.code(), refusal.getMessage()), refusal.getMessage())
            : new Failure(null, failure.toString()));
  }

  /** On the driver: what was done. */
  List<TrainingBackend.Step> steps() {
    return List.copyOf(steps.value());
  }

  /** On the driver: what went wrong first, if it is known. */
  Optional<RuntimeException> failure() {
    return failures.value().stream()
        .findFirst()
        .map(
            failure ->
                failure.refusal() == null
                    ? new IllegalStateException(failure.message())
                    : failure.refusal());
  }

  /** On the driver: lets the state go. */
  void end() {
    state.unpersist();
  }
}
