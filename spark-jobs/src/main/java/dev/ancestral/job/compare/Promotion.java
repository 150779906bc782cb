package dev.ancestral.job.compare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluate.ReportJson;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.model.ModelLink;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * Moves a link to a candidate that a comparison shows to be better than what it leads to, and back.
 *
 * @param candidate directory of the model that may take over
 * @param current the link
 * @param reportOfCandidate evaluation of the candidate
 * @param reportOfCurrent evaluation of what the link leads to, over the same examples; empty where
 *     there is no link yet
 */
public record Promotion(
    String candidate, String current, String reportOfCandidate, Optional<String> reportOfCurrent) {

  /**
   * Lets a link lead where it led before.
   *
   * @return what was done, for a person
   * @throws AncestralException (SPEC) if it was never moved, (DATA) if there is no model where it
   *     led
   */
  public static String back(Storage storage, String current) {
    ModelLink link = new ModelLink(storage, current);
    Optional<Path> was = link.target();
    link.previous().ifPresent(earlier -> ModelDirectory.open(storage, earlier.toString()));
    link.back();
    return String.format(
        "%s leads to %s again; it led to %s",
        current, link.target().orElseThrow(), was.orElseThrow());
  }

  /**
   * Promotes the candidate, or does nothing if the link leads to it already.
   *
   * @return what was done, for a person
   * @throws AncestralException (NOT_BETTER) if the candidate is not better by more than two
   *     standard errors, (MISMATCH) if the reports are not of these models or cannot be compared
   */
  public String run(Storage storage) {
    ModelDirectory model = ModelDirectory.open(storage, candidate);
    ModelLink link = new ModelLink(storage, current);
    Optional<Path> target = link.target();
    Path directory = storage.path(model.uri());
    if (target.isPresent() && target.get().equals(directory)) {
      return current + " leads to " + candidate + " already";
    }
    if (reportOfCurrent.isEmpty()) {
      return first(storage, model, link, target);
    }
    Comparison comparison = Comparison.of(storage, reportOfCandidate, reportOfCurrent.get());
    requireReportOf(model, comparison.a(), "--report");
    if (target.isPresent()) {
      ModelDirectory now = ModelDirectory.open(storage, target.get().toString());
      requireReportOf(now, comparison.b(), "--against");
    }
    comparison
        .note()
        .ifPresent(
            note -> {
              throw new AncestralException(
                  ErrorCode.MISMATCH,
                  "the evaluations cannot decide: "
                      + note
                      + "; evaluate both models with the same settings; nothing was changed");
            });
    if (!comparison.aIsBetter()) {
      throw new AncestralException(
          ErrorCode.NOT_BETTER,
          String.format(
              java.util.Locale.ROOT,
              "the candidate is not better by more than %.0f standard errors: its log-likelihood"
                  + " differs by %+.6f ± %.6f nats an example; nothing was changed",
              Comparison.DECISIVE,
              comparison.meanDifference(),
              comparison.standardError()));
    }
    link.move(directory);
    return String.format(
        java.util.Locale.ROOT,
        "%s leads to %s now: better by %.6f ± %.6f nats an example%s",
        current,
        candidate,
        comparison.meanDifference(),
        comparison.standardError(),
        target.map(was -> "; it led to " + was).orElse(""));
  }

  /** There is nothing yet to be better than. */
  private String first(
      Storage storage, ModelDirectory model, ModelLink link, Optional<Path> target) {
    if (target.isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          current
              + " leads to "
              + target.get()
              + " and --against is missing; evaluate that model over the same examples and give"
              + " its report");
    }
    EvaluationReport report = ReportJson.read(storage, reportOfCandidate);
    requireReportOf(model, report, "--report");
    link.move(storage.path(model.uri()));
    return current + " leads to " + candidate + " now, as its first";
  }

  private static void requireReportOf(
      ModelDirectory model, EvaluationReport report, String option) {
    if (!model.weightsSha256().equals(report.subject().weights())
        || !model.sha256().equals(report.subject().modelSha256())) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the evaluation given by "
              + option
              + " is of "
              + report.subject().model()
              + " with weights "
              + report.subject().weights()
              + ", not of "
              + model.uri()
              + " with weights "
              + model.weightsSha256()
              + "; evaluate the model that is there");
    }
  }
}
