package dev.ancestral.job.train.backend;

import java.io.Serializable;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * A trainer that brings its own workers and its own exchange between them: it is given a state and
 * steps to take, and leaves another state.
 *
 * <p>The state is one run of float32 numbers: the parameters as the network lays them out, then
 * whatever the optimizer remembers, which only this trainer understands.
 */
public interface TrainingBackend extends AutoCloseable {

  /** Number of floats of the state. */
  long stateSize();

  /** Sets the whole state to zero. */
  void reset();

  /** Copies elements of the state in. */
  void write(long offset, FloatBuffer from);

  /** Copies elements of the state out. */
  void read(long offset, FloatBuffer into);

  /**
   * Takes steps [from, to) on all replicas and brings them together at the end.
   *
   * @return what each replica did at each of its steps, in any order
   */
  List<Step> steps(long from, long to);

  /** Bytes that the replicas have sent since the last call, as far as the trainer can tell. */
  long takeBytesSent();

  /** What computes, for provenance. */
  String description();

  @Override
  void close();

  /**
   * One step of one replica.
   *
   * @param replica index
   * @param step number
   * @param objective mean of each player's objective over the batch, in nats
   * @param ids of the examples, in the order in which the loss saw them
   * @param nanos that the step took
   * @param host where it ran
   * @param executor id of the executor
   */
  record Step(
      int replica,
      long step,
      double[] objective,
      long[] ids,
      long nanos,
      String host,
      String executor)
      implements Serializable {}
}
