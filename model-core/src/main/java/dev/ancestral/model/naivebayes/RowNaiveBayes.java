package dev.ancestral.model.naivebayes;

import dev.ancestral.model.Batch;
import dev.ancestral.model.RowModel;
import dev.ancestral.random.RandomKey;

/**
 * Naive Bayes of rows with one class or a hidden one. Draws are of p(row) given that nothing in it
 * is what the data that fixed the schema did not have.
 */
final class RowNaiveBayes extends BoundNaiveBayes implements RowModel {
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
  public double[][] columnLogProb(Batch x) {
    return conditionals.columnLogProb(this, x);
  }

  @Override
  public double[][] componentProbabilities(Batch x) {
    return conditionals.componentProbabilities(this, x);
  }

  @Override
  public Batch complete(Batch x, Completion how, RandomKey key) {
    return conditionals.complete(x, how, key);
  }
}
