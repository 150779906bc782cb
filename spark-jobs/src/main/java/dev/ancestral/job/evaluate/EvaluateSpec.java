package dev.ancestral.job.evaluate;

import dev.ancestral.Refusal;
import dev.ancestral.config.Settings;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Start;
import dev.ancestral.model.Condition;
import java.util.Optional;
import java.util.OptionalDouble;
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
 * @param steps inverse temperatures of annealed importance sampling; empty for its default
 * @param start what the chains of annealed importance sampling start from
 * @param simulated examples on which bidirectional Monte Carlo measures its gap; 0 for none
 * @param bandwidth of a kernel density; empty to choose it on validation data
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
    Optional<Estimator.Name> estimator,
    OptionalInt samples,
    int repeats,
    OptionalLong limit,
    long seed,
    OptionalInt steps,
    Start start,
    OptionalInt simulated,
    OptionalDouble bandwidth,
    boolean hiddenStates,
    Optional<Condition.Label> condition,
    OptionalLong trainSample,
    OptionalInt tasks) {

  /** Most tasks that work is divided into. */
  public static final int MOST_TASKS = 1_000_000;

  /** Most draws an example. */
  public static final int MOST_SAMPLES = 10_000_000;

  /** Most inverse temperatures. */
  public static final int MOST_STEPS = 10_000_000;

  /** Most simulated examples. */
  public static final int MOST_SIMULATED = 100_000;

  private static final String[] CONDITIONS = {"none", "label", "joint"};

  public EvaluateSpec {
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
    if (steps.isPresent()) {
      within("steps", steps.getAsInt(), 1, MOST_STEPS);
    }
    if (tasks.isPresent()) {
      within("tasks", tasks.getAsInt(), 1, MOST_TASKS);
    }
    if (simulated.isPresent()) {
      within("simulated", simulated.getAsInt(), 0, MOST_SIMULATED);
    }
    if (bandwidth.isPresent()
        && !(bandwidth.getAsDouble() > 0 && Double.isFinite(bandwidth.getAsDouble()))) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "bandwidth is " + bandwidth.getAsDouble() + "; it must be a number above 0");
    }
  }

  /** The likelihood under the model's own condition, without examples of {@code train}. */
  public EvaluateSpec(
      String split,
      Optional<Estimator.Name> estimator,
      OptionalInt samples,
      int repeats,
      OptionalLong limit,
      long seed,
      OptionalInt steps,
      Start start,
      OptionalInt simulated,
      OptionalDouble bandwidth,
      boolean hiddenStates) {
    this(
        split,
        estimator,
        samples,
        repeats,
        limit,
        seed,
        steps,
        start,
        simulated,
        bandwidth,
        hiddenStates,
        Optional.empty(),
        OptionalLong.empty(),
        OptionalInt.empty());
  }

  /** The same in so many tasks. */
  public EvaluateSpec withTasks(OptionalInt most) {
    return new EvaluateSpec(
        split,
        estimator,
        samples,
        repeats,
        limit,
        seed,
        steps,
        start,
        simulated,
        bandwidth,
        hiddenStates,
        condition,
        trainSample,
        most);
  }

  /** What is asked of every estimator alike. */
  public EvaluateSpec(
      String split,
      Optional<Estimator.Name> estimator,
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
        OptionalInt.empty(),
        Start.MODE,
        OptionalInt.empty(),
        OptionalDouble.empty(),
        false);
  }

  /** The defaults: every example of {@code test}, by the best estimator. */
  public static EvaluateSpec standard() {
    return new EvaluateSpec(
        "test", Optional.empty(), OptionalInt.empty(), 1, OptionalLong.empty(), 1);
  }

  /** The same by another estimator and with so many draws. */
  EvaluateSpec by(Estimator.Name other, OptionalInt draws) {
    return new EvaluateSpec(
        split,
        Optional.of(other),
        draws,
        repeats,
        limit,
        seed,
        steps,
        start,
        simulated,
        bandwidth,
        hiddenStates,
        condition,
        trainSample,
        tasks);
  }

  /** The same with so many examples of {@code train}. */
  public EvaluateSpec withTrainSample(OptionalLong examples) {
    return new EvaluateSpec(
        split,
        estimator,
        samples,
        repeats,
        limit,
        seed,
        steps,
        start,
        simulated,
        bandwidth,
        hiddenStates,
        condition,
        examples,
        tasks);
  }

  /** Reads the section, reporting what is wrong to it. */
  public static EvaluateSpec read(Settings evaluate, long seed) {
    String estimator = evaluate.text("estimator", "", Estimator.Name.all());
    int samples = evaluate.count("samples", 0, 1, MOST_SAMPLES);
    long limit = evaluate.integer("limit", 0L, 1, Integer.MAX_VALUE);
    int tasks = evaluate.count("tasks", 0, 1, MOST_TASKS);
    int steps = evaluate.count("steps", 0, 1, MOST_STEPS);
    String start = evaluate.text("start", "mode", "mode", "prior");
    int simulated = evaluate.count("simulated", -1, 0, MOST_SIMULATED);
    String condition = evaluate.text("condition", "", CONDITIONS);
    double bandwidth = evaluate.number("bandwidth", 0.0, Double.MIN_NORMAL, Double.MAX_VALUE);
    long trainSample = evaluate.integer("trainSample", 0L, 2, Integer.MAX_VALUE);
    return new EvaluateSpec(
        evaluate.text("split", "test"),
        estimator.isEmpty() ? Optional.empty() : Optional.of(Estimator.Name.of(estimator)),
        samples == 0 ? OptionalInt.empty() : OptionalInt.of(samples),
        evaluate.count("repeats", 1, 1, 1000),
        limit == 0 ? OptionalLong.empty() : OptionalLong.of(limit),
        evaluate.integer("seed", seed, Long.MIN_VALUE, Long.MAX_VALUE),
        steps == 0 ? OptionalInt.empty() : OptionalInt.of(steps),
        "prior".equals(start) ? Start.PRIOR : Start.MODE,
        simulated < 0 ? OptionalInt.empty() : OptionalInt.of(simulated),
        bandwidth == 0 ? OptionalDouble.empty() : OptionalDouble.of(bandwidth),
        evaluate.flag("hiddenStates", false),
        condition.isEmpty() ? Optional.empty() : Optional.of(Condition.Label.of(condition)),
        trainSample == 0 ? OptionalLong.empty() : OptionalLong.of(trainSample),
        tasks == 0 ? OptionalInt.empty() : OptionalInt.of(tasks));
  }

  private static void within(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          what + " is " + value + "; it must be a whole number from " + least + " to " + most);
    }
  }
}
