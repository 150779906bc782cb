package dev.ancestral.job.train.backend;

import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.List;

/**
 * What is trained, and what each replica's objectives see at each step, wherever it is asked for:
 * the same examples, in the same order, with the same noise, whatever engine computes.
 */
public interface BackendInputs extends Serializable {

  /** What is trained. */
  ModelConfig recipe();

  /** The keys under {@code train:}. */
  TrainSpec spec();

  /** R. */
  int replicas();

  /** Length of the training. */
  long totalSteps();

  /** Steps of the longest example; 1 for events of fixed shape. */
  int longest();

  /** The mathematics. */
  Network network();

  /** Examples that a replica uses at a step. */
  int count(int replica, long step);

  /** What the objectives see of them. */
  Network.View view(int replica, long step);

  /** The keys of the players' noise in the first update of a step. */
  List<RandomKey> noiseKeys(long step);
}
