package dev.ancestral.job.train.dl4j;

import dev.ancestral.job.train.backend.BackendInputs;
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
final class AveragingTrainer extends MasterTrainer {
  private final CollectionAccumulator<Step> reports;
  private final BatchLoader loader;

  AveragingTrainer(JavaSparkContext spark, BackendInputs inputs) {
    super(spark, inputs);
    reports = spark.sc().collectionAccumulator("dl4j steps");
    loader = new BatchLoader(inputs, inputs.spec().batchSize());
  }

  @Override
  public List<Step> steps(long from, long to) {
    reports.reset();
    state.toGraph();
    new SparkComputationGraph(spark, state.graph(), master(Math.toIntExact(to - from)))
        .fitPaths(batches(from, to), loader);
    state.fromGraph();
    // Every replica sends its state to the driver and is sent the next one.
    addBytesSent(2L * Float.BYTES * state.size() * inputs.replicas());
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
    List<Integer> replicas = IntStream.range(0, inputs.replicas()).boxed().toList();
    List<List<String>> all = batchNames(inputs.replicas(), from, to);
    return spark
        .parallelize(replicas, replicas.size())
        .flatMap(replica -> all.get(replica).iterator());
  }

  @Override
  public void close() {}
}
