package dev.ancestral.job.doctor;

import dev.ancestral.Refusal;
import java.util.List;
import java.util.Optional;

/** Whether {@code spark.serializer} can carry what replicas exchange. */
final class SerializerCheck implements Check {
  private static final String KEY = "spark.serializer";

  @Override
  public List<Finding> judge(Sight sight, Optional<Needs> needs) {
    String name = sight.conf().get(KEY, "org.apache.spark.serializer.JavaSerializer");
    if (sight.serializerFailure().isEmpty()) {
      return List.of(Finding.good(KEY, name));
    }
    String detail =
        "is "
            + name
            + ", which cannot carry what replicas exchange over Spark's shuffle ("
            + sight.serializerFailure().get()
            + "); leave it out, or set org.apache.spark.serializer.JavaSerializer";
    return List.of(
        needs.map(asked -> asked.willShuffle(sight)).orElse(false)
            ? Finding.bad(KEY, Refusal.Kind.CLUSTER, detail)
            : Finding.doubtful(KEY, detail));
  }
}
