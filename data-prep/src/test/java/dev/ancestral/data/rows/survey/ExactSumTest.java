package dev.ancestral.data.rows.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.random.RandomKey;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sums of float64 that lose nothing. */
class ExactSumTest {
  private static BigDecimal exact(List<Double> numbers) {
    return numbers.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static void assertSum(List<Double> numbers) {
    ExactSum sum = new ExactSum();
    numbers.forEach(sum::add);
    assertEquals(0, exact(numbers).compareTo(sum.value()), numbers.toString());
  }

  @Test
  void numbers_of_all_sizes_and_signs() {
    assertSum(List.of(1.0, -1.0, 0x1p-1074, 0x1p-1022, -0x1.8p-1030, 0.0, -0.0));
    assertSum(List.of(Double.MAX_VALUE, Double.MAX_VALUE, -0x1p-1074));
    assertSum(List.of(1e308, 1.0, -1e308));
    RandomKey key = RandomKey.of(1);
    List<Double> numbers = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      double unit = key.uniform(2L * i) - .5;
      numbers.add(Math.scalb(unit, (int) key.below(2L * i + 1, 2000) - 1000));
    }
    assertSum(numbers);
  }

  @Test
  void the_order_and_the_parts_do_not_matter() {
    List<Double> numbers = new ArrayList<>();
    RandomKey key = RandomKey.of(2);
    for (int i = 0; i < 1000; i++) {
      numbers.add(1e9 + key.uniform(i));
    }
    ExactSum squares = new ExactSum();
    numbers.forEach(squares::addSquare);
    Collections.shuffle(numbers, new Random(1));
    ExactSum one = new ExactSum();
    ExactSum other = new ExactSum();
    numbers.subList(0, 300).forEach(one::addSquare);
    numbers.subList(300, 1000).forEach(other::addSquare);
    one.add(other);
    assertEquals(squares.value(), one.value());
    BigDecimal expected =
        numbers.stream()
            .map(x -> new BigDecimal(x).pow(2))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertEquals(0, expected.compareTo(one.value()));
  }

  @Test
  void scale_and_shift_are_near_deviation_and_mean_far_from_zero_too() {
    ColumnSummary.Reals reals = new ColumnSummary.Reals();
    for (int i = 0; i < 1000; i++) {
      reals.add(1e12 + i % 10);
    }
    RealScale scale = reals.scale();
    assertEquals(1e12 + 4.5, scale.shift(), .2);
    assertEquals(4.0, scale.scale());
    ColumnSummary.Reals one = new ColumnSummary.Reals();
    one.add(3.7);
    assertEquals(new RealScale(3.7, 1), one.scale());
  }
}
