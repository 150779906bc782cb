package dev.ancestral.model.naivebayes;

import dev.ancestral.model.Batch;
import dev.ancestral.model.RowModel;
import dev.ancestral.model.rows.ConditionalRowModel;
import dev.ancestral.random.RandomKey;

/** What naive Bayes of rows tells by its conditional distributions, whatever its classes are. */
interface MixtureOfRows extends RowModel, ConditionalRowModel {

  /** Its conditional distributions. */
  RowConditionals conditionals();

  @Override
  default double[][] componentProbabilities(Batch x) {
    return conditionals().componentProbabilities(x);
  }

  @Override
  default Look look(Batch x, boolean byColumn) {
    return conditionals().look(x, byColumn);
  }

  @Override
  default Batch complete(Batch x, Completion how, RandomKey key) {
    return conditionals().complete(x, how, key);
  }

  @Override
  default double logProbGiven(float[] values, boolean[] given) {
    return conditionals().logProbGiven(values, given);
  }
}
