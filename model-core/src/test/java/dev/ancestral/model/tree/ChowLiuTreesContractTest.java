package dev.ancestral.model.tree;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SmallRows;
import dev.ancestral.model.StatisticsContract;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.tree.ChowLiuTrees.ChowLiuTreesFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowSchema;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;

/** Trees and mixtures of them keep the contract. */
final class ChowLiuTreesContractTest {

  /** Trees over an event. */
  abstract static class Case extends StatisticsContract {
    private final EventSpec event;
    private final Map<String, Object> settings;

    Case(EventSpec event, Map<String, Object> settings) {
      this.event = event;
      this.settings = settings;
    }

    @Override
    protected StatisticsModel model() {
      return (StatisticsModel) new ChowLiuTreesFamily().define(Settings.of(settings), event);
    }

    @Override
    protected Batch data() {
      return event.isRows() ? SmallRows.correlated(event, 60, 1) : chained(event, 60);
    }
  }

  /** Elements that resemble the one before, in two groups whose resemblance differs. */
  static Batch chained(EventSpec event, int count) {
    RandomKey key = RandomKey.of(29);
    int size = event.size();
    float[] values = new float[count * size];
    for (int i = 0; i < count; i++) {
      RandomKey own = key.fold(i);
      double change = own.fold("group").uniform(0) < 0.4 ? 0.1 : 0.6;
      for (int d = 0; d < size; d++) {
        boolean anew = d == 0 || own.uniform(d) < change;
        values[i * size + d] =
            anew ? own.fold("level").below(d, event.levels()) : values[i * size + d - 1];
      }
    }
    return Batch.of(event, LongStream.range(0, count).toArray(), values);
  }

  @Nested
  final class Tree extends Case {
    Tree() {
      super(EventSpec.discrete(2, 2, 3), Map.of());
    }
  }

  @Nested
  final class UnsmoothedTreeOfLevels extends Case {
    UnsmoothedTreeOfLevels() {
      super(EventSpec.discrete(3, 4), Map.of("smoothing", 0));
    }
  }

  @Nested
  final class OneElement extends Case {
    OneElement() {
      super(EventSpec.discrete(4, 1), Map.of("components", 2, "iterations", 3));
    }
  }

  @Nested
  final class Mixture extends Case {
    Mixture() {
      super(EventSpec.discrete(2, 5), Map.of("components", 3, "iterations", 5));
    }
  }

  @Nested
  final class MixtureOfLevels extends Case {
    MixtureOfLevels() {
      super(
          EventSpec.discrete(3, 4),
          Map.of("components", 2, "iterations", 5, "smoothing", 0.1, "restarts", 2));
    }
  }

  @Nested
  final class IncompleteTree extends Case {
    IncompleteTree() {
      super(EventSpec.discrete(2, 4).withMissing(true), Map.of("iterations", 5));
    }

    @Override
    protected Batch data() {
      return withGaps(super.data());
    }
  }

  @Nested
  final class Rows extends Case {
    Rows() {
      super(EventSpec.rows(SmallRows.discrete(RowSchema.Nulls.VALUE, false)), Map.of());
    }
  }

  @Nested
  final class MixtureOfRows extends Case {
    MixtureOfRows() {
      // So much smoothing that what may not be drawn has a probability that counts.
      super(
          EventSpec.rows(SmallRows.discrete(RowSchema.Nulls.VALUE, false)),
          Map.of("components", 3, "iterations", 5, "smoothing", 30));
    }
  }

  @Nested
  final class MixtureOfIncompleteRows extends Case {
    MixtureOfIncompleteRows() {
      super(
          EventSpec.rows(SmallRows.discrete(RowSchema.Nulls.MISSING, true)),
          Map.of("components", 2, "iterations", 5));
    }
  }
}
