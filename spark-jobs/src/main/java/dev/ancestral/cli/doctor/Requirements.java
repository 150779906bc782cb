package dev.ancestral.cli.doctor;

import dev.ancestral.data.Dataset;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.train.backend.PlainCollectives;
import dev.ancestral.job.train.replica.MemoryEstimate;
import dev.ancestral.job.train.spec.EngineKind;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.job.train.spec.TransportKind;
import dev.ancestral.train.TrainOptions.Strategy;
import java.util.Optional;

/**
 * What a spec asks of a cluster.
 *
 * @param train the keys under {@code train:}
 * @param footprint of a replica; empty while the data are not there
 */
record Requirements(TrainSpec train, Optional<MemoryEstimate> footprint) {

  /** Of a spec, whose dataset may not be there yet. */
  static Requirements of(JobSpec spec, Optional<Dataset> dataset) {
    return new Requirements(
        spec.train(),
        dataset.map(
            data ->
                MemoryEstimate.of(
                    ModelConfig.of(
                        spec.model().family(),
                        spec.model().familyKeys(),
                        data.event(),
                        spec.data().dequantize().text()),
                    spec.train(),
                    data)));
  }

  /** Replicas, or 0 for as many as there are slots. */
  int replicas() {
    return train.replicas();
  }

  /** The transport that the spec names; empty where the cluster decides. */
  Optional<TransportKind> transport() {
    return train.transport().equals(TransportKind.AUTO)
        ? Optional.empty()
        : Optional.of(TransportKind.named(train.transport()));
  }

  /** Whether the replicas are to run all at once, whatever else. */
  boolean demandsBarrier() {
    return transport().filter(TransportKind::simultaneous).isPresent();
  }

  /** Whether DeepLearning4J is to share gradients, by datagrams between all processes. */
  boolean needsMesh() {
    return train.engine().equals(EngineKind.DL4J) && train.strategy() == Strategy.GRADIENT_SHARING;
  }

  /** Whether exchanges will go over Spark's shuffle. */
  boolean willShuffle(ClusterSnapshot sight) {
    if (demandsBarrier()) {
      return false;
    }
    boolean protects = !sight.local() && PlainCollectives.obstacle(sight.conf(), train).isPresent();
    return train.transport().equals(TransportKind.SPARK)
        || protects
        || replicas() > sight.slots()
        || sight.conf().getBoolean("spark.dynamicAllocation.enabled", false);
  }

  /** The most replicas that one executor holds. */
  int replicasAnExecutor(ClusterSnapshot sight) {
    int executors = Math.max(1, sight.executors().size());
    int all = replicas() > 0 ? replicas() : sight.slots();
    return MemoryEstimate.replicasAnExecutor(all, sight.slotsAnExecutor(), executors);
  }
}
