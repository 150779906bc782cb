package dev.ancestral.job.train.dl4j;

import dev.ancestral.job.train.backend.BackendInputs;
import dev.ancestral.job.train.backend.TrainingBackend;
import dev.ancestral.job.train.backend.TrainingBackendProvider;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** DeepLearning4J's training masters as a backend. */
public final class Dl4jBackendProvider implements TrainingBackendProvider {
  /** For {@link java.util.ServiceLoader}. */
  public Dl4jBackendProvider() {}

  @Override
  public String name() {
    return DL4J;
  }

  @Override
  public void requireSupported(Network network, TrainSpec spec) {
    Dl4jEngine.requireSupported(network, spec);
  }

  @Override
  public Optional<String> obstacle(JavaSparkContext spark, TrainSpec spec) {
    return Dl4jEngine.obstacle(spark, spec);
  }

  @Override
  public Optional<String> serializerObstacle(SparkConf conf, TrainSpec spec) {
    return Dl4jEngine.serializerObstacle(conf, spec);
  }

  @Override
  public TrainingBackend open(JavaSparkContext spark, BackendInputs inputs) {
    return Dl4jEngine.open(spark, inputs);
  }
}
