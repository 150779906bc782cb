package dev.ancestral.model.naivebayes;

import dev.ancestral.model.Batch;
import dev.ancestral.random.RandomKey;

/**
 * Naive Bayes of rows whose classes are the labels. Draws are of p(row, label) given that nothing
 * in the row is what the data that fixed the schema did not have.
 */
final class RowClassifier extends BoundNaiveBayes.Classifier implements MixtureOfRows {
  private final RowConditionals conditionals;

  RowClassifier(RowConditionals conditionals) {
    super(
        conditionals.event(),
        conditionals.emission(),
        conditionals.logPrior(),
        conditionals.drawnPrior());
    this.conditionals = conditionals;
  }

  @Override
  public RowConditionals conditionals() {
    return conditionals;
  }

  @Override
  public Batch sampleGiven(long[] ids, float[] values, boolean[] given, RandomKey key) {
    int[] classes = new int[ids.length];
    float[] drawn = conditionals.sampleGiven(ids, values, given, key, classes);
    return new Batch(event(), ids, drawn, classes, null);
  }
}
