package dev.ancestral.estimator;

import dev.ancestral.oracle.Oracle;
import dev.ancestral.oracle.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * A way to evaluate a model, which {@code --estimator} and {@code evaluate.estimator} name: an
 * {@link EstimatorProvider} of log p(x), or a test of samples.
 *
 * <p>Implementations are public, have a public constructor without arguments, and stand in {@code
 * META-INF/services/dev.ancestral.estimator.EvaluationMethod}.
 */
public interface EvaluationMethod extends Oracle {

  /** As it is written: lower case letters, digits and hyphens, such as {@code two-sample}. */
  String name();

  /** Where it stands in lists: the smallest first. */
  default int order() {
    return 100;
  }

  /**
   * How much it is preferred where none is named: of those that suit the model, the largest is
   * taken. Methods of 0 are taken only by name.
   */
  default int preference() {
    return 0;
  }

  /** Whether it is defined for such a model. */
  boolean suits(ModelTraits model);

  /** What would make it suit the model, for the message that refuses it. */
  default Optional<String> remedy(ModelTraits model) {
    return Optional.empty();
  }

  /** Its settings beside the number of samples. */
  default List<Setting> settings() {
    return List.of();
  }

  /** What a reader of the number must know; empty where its kind says it all. */
  default Optional<String> note() {
    return Optional.empty();
  }

  /**
   * Its numbers on a model whose log p(x), or whose distribution of samples, is known in closed
   * form: {@code verify} and the contract test report a method that has none.
   */
  @Override
  List<Verdict> verdicts();
}
