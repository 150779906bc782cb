package dev.ancestral.job.compare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.estimator.Diagnostic;
import dev.ancestral.estimator.EnclosingEstimator;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluate.PerExample;
import dev.ancestral.job.evaluate.ReportJson;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.likelihood.PairedDifferences;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/**
 * The difference of two evaluations over the same examples.
 *
 * @param a first evaluation
 * @param b second evaluation
 * @param meanDifference mean of log p_a(x) − log p_b(x) in nats an example: positive if a is better
 * @param standardError of that mean, from the spread of the paired differences; NaN of one example
 */
public record Comparison(
    EvaluationReport a, EvaluationReport b, double meanDifference, double standardError) {

  /** How many standard errors a difference must exceed to count. */
  public static final double DECISIVE = 2;

  /**
   * Compares two evaluations.
   *
   * @param uriOfA directory of the evaluation, or its report
   * @param uriOfB directory of the evaluation, or its report
   * @throws AncestralException (MISMATCH) if kinds, data or examples differ, (DATA) if a file is
   *     missing or damaged
   */
  public static Comparison of(Storage storage, String uriOfA, String uriOfB) {
    EvaluationReport a = ReportJson.read(storage, uriOfA);
    EvaluationReport b = ReportJson.read(storage, uriOfB);
    requireSame("kinds", a.likelihood().kind().text(), b.likelihood().kind().text());
    requireSameCondition(a.likelihood(), b.likelihood());
    if (!a.subject().dataSha256().equals(b.subject().dataSha256())) {
      requireSame("data", data(a), data(b));
    }
    if (a.likelihood().kind() == LogLikelihood.Kind.ESTIMATE) {
      // Each method has an error of its own, on either side: their difference says nothing.
      requireSame("estimators", a.likelihood().estimator(), b.likelihood().estimator());
    }
    requireSame("numbers of examples", a.likelihood().examples(), b.likelihood().examples());
    PairedDifferences differences = new PairedDifferences();
    try (PerExample.Reader rowsOfA = rows(storage, uriOfA, a);
        PerExample.Reader rowsOfB = rows(storage, uriOfB, b)) {
      // Both files are in the order of the split.
      while (rowsOfA.next() && rowsOfB.next()) {
        requireSame("ids of the examples", rowsOfA.id(), rowsOfB.id());
        differences.add(rowsOfA.nats(), rowsOfB.nats());
      }
    }
    return new Comparison(a, b, differences.mean(), differences.standardError());
  }

  /** Whether a is better than b by more than {@link #DECISIVE} standard errors. */
  public boolean aIsBetter() {
    return meanDifference == Double.POSITIVE_INFINITY
        || (meanDifference > 0 && meanDifference > DECISIVE * standardError);
  }

  /**
   * What the difference is besides one of models: bounds (or estimates) by different settings are
   * not equally near the truth, so that the worse model may have the higher one.
   */
  public Optional<String> note() {
    String settingsOfA = settings(a);
    String settingsOfB = settings(b);
    if (a.likelihood().kind() == LogLikelihood.Kind.EXACT || settingsOfA.equals(settingsOfB)) {
      return Optional.empty();
    }
    return Optional.of(
        "A is by "
            + settingsOfA
            + ", B by "
            + settingsOfB
            + ": these are not equally tight, so the difference is not one of the models alone");
  }

  private static String settings(EvaluationReport report) {
    StringBuilder settings = new StringBuilder(report.likelihood().estimator());
    report
        .draws()
        .ifPresent(draws -> settings.append(" with ").append(draws.samples()).append(" samples"));
    report
        .settings()
        .forEach(
            (setting, value) -> {
              if (!setting.equals(EnclosingEstimator.SIMULATED.name())) {
                settings.append(", ").append(setting).append(' ').append(text(value));
              }
            });
    return settings.toString();
  }

  private static String text(Object setting) {
    return setting instanceof Double number
        ? String.format(Locale.ROOT, "%.4g", number)
        : String.valueOf(setting);
  }

  /** The result for a person. */
  public String summary() {
    double errors = meanDifference == 0 ? 0 : Math.abs(meanDifference / standardError);
    return String.format(
            Locale.ROOT,
            "A %.6f, B %.6f nats (%s, %s, %,d examples of %s)%n"
                + "A %s; B %s%n"
                + "A - B = %+.6f ± %.6f nats an example, paired (%.1f standard errors): %s",
            a.likelihood().meanNats(),
            b.likelihood().meanNats(),
            a.likelihood().condition().notation(),
            a.likelihood().kind().text(),
            a.likelihood().examples(),
            a.subject().split(),
            a.likelihood().perElement(),
            b.likelihood().perElement(),
            meanDifference,
            standardError,
            errors,
            verdict(errors))
        + Stream.concat(note().stream(), cautions().stream())
            .map(note -> String.format("%nnote: %s", note))
            .collect(Collectors.joining());
  }

  /** What makes either mean unsure by itself. */
  List<String> cautions() {
    List<String> cautions = new ArrayList<>();
    caution("A", a).ifPresent(cautions::add);
    caution("B", b).ifPresent(cautions::add);
    return cautions;
  }

  private static Optional<String> caution(String name, EvaluationReport report) {
    double share = report.shareOfHighK().orElse(0);
    return share == 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%s: the importance weights of %.1f %% of the examples have a Pareto k̂ above %.2f;"
                    + " their scores depend on few draws and rise with more samples",
                name,
                100 * share,
                report.diagnostics().get(Diagnostic.PARETO_K_THRESHOLD)));
  }

  private String verdict(double errors) {
    if (Double.isNaN(meanDifference)) {
      return "no verdict: A gives probability zero to an example that B does not, and B to another";
    }
    if (Double.isInfinite(meanDifference)) {
      return meanDifference > 0
          ? "A is better: B gives probability zero to an example that A does not"
          : "B is better: A gives probability zero to an example that B does not";
    }
    if (Double.isNaN(errors)) {
      return "no verdict: a single example has no standard error";
    }
    return errors > DECISIVE
        ? (meanDifference > 0 ? "A is better" : "B is better")
        : "no decisive difference";
  }

  private static String data(EvaluationReport report) {
    return "split "
        + report.subject().split()
        + " with SHA-256 "
        + report.subject().dataSha256()
        + " ("
        + report.subject().data()
        + ")";
  }

  private static PerExample.Reader rows(Storage storage, String uri, EvaluationReport report) {
    Path file = new Path(ReportJson.file(storage, uri).getParent(), PerExample.FILE);
    String sha256 = Sha256.of(storage, file);
    if (!sha256.equals(report.perExample().sha256())) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + " is damaged or was changed: its SHA-256 is "
              + sha256
              + ", the report says "
              + report.perExample().sha256()
              + "; evaluate again");
    }
    return PerExample.open(storage, file);
  }

  /** log p(x | label) is above log p(x) by what the label says of x, whichever model is better. */
  private static void requireSameCondition(LogLikelihood a, LogLikelihood b) {
    if (!a.condition().equals(b.condition())) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "conditions differ: A is "
              + a.condition().notation()
              + ", B is "
              + b.condition().notation()
              + ", whose difference is not one of the models; evaluate both with the same"
              + " --condition, such as none for log p(x)");
    }
  }

  private static void requireSame(String what, Object a, Object b) {
    if (!a.equals(b)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          what
              + " differ: A has "
              + a
              + ", B has "
              + b
              + "; evaluate both models by the same kind of estimator on the same examples");
    }
  }
}
