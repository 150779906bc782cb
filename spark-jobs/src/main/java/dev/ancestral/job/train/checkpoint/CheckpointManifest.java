package dev.ancestral.job.train.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.ManifestFields;
import dev.ancestral.job.train.audit.EpochAudit;
import dev.ancestral.tensor.Arithmetic;
import java.io.Serializable;
import java.util.List;

/**
 * The state after a round as storage holds it: the small file that is written last and lists
 * everything else with length and checksum.
 *
 * @param format version of this file
 * @param round that it ends
 * @param step steps done
 * @param spec fingerprint of everything that decides the result
 * @param stateSize floats of the shared state: parameters, moments, averaged weights
 * @param slices of the shared state and, with compression, of each replica's residual and moments
 * @param ledgers by replica: sha256 of the ids that it handed to the loss in every round so far,
 *     each round's chained to those before
 * @param ledger the audit: which epochs have used every example once
 * @param devices what each replica computed on, and where, in that round
 * @param best the round with the best validation so far, or null
 * @param sinceBest validations since then
 * @param stopped why training ended before its last step, or null
 * @param segments files with the metrics of earlier rounds, see {@link MetricsHistory}
 * @param metrics a line for every round after those, as in metrics.jsonl
 * @param arithmetic what every process computed with; null if it is not known, or does not matter
 */
public record CheckpointManifest(
    int format,
    int round,
    long step,
    String spec,
    long stateSize,
    List<Slice> slices,
    List<String> ledgers,
    EpochAudit ledger,
    List<String> devices,
    Best best,
    int sinceBest,
    String stopped,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<MetricsSegment> segments,
    List<JsonNode> metrics,
    Arithmetic arithmetic)
    implements Serializable {

  /** The newest version that this code reads and writes: 2 has segments of metrics, 1 has none. */
  public static final int FORMAT = 2;

  public CheckpointManifest {
    segments = segments == null ? List.of() : segments;
  }

  /**
   * Checks the names and lengths that a reader of the files goes by.
   *
   * @param where the manifest, for messages
   * @throws AncestralException (DATA) if a list is missing, a file lies outside the folder, or a
   *     slice has another length than its elements take
   */
  void requireSound(String where) {
    if (slices == null || metrics == null || (best != null && best.slices() == null)) {
      throw new AncestralException(
          ErrorCode.DATA, where + " lacks slices or metrics; begin anew with --restart");
    }
    slices.forEach(slice -> slice.requireSound(where));
    segments.forEach(segment -> ManifestFields.file(segment.file(), where));
    if (best != null) {
      best.slices().forEach(slice -> slice.requireSound(where));
    }
  }

  /** The oldest version that can hold these metrics. */
  public static int format(MetricsHistory metrics) {
    return metrics.segments().isEmpty() ? 1 : FORMAT;
  }

  /**
   * A file of float32 values, little-endian.
   *
   * @param replica whose own state it is part of, or −1 for the shared state
   * @param offset of its first element
   * @param count of elements
   * @param file relative to the checkpoints folder
   * @param bytes length of the file
   * @param sha256 of the file
   */
  public record Slice(int replica, long offset, long count, String file, long bytes, String sha256)
      implements Serializable {

    private void requireSound(String where) {
      ManifestFields.file(file, where);
      // Arrays of statistics have no elements here.
      boolean fits = count == 0 || (count > 0 && bytes / Float.BYTES == count);
      if (offset < 0 || offset > Long.MAX_VALUE - Math.max(0, count) || !fits) {
        throw new AncestralException(
            ErrorCode.DATA,
            where
                + ": "
                + file
                + " is listed with "
                + count
                + " elements from "
                + offset
                + " on in "
                + bytes
                + " bytes; an element takes "
                + Float.BYTES
                + ": restore the file, or begin anew with --restart");
      }
    }
  }

  /**
   * The metrics of successive rounds.
   *
   * @param lines one a round
   * @param file relative to the checkpoints folder
   * @param bytes length of the file
   * @param sha256 of the file
   */
  public record MetricsSegment(int lines, String file, long bytes, String sha256)
      implements Serializable {}

  /**
   * The best validated round.
   *
   * @param round number
   * @param nats mean held-out log-likelihood or bound
   * @param slices that hold its weights
   */
  public record Best(int round, double nats, List<Slice> slices) implements Serializable {}
}
