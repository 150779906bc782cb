package dev.ancestral.job.train.replica;

import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.Network;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;

/** One replica's share of the validation between rounds. */
public final class HeldOutScores {
  private final TrainingContext run;
  private final int replica;
  private final GenerativeModel model;
  private HeldOutExamples heldOut;

  public HeldOutScores(
      TrainingContext run, int replica, Network network, BoundParameters parameters) {
    this.run = run;
    this.replica = replica;
    // The model is a view of the parameters, which stay the replica's: it is never closed.
    model = run.recipe().modelled().model(NetworkModel.bind(network, parameters));
  }

  /** Scores with the parameters as they are. */
  public Moments scores() {
    if (heldOut == null) {
      heldOut = HeldOutExamples.of(run);
    }
    int from = (int) ((long) heldOut.size() * replica / run.replicas());
    int to = (int) ((long) heldOut.size() * (replica + 1) / run.replicas());
    Moments moments = new Moments();
    for (int at = from; at < to; at += run.spec().batchSize()) {
      int end = Math.min(to, at + run.spec().batchSize());
      for (double nats : nats(heldOut.batch(at, end))) {
        moments.add(nats);
      }
    }
    return moments;
  }

  private double[] nats(Batch batch) {
    TrainSpec.Validation wanted = run.spec().validation();
    RandomKey key = run.key("validation").fold("noise");
    if (model instanceof ExactModel exact) {
      return exact.logProb(batch);
    }
    if (model instanceof BoundModel bound) {
      return wanted.estimator().equals("iwae")
          ? bound.iwae(batch, wanted.samples(), key)
          : bound.elbo(batch, wanted.samples(), key);
    }
    return new double[0];
  }
}
