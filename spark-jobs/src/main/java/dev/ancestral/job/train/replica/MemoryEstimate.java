package dev.ancestral.job.train.replica;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.loader.DistributedSampler;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Definition;
import dev.ancestral.model.Network;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.train.ParameterGroup;
import dev.ancestral.train.TrainOptions.Strategy;
import dev.ancestral.train.TrainState;
import org.apache.spark.SparkConf;

/**
 * What one replica holds and hands over.
 *
 * @param parameters P
 * @param stateFloats parameters, moments and averaged weights: what is averaged and committed
 * @param sharedFloats what a replica contributes to one exchange
 * @param batchFloats inputs and activations of a step with those kept for the gradient, about
 * @param windowBytes heap of the examples that it shuffles together; 0 where that is not known
 */
public record MemoryEstimate(
    long parameters, long stateFloats, long sharedFloats, long batchFloats, long windowBytes) {

  /** Forward values, what the backward pass keeps of them, and their gradients. */
  private static final int COPIES_OF_ACTIVATIONS = 3;

  /** Of a process with libtorch loaded and nothing computed, outside of the heap. */
  private static final long PROCESS_BYTES = 500L << 20;

  private static final int MOST_STEPS = 1_000_000;

  /**
   * The footprint of a recipe on a dataset.
   *
   * @throws dev.ancestral.AncestralException as {@link ModelConfig#define}
   */
  public static MemoryEstimate of(ModelConfig recipe, TrainSpec spec, Dataset dataset) {
    MemoryEstimate footprint = of(recipe, spec, steps(dataset));
    return footprint.parameters == 0
        ? footprint
        : footprint.withWindow(
            DistributedSampler.windowBytes(dataset, spec.replicas(), spec.batchSize()));
  }

  /** About the length of an example: 1 for those of fixed shape. */
  private static int steps(Dataset data) {
    if (!data.event().variableLength()) {
      return 1;
    }
    DatasetManifest.Split split = data.split("train");
    long bytes = split.shards().stream().mapToLong(shard -> shard.bytes()).sum();
    long elements = Math.max(1, split.examples()) * data.event().size();
    return (int) Math.min(MOST_STEPS, Math.max(1, bytes / elements));
  }

  /**
   * The footprint of a recipe.
   *
   * @param steps length of an example; 1 for events of fixed shape
   * @throws dev.ancestral.AncestralException as {@link ModelConfig#define}
   */
  public static MemoryEstimate of(ModelConfig recipe, TrainSpec spec, int steps) {
    Definition definition = recipe.define();
    if (definition instanceof Network network) {
      return of(network, spec, steps);
    }
    // Statistics are in float64, and every task has its own.
    long statistics = 2L * ((StatisticsModel) definition).statisticsSize();
    return new MemoryEstimate(0, statistics, statistics, 0, 0);
  }

  public static MemoryEstimate of(Network network, TrainSpec spec, int steps) {
    long parameters = network.parameters().size();
    long moments = 0;
    for (ParameterGroup player : ParameterGroup.of(network, spec.optimizer())) {
      moments += player.size() * player.optimizer().optimizer().moments();
    }
    long state = parameters + moments + (spec.ema() > 0 ? parameters : 0);
    long shared = spec.strategy() == Strategy.PARAMETER_AVERAGING ? state : parameters;
    long batch =
        (long) spec.batchSize()
            * (network.event().size() * (long) steps
                + COPIES_OF_ACTIVATIONS * network.valuesPerExample(steps));
    return new MemoryEstimate(parameters, state, shared, batch, 0);
  }

  private MemoryEstimate withWindow(long bytes) {
    return new MemoryEstimate(parameters, stateFloats, sharedFloats, batchFloats, bytes);
  }

  /** Native memory of a replica: state, gradient, the exchange's buffers and a batch. */
  public long nativeBytes() {
    long buffers = Math.min(sharedFloats, TrainState.AVERAGED_AT_ONCE) * 3;
    return Float.BYTES * (stateFloats + parameters + buffers + batchFloats);
  }

  /** Bytes outside of the heap of an executor that holds so many replicas. */
  public long processBytes(int replicas) {
    return PROCESS_BYTES + replicas * nativeBytes();
  }

  /** Bytes outside of the heap of the executors that Spark will start with this configuration. */
  public long executorBytes(TrainSpec spec, SparkConf conf) {
    int slots =
        Math.max(1, conf.getInt("spark.executor.cores", 1) / conf.getInt("spark.task.cpus", 1));
    int executors = Math.max(1, conf.getInt("spark.executor.instances", 2));
    return processBytes(replicasAnExecutor(spec.replicas(), slots, executors));
  }

  /**
   * The most replicas that one executor holds.
   *
   * @param replicas in all, or 0 for as many as there are slots
   * @param slots of one executor
   */
  public static int replicasAnExecutor(int replicas, int slots, int executors) {
    int all = replicas > 0 ? replicas : slots * executors;
    // Those that take turns stay alive between their turns.
    return Math.max(Math.min(all, slots), (all + executors - 1) / executors);
  }

  /** Bytes that an exchange of R replicas over Spark's shuffle moves: there and back. */
  public long shuffledBytes(int replicas) {
    return 2L * replicas * Float.BYTES * sharedFloats;
  }
}
