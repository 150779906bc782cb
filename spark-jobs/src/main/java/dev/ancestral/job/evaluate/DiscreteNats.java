package dev.ancestral.job.evaluate;

import dev.ancestral.model.Batch;
import dev.ancestral.model.Condition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.rows.ConditionalRowModel;
import dev.ancestral.schema.RowSchema;
import java.util.Arrays;
import java.util.Optional;

/**
 * What the columns of a row with masses have of its log-likelihood: log p(those columns), all
 * others integrated out. The rest is log p(columns of real numbers | those columns), a density.
 *
 * @param schema of the rows
 * @param masses whether each column has a mass
 * @param model null where all columns are of one kind, so that none is asked
 */
record DiscreteNats(RowSchema schema, boolean[] masses, ConditionalRowModel model) {

  /** Empty where the examples are no rows, or the model does not know it. */
  static Optional<DiscreteNats> of(ScorePlan plan, GenerativeModel model) {
    EventSpec event = plan.model().event();
    if (!event.isRows()) {
      return Optional.empty();
    }
    RowSchema schema = event.schema().orElseThrow();
    boolean[] masses = new boolean[schema.columns().size()];
    int count = 0;
    for (int c = 0; c < masses.length; c++) {
      masses[c] = !schema.columns().get(c).isContinuous();
      count += masses[c] ? 1 : 0;
    }
    if (count == masses.length || count == 0) {
      return Optional.of(new DiscreteNats(schema, masses, null));
    }
    // A label that is given or modelled makes it another distribution than the columns' own.
    boolean plain = plan.condition().label() == Condition.Label.NONE && !event.variableLength();
    return plain && model instanceof ConditionalRowModel rows
        ? Optional.of(new DiscreteNats(schema, masses, rows))
        : Optional.empty();
  }

  /** Of an example of a batch, in nats. */
  double of(Batch batch, int row, double nats) {
    if (model == null) {
      return masses[0] ? nats : 0;
    }
    int size = schema.size();
    return model.logProbGiven(
        Arrays.copyOfRange(batch.values(), row * size, (row + 1) * size), masses);
  }
}
