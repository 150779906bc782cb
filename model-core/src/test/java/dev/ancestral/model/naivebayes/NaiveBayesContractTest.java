package dev.ancestral.model.naivebayes;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SmallRows;
import dev.ancestral.model.StatisticsContract;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.naivebayes.NaiveBayes.NaiveBayesFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowSchema;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;

/** Every kind of naive Bayes keeps the contract. */
final class NaiveBayesContractTest {

  /** A family on an event, with correlated data drawn for it. */
  abstract static class Case extends StatisticsContract {
    private final EventSpec event;
    private final Map<String, Object> settings;

    Case(EventSpec event, Map<String, Object> settings) {
      this.event = event;
      this.settings = settings;
    }

    @Override
    protected StatisticsModel model() {
      return (StatisticsModel) new NaiveBayesFamily().define(Settings.of(settings), event);
    }

    @Override
    protected Batch data() {
      return correlated(event, 60);
    }
  }

  /** Two groups of examples, the later one of higher values; the label tells them apart. */
  static Batch correlated(EventSpec event, int count) {
    RandomKey key = RandomKey.of(21);
    float[] values = new float[count * event.size()];
    int[] labels = event.hasLabels() ? new int[count] : null;
    for (int i = 0; i < count; i++) {
      boolean high = key.fold(i).uniform(0) < 0.4;
      if (labels != null) {
        labels[i] = high ? 1 : 0;
      }
      for (int d = 0; d < event.size(); d++) {
        double u = key.fold(i).uniform(1 + d);
        values[i * event.size() + d] =
            event.isDiscrete()
                ? (int) (Math.pow(u, high ? 0.5 : 2) * event.levels())
                : (float) ((high ? 6 : -2) + 3 * u);
      }
    }
    return new Batch(event, LongStream.range(0, count).toArray(), values, labels, null);
  }

  @Nested
  final class Bernoulli extends Case {
    Bernoulli() {
      super(EventSpec.discrete(2, 2, 3), Map.of("likelihood", "bernoulli"));
    }
  }

  @Nested
  final class UnsmoothedBernoulliByClass extends Case {
    UnsmoothedBernoulliByClass() {
      super(
          EventSpec.discrete(2, 4).withClasses(3),
          Map.of("likelihood", "bernoulli", "classes", "label", "smoothing", 0));
    }
  }

  @Nested
  final class MixtureOfBernoullis extends Case {
    MixtureOfBernoullis() {
      super(
          EventSpec.discrete(2, 5),
          Map.of("likelihood", "bernoulli", "components", 3, "iterations", 5));
    }
  }

  @Nested
  final class Categorical extends Case {
    Categorical() {
      super(EventSpec.discrete(4, 3), Map.of("likelihood", "categorical"));
    }
  }

  @Nested
  final class CategoricalByClass extends Case {
    CategoricalByClass() {
      super(
          EventSpec.discrete(3, 3).withClasses(2),
          Map.of("likelihood", "categorical", "classes", "label"));
    }
  }

  @Nested
  final class MixtureOfCategoricals extends Case {
    MixtureOfCategoricals() {
      super(
          EventSpec.discrete(3, 3),
          Map.of("likelihood", "categorical", "components", 2, "iterations", 5));
    }
  }

  @Nested
  final class Gaussian extends Case {
    Gaussian() {
      super(EventSpec.continuous(1), Map.of("likelihood", "gaussian"));
    }
  }

  @Nested
  final class GaussianByClass extends Case {
    GaussianByClass() {
      super(
          EventSpec.continuous(1).withClasses(2),
          Map.of("likelihood", "gaussian", "classes", "label"));
    }
  }

  @Nested
  final class MixtureOfGaussians extends Case {
    MixtureOfGaussians() {
      super(
          EventSpec.continuous(1),
          Map.of("likelihood", "gaussian", "components", 2, "iterations", 5));
    }
  }

  /** Rows whose tails, nulls and other texts have a probability from smoothing alone. */
  abstract static class RowCase extends StatisticsContract {
    private final EventSpec event;
    private final Map<String, Object> settings;

    RowCase(EventSpec event, Map<String, Object> settings) {
      this.event = event;
      this.settings = settings;
    }

    @Override
    protected StatisticsModel model() {
      return (StatisticsModel) new NaiveBayesFamily().define(Settings.of(settings), event);
    }

    @Override
    protected Batch data() {
      return SmallRows.correlated(event, 60, 1);
    }
  }

  @Nested
  final class Rows extends RowCase {
    Rows() {
      super(EventSpec.rows(SmallRows.discrete(RowSchema.Nulls.VALUE, false)), Map.of());
    }
  }

  @Nested
  final class RowsByClass extends RowCase {
    RowsByClass() {
      super(
          EventSpec.rows(SmallRows.discrete(RowSchema.Nulls.MISSING, true)).withClasses(2),
          Map.of("classes", "label", "smoothing", 0.3));
    }
  }

  @Nested
  final class UnsmoothedRowsByClass extends RowCase {
    UnsmoothedRowsByClass() {
      super(
          EventSpec.rows(SmallRows.discrete(RowSchema.Nulls.VALUE, true)).withClasses(3),
          Map.of("classes", "label", "smoothing", 0));
    }
  }

  @Nested
  final class MixtureOfRows extends RowCase {
    MixtureOfRows() {
      // So much smoothing that what may not be drawn has a probability that counts.
      super(
          EventSpec.rows(SmallRows.discrete(RowSchema.Nulls.VALUE, false)),
          Map.of("components", 3, "iterations", 5, "smoothing", 30));
    }
  }

  @Nested
  final class MixtureOfIncompleteRows extends RowCase {
    MixtureOfIncompleteRows() {
      super(
          EventSpec.rows(SmallRows.discrete(RowSchema.Nulls.MISSING, true)),
          Map.of("components", 2, "iterations", 5));
    }
  }
}
