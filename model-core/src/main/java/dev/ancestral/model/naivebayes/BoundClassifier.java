package dev.ancestral.model.naivebayes;

import dev.ancestral.Refusal;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.emission.BoundEmission;
import dev.ancestral.random.RandomKey;

/** Naive Bayes whose classes are the labels of the event. */
final class BoundClassifier extends BoundNaiveBayes implements ClassifyingModel {

  BoundClassifier(EventSpec event, BoundEmission emission, double[] logPrior) {
    super(event, emission, logPrior);
  }

  @Override
  public double[][] jointLogProb(Batch x) {
    double[][] result = new double[x.size()][];
    eachJoint(x, (i, joint) -> result[i] = joint.clone());
    return result;
  }

  @Override
  public double classLogProb(int label) {
    return classLogProbs()[label];
  }

  /** Draws of the class that was asked for, or of classes drawn from the prior. */
  @Override
  public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
    if (request.label().isPresent()
        && (request.label().getAsInt() < 0 || request.label().getAsInt() >= classes())) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "label "
              + request.label().getAsInt()
              + " is asked for; this model has labels 0 to "
              + (classes() - 1));
    }
    float[] values = new float[Math.multiplyExact(ids.length, event().size())];
    int[] labels = draw(ids, key, request, values);
    return new Batch(event(), ids, values, labels, null);
  }
}
