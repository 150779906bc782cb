package dev.ancestral.job.evaluate;

import dev.ancestral.data.Storage;
import dev.ancestral.estimator.Diagnostic;
import dev.ancestral.estimator.EvaluationMethods;
import dev.ancestral.likelihood.ImportanceWeights;
import dev.ancestral.likelihood.LogLikelihood;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an evaluation found: {@code report.json}, written last, so that an evaluation is complete
 * when it is there.
 *
 * @param inputs fingerprint of everything the scores depend on
 * @param subject what was scored
 * @param draws how a random estimator drew; empty for an exact one
 * @param settings of the estimator besides: numbers and texts
 * @param limit examples that were asked for; empty for all
 * @param likelihood the result
 * @param classification beside it, where the model classifies and the examples have labels
 * @param columns what columns of either kind have of it, where the examples are rows and it is
 *     known
 * @param trainGap difference of training examples to these, where asked for
 * @param diagnostics what the estimator tells about itself
 * @param seconds it took
 * @param computedBy engine, versions and CPU capability
 * @param perExample file with the score of each example
 * @param states files with the hidden states of the examples, in their order, where asked for
 */
public record EvaluationReport(
    String inputs,
    Subject subject,
    Optional<Draws> draws,
    SortedMap<String, Object> settings,
    OptionalLong limit,
    LogLikelihood likelihood,
    Optional<Classification> classification,
    Optional<ColumnNats> columns,
    Optional<TrainGap> trainGap,
    SortedMap<Diagnostic, Double> diagnostics,
    double seconds,
    String computedBy,
    Storage.Written perExample,
    List<NamedFile> states) {

  /** Name of the file. */
  public static final String FILE = "report.json";

  /**
   * What was scored.
   *
   * @param model directory
   * @param modelSha256 of its description
   * @param weights SHA-256 of its parameters
   * @param data dataset directory
   * @param dataSha256 of the examples of the split
   * @param split of the dataset
   */
  public record Subject(
      String model,
      String modelSha256,
      String weights,
      String data,
      String dataSha256,
      String split) {}

  /**
   * How a random estimator drew.
   *
   * @param samples an example
   * @param repeats of the whole estimate
   * @param seed of the draws
   */
  public record Draws(int samples, int repeats, long seed) {}

  /**
   * How well labels follow from examples.
   *
   * @param jointMeanNats mean of log p(x, label)
   * @param accuracy share of examples whose label is the most probable class
   */
  public record Classification(double jointMeanNats, double accuracy) {}

  /**
   * The two parts of the mean log-likelihood of rows.
   *
   * @param discreteNats mean of log p(columns with masses), all others integrated out
   * @param continuousNats mean of log p(columns of real numbers | the others), a density in the
   *     data's own units
   */
  public record ColumnNats(double discreteNats, double continuousNats) {}

  /**
   * A file by its path below the directory of the evaluation.
   *
   * @param bytes its length
   * @param sha256 of its content
   */
  public record NamedFile(String file, long bytes, String sha256) {}

  public EvaluationReport {
    settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    diagnostics = Collections.unmodifiableSortedMap(new TreeMap<>(diagnostics));
    states = List.copyOf(states);
  }

  /** The share of examples whose importance weights have too heavy a tail, where there are some. */
  public OptionalDouble shareOfHighK() {
    Double share = diagnostics.get(Diagnostic.PARETO_K_SHARE_HIGH);
    return share == null || share.isNaN() ? OptionalDouble.empty() : OptionalDouble.of(share);
  }

  EvaluationReport withStates(List<NamedFile> files) {
    return new EvaluationReport(
        inputs,
        subject,
        draws,
        settings,
        limit,
        likelihood,
        classification,
        columns,
        trainGap,
        diagnostics,
        seconds,
        computedBy,
        perExample,
        files);
  }

  /** One line for a person. */
  public String summary() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s %.6f ± %.6f nats (%s, %,d examples of %s)",
            likelihood.statement(),
            likelihood.meanNats(),
            likelihood.standardError(),
            likelihood.estimator()
                + draws.map(d -> d.samples() > 0 ? "-" + d.samples() : "").orElse(""),
            likelihood.examples(),
            subject.split()));
    text.append("; ").append(likelihood.perElement());
    columns
        .filter(both -> both.discreteNats() != 0 && both.continuousNats() != 0)
        .ifPresent(
            both ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        ", %.6f of masses and %.6f of densities",
                        both.discreteNats(),
                        both.continuousNats())));
    classification.ifPresent(
        c ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "; log p(x, label) %.6f nats, accuracy %.4f",
                    c.jointMeanNats(),
                    c.accuracy())));
    trainGap.ifPresent(
        gap ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "; %,d examples of train are %+.6f ± %.6f nats more probable",
                    gap.examples(),
                    gap.nats(),
                    gap.standardError())));
    tell(text, Diagnostic.MEAN_LOG_DENSITY_NATS, "; log density %.4f nats");
    tell(text, Diagnostic.EFFECTIVE_SAMPLE_SIZE, "; effective sample size %.1f");
    tell(text, Diagnostic.ACCEPTANCE_RATE, ", acceptance %.2f");
    text.append(paretoK());
    tell(text, Diagnostic.BDMC_GAP_NATS, "; BDMC gap %.4f nats");
    tell(text, Diagnostic.BANDWIDTH, "; bandwidth %.4g");
    diagnostics.forEach(
        (diagnostic, value) -> {
          if (!diagnostic.isDeclared()) {
            tell(text, diagnostic, "; " + diagnostic.text().replace('_', ' ') + " %.4g");
          }
        });
    EvaluationMethods.named(likelihood.estimator())
        .note()
        .ifPresent(n -> text.append("; ").append(n));
    return text.toString();
  }

  private String paretoK() {
    if (!diagnostics.containsKey(Diagnostic.PARETO_K_SHARE_HIGH)) {
      return "";
    }
    if (shareOfHighK().isEmpty()) {
      return draws.filter(d -> !ImportanceWeights.hasTail(d.samples())).isPresent()
          ? "; Pareto k̂ undefined with fewer than "
              + ImportanceWeights.LEAST_SAMPLES
              + " weights an example"
          : "; Pareto k̂ undefined: weights are too seldom distinct";
    }
    return String.format(
        Locale.ROOT,
        "; Pareto k̂ above %.2f for %.1f %% of the examples",
        diagnostics.get(Diagnostic.PARETO_K_THRESHOLD),
        100 * shareOfHighK().getAsDouble());
  }

  private void tell(StringBuilder text, Diagnostic diagnostic, String format) {
    Double value = diagnostics.get(diagnostic);
    if (value != null) {
      text.append(String.format(Locale.ROOT, format, value));
    }
  }
}
