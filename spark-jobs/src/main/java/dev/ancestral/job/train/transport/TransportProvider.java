package dev.ancestral.job.train.transport;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.TransportKind;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/** Opens transports of a kind; found by {@link java.util.ServiceLoader} as its kind. */
public interface TransportProvider extends TransportKind {

  /** Why it cannot carry the exchanges on this cluster, and how to mend it; empty if it can. */
  Optional<String> obstacle(JavaSparkContext spark, TrainingContext run);

  /** Makes what runs the rounds of a training. */
  Transport open(JavaSparkContext spark, TrainingContext run);

  /**
   * The provider of a name; of {@link #AUTO} the one that is taken where nothing is in its way.
   *
   * @throws AncestralException (SPEC) if there is none
   */
  static TransportProvider named(String name) {
    TransportKind kind = TransportKind.named(name.equals(AUTO) ? GLOO : name);
    if (kind instanceof TransportProvider provider) {
      return provider;
    }
    throw new AncestralException(
        ErrorCode.SPEC,
        "train.transport is "
            + name
            + ", whose class "
            + kind.getClass().getName()
            + " does not implement "
            + TransportProvider.class.getName()
            + "; mend its jar");
  }
}
