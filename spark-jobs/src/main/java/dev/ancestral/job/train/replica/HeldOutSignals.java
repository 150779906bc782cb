package dev.ancestral.job.train.replica;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.ImplicitNetwork;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.model.quality.ClassMeans;
import dev.ancestral.model.quality.FeatureStatistics;
import dev.ancestral.model.quality.ModeCounts;
import dev.ancestral.model.quality.RandomFeatures;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import java.util.stream.LongStream;

/**
 * One replica's share of the comparison between rounds of draws with held-out examples, for models
 * that have no likelihood. The features, and the noise behind the draws, are the same in every
 * round, so that what changes is the model.
 */
public final class HeldOutSignals {
  private static final int FEATURES = 48;

  private final TrainingContext run;
  private final int replica;
  private final GenerativeModel model;
  private final RandomFeatures features;
  private HeldOutExamples heldOut;
  private ClassMeans means;

  public HeldOutSignals(
      TrainingContext run, int replica, ImplicitNetwork network, BoundParameters parameters) {
    this.run = run;
    this.replica = replica;
    // The model is a view of the parameters, which stay the replica's: it is never closed.
    model = run.recipe().modelled().model(NetworkModel.bind(network, parameters));
    EventSpec event = run.dataset().event();
    features = new RandomFeatures(run.key("validation").fold("features"), event, FEATURES);
  }

  /** The comparison with the parameters as they are. */
  public SampleSignals signals() {
    if (heldOut == null) {
      heldOut = HeldOutExamples.of(run);
      means = classMeans();
    }
    EventSpec event = run.dataset().event();
    SampleSignals signals =
        new SampleSignals(
            new FeatureStatistics(features.count()),
            new FeatureStatistics(features.count()),
            means == null ? null : new ModeCounts(event.classes()));
    RandomKey key = run.key("validation").fold("draws");
    int from = (int) ((long) heldOut.size() * replica / run.replicas());
    int to = (int) ((long) heldOut.size() * (replica + 1) / run.replicas());
    for (int at = from; at < to; at += run.spec().batchSize()) {
      int end = Math.min(to, at + run.spec().batchSize());
      Batch examples = heldOut.batch(at, end);
      Batch draws = model.sample(LongStream.range(at, end).toArray(), key, SampleRequest.plain());
      for (int i = 0; i < end - at; i++) {
        int start = i * event.size();
        signals.heldOut().add(features.of(examples.values(), start));
        signals.drawn().add(features.of(draws.values(), start));
        if (means != null) {
          signals.modes().add(means.nearest(draws.values(), start));
        }
      }
    }
    return signals;
  }

  /** Of all that were chosen, so that every replica judges alike; null without labels. */
  private ClassMeans classMeans() {
    EventSpec event = run.dataset().event();
    if (!event.hasLabels()) {
      return null;
    }
    ClassMeans all = new ClassMeans(event.classes(), event.size());
    for (int at = 0; at < heldOut.size(); at += run.spec().batchSize()) {
      int end = Math.min(heldOut.size(), at + run.spec().batchSize());
      all.add(heldOut.batch(at, end));
    }
    return all;
  }
}
