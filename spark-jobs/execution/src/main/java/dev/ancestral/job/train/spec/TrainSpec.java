package dev.ancestral.job.train.spec;

import dev.ancestral.config.Settings;
import dev.ancestral.optimize.OptimizerSettings;
import dev.ancestral.optimize.Schedule;
import dev.ancestral.tensor.Precision;
import dev.ancestral.train.TrainOptions.Strategy;
import java.io.Serializable;
import java.util.Locale;

/**
 * The keys under {@code train:}; see deploy/help for what each means.
 *
 * @param engine what executes the tensors
 * @param strategy what the replicas exchange
 * @param initialize a model whose parameters training begins with; empty to draw them
 * @param replicas logical workers; 0 means the slots at hand, recorded in the run
 * @param epochs passes over the training split; 0 where steps are given
 * @param steps optimizer steps of each replica; 0 where epochs are given
 * @param batchSize examples of a step, per replica
 * @param averagingFrequency local steps between two averagings
 * @param roundSteps steps between two commits; 0 for the default, about an epoch and at most 500
 * @param optimizer rule and learning rate
 * @param schedule factor of the learning rate by step
 * @param clipNorm largest global norm of a gradient; 0 for no limit
 * @param ema decay of the averaged weights that are scored and stored; 0 for none
 * @param transport what carries an exchange
 * @param fewerSlots what to do where slots are too few for every replica to have one
 * @param reduction whether the order of additions is fixed
 * @param compression of shared gradients
 * @param device where the tensors live
 * @param precision of the forward pass
 * @param validation scoring of held-out examples during training
 * @param patience validations without a better one after which training stops; 0 for never, −1 for
 *     what the way of learning takes: never by gradients, 10 by EM
 * @param checkpoint which rounds are committed and how many are kept
 * @param deadlineSeconds longest wait for another replica
 * @param allowPlainCollectives whether Gloo and NCCL, which neither authenticate nor encrypt, may
 *     be used where Spark is told to do so
 */
