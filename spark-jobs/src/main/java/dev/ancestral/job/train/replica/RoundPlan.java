package dev.ancestral.job.train.replica;

import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/**
 * One round: state in, state out.
 *
 * @param round number, from 1
 * @param attempt of this round in this application: names of what it writes are unique
 * @param fromStep first step, inclusive
 * @param toStep last step, exclusive
 * @param base state to begin from
 * @param commit whether the state at the end is written
 * @param validate whether held-out examples are scored at the end
 */
public record RoundPlan(
    int round,
    String attempt,
    long fromStep,
    long toStep,
    Base base,
    boolean commit,
    boolean validate)
    implements Serializable {

  /** Where the state that a round begins from is. */
  public enum Origin {
    /** Drawn from the seed. */
    INITIAL,
    /** On storage. */
    COMMITTED,
    /** Only in the replicas that the round before left behind. */
    RESIDENT
  }

  /**
   * The state that a round begins from.
   *
   * @param stamp that a replica which holds this state carries
   * @param origin where it is otherwise
   * @param slices on storage, where it was committed
   */
  public record Base(String stamp, Origin origin, List<CheckpointManifest.Slice> slices)
      implements Serializable {

    /** The state before the first round. */
    public static Base initial() {
      return new Base("initial", Origin.INITIAL, List.of());
    }

    /** The state of a commit. */
    public static Base of(CheckpointManifest commit, String stamp) {
      return new Base(stamp, Origin.COMMITTED, commit.slices());
    }

    /** A state that was not committed. */
    public static Base resident(String stamp) {
      return new Base(stamp, Origin.RESIDENT, List.of());
    }
  }

  /** The stamp of the state that this attempt leaves in its replicas. */
  public String stamp() {
    return "round " + round + " " + attempt;
  }

  /** The name of the folder for what this attempt writes, below the checkpoints. */
  public String folder() {
    return String.format(Locale.ROOT, "round-%06d-%s", round, attempt);
  }
}
