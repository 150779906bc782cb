package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import java.util.List;
import java.util.Optional;

/** Whether datagrams pass between all processes, where DeepLearning4J is to share gradients. */
final class MeshCheck implements Check {
  private static final String WHAT = "datagrams";

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    if (!needs.map(Requirements::needsMesh).orElse(false)) {
      return List.of();
    }
    if (sight.meshObstacle().isPresent()) {
      return List.of(Finding.bad(WHAT, ErrorCode.CLUSTER, sight.meshObstacle().get()));
    }
    int replicas = needs.get().replicas() > 0 ? needs.get().replicas() : sight.slots();
    int networks = sight.executors().size();
    return List.of(
        replicas > networks
            ? Finding.doubtful(
                WHAT,
                "pass, but "
                    + replicas
                    + " replicas take turns on the networks of "
                    + networks
                    + (networks == 1 ? " process" : " processes")
                    + "; give every executor one core, and as many executors as replicas")
            : Finding.good(WHAT, "pass between all processes, and Aeron's files have room"));
  }
}
