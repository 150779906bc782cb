package dev.ancestral.job.train.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ancestral.AncestralException;
import dev.ancestral.job.train.audit.EpochAudit;
import dev.ancestral.tensor.Arithmetic;
import java.util.List;
import java.util.Optional;

/**
 * The commits of one training run, by rounds of gradients and by passes of EM alike: a state is
 * committed with the metrics of all rounds up to it, states beyond those kept are removed, and
 * {@code metrics.jsonl} is written.
 */
public final class RunCommits {
  private final CheckpointStore checkpoints;
  private final MetricsFile file;
  private final String fingerprint;
  private final int keep;
  private MetricsHistory metrics;

  /**
   * What training adds to a state in a round; {@link CheckpointManifest} explains the fields.
   *
   * @param size floats of the shared state
   * @param orders by replica: the chained sha256 of the ids it has used
   * @param audit of epochs
   */
  public record State(
      int round,
      long step,
      long size,
      List<CheckpointManifest.Slice> slices,
      List<String> orders,
      EpochAudit audit,
      List<String> devices,
      CheckpointManifest.Best best,
      int sinceBest,
      String stopped,
      Arithmetic arithmetic) {

    /** The state after a pass of EM, a round of one step: the arrays of the model in one file. */
    public static State ofPass(
        int passes,
        CheckpointManifest.Slice arrays,
        EpochAudit audit,
        CheckpointManifest.Best best) {
      return new State(
          passes, passes, 0, List.of(arrays), List.of(), audit, List.of(), best, 0, null, null);
    }
  }

  /**
   * The commits of a run.
   *
   * @param fingerprint of everything that decides the result
   * @param keep how many of the newest states stay
   */
  public RunCommits(CheckpointStore checkpoints, MetricsFile file, String fingerprint, int keep) {
    this.checkpoints = checkpoints;
    this.file = file;
    this.fingerprint = fingerprint;
    this.keep = keep;
    metrics = checkpoints.metrics();
  }

  /** The fingerprint of everything that decides the result. */
  public String fingerprint() {
    return fingerprint;
  }

  /**
   * Reads the metrics of all rounds up to a state, with which another process committed it.
   *
   * @throws AncestralException (DATA) if a file of them is damaged
   */
  public void goOn(CheckpointManifest from) {
    metrics = checkpoints.metrics(from);
  }

  /** Forgets the metrics of rounds after a state of this process; of all rounds if empty. */
  public void backTo(Optional<CheckpointManifest> state) {
    state.ifPresentOrElse(metrics::backTo, () -> metrics = checkpoints.metrics());
  }

  /** Adds the line of a round, which is stored with the next commit. */
  public void add(JsonNode line) {
    metrics.add(line);
  }

  /** A line for every round so far. */
  public List<JsonNode> lines() {
    return metrics.lines();
  }

  /**
   * Commits a state: when this returns, a run that is killed goes on from here.
   *
   * @param ended whether it is the last one of the run
   */
  public CheckpointManifest commit(State state, boolean ended) {
    metrics.seal();
    CheckpointManifest commit =
        new CheckpointManifest(
            CheckpointManifest.format(metrics),
            state.round,
            state.step,
            fingerprint,
            state.size,
            state.slices,
            state.orders,
            state.audit,
            state.devices,
            state.best,
            state.sinceBest,
            state.stopped,
            metrics.segments(),
            metrics.recent(),
            state.arithmetic);
    checkpoints.commit(commit);
    tidy(commit, ended);
    return commit;
  }

  /** What a run whose last state is committed still owes: its driver may have died after that. */
  public void finish(CheckpointManifest last) {
    tidy(last, true);
  }

  private void tidy(CheckpointManifest commit, boolean ended) {
    checkpoints.prune(commit, keep);
    file.write(metrics.lines(), ended);
  }
}
