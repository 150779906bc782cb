package dev.ancestral.job.train.dl4j;

import dev.ancestral.job.train.backend.BackendInputs;
import dev.ancestral.job.train.backend.TrainingBackend;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;

/** What the trainers by DL4J's masters have in common: a state in a graph, and batches by name. */
abstract class MasterTrainer implements TrainingBackend {
  final JavaSparkContext spark;
  final BackendInputs inputs;
  final NetworkState state;
  private long bytesSent;

  MasterTrainer(JavaSparkContext spark, BackendInputs inputs) {
    this.spark = spark;
    this.inputs = inputs;
    state = new NetworkState(inputs);
  }

  /**
   * The names of the batches of the steps [from, to), step by step, in groups. Replica r is in
   * group r modulo their number.
   */
  final List<List<String>> batchNames(int groups, long from, long to) {
    List<List<String>> names = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      List<String> own = new ArrayList<>();
      for (long step = from; step < to; step++) {
        for (int replica = group; replica < inputs.replicas(); replica += groups) {
          if (inputs.count(replica, step) > 0) {
            own.add(BatchLoader.name(replica, step));
          }
        }
      }
      names.add(own);
    }
    return List.copyOf(names);
  }

  final void addBytesSent(long bytes) {
    bytesSent += bytes;
  }

  @Override
  public final long takeBytesSent() {
    long sent = bytesSent;
    bytesSent = 0;
    return sent;
  }

  @Override
  public final long stateSize() {
    return state.size();
  }

  @Override
  public final void reset() {
    state.reset();
  }

  @Override
  public final void write(long offset, FloatBuffer from) {
    state.write(offset, from);
  }

  @Override
  public final void read(long offset, FloatBuffer into) {
    state.read(offset, into);
  }

  @Override
  public final String description() {
    return Dl4jEngine.description();
  }
}
