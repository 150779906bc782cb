package dev.ancestral.cli.verify;

import dev.ancestral.oracle.Oracle;
import dev.ancestral.oracle.Oracles;
import dev.ancestral.oracle.Verdict;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** All oracles that need no data. */
public final class Verification {
  private Verification() {}

  /**
   * Consults all of them.
   *
   * @param report hears each verdict at once
   * @return how many laws do not hold
   */
  public static long run(Consumer<Verdict> report) {
    long broken = 0;
    for (Oracle oracle : oracles()) {
      for (Verdict verdict : oracle.verdicts()) {
        report.accept(verdict);
        broken += verdict.holds() ? 0 : 1;
      }
    }
    return broken;
  }

  static List<Oracle> oracles() {
    return Stream.concat(Oracles.all().stream(), EstimatorOracle.all().stream()).toList();
  }
}
