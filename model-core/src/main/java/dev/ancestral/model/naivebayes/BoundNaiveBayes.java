package dev.ancestral.model.naivebayes;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.distribution.statistics.BoundEmission;
import dev.ancestral.distribution.statistics.Probabilities;
import dev.ancestral.distribution.statistics.Rows;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;

/**
 * Naive Bayes with its parameters: log p(x) = log Σ_c exp(log p(c) + log p(x | c)).
 *
 * <p>Draws of example id: the class is uniform draw 0 of {@code key.fold(id).fold(0)}, element d is
 * draw d of {@code key.fold(id).fold(1)}; so a draw depends on nothing but the parameters, key and
 * id.
 */
sealed class BoundNaiveBayes implements ExactModel
    permits BoundNaiveBayes.Classifier, RowNaiveBayes {
  private static final int BLOCK = 256;
  static final int CLASS_DRAW = 0;
  static final int ELEMENT_DRAWS = 1;

  private final EventSpec event;
  private final BoundEmission emission;
  private final double[] logPrior; // [C]
  private final double[] drawnPrior; // [C]: p(c) of draws

  BoundNaiveBayes(EventSpec event, BoundEmission emission, double[] logPrior) {
    this(event, emission, logPrior, Arrays.stream(logPrior).map(Math::exp).toArray());
  }

  /**
   * @param drawnPrior p(c) of draws, where not all that is possible may be drawn
   */
  BoundNaiveBayes(EventSpec event, BoundEmission emission, double[] logPrior, double[] drawnPrior) {
    this.event = event;
    this.emission = emission;
    this.logPrior = logPrior;
    this.drawnPrior = drawnPrior;
  }

  @Override
  public EventSpec event() {
    return event;
  }

  @Override
  public double[] logProb(Batch x) {
    double[] logProb = new double[x.size()];
    eachJoint(x, (i, joint) -> logProb[i] = Probabilities.logSumExp(joint));
    return logProb;
  }

  /** Takes log p(x_i, c) of all classes; the array is used again. */
  interface JointConsumer {
    void accept(int i, double[] joint);
  }

  final void eachJoint(Batch x, JointConsumer consumer) {
    eachJoint(event, emission, logPrior, x, consumer);
  }

  static void eachJoint(
      EventSpec event, BoundEmission emission, double[] logPrior, Batch x, JointConsumer consumer) {
    x.requireOf(event);
    double[][] joint = new double[Math.min(BLOCK, x.size())][logPrior.length];
    for (int from = 0; from < x.size(); from += BLOCK) {
      int rows = Math.min(BLOCK, x.size() - from);
      emission.logProb(x.values(), from * event.size(), rows, joint);
      for (int r = 0; r < rows; r++) {
        Rows.add(logPrior, joint[r]);
        consumer.accept(from + r, joint[r]);
      }
    }
  }

  /** log p(c), [C]. */
  final double[] classLogProbs() {
    return logPrior;
  }

  final int classes() {
    return logPrior.length;
  }

  @Override
  public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
    if (request.label().isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "a label is asked for, but this model has none: it was trained with classes: none");
    }
    float[] values = new float[Math.multiplyExact(ids.length, event.size())];
    draw(ids, key, request, values);
    return Batch.of(event.withClasses(0), ids, values);
  }

  /** Draws the elements, and gives the class of each example. */
  final int[] draw(long[] ids, RandomKey key, SampleRequest request, float[] into) {
    if (request.length().isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "a length is asked for, but examples are of fixed shape, "
              + event.describe()
              + "; leave it out");
    }
    int classes = drawnPrior.length;
    double[] cumulative =
        Probabilities.cumulative(
            Probabilities.tempered(drawnPrior, classes, request.temperature()), classes);
    BoundEmission.Sampler sampler = emission.sampler(request.temperature());
    int[] drawn = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      RandomKey own = key.fold(ids[i]);
      drawn[i] =
          request
              .label()
              .orElse(Probabilities.drawn(cumulative, 0, classes, own.fold(CLASS_DRAW).uniform(0)));
      sampler.sample(drawn[i], own.fold(ELEMENT_DRAWS), 0, into, i * event.size());
    }
    return drawn;
  }

  @Override
  public void close() {
    // All memory is Java's.
  }

  /** Naive Bayes whose classes are the labels of the event. */
  static sealed class Classifier extends BoundNaiveBayes implements ClassifyingModel
      permits RowClassifier {

    Classifier(EventSpec event, BoundEmission emission, double[] logPrior) {
      super(event, emission, logPrior);
    }

    Classifier(EventSpec event, BoundEmission emission, double[] logPrior, double[] drawnPrior) {
      super(event, emission, logPrior, drawnPrior);
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
        throw new AncestralException(
            ErrorCode.SPEC,
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
}
