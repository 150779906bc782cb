package dev.ancestral.job.evaluation;

import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluate.ReportJson;
import dev.ancestral.job.quality.TableQualityMethod;
import dev.ancestral.job.quality.TableQualityReport;
import dev.ancestral.job.twosample.ClassifierMethod;
import dev.ancestral.job.twosample.ClassifierReport;
import dev.ancestral.job.twosample.TwoSampleMethod;
import dev.ancestral.job.twosample.TwoSampleReport;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** What came of an evaluation: a log-likelihood of some kind, or a comparison of samples. */
public sealed interface Evaluation {

  /** One line for a person: the result, then what is to be known of it, divided by semicolons. */
  String summary();

  /** SHA-256 of the parameters that were evaluated. */
  String weights();

  /**
   * The evaluation in a directory; empty if there is none.
   *
   * @throws dev.ancestral.AncestralException (DATA) if it is damaged
   */
  static Optional<Evaluation> read(Storage storage, String directory) {
    Path file = new Path(storage.path(directory), EvaluationReport.FILE);
    if (!storage.exists(file)) {
      return Optional.empty();
    }
    String estimator =
        SealedJson.open(storage.read(file, SealedJson.MOST_BYTES), file.toString())
            .path("estimator")
            .asText();
    if (estimator.equals(TwoSampleMethod.NAME)) {
      return Optional.of(new Comparison(TwoSampleReport.read(storage, file)));
    }
    if (estimator.equals(TableQualityMethod.NAME)) {
      return Optional.of(new Table(TableQualityReport.read(storage, file)));
    }
    return Optional.of(
        estimator.equals(ClassifierMethod.NAME)
            ? new Classification(ClassifierReport.read(storage, file))
            : new Likelihood(ReportJson.read(storage, directory)));
  }

  /** Held-out log-likelihood. */
  record Likelihood(EvaluationReport report) implements Evaluation {
    @Override
    public String summary() {
      return report.summary();
    }

    @Override
    public String weights() {
      return report.subject().weights();
    }
  }

  /** Samples against held-out examples. */
  record Comparison(TwoSampleReport report) implements Evaluation {
    @Override
    public String summary() {
      return report.summary();
    }

    @Override
    public String weights() {
      return report.subject().weights();
    }
  }

  /** A classifier between samples and held-out examples. */
  record Classification(ClassifierReport report) implements Evaluation {
    @Override
    public String summary() {
      return report.summary();
    }

    @Override
    public String weights() {
      return report.subject().weights();
    }
  }

  /** Drawn rows against held-out rows of a table. */
  record Table(TableQualityReport report) implements Evaluation {
    @Override
    public String summary() {
      return report.summary();
    }

    @Override
    public String weights() {
      return report.subject().weights();
    }
  }
}
