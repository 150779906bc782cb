package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import java.util.List;
import java.util.Optional;

/** Whether {@code spark.serializer} can carry what the engine of a spec sends by it. */
final class SerializerCheck implements Check {
  private static final String WHAT = "serializer";

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    return List.of(
        sight
            .serializerObstacle()
            .map(obstacle -> Finding.bad(WHAT, ErrorCode.CLUSTER, obstacle))
            .orElseGet(() -> Finding.good(WHAT, "carries what is sent")));
  }
}
