package dev.ancestral.estimator;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Services;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The evaluation methods at hand: those of this program and those of {@code --jars}. */
public final class EvaluationMethods {
  private static final String KEY = "estimator";

  private EvaluationMethods() {}

  /** All of them by name, in the order of lists. */
  private static Map<String, EvaluationMethod> byName() {
    Map<String, EvaluationMethod> byName = new LinkedHashMap<>();
    Services.byName(EvaluationMethod.class, EvaluationMethod::name, "an estimator", "estimators")
        .values()
        .stream()
        .sorted(
            Comparator.comparingInt(EvaluationMethod::order).thenComparing(EvaluationMethod::name))
        .forEach(method -> byName.put(method.name(), method));
    return byName;
  }

  /** All of them, in the order of lists. */
  public static List<EvaluationMethod> all() {
    return List.copyOf(byName().values());
  }

  /** Their names, in the order of lists. */
  public static List<String> names() {
    return List.copyOf(byName().keySet());
  }

  /**
   * The method of a name.
   *
   * @throws AncestralException (SPEC) if there is none
   */
  public static EvaluationMethod named(String name) {
    return Services.named(byName(), KEY, name);
  }

  /**
   * Whether the method of a name says anything of log p(x).
   *
   * @throws AncestralException (SPEC) if there is none
   */
  public static boolean ofLikelihood(String name) {
    return named(name) instanceof EstimatorProvider;
  }

  /** What a model can be evaluated by, the preferred one first. */
  public static List<EvaluationMethod> suiting(ModelTraits model) {
    return all().stream()
        .filter(method -> method.suits(model))
        .sorted(Comparator.comparingInt(EvaluationMethod::preference).reversed())
        .toList();
  }

  /**
   * The settings of all methods, each once.
   *
   * @throws AncestralException (SPEC) if two methods mean different things by one name
   */
  public static Map<String, Setting> settings() {
    Map<String, Setting> settings = new LinkedHashMap<>();
    Map<String, EvaluationMethod> declaredBy = new LinkedHashMap<>();
    for (EvaluationMethod method : all()) {
      for (Setting setting : method.settings()) {
        EvaluationMethod earlier = declaredBy.putIfAbsent(setting.name(), method);
        if (earlier != null && !setting.equals(settings.get(setting.name()))) {
          throw new AncestralException(
              ErrorCode.SPEC,
              "the setting "
                  + setting.name()
                  + " is declared unlike by "
                  + earlier.getClass().getName()
                  + " and "
                  + method.getClass().getName()
                  + "; rename one of them, or leave its jar out of --jars");
        }
        settings.put(setting.name(), setting);
      }
    }
    return settings;
  }
}
