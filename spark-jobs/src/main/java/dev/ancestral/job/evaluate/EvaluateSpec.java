package dev.ancestral.job.evaluate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Services;
import dev.ancestral.config.Settings;
import dev.ancestral.estimator.EvaluationMethods;
import dev.ancestral.estimator.Setting;
import dev.ancestral.model.Condition;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What is asked of an evaluation: the keys under {@code evaluate:} or the options of the command.
 *
 * @param split of the dataset
 * @param estimator by name; empty for the best one the family has
 * @param samples draws an example; empty for the estimator's default
 * @param repeats of the whole estimate with independent draws, whose spread is the Monte Carlo
 *     error
 * @param limit examples scored, those with the smallest keyed hash of their ids; empty for all
 * @param seed of the draws
 * @param settings of estimators, by the names of their {@link Setting}s; those that were not given
 *     are absent
 * @param hiddenStates whether the hidden states of each example are written too
 * @param condition what the label is to the likelihood: p(x), p(x | label) or p(x, label); empty
 *     for what it is to the model's own
 * @param trainSample examples of {@code train} that are scored as well, for their difference to the
 *     held-out ones; empty for none
 * @param tasks that the work is divided into at most; empty for one for each piece of the data. No
 *     result depends on it
 */
public record EvaluateSpec(
    String split,
    Optional<String> estimator,
    OptionalInt samples,
    int repeats,
    OptionalLong limit,
    long seed,
    Map<String, Object> settings,
    boolean hiddenStates,
    Optional<Condition.Label> condition,
    OptionalLong trainSample,
    OptionalInt tasks) {

  /** Most tasks that work is divided into. */
  public static final int MOST_TASKS = 1_000_000;

  /** Most draws an example. */
  public static final int MOST_SAMPLES = 10_000_000;

  private static final String[] CONDITIONS = {"none", "label", "joint"};

  public EvaluateSpec {
    estimator.ifPresent(EvaluationMethods::named);
    if (samples.isPresent()) {
      within("samples", samples.getAsInt(), 1, MOST_SAMPLES);
    }
    within("repeats", repeats, 1, 1000);
    if (limit.isPresent()) {
      within("limit", limit.getAsLong(), 1, Integer.MAX_VALUE);
    }
    if (trainSample.isPresent()) {
      within("train sample", trainSample.getAsLong(), 2, Integer.MAX_VALUE);
    }
    if (tasks.isPresent()) {
      within("tasks", tasks.getAsInt(), 1, MOST_TASKS);
    }
    settings = Map.copyOf(settings);
    if (!settings.isEmpty()) {
      Map<String, Setting> known = EvaluationMethods.settings();
      settings.forEach(
          (name, value) -> Services.named(known, "setting of an estimator", name).require(value));
    }
  }

  /** What is asked of every estimator alike. */
  public EvaluateSpec(
      String split,
      Optional<String> estimator,
      OptionalInt samples,
      int repeats,
      OptionalLong limit,
      long seed) {
    this(
        split,
        estimator,
        samples,
        repeats,
        limit,
        seed,
        Map.of(),
        false,
        Optional.empty(),
        OptionalLong.empty(),
        OptionalInt.empty());
  }

  /** The defaults: every example of {@code test}, by the best estimator. */
  public static EvaluateSpec standard() {
    return new EvaluateSpec(
        "test", Optional.empty(), OptionalInt.empty(), 1, OptionalLong.empty(), 1);
  }

  /** The same of another split. */
  public EvaluateSpec onSplit(String other) {
    return new EvaluateSpec(
        other,
        estimator,
        samples,
        repeats,
        limit,
        seed,
        settings,
        hiddenStates,
        condition,
        trainSample,
        tasks);
  }

  /** The same in so many tasks. */
  public EvaluateSpec withTasks(OptionalInt most) {
    return with(estimator, samples, settings, hiddenStates, condition, trainSample, most);
  }

  /** The same by another estimator and with so many draws. */
  public EvaluateSpec by(String other, OptionalInt draws) {
    return with(Optional.of(other), draws, settings, hiddenStates, condition, trainSample, tasks);
  }

  /** The same with so many examples of {@code train}. */
  public EvaluateSpec withTrainSample(OptionalLong examples) {
    return with(estimator, samples, settings, hiddenStates, condition, examples, tasks);
  }

  /** The same with these settings of estimators. */
  public EvaluateSpec withSettings(Map<String, Object> values) {
    return with(estimator, samples, values, hiddenStates, condition, trainSample, tasks);
  }

  /** The same under another condition. */
  public EvaluateSpec withCondition(Optional<Condition.Label> label) {
    return with(estimator, samples, settings, hiddenStates, label, trainSample, tasks);
  }

  /** The same with the hidden states of each example. */
  public EvaluateSpec withHiddenStates() {
    return with(estimator, samples, settings, true, condition, trainSample, tasks);
  }

  private EvaluateSpec with(
      Optional<String> by,
      OptionalInt draws,
      Map<String, Object> values,
      boolean states,
      Optional<Condition.Label> label,
      OptionalLong train,
      OptionalInt most) {
    return new EvaluateSpec(
        split, by, draws, repeats, limit, seed, values, states, label, train, most);
  }

  /** Reads the section, reporting what is wrong to it. */
  public static EvaluateSpec read(Settings evaluate, long seed) {
    String estimator =
        evaluate.text("estimator", "", EvaluationMethods.names().toArray(String[]::new));
    int samples = evaluate.count("samples", 0, 1, MOST_SAMPLES);
    long limit = evaluate.integer("limit", 0L, 1, Integer.MAX_VALUE);
    int tasks = evaluate.count("tasks", 0, 1, MOST_TASKS);
    Map<String, Object> settings = new HashMap<>();
    EvaluationMethods.settings()
        .forEach(
            (name, setting) ->
                setting.read(evaluate).ifPresent(value -> settings.put(name, value)));
    String condition = evaluate.text("condition", "", CONDITIONS);
    long trainSample = evaluate.integer("trainSample", 0L, 2, Integer.MAX_VALUE);
    return new EvaluateSpec(
        evaluate.text("split", "test"),
        estimator.isEmpty() ? Optional.empty() : Optional.of(estimator),
        samples == 0 ? OptionalInt.empty() : OptionalInt.of(samples),
        evaluate.count("repeats", 1, 1, 1000),
        limit == 0 ? OptionalLong.empty() : OptionalLong.of(limit),
        evaluate.integer("seed", seed, Long.MIN_VALUE, Long.MAX_VALUE),
        settings,
        evaluate.flag("hiddenStates", false),
        condition.isEmpty() ? Optional.empty() : Optional.of(Condition.Label.of(condition)),
        trainSample == 0 ? OptionalLong.empty() : OptionalLong.of(trainSample),
        tasks == 0 ? OptionalInt.empty() : OptionalInt.of(tasks));
  }

  private static void within(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new AncestralException(
          ErrorCode.SPEC,
          what + " is " + value + "; it must be a whole number from " + least + " to " + most);
    }
  }
}
