package dev.ancestral.job.train.dl4j;

import dev.ancestral.job.train.OutsideTrainer;
import dev.ancestral.job.train.StepInputs;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.CollectionAccumulator;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;

/**
 * {@code strategy: parameter-averaging} by DeepLearning4J's {@link
 * ParameterAveragingTrainingMaster}: one call for the steps between two averagings.
 *
 * <p>A call has one partition for each replica, which names its batches in order, and is told never
 * to move them. Called with a whole epoch instead, the master would deal the data out at random,
 * differently in each run.
 */
final class AveragingTrainer implements OutsideTrainer {
  private final JavaSparkContext spark;
  private final StepInputs inputs;
  private final NetworkState state;
  private final CollectionAccumulator<Step> reports;
  private final BatchLoader loader;
  private long bytesSent;

  AveragingTrainer(JavaSparkContext spark, StepInputs inputs) {
    this.spark = spark;
    this.inputs = inputs;
    state = new NetworkState(inputs);
    reports = spark.sc().collectionAccumulator("dl4j steps");
    loader = new BatchLoader(inputs, inputs.spec().batchSize());
  }

  @Override
  public long stateSize() {
    return state.size();
  }

  @Override
  public void reset() {
    state.reset();
  }

  @Override
  public void write(long offset, FloatBuffer from) {
    state.write(offset, from);
  }

  @Override
  public void read(long offset, FloatBuffer into) {
    state.read(offset, into);
  }

  @Override
  public List<Step> steps(long from, long to) {
    reports.reset();
    state.toGraph();
    new SparkComputationGraph(spark, state.graph(), master(Math.toIntExact(to - from)))
        .fitPaths(batches(from, to), loader);
    state.fromGraph();
    // Every replica sends its state to the driver and is sent the next one.
    bytesSent += 2L * Float.BYTES * state.size() * inputs.replicas();
    return List.copyOf(reports.value());
  }

  private ParameterAveragingTrainingMaster master(int steps) {
    int batch = inputs.spec().batchSize();
    return new ParameterAveragingTrainingMaster.Builder(inputs.replicas(), batch)
        .batchSizePerWorker(batch)
        .averagingFrequency(steps)
        .workerPrefetchNumBatches(0)
        .saveUpdater(true)
        .repartionData(Repartition.Never)
        .rddTrainingApproach(RDDTrainingApproach.Direct)
        .storageLevel(null)
        .storageLevelStreams(null)
        .trainingHooks(new StepHook(reports))
        .build();
  }

  /** The names of the batches, a partition for each replica. */
  private JavaRDD<String> batches(long from, long to) {
    List<List<String>> names = new ArrayList<>();
    for (int replica = 0; replica < inputs.replicas(); replica++) {
      List<String> own = new ArrayList<>();
      for (long step = from; step < to; step++) {
        if (inputs.count(replica, step) > 0) {
          own.add(BatchLoader.name(replica, step));
        }
      }
      names.add(own);
    }
    List<Integer> replicas = IntStream.range(0, inputs.replicas()).boxed().toList();
    List<List<String>> all = List.copyOf(names);
    return spark
        .parallelize(replicas, replicas.size())
        .flatMap(replica -> all.get(replica).iterator());
  }

  @Override
  public long takeBytesSent() {
    long sent = bytesSent;
    bytesSent = 0;
    return sent;
  }

  @Override
  public String description() {
    return Dl4jEngine.description();
  }

  @Override
  public void close() {}
}
