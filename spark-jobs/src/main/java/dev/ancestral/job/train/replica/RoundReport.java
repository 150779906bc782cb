package dev.ancestral.job.train.replica;

import dev.ancestral.job.train.audit.EpochAuditEntry;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import dev.ancestral.likelihood.Moments;
import java.io.Serializable;
import java.util.List;

/**
 * What one replica tells of a round.
 *
 * @param replica index
 * @param host where it ran
 * @param executor id of the executor
 * @param device what computed
 * @param gpu address of the GPU that Spark assigned to it, empty if none
 * @param objective Σ of the per-example objective of each player over the steps, in nats
 * @param examples how many examples its steps used
 * @param divergedAt step of the first loss that was not a finite number, or −1
 * @param slices of the state that it wrote
 * @param ledger which examples it handed to the loss
 * @param validation moments of its share of the held-out scores, or null
 * @param signals of its share of draws and held-out examples, or null
 * @param memoryBytes on the device, as {@link dev.ancestral.tensor.Engine#memoryBytes} counts them
 * @param times where the round's time went
 */
public record RoundReport(
    int replica,
    String host,
    String executor,
    String device,
    String gpu,
    double[] objective,
    long examples,
    long divergedAt,
    List<CheckpointManifest.Slice> slices,
    EpochAuditEntry ledger,
    Moments validation,
    SampleSignals signals,
    long memoryBytes,
    Times times)
    implements Serializable {

  /** What computed, and where. */
  public String hardware() {
    return device
        + " on "
        + host
        + ", executor "
        + executor
        + (gpu.isEmpty() ? "" : ", gpu " + gpu);
  }

  /**
   * Where a replica's round went.
   *
   * @param computeNanos forward, backward and optimizer
   * @param inputNanos waiting for batches that had not been put together yet
   * @param exchangeNanos reductions, waiting for the others included
   * @param loadNanos reading state, joining the group, writing slices, validation
   * @param bytesExchanged sent to other replicas, by the layout
   */
  public record Times(
      long computeNanos, long inputNanos, long exchangeNanos, long loadNanos, long bytesExchanged)
      implements Serializable {}
}
