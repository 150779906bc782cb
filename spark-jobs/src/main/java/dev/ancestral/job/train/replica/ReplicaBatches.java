package dev.ancestral.job.train.replica;

import dev.ancestral.job.train.backend.BackendInputs;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import dev.ancestral.random.RandomKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The inputs of an engine that trains by itself, read from the shards where they are asked for. */
public final class ReplicaBatches implements BackendInputs {
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

  @Override
  public ModelConfig recipe() {
    return run.recipe();
  }

  @Override
  public TrainSpec spec() {
    return run.spec();
  }

  @Override
  public int replicas() {
    return run.replicas();
  }

  @Override
  public long totalSteps() {
    return run.totalSteps();
  }

  @Override
  public int longest() {
    return longest;
  }

  @Override
  public synchronized Network network() {
    if (network == null) {
      network = (Network) run.recipe().define();
    }
    return network;
  }

  @Override
  public int count(int replica, long step) {
    return run.shares().count(replica, step);
  }

  @Override
  public synchronized Network.View view(int replica, long step) {
    if (batches == null) {
      batches = new HashMap<>();
    }
    return batches
        .computeIfAbsent(replica, index -> new DataLoader(run, index, network()))
        .unnoted(step);
  }

  @Override
  public List<RandomKey> noiseKeys(long step) {
    List<RandomKey> keys = new ArrayList<>();
    for (int player = 0; player < network().players().size(); player++) {
      keys.add(run.key("noise").fold(step / run.shares().stepsPerEpoch()).fold(player));
    }
    return keys;
  }
}
