package dev.ancestral.model.naivebayes;

import dev.ancestral.model.Batch;
import dev.ancestral.model.RowModel;
import dev.ancestral.model.rows.ConditionalRowModel;
import dev.ancestral.random.RandomKey;

/**
 * Naive Bayes of rows whose classes are the labels. Draws are of p(row, label) given that nothing
 * in the row is what the data that fixed the schema did not have.
 */
final class RowClassifier extends BoundNaiveBayes.Classifier
    implements RowModel, ConditionalRowModel {
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
  public double[][] columnLogProb(Batch x) {
    return conditionals.columnLogProb(this, x);
  }

  @Override
  public double[][] componentProbabilities(Batch x) {
    return conditionals.componentProbabilities(this, x);
  }

  @Override
  public Look look(Batch x, boolean byColumn) {
    return conditionals.look(this, x, byColumn);
  }

  @Override
  public Batch complete(Batch x, Completion how, RandomKey key) {
    return conditionals.complete(x, how, key);
  }

  @Override
  public double logProbGiven(float[] values, boolean[] given) {
    return conditionals.logProbGiven(values, given);
  }

  @Override
  public Batch sampleGiven(long[] ids, float[] values, boolean[] given, RandomKey key) {
    int[] classes = new int[ids.length];
    float[] drawn = conditionals.sampleGiven(ids, values, given, key, classes);
    return new Batch(event(), ids, drawn, classes, null);
  }
}
