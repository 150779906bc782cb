package dev.ancestral.cli.verify;

import dev.ancestral.estimator.EvaluationMethod;
import dev.ancestral.estimator.EvaluationMethods;
import dev.ancestral.oracle.Oracle;
import dev.ancestral.oracle.Oracles;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.oracle.tree.TreeOracle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** All oracles that need no data. */
public final class Verification {
  private Verification() {}

  /**
   * Consults all of them.
   *
   * @param report receives each verdict at once
   * @return how many laws do not hold
   */
  public static long run(Consumer<Verdict> report) {
    long broken = 0;
    for (Oracle oracle : oracles()) {
      for (Verdict verdict : verdicts(oracle)) {
        report.accept(verdict);
        broken += verdict.holds() ? 0 : 1;
      }
    }
    return broken;
  }

  /** What an oracle says; of an estimator that declares no law, that it does not. */
  static List<Verdict> verdicts(Oracle oracle) {
    List<Verdict> verdicts = oracle.verdicts();
    return verdicts.isEmpty() && oracle instanceof EvaluationMethod method
        ? List.of(new Verdict("estimator " + method.name(), "laws that it declares", 1, 0, 0))
        : verdicts;
  }

  static List<Oracle> oracles() {
    List<Oracle> oracles = new ArrayList<>(Oracles.all());
    oracles.add(new TreeOracle());
    oracles.addAll(EvaluationMethods.all());
    return oracles;
  }
}
