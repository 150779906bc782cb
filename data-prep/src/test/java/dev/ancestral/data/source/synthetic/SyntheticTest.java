package dev.ancestral.data.source.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.data.prepare.LocalSpark;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleBiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticTest {
  private static final int DRAWS = 20_000;

  @TempDir Path folder;

  /** The mean of −log p over draws is the entropy, to within five standard errors. */
  private static void assertEntropy(
      Distribution distribution, ToDoubleBiFunction<float[], Integer> logProb) {
    EventSpec event = distribution.event();
    RandomKey key = RandomKey.of(11);
    double sum = 0;
    double squares = 0;
    for (int id = 0; id < DRAWS; id++) {
      Example example = distribution.draw(id, key.fold(id));
      float[] values = new float[example.payload().length / Payload.width(event)];
      Payload.decode(event, example.payload(), 0, values.length, values, 0);
      double nats = -logProb.applyAsDouble(values, example.length());
      sum += nats;
      squares += nats * nats;
    }
    double mean = sum / DRAWS;
    double error = Math.sqrt(Math.max(0, squares / DRAWS - mean * mean) / DRAWS);
    assertEquals(
        distribution.entropyNats().orElseThrow(), mean, 5 * error + 1e-9, distribution.toString());
  }

  @Test
  void bernoulli_has_the_entropy_it_says() {
    List<Double> p = List.of(0.0, 0.1, 0.5, 0.93, 1.0);
    assertEntropy(
        new Bernoulli(p),
        (x, length) -> {
          double logProb = 0;
          for (int i = 0; i < x.length; i++) {
            logProb += Math.log(x[i] == 1 ? p.get(i) : 1 - p.get(i));
          }
          return logProb;
        });
    assertEquals(List.of(0.25, 0.5, 0.75), Bernoulli.rising(3).probabilities());
  }

  @Test
  void markov_has_the_entropy_it_says_as_vectors_and_as_sequences() {
    for (boolean sequence : new boolean[] {false, true}) {
      Markov markov = new Markov(4, 9, 0.7, sequence);
      assertEntropy(
          markov,
          (x, length) -> {
            assertTrue(sequence ? length >= 5 && length <= 9 : x.length == 9);
            double logProb = -Math.log(4);
            for (int t = 1; t < x.length; t++) {
              logProb += Math.log(x[t] == x[t - 1] ? 0.7 : 0.3 / 3);
            }
            return logProb;
          });
    }
    Markov ended = new Markov(4, 9, 0.7, true, true);
    assertEntropy(
        ended,
        (x, length) -> {
          assertTrue(length >= 6 && length <= 10 && x[length - 1] == 4, "length " + length);
          double logProb = -Math.log(4) - Math.log(5);
          for (int t = 1; t < length - 1; t++) {
            logProb += Math.log(x[t] == x[t - 1] ? 0.7 : 0.3 / 3);
          }
          return logProb;
        });
    // All levels of the next step occur, above 256 too.
    assertEquals(4, Payload.width(new Markov(300, 4, 0.5, false).event()));
    assertEntropy(
        new Markov(300, 2, 0.5, false),
        (x, length) -> -Math.log(300) + Math.log(x[1] == x[0] ? 0.5 : 0.5 / 299));
  }

  @Test
  void parity_is_even_and_its_bits_are_fair() {
    assertEntropy(
        new Parity(5),
        (x, length) -> {
          assertEquals(0, (x[0] + x[1] + x[2] + x[3] + x[4]) % 2);
          return -4 * Math.log(2);
        });
    double ones = 0;
    for (int id = 0; id < DRAWS; id++) {
      ones += new Parity(5).draw(id, RandomKey.of(2).fold(id)).payload()[4];
    }
    assertEquals(0.5, ones / DRAWS, 5 * 0.5 / Math.sqrt(DRAWS));
  }

  @Test
  void gaussian_has_the_entropy_it_says() {
    double rho = -0.8;
    assertEntropy(
        new Gaussian(3, rho),
        (x, length) -> {
          double variance = 1 - rho * rho;
          double logProb = -0.5 * (x[0] * x[0] + Math.log(2 * Math.PI));
          for (int i = 1; i < x.length; i++) {
            double residual = x[i] - rho * x[i - 1];
            logProb -= 0.5 * (residual * residual / variance + Math.log(2 * Math.PI * variance));
          }
          return logProb;
        });
  }

  /** log p of a row by its own formula: masses, and a density in the data's own units. */
  private static double logProb(float[] elements) {
    RowSchema schema = new Customers().event().schema().orElseThrow();
    double[] weights = Customers.weights();
    double total = 0;
    for (int k = 0; k < weights.length; k++) {
      double product = weights[k];
      for (int c = 0; c < schema.columns().size(); c++) {
        RowColumn column = schema.columns().get(c);
        Object value = column.decode(elements, schema.begin(c));
        product *= probability(Customers.columns().get(c), k, value);
      }
      total += product;
    }
    return Math.log(total);
  }

  private static double probability(MixedColumn column, int k, Object value) {
    double none = column.nulls()[k];
    assertEquals(column.column().nullable(), Arrays.stream(column.nulls()).max().orElse(0) > 0);
    if (value == null) {
      return none;
    }
    if (column instanceof MixedColumn.Categories categories) {
      var type = (ColumnType.Category) column.column().type();
      return (1 - none) * categories.probability()[k][type.vocabulary().indexOf(value)];
    }
    if (column instanceof MixedColumn.Histogram histogram) {
      var type = (ColumnType.Whole) column.column().type();
      long x = (Long) value;
      assertTrue(x >= type.least() && x <= type.greatest(), column.column().name() + " " + x);
      int bin = 0;
      while (type.edges().get(bin + 1) <= x) {
        bin++;
      }
      long width = type.edges().get(bin + 1) - type.edges().get(bin);
      return (1 - none) * histogram.probability()[k][bin] / (double) width;
    }
    var normals = (MixedColumn.Normals) column;
    double standard = ((Double) value - normals.mean()[k]) / normals.deviation()[k];
    return (1 - none)
        * Math.exp(-standard * standard / 2)
        / (normals.deviation()[k] * Math.sqrt(2 * Math.PI));
  }

  @Test
  void customers_have_the_entropy_they_say() {
    assertEntropy(new Customers(), (x, length) -> logProb(x));
  }

  /** The schema is what a survey of ever more rows tends to. */
  @Test
  void customers_have_the_schema_that_follows_from_their_distribution() {
    double[] weights = Customers.weights();
    for (MixedColumn column : Customers.columns()) {
      double[][] probability;
      if (column instanceof MixedColumn.Categories categories) {
        probability = categories.probability();
        double before = 1;
        for (int v = 0; v < probability[0].length; v++) {
          double share = 0;
          for (int k = 0; k < weights.length; k++) {
            share += weights[k] * (1 - column.nulls()[k]) * probability[k][v];
          }
          assertTrue(share <= before, column.column().name() + " is not by frequency");
          before = share;
        }
      } else if (column instanceof MixedColumn.Histogram histogram) {
        probability = histogram.probability();
        var type = (ColumnType.Whole) column.column().type();
        assertEquals(type.least(), type.edges().get(0));
        assertEquals(type.greatest() + type.step(), type.edges().get(probability[0].length));
      } else {
        continue;
      }
      for (double[] ofComponent : probability) {
        assertEquals(1, Arrays.stream(ofComponent).sum(), 1e-12, column.column().name());
      }
    }
    assertEquals(1, Arrays.stream(weights).sum(), 1e-12);
    // Of a real column, shift and scale are the mean and the deviation of what is drawn.
    RowSchema schema = new Customers().event().schema().orElseThrow();
    int income = schema.index("income").orElseThrow();
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (int id = 0; id < DRAWS; id++) {
      Example row = new Customers().draw(id, RandomKey.of(3).fold(id));
      float[] elements = new float[schema.size()];
      Payload.decode(new Customers().event(), row.payload(), 0, elements.length, elements, 0);
      if (!Float.isNaN(elements[schema.begin(income)])) {
        var type = (ColumnType.Real) schema.columns().get(income).type();
        double standard = type.standard(elements, schema.begin(income));
        sum += standard;
        squares += standard * standard;
        count++;
      }
    }
    assertEquals(0, sum / count, 5 / Math.sqrt(count));
    assertEquals(1, squares / count, 10 / Math.sqrt(count));
  }

  @Test
  void digits_are_drawn_by_id_and_look_like_ink_on_paper() {
    Digits digits = new Digits();
    int[] count = new int[10];
    double ink = 0;
    for (int id = 0; id < 2000; id++) {
      Example example = digits.draw(id, RandomKey.of(1).fold(id));
      assertEquals(784, example.payload().length);
      count[example.label()]++;
      int brightest = 0;
      int border = 0;
      for (int i = 0; i < 784; i++) {
        int value = example.payload()[i] & 0xFF;
        ink += value;
        brightest = Math.max(brightest, value);
        border += i < 28 || i >= 756 ? value : 0;
      }
      assertEquals(255, brightest, 30);
      // A few reach the edge, as a hand does; none lies on it.
      assertTrue(border < 28 * 255, "digit " + id + " fills the border");
    }
    for (int digit = 0; digit < 10; digit++) {
      assertEquals(200, count[digit], 70, "digit " + digit);
    }
    // MNIST has 0.1307.
    assertEquals(0.12, ink / 2000 / 784 / 255, 0.03);
    assertArrayEquals(
        digits.draw(7, RandomKey.of(1).fold(7)).payload(),
        digits.draw(7, RandomKey.of(1).fold(7)).payload());
  }

  @Test
  void datasets_record_the_entropy_and_splits_never_repeat_examples() {
    try (LocalSpark spark = new LocalSpark(2, 2)) {
      Path bits = folder.resolve("bits");
      Synthetic source = new Synthetic(Bernoulli.rising(40), 500, 3);
      spark.prepare(source, null, "train", bits);
      spark.prepare(source, null, "test", bits);
      DatasetManifest manifest = Dataset.open(spark.storage(), bits.toString()).manifest();
      assertEquals(
          source.distribution().entropyNats(), manifest.splits().get("test").entropyNats());
      Batch train = spark.first(bits, "train");
      Batch test = spark.first(bits, "test");
      assertEquals(500, test.ids()[0]);
      assertFalse(Arrays.equals(train.values(), test.values()));
      Path digits = folder.resolve("digits");
      spark.prepare(new Synthetic(new Digits(), 120, 3), null, "auto=0.5,0.3,0.2", digits);
      Batch valid = spark.first(digits, "valid");
      assertEquals(EventSpec.discrete(256, 28, 28, 1).withClasses(10), valid.event());
      Example drawn =
          new Digits().draw(valid.ids()[3], RandomKey.of(3).fold("synthetic").fold(valid.ids()[3]));
      assertEquals(drawn.label(), valid.labels()[3]);
      for (int i = 0; i < 784; i++) {
        assertEquals(drawn.payload()[i] & 0xFF, valid.values()[3 * 784 + i]);
      }
      assertEquals(
          OptionalDouble.empty(),
          Dataset.open(spark.storage(), digits.toString()).split("valid").entropyNats());
    }
  }
}
