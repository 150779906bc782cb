package dev.ancestral.likelihood.twosample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.random.RandomKey;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassifierComparisonTest {
  private static final double[] POSITIVES = {0.9, 0.8, 0.4, 0.4, 0.7};
  private static final double[] NEGATIVES = {0.1, 0.4, 0.5, 0.2};

  /** By hand: of 20 pairs 16 are in order, and two are ties. */
  @Test
  void the_area_counts_pairs() {
    AreaUnderCurve area = AreaUnderCurve.of(POSITIVES, NEGATIVES);
    assertEquals(17.0 / 20, area.value(), 1e-15);
  }

  /** DeLong's components by their definition, the sum over pairs. */
  @Test
  void the_error_is_de_longs() {
    double[] scores = draws(RandomKey.of(1), 40, 0.4);
    double[] others = draws(RandomKey.of(2), 25, 0);
    scores[3] = others[7];
    double area = 0;
    double[] ofScores = new double[scores.length];
    double[] ofOthers = new double[others.length];
    for (int i = 0; i < scores.length; i++) {
      for (int j = 0; j < others.length; j++) {
        double above = scores[i] > others[j] ? 1 : scores[i] == others[j] ? 0.5 : 0;
        area += above / scores.length / others.length;
        ofScores[i] += above / others.length;
        ofOthers[j] += above / scores.length;
      }
    }
    double mean = area;
    double s10 = IntStream.range(0, 40).mapToDouble(i -> square(ofScores[i] - mean)).sum() / 39;
    double s01 = IntStream.range(0, 25).mapToDouble(j -> square(ofOthers[j] - mean)).sum() / 24;
    AreaUnderCurve found = AreaUnderCurve.of(scores, others);
    assertEquals(area, found.value(), 1e-12);
    assertEquals(Math.sqrt(s10 / 40 + s01 / 25), found.standardError(), 1e-12);
    assertThrows(
        IllegalArgumentException.class, () -> AreaUnderCurve.of(new double[1], new double[5]));
  }

  /** Over all 10 assignments of two positive labels to five examples the mean is 1. */
  @Test
  void the_e_value_has_expectation_one_under_every_prediction() {
    double[] odds = {2.5, -1, 0.3, 0, -0.7};
    double sum = 0;
    for (int i = 0; i < 5; i++) {
      for (int j = i + 1; j < 5; j++) {
        int a = i;
        int b = j;
        double[] others =
            IntStream.range(0, 5).filter(k -> k != a && k != b).mapToDouble(k -> odds[k]).toArray();
        sum += Math.exp(LabelBet.logEValue(new double[] {odds[i], odds[j]}, others));
      }
    }
    assertEquals(10, sum, 1e-12);
  }

  @Test
  void under_the_null_p_is_spread_out_and_e_is_small_and_otherwise_both_decide() {
    int below = 0;
    int large = 0;
    int runs = 60;
    for (int run = 0; run < runs; run++) {
      RandomKey key = RandomKey.of(run);
      ClassifierComparison same =
          ClassifierComparison.of(
              draws(key.fold(0), 60, 0), draws(key.fold(1), 60, 0), 99, key.fold(2));
      below += same.pValue() <= 0.1 ? 1 : 0;
      large += same.logEValue() >= Math.log(20) ? 1 : 0;
    }
    // Binomial with mean 6 and deviation 2.3; at most 3 expected of the others.
    assertTrue(below <= 15, below + " p-values up to 0.1");
    assertTrue(large <= 9, large + " e-values from 20");
    ClassifierComparison unlike =
        ClassifierComparison.of(
            draws(RandomKey.of(5), 60, 1.5), draws(RandomKey.of(6), 60, 0), 99, RandomKey.of(7));
    assertEquals(0.01, unlike.pValue(), 0);
    assertTrue(unlike.logEValue() > Math.log(100), "log e " + unlike.logEValue());
    assertTrue(unlike.area().value() > 0.8);
  }

  private static double[] draws(RandomKey key, int count, double shift) {
    float[] normal = new float[count];
    key.fillNormal(0, normal, 0, count);
    return IntStream.range(0, count).mapToDouble(i -> normal[i] + shift).toArray();
  }

  private static double square(double x) {
    return x * x;
  }
}
