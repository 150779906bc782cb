package dev.ancestral.job.evaluate;

import dev.ancestral.Refusal;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Effort;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Start;
import dev.ancestral.model.BoundNetwork;
import dev.ancestral.model.Condition;
import dev.ancestral.model.DecoderNetwork;
import dev.ancestral.model.Definition;
import dev.ancestral.model.ImplicitNetwork;
import dev.ancestral.model.label.LabelledScores;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Which estimators a model has, and the one that an evaluation takes. */
public final class EstimatorChoice {
  private static final int ELBO_SAMPLES = 1;
  private static final int IWAE_SAMPLES = 500;
  private static final int QUICK_IWAE_SAMPLES = 50;
  private static final int AIS_CHAINS = 16;
  private static final int AIS_STEPS_FROM_MODE = 200;
  private static final int AIS_STEPS_FROM_PRIOR = 1000;
  private static final int AIS_SIMULATED = 16;
  private static final int KDE_SAMPLES = 10_000;

  private EstimatorChoice() {}

  /** What a model can be scored by, the best first; the two-sample tests, last, suit every one. */
  public static List<Estimator.Name> of(ModelDirectory model) {
    Definition definition = model.definition();
    List<Estimator.Name> names = new ArrayList<>();
    boolean implicit = definition instanceof ImplicitNetwork;
    if (!implicit) {
      // Dequantization makes a bound of an exact density.
      if (definition instanceof BoundNetwork || model.isDequantized()) {
        names.addAll(List.of(Estimator.Name.IWAE, Estimator.Name.ELBO));
      } else {
        names.add(Estimator.Name.EXACT);
      }
    }
    if (definition instanceof DecoderNetwork) {
      names.add(Estimator.Name.AIS);
      if (!definition.event().isDiscrete()) {
        names.add(Estimator.Name.KDE);
      }
    }
    names.addAll(List.of(Estimator.Name.TWO_SAMPLE, Estimator.Name.C2ST));
    return names;
  }

  /**
   * The name of the estimator that was asked for, or of the best one that the family has.
   *
   * @throws Refusal (MISMATCH) if the family does not have it
   */
  public static Estimator.Name name(ModelDirectory model, EvaluateSpec spec) {
    List<Estimator.Name> available = of(model);
    Estimator.Name name = spec.estimator().orElse(available.get(0));
    if (!available.contains(name)) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "estimator is "
              + name
              + ", which "
              + model.family()
              + (model.isDequantized() ? " of dequantized data" : "")
              + " does not have; it has "
              + String.join(", ", available.stream().map(Estimator.Name::text).toList())
              + (name == Estimator.Name.KDE && model.event().isDiscrete()
                  ? " (a kernel density is one over real numbers: train with data.dequantize:"
                      + " uniform)"
                  : ""));
    }
    return name;
  }

  /**
   * What takes little time: the exact likelihood; where there is none, a bound by few draws; where
   * there is none either, the two-sample test.
   *
   * @param spec names no estimator
   */
  public static EvaluateSpec quick(ModelDirectory model, EvaluateSpec spec) {
    List<Estimator.Name> available = of(model);
    if (available.contains(Estimator.Name.EXACT)) {
      return spec.by(Estimator.Name.EXACT, spec.samples());
    }
    return available.contains(Estimator.Name.IWAE)
        ? spec.by(Estimator.Name.IWAE, OptionalInt.of(QUICK_IWAE_SAMPLES))
        : spec.by(Estimator.Name.TWO_SAMPLE, spec.samples());
  }

  /**
   * The estimator of log p(x) that was asked for, or the best one.
   *
   * @throws Refusal (MISMATCH) if the family does not have it
   */
  static Estimator estimator(ModelDirectory model, EvaluateSpec spec) {
    return switch (name(model, spec)) {
      case EXACT -> new ExactEstimator();
      case ELBO -> new BoundEstimator(Estimator.Name.ELBO, spec.samples().orElse(ELBO_SAMPLES));
      case IWAE -> new BoundEstimator(Estimator.Name.IWAE, spec.samples().orElse(IWAE_SAMPLES));
      case AIS ->
          new AisEstimator(
              effort(spec),
              spec.simulated().orElse(AIS_SIMULATED),
              model.definition() instanceof ImplicitNetwork);
      case KDE ->
          new KdeEstimator(
              spec.samples().orElse(KDE_SAMPLES), spec.bandwidth().orElse(0), spec.seed());
      case TWO_SAMPLE, C2ST ->
          throw new IllegalArgumentException(
              spec.estimator().orElseThrow() + " does not estimate log p(x)");
    };
  }

  /**
   * Which distribution the scores are of: the model's own, or the one that was asked for.
   *
   * @throws Refusal (MISMATCH) if the model or the estimator cannot tell of it
   */
  static Condition condition(ModelDirectory model, Estimator estimator, EvaluateSpec spec) {
    Condition own = model.definition().condition();
    Condition.Label wanted = spec.condition().orElse(own.label());
    if (wanted == own.label()) {
      return own;
    }
    if (estimator.name() != Estimator.Name.EXACT) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "condition is "
              + wanted.text()
              + ", but "
              + estimator.name()
              + " of "
              + model.family()
              + " tells of "
              + own.notation()
              + " alone; leave --condition out (another one takes an exact likelihood)");
    }
    if (own.label() == Condition.Label.GIVEN && model.description().frequencies().isEmpty()) {
      throw LabelledScores.noFrequencies();
    }
    return own.withLabel(wanted);
  }

  private static Effort effort(EvaluateSpec spec) {
    int steps = spec.start() == Start.MODE ? AIS_STEPS_FROM_MODE : AIS_STEPS_FROM_PRIOR;
    return Effort.of(spec.samples().orElse(AIS_CHAINS), spec.steps().orElse(steps))
        .from(spec.start());
  }
}
