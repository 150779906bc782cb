package dev.ancestral.likelihood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.model.Condition;
import org.junit.jupiter.api.Test;

final class LogLikelihoodTest {

  @Test
  void bits_per_dim_of_uniform_bytes_is_eight() {
    double nats = -12 * Math.log(256);
    LogLikelihood uniform =
        LogLikelihood.of(
            LogLikelihood.Kind.EXACT, Condition.NONE, "exact", Moments.of(nats, nats), 24, true);
    assertEquals(8, uniform.bitsPerDim().orElseThrow(), 1e-14);
    assertEquals(-Math.log(256), uniform.natsPerElement(), 1e-14);
    assertEquals(0, uniform.standardError(), 1e-14);
  }

  @Test
  void a_density_has_no_bits_per_dim() {
    LogLikelihood density =
        LogLikelihood.of(
            LogLikelihood.Kind.LOWER_BOUND, Condition.NONE, "elbo", Moments.of(3, 5), 4, false);
    assertTrue(density.bitsPerDim().isEmpty());
    assertEquals(8, density.totalNats(), 1e-15);
    assertEquals(2, density.natsPerElement(), 1e-15);
  }

  @Test
  void nothing_scored_is_no_likelihood() {
    Moments none = new Moments();
    assertThrows(
        IllegalArgumentException.class,
        () -> LogLikelihood.of(LogLikelihood.Kind.EXACT, Condition.NONE, "exact", none, 0, true));
  }
}
