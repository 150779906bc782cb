package dev.ancestral.model.label;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.Condition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import java.util.Optional;

/**
 * A model as one of p(x), p(x | label) or p(x, label), whichever is asked for, exactly.
 *
 * <p>Laws: log p(x, c) = log p(c) + log p(x | c), and Σ_c p(x, c) = p(x).
 */
public final class LabelledScores implements ExactModel {
  private final ExactModel model;
  private final ClassifyingModel classes;
  private final boolean given;

  private LabelledScores(ExactModel model, ClassifyingModel classes, boolean given) {
    this.model = model;
    this.classes = classes;
    this.given = given;
  }

  /**
   * The model whose log-likelihood is of the condition that is asked for.
   *
   * @param model closed with the result
   * @param own what the label is to the model's own log-likelihood
   * @param wanted what it is to be
   * @param frequencies p(label), for models of p(x | label)
   * @throws AncestralException (MISMATCH) if the model says nothing of it
   */
  public static GenerativeModel of(
      GenerativeModel model,
      Condition.Label own,
      Condition.Label wanted,
      Optional<LabelFrequencies> frequencies) {
    if (own == wanted) {
      return model;
    }
    if (own == Condition.Label.GIVEN && model instanceof ExactModel exact) {
      LabelMixture mixture =
          new LabelMixture(exact, frequencies.orElseThrow(LabelledScores::noFrequencies));
      return wanted == Condition.Label.NONE ? mixture : new LabelledScores(mixture, mixture, false);
    }
    if (own == Condition.Label.NONE
        && model instanceof ExactModel exact
        && model instanceof ClassifyingModel classifying) {
      return new LabelledScores(exact, classifying, wanted == Condition.Label.GIVEN);
    }
    throw new AncestralException(
        ErrorCode.MISMATCH,
        "condition is "
            + wanted.text()
            + ", but the log-likelihood of this model is "
            + Condition.of(model.event()).withLabel(own).notation()
            + " and can be no other; leave --condition out");
  }

  /** What a model of p(x | label) without frequencies is refused with. */
  public static AncestralException noFrequencies() {
    return new AncestralException(
        ErrorCode.MISMATCH,
        "p(x) and p(x, label) of a model of p(x | label) need the frequencies of the labels, which"
            + " its model.json does not have (an earlier version or a hand wrote it): train again,"
            + " or write them there as labelFrequencies, a number for each label");
  }

  @Override
  public EventSpec event() {
    return model.event();
  }

  @Override
  public double[] logProb(Batch x) {
    double[] logProb = classes.labelledLogProb(x);
    for (int i = 0; given && i < logProb.length; i++) {
      double prior = classes.classLogProb(x.labels()[i]);
      if (prior == Double.NEGATIVE_INFINITY) {
        throw new AncestralException(
            ErrorCode.DATA,
            "example "
                + x.ids()[i]
                + " has label "
                + x.labels()[i]
                + ", which the model gives probability zero, so there is no p(x | label); score"
                + " p(x, label) by --condition joint");
      }
      logProb[i] -= prior;
    }
    return logProb;
  }

  @Override
  public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
    return model.sample(ids, key, request);
  }

  @Override
  public void close() {
    model.close();
  }
}
