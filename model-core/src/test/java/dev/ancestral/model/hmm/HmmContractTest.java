package dev.ancestral.model.hmm;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SmallRows;
import dev.ancestral.model.StatisticsContract;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.hmm.Hmm.HmmFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowSchema;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;

/** Every kind of hidden Markov model keeps the contract. */
final class HmmContractTest {

  /** A family on sequences, with data that stay high or low for a while. */
  abstract static class Case extends StatisticsContract {
    private final EventSpec event;
    private final int steps;
    private final Map<String, Object> settings;

    Case(EventSpec event, int steps, Map<String, Object> settings) {
      this.event = event;
      this.steps = steps;
      this.settings = settings;
    }

    @Override
    protected StatisticsModel model() {
      return (StatisticsModel) new HmmFamily().define(Settings.of(settings), event);
    }

    @Override
    protected Batch data() {
      return sticky(event, 40);
    }

    @Override
    protected OptionalInt steps() {
      return OptionalInt.of(steps);
    }
  }

  /** Sequences of 1 to 9 steps whose level changes now and then. */
  static Batch sticky(EventSpec event, int count) {
    RandomKey key = RandomKey.of(31);
    int[] lengths = new int[count];
    int longest = 9;
    float[] values = new float[count * longest * event.size()];
    for (int i = 0; i < count; i++) {
      lengths[i] = i == 0 ? longest : 1 + (int) key.fold(i).below(1000, longest);
      boolean high = i % 2 == 0;
      for (int t = 0; t < lengths[i]; t++) {
        high ^= key.fold(i).fold(t).uniform(0) < 0.25;
        for (int d = 0; d < event.size(); d++) {
          double u = key.fold(i).fold(t).uniform(1 + d);
          values[(i * longest + t) * event.size() + d] =
              event.isDiscrete()
                  ? (int) (Math.pow(u, high ? 0.5 : 2) * event.levels())
                  : (float) ((high ? 6 : -2) + 3 * u);
        }
      }
    }
    return new Batch(event, LongStream.range(0, count).toArray(), values, null, lengths);
  }

  static EventSpec sequences(EventSpec.Elements elements, int size) {
    return new EventSpec(List.of(size), elements, true, 0, List.of(), 0);
  }

  static EventSpec discrete(int levels, int size) {
    return sequences(new EventSpec.Discrete(levels), size);
  }

  @Nested
  final class Bernoulli extends Case {
    Bernoulli() {
      super(discrete(2, 3), 3, Map.of("states", 3, "emissions", "bernoulli", "iterations", 6));
    }
  }

  @Nested
  final class UnsmoothedBernoulli extends Case {
    UnsmoothedBernoulli() {
      super(
          discrete(2, 2),
          4,
          Map.of("states", 2, "emissions", "bernoulli", "iterations", 6, "smoothing", 0));
    }
  }

  @Nested
  final class Categorical extends Case {
    Categorical() {
      super(discrete(4, 1), 5, Map.of("states", 2, "emissions", "categorical", "iterations", 6));
    }
  }

  @Nested
  final class CategoricalVectors extends Case {
    CategoricalVectors() {
      super(discrete(3, 2), 3, Map.of("states", 2, "emissions", "categorical", "iterations", 6));
    }
  }

  @Nested
  final class LeftRight extends Case {
    LeftRight() {
      super(
          discrete(3, 1),
          4,
          Map.of(
              "states", 3, "emissions", "categorical", "iterations", 6, "topology", "left-right"));
    }
  }

  @Nested
  final class OneState extends Case {
    OneState() {
      super(discrete(2, 2), 2, Map.of("states", 1, "emissions", "bernoulli", "iterations", 2));
    }
  }

  @Nested
  final class Gaussian extends Case {
    Gaussian() {
      super(
          sequences(new EventSpec.Continuous(), 1),
          1,
          Map.of("states", 2, "emissions", "gaussian", "iterations", 6));
    }
  }

  /** No smoothing, so that what is drawn is all that is possible. */
  @Nested
  final class SequencesOfRows extends Case {
    SequencesOfRows() {
      super(
          EventSpec.rowSequences(SmallRows.discrete(RowSchema.Nulls.VALUE, true)),
          1,
          Map.of("states", 2, "iterations", 6, "smoothing", 0));
    }

    @Override
    protected Batch data() {
      return SmallRows.correlated(model().event(), 40, 3);
    }
  }

  @Nested
  final class SequencesOfIncompleteRows extends Case {
    SequencesOfIncompleteRows() {
      super(
          EventSpec.rowSequences(
              new RowSchema(
                  List.of(SmallRows.category("colour", true, true, "red", "green", "blue")),
                  RowSchema.Nulls.MISSING)),
          3,
          Map.of("states", 3, "iterations", 6));
    }

    @Override
    protected Batch data() {
      return SmallRows.correlated(model().event(), 40, 5);
    }
  }
}