public record TrainSpec(
    String engine,
    Strategy strategy,
    String initialize,
    int replicas,
    int epochs,
    long steps,
    int batchSize,
    int averagingFrequency,
    int roundSteps,
    OptimizerSettings optimizer,
    Schedule schedule,
    double clipNorm,
    double ema,
    String transport,
    FewerSlots fewerSlots,
    ReductionKind reduction,
    Compression compression,
    DeviceChoice device,
    Precision precision,
    Validation validation,
    int patience,
    CheckpointPolicy checkpoint,
    int deadlineSeconds,
    boolean allowPlainCollectives)
    implements Serializable {

  /** What to do where executors are lost and slots too few for Gloo or NCCL. */
  public enum FewerSlots {
    /** Replicas take turns on the slots left, over the spark transport. */
    TURNS,
    /** Wait until there are enough again. */
    WAIT
  }

  /** Whether the order of additions is fixed. */
  public enum ReductionKind {
    /** In ascending replica index: the same bytes on any layout. */
    ORDERED,
    /** In whatever grouping is quickest. */
    FAST
  }

  /** How shared gradients are encoded. */
  public enum Compression {
    NONE,
    /** Signs above a threshold, the rest kept for later (Strom 2015). */
    TERNARY
  }

  /** Where the tensors live. */
  public enum DeviceChoice {
    /** The GPU that Spark assigned to the task, else the CPU. */
    AUTO,
    CPU,
    CUDA
  }

  /**
   * Scoring of held-out examples during training.
   *
   * @param everyRounds rounds between two validations; 0 for none
   * @param estimator {@code exact}, {@code elbo} or {@code iwae}; empty for the family's own
   * @param samples of an estimate by sampling
   * @param limit examples scored; 0 for all
   */
  public record Validation(int everyRounds, String estimator, int samples, int limit)
      implements Serializable {}

  /**
   * Which rounds are committed and how many are kept.
   *
   * @param everyRounds rounds between two commits; the last round is always committed
   * @param keep committed rounds kept, beside the best one
   */
  public record CheckpointPolicy(int everyRounds, int keep) implements Serializable {}

  /** Reads the section, reporting what is wrong to it. */
  public static TrainSpec read(Settings train) {
    Strategy strategy = choice(train, "strategy", Strategy.PARAMETER_AVERAGING);
    boolean bySteps = train.has("steps");
    long steps = bySteps ? train.integer("steps", 1L, 1, Long.MAX_VALUE >> 20) : 0;
    if (bySteps && train.has("epochs")) {
      train.wrong("steps", steps, "absent where epochs is given, or the other way round");
    }
    int epochs = train.count("epochs", 20, 1, 1_000_000);
    int averagingFrequency = train.count("averagingFrequency", 50, 1, 1_000_000);
    Compression compression = choice(train, "compression", Compression.NONE);
    if (compression == Compression.TERNARY && strategy != Strategy.GRADIENT_SHARING) {
      train.wrong("compression", "ternary", "none unless strategy is gradient-sharing");
    }
    Settings validation = train.section("validation");
    Settings checkpoint = train.section("checkpoint");
    return new TrainSpec(
        train.text("engine", EngineKind.TORCH, EngineKind.names().toArray(String[]::new)),
        strategy,
        train.text("initialize", ""),
        train.has("replicas") ? train.count("replicas", 1, 1, 100_000) : 0,
        bySteps ? 0 : epochs,
        steps,
        train.count("batchSize", 100, 1, 10_000_000),
        averagingFrequency,
        train.count("roundSteps", 0, 0, 1_000_000),
        OptimizerSettings.read(train.section("optimizer")),
        Schedule.read(train.section("schedule")),
        train.number("clipNorm", 0.0, 0, Double.MAX_VALUE),
        train.number("ema", 0.0, 0, 0.9999999),
        train.text("transport", TransportKind.AUTO, TransportKind.names().toArray(String[]::new)),
        choice(train, "fewerSlots", FewerSlots.TURNS),
        choice(train, "reduction", ReductionKind.ORDERED),
        compression,
        choice(train, "device", DeviceChoice.AUTO),
        Precision.valueOf(
            train.text("precision", "float32", "float32", "bfloat16").toUpperCase(Locale.ROOT)),
        new Validation(
            validation.count("everyRounds", 1, 0, 1_000_000),
            validation.text("estimator", "", "", "exact", "elbo", "iwae"),
            validation.count("samples", 1, 1, 1_000_000),
            validation.count("limit", 1000, 0, Integer.MAX_VALUE)),
        train.section("earlyStopping").count("patience", -1, 0, 1_000_000),
        new CheckpointPolicy(
            checkpoint.count("everyRounds", 1, 1, 1_000_000),
            checkpoint.count("keep", 3, 1, 1_000_000)),
        train.count("deadlineSeconds", 120, 1, 86_400),
        train.flag("allowPlainCollectives", false));
  }

  /** The same training for a number of rounds of 500 steps or as given, without validation. */
  public TrainSpec forBench(int rounds) {
    int wanted = roundSteps > 0 ? roundSteps : 500;
    int multiple = strategy == Strategy.PARAMETER_AVERAGING ? averagingFrequency : 1;
    int each = (wanted + multiple - 1) / multiple * multiple;
    return new TrainSpec(
        engine,
        strategy,
        initialize,
        replicas,
        0,
        (long) each * rounds,
        batchSize,
        averagingFrequency,
        each,
        optimizer,
        schedule,
        clipNorm,
        ema,
        transport,
        fewerSlots,
        reduction,
        compression,
        device,
        precision,
        new Validation(0, "", 1, 0),
        0,
        checkpoint,
        deadlineSeconds,
        allowPlainCollectives);
  }

  private static <E extends Enum<E>> E choice(Settings settings, String key, E byDefault) {
    E[] values = byDefault.getDeclaringClass().getEnumConstants();
    String[] names = new String[values.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = text(values[i]);
    }
    String chosen = settings.text(key, text(byDefault), names);
    for (E value : values) {
      if (text(value).equals(chosen)) {
        return value;
      }
    }
    return byDefault;
  }

  /** A choice as the spec spells it. */
  public static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
