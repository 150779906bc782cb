package dev.ancestral.model.naivebayes;

import dev.ancestral.model.Batch;
import dev.ancestral.random.RandomKey;

/**
 * Naive Bayes of rows with one class or a hidden one. Draws are of p(row) given that nothing in it
 * is what the data that fixed the schema did not have.
 */
final class RowNaiveBayes extends BoundNaiveBayes implements MixtureOfRows {
  private final RowConditionals conditionals;

  RowNaiveBayes(RowConditionals conditionals) {
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
    return Batch.of(event().withClasses(0), ids, drawn);
  }
}
