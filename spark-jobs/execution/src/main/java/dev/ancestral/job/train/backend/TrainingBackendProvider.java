package dev.ancestral.job.train.backend;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.train.spec.EngineKind;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import java.util.Optional;
import java.util.ServiceLoader;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * An engine that trains networks by workers and exchanges of its own; found by {@link
 * ServiceLoader} as its kind.
 */
public interface TrainingBackendProvider extends EngineKind {

  /**
   * Checks that the engine can train this as the spec says.
   *
   * @throws AncestralException (SPEC) naming the key that it cannot honour and what to use instead
   */
  void requireSupported(Network network, TrainSpec spec);

  /** Why the replicas cannot work on this cluster, and how to mend it; empty if they can. */
  Optional<String> obstacle(JavaSparkContext spark, TrainSpec spec);

  /** Why Spark's serializer cannot carry what it sends, and how to mend it; empty if it can. */
  Optional<String> serializerObstacle(SparkConf conf, TrainSpec spec);

  /**
   * Starts a training.
   *
   * @throws AncestralException (CLUSTER) if the cluster cannot run it
   */
  TrainingBackend open(JavaSparkContext spark, BackendInputs inputs);

  /**
   * The provider of the spec's engine; empty where the training loop itself trains.
   *
   * @throws AncestralException (SPEC) if this build has no provider of the engine
   */
  static Optional<TrainingBackendProvider> of(TrainSpec spec) {
    String name = spec.engine();
    if (name.equals(TORCH)) {
      return Optional.empty();
    }
    EngineKind kind = EngineKind.byName().get(name);
    if (kind == null) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "train.engine is "
              + name
              + ", which this build does not contain; set engine: torch, or use a job jar that"
              + " contains it (dl4j: for Spark 3.5 with Scala 2.12 alone)");
    }
    if (!(kind instanceof TrainingBackendProvider provider)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "train.engine is "
              + name
              + ", whose class "
              + kind.getClass().getName()
              + " does not implement "
              + TrainingBackendProvider.class.getName()
              + "; mend its jar");
    }
    return Optional.of(provider);
  }
}
