package dev.ancestral.cli.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.estimator.EvaluationMethod;
import dev.ancestral.estimator.EvaluationMethods;
import dev.ancestral.estimator.ModelTraits;
import dev.ancestral.job.CommandLine;
import dev.ancestral.model.Families;
import dev.ancestral.oracle.Verdict;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class VerificationTest {

  @Test
  void every_law_holds() {
    CommandLine result = CommandLine.run("verify");
    assertEquals(0, result.status(), result.out());
    assertTrue(result.out().lines().count() > 100, result.out());
    // Each must tell more than its kind.
    for (String name : EvaluationMethods.names()) {
      String row = "ok    estimator " + name + " ";
      assertTrue(
          result.out().lines().filter(line -> line.startsWith(row)).count() > 1,
          () -> name + " has no oracle\n" + result.out());
    }
    assertTrue(result.out().lines().skip(1).allMatch(line -> line.startsWith("ok ")), result.out());
  }

  @Test
  void a_verdict_outside_of_its_tolerance_fails() {
    assertTrue(new Verdict("a", "b", 1, 1.1, 0.2).holds());
    assertFalse(new Verdict("a", "b", 1, 1.3, 0.2).holds());
    assertFalse(new Verdict("a", "b", 1, Double.NaN, 0.2).holds());
    assertTrue(new Verdict("a", "b", 1, 1.3, 0.2).line().startsWith("FAIL"));
  }

  @Test
  void an_estimator_without_laws_fails() {
    EvaluationMethod lawless =
        new EvaluationMethod() {
          @Override
          public String name() {
            return "guess";
          }

          @Override
          public boolean suits(ModelTraits model) {
            return true;
          }

          @Override
          public List<Verdict> verdicts() {
            return List.of();
          }
        };
    List<Verdict> verdicts = Verification.verdicts(lawless);
    assertEquals(1, verdicts.size());
    assertTrue(verdicts.get(0).line().startsWith("FAIL  estimator guess "), verdicts::toString);
  }

  @Test
  void each_family_has_an_oracle() {
    Set<String> judged = new TreeSet<>();
    Verification.oracles().forEach(oracle -> judged.addAll(oracle.families()));
    assertEquals(Families.names(), judged);
  }
}
