package dev.ancestral.job.train.transport;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.backend.TrainingBackendProvider;
import dev.ancestral.job.train.replica.MemoryEstimate;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.TransportKind;
import dev.ancestral.model.Network;
import dev.ancestral.train.TrainOptions.Strategy;
import java.util.Locale;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.spark.api.java.JavaSparkContext;

/** Which transport a run takes on the cluster at hand. */
public final class Transports {
  private Transports() {}

  /**
   * The transport that the spec names, or the best that the cluster allows.
   *
   * @throws AncestralException (CLUSTER) if the one named cannot work here
   */
  public static Transport choose(
      JavaSparkContext spark, TrainingContext run, ProgressListener progress) {
    Optional<TrainingBackendProvider> backend = TrainingBackendProvider.of(run.spec());
    if (backend.isPresent()) {
      return new BackendTransport(spark, run, backend.get());
    }
    String wanted = run.spec().transport();
    TransportProvider provider = TransportProvider.named(wanted);
    Optional<String> obstacle = provider.obstacle(spark, run);
    if (obstacle.isEmpty()) {
      return provider.open(spark, run);
    }
    if (wanted.equals(TransportKind.AUTO)) {
      String choice = "transport: spark, because " + obstacle.get() + "; " + cost(run);
      progress.message(choice);
      LogManager.getLogger(Transports.class).warn(choice);
      return new ShuffleTransport(spark, run);
    }
    throw new AncestralException(
        ErrorCode.CLUSTER,
        "transport is " + wanted + " but " + obstacle.get() + ", or set transport: spark");
  }

  /** What exchanging over Spark's shuffle costs; deploy/help/throughput.md has measurements. */
  private static String cost(TrainingContext run) {
    MemoryEstimate footprint = MemoryEstimate.of((Network) run.recipe().define(), run.spec(), 1);
    boolean averaging = run.spec().strategy() == Strategy.PARAMETER_AVERAGING;
    long every = averaging ? run.spec().averagingFrequency() : 1;
    long exchanges = (run.roundSteps() + every - 1) / every;
    return String.format(
        Locale.ROOT,
        "cost: %,d exchanges a round, each a Spark job of some tenth of a second that moves about"
            + " %,.1f MB%s",
        exchanges,
        footprint.shuffledBytes(run.replicas()) / 1e6,
        averaging
            ? "; with averagingFrequency: 500 little of it is left"
            : "; strategy: parameter-averaging exchanges far less often");
  }
}
