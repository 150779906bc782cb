package dev.ancestral.job.train.replica;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.data.loader.DistributedSampler;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Arithmetic;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.train.TrainOptions;
import dev.ancestral.train.TrainOptions.Strategy;
import java.io.Serializable;

/**
 * What every replica of a run knows from the start and never changes; broadcast once.
 *
 * @param id unique to this training in this application
 * @param seed of everything random
 * @param recipe of the model
 * @param spec the keys under {@code train:}
 * @param replicas R
 * @param storage where data and checkpoints lie
 * @param directory of the run
 * @param dataset to train on
 * @param trainSplit its split to learn from
 * @param validSplit its split to validate on, or null
 * @param shares which examples each replica uses at each step
 * @param totalSteps length of the training
 * @param start the model whose parameters it begins with, or null to draw them
 * @param arithmetic that every executor must compute with, or null where any will do
 */
public record TrainingContext(
    String id,
    long seed,
    ModelConfig recipe,
    TrainSpec spec,
    int replicas,
    Storage storage,
    String directory,
    Dataset dataset,
    String trainSplit,
    String validSplit,
    DistributedSampler shares,
    long totalSteps,
    ModelDirectory start,
    Arithmetic arithmetic)
    implements Serializable {

  /** The root of this run's keys for a purpose. */
  public RandomKey key(String purpose) {
    return RandomKey.of(seed).fold("train").fold(purpose);
  }

  /**
   * Hands on the parameters that training begins with.
   *
   * @throws dev.ancestral.AncestralException (DATA) if they are those of another model and are not
   *     as they were
   */
  public void begin(Network network, ParameterLayout.Sink into) {
    if (start == null) {
      network.parameters().initialize(key("initialize"), into);
    } else {
      start.readParameters(network.parameters(), into);
    }
  }

  /** How the loop of every replica proceeds. */
  public TrainOptions options() {
    return new TrainOptions(
        spec.strategy(),
        spec.averagingFrequency(),
        totalSteps,
        spec.schedule(),
        spec.clipNorm(),
        spec.ema());
  }

  /** The end of the local steps that begin at a step: the next exchange. */
  public long nextExchange(long step) {
    return options().nextExchange(step);
  }

  /**
   * Steps of a round: a multiple of the averaging frequency, by default about an epoch up to 500.
   */
  public long roundSteps() {
    long wanted = spec.roundSteps() > 0 ? spec.roundSteps() : Math.min(500, shares.stepsPerEpoch());
    if (spec.strategy() == Strategy.GRADIENT_SHARING) {
      return Math.max(1, wanted);
    }
    long frequency = spec.averagingFrequency();
    return Math.max(1, (wanted + frequency - 1) / frequency) * frequency;
  }

  /**
   * Whether a run that is longer goes through this state: it is the end of a whole round, after
   * which validation was due if it was made.
   */
  public boolean isThrough(CheckpointManifest commit) {
    int every = spec.validation().everyRounds();
    boolean due = validSplit == null || every == 0 || commit.round() % every == 0;
    return due && commit.step() == commit.round() * roundSteps();
  }
}
