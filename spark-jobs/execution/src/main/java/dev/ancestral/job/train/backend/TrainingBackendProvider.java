package dev.ancestral.job.train.backend;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Services;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import java.util.Optional;
import java.util.ServiceLoader;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * An engine that trains networks by workers and exchanges of its own; found by {@link
 * ServiceLoader}.
 */
public interface TrainingBackendProvider {

  /** What {@code train.engine} calls it. */
  TrainSpec.EngineKind engine();

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
    if (spec.engine() == TrainSpec.EngineKind.TORCH) {
      return Optional.empty();
    }
    String name = TrainSpec.text(spec.engine());
    TrainingBackendProvider provider =
        Services.byName(
                TrainingBackendProvider.class,
                found -> TrainSpec.text(found.engine()),
                "an engine of training",
                "engines of training")
            .get(name);
    if (provider == null) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "train.engine is "
              + name
              + ", which this build does not contain; set engine: torch, or use a job jar that"
              + " contains it");
    }
    return Optional.of(provider);
  }
}
