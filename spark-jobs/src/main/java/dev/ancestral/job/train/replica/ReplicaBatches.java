package dev.ancestral.job.train.replica;

import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What each replica's objectives see at each step, read from the shards where it is asked for: the
 * same examples, in the same order, with the same noise, whatever engine computes.
 */
public final class ReplicaBatches implements Serializable {
  private static final long serialVersionUID = 1L;

  private final TrainingContext run;
  private final int longest;
  private transient Network network;
  private transient Map<Integer, DataLoader> batches;

  /**
   * The inputs of a run.
   *
   * @param longest steps of the longest example; 1 for events of fixed shape
   */
  public ReplicaBatches(TrainingContext run, int longest) {
    this.run = run;
    this.longest = longest;
  }

  /** What is trained. */
  public ModelConfig recipe() {
    return run.recipe();
  }

  /** The keys under {@code train:}. */
  public TrainSpec spec() {
    return run.spec();
  }

  /** R. */
  public int replicas() {
    return run.replicas();
  }

  /** Length of the training. */
  public long totalSteps() {
    return run.totalSteps();
  }

  /** Steps of the longest example. */
  public int longest() {
    return longest;
  }

  /** The mathematics. */
  public synchronized Network network() {
    if (network == null) {
      network = (Network) run.recipe().define();
    }
    return network;
  }

  /** Examples that a replica uses at a step. */
  public int count(int replica, long step) {
    return run.shares().count(replica, step);
  }

  /** What the objectives see of them. */
  public synchronized Network.View view(int replica, long step) {
    if (batches == null) {
      batches = new HashMap<>();
    }
    return batches
        .computeIfAbsent(replica, index -> new DataLoader(run, index, network()))
        .unnoted(step);
  }

  /** The keys of the players' noise in the first update of a step. */
  public List<RandomKey> noiseKeys(long step) {
    List<RandomKey> keys = new ArrayList<>();
    for (int player = 0; player < network().players().size(); player++) {
      keys.add(run.key("noise").fold(step / run.shares().stepsPerEpoch()).fold(player));
    }
    return keys;
  }
}
