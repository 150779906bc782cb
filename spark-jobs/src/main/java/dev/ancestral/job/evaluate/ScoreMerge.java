package dev.ancestral.job.evaluate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.estimator.Diagnostic;
import dev.ancestral.likelihood.ImportanceWeights;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.likelihood.RatioMoments;
import dev.ancestral.model.Condition;
import dev.ancestral.spark.ArithmeticPin;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/** Adds up the scores of all pieces in the order of the examples, one piece in memory at a time. */
final class ScoreMerge {
  private final Storage storage;
  private final Path folder;
  private final List<ScorePlan.Piece> pieces;
  private final Moments joint = new Moments();
  private final Moments highK = new Moments(); // of 0 and 1
  private final Moments nats = new Moments();
  private final Moments discrete = new Moments();
  private final RatioMoments perElement = new RatioMoments();
  private double[] repeatSums;
  private long elements;
  private long correct;
  private Moments[] diagnostics;
  private String computedBy;

  ScoreMerge(Storage storage, Path folder, List<ScorePlan.Piece> pieces) {
    this.storage = storage;
    this.folder = folder;
    this.pieces = pieces;
  }

  /**
   * Writes the scores of all examples and reports their mean.
   *
   * @param known what is known of the estimator besides
   * @param train scores of training examples; of none where they are not asked for
   */
  EvaluationReport merge(
      ScorePlan plan,
      OptionalLong limit,
      Map<Diagnostic, Double> known,
      Moments train,
      String inputs,
      Path output,
      long startNanos) {
    repeatSums = new double[plan.repeats()];
    List<Diagnostic> told = plan.estimator().diagnostics();
    diagnostics = new Moments[told.size()];
    Arrays.setAll(diagnostics, d -> new Moments());
    Storage.Written perExample =
        storage.write(
            new Path(output, PerExample.FILE),
            out ->
                PerExample.write(
                    out,
                    told,
                    row -> {
                      for (ScorePlan.Piece piece : pieces) {
                        ScoredRows rows = read(piece);
                        add(plan, rows);
                        for (int i = 0; i < rows.ids().length; i++) {
                          row.accept(rows.ids()[i], rows.nats()[i], rows.told(i));
                        }
                      }
                    }));
    return new EvaluationReport(
        inputs,
        new EvaluationReport.Subject(
            plan.model().uri(),
            plan.model().sha256(),
            plan.model().weightsSha256(),
            plan.dataset().path().toString(),
            plan.dataset().sha256(plan.split()),
            plan.split()),
        plan.isRandom()
            ? Optional.of(
                new EvaluationReport.Draws(plan.estimator().samples(), plan.repeats(), plan.seed()))
            : Optional.empty(),
        new TreeMap<>(plan.estimator().settings()),
        limit,
        likelihood(plan),
        joint.count() == 0
            ? Optional.empty()
            : Optional.of(
                new EvaluationReport.Classification(
                    joint.mean(), (double) correct / joint.count())),
        discrete.count() == nats.count()
            ? Optional.of(
                new EvaluationReport.ColumnNats(discrete.mean(), nats.mean() - discrete.mean()))
            : Optional.empty(),
        train.count() == 0 ? Optional.empty() : Optional.of(TrainGap.of(train, nats)),
        diagnostics(plan, known),
        (System.nanoTime() - startNanos) / 1e9,
        computedBy,
        perExample,
        List.of());
  }

  /** The mean and the error of the scores alone. */
  Moments moments(ScorePlan plan) {
    repeatSums = new double[plan.repeats()];
    diagnostics = new Moments[0];
    for (ScorePlan.Piece piece : pieces) {
      add(plan, read(piece));
    }
    return nats;
  }

  private SortedMap<Diagnostic, Double> diagnostics(ScorePlan plan, Map<Diagnostic, Double> known) {
    SortedMap<Diagnostic, Double> all = Diagnostic.map();
    all.putAll(plan.estimator().constants());
    all.putAll(known);
    for (int d = 0; d < diagnostics.length; d++) {
      Diagnostic told = plan.estimator().diagnostics().get(d);
      if (told.equals(Diagnostic.PARETO_K)) {
        all.put(Diagnostic.PARETO_K_SHARE_HIGH, highK.mean());
        if (highK.count() > 0) {
          all.put(Diagnostic.PARETO_K_THRESHOLD, highestK(plan));
        }
      } else {
        all.put(told, diagnostics[d].mean());
      }
    }
    if (plan.model().isDequantized()) {
      double cells = (double) elements / nats.count() * Math.log(plan.model().event().levels());
      all.put(Diagnostic.MEAN_LOG_DENSITY_NATS, nats.mean() + cells);
    }
    return all;
  }

  private static double highestK(ScorePlan plan) {
    return ImportanceWeights.highestReliableK(plan.estimator().samples());
  }

  private ScoredRows read(ScorePlan.Piece piece) {
    Path file = new Path(folder, piece.file());
    ScoredRows rows = ScoredRows.read(storage.read(file), file.toString());
    if (rows.ids().length != piece.rows()) {
      throw new IllegalStateException(
          file + " holds " + rows.ids().length + " scores of " + piece.rows());
    }
    return rows;
  }

  private void add(ScorePlan plan, ScoredRows rows) {
    Moments piece = Moments.of(rows.nats());
    nats.merge(piece);
    joint.merge(Moments.of(rows.joint()));
    discrete.merge(Moments.of(rows.discrete()));
    for (int d = 0; d < diagnostics.length; d++) {
      diagnostics[d].merge(Moments.of(rows.diagnostics()[d]));
      if (plan.estimator().diagnostics().get(d).equals(Diagnostic.PARETO_K)) {
        addK(rows.diagnostics()[d], highestK(plan));
      }
    }
    for (int repeat = 0; repeat < repeatSums.length; repeat++) {
      repeatSums[repeat] += rows.repeatSums()[repeat];
    }
    // A label that is modelled is one more element of its example.
    int labels = plan.condition().label() == Condition.Label.JOINT ? 1 : 0;
    for (int i = 0; i < rows.nats().length; i++) {
      elements += rows.elements()[i];
      perElement.add(rows.nats()[i], (double) (rows.elements()[i] + labels));
    }
    correct += Math.max(0, rows.correct());
    if (computedBy != null && !computedBy.equals(rows.computedBy())) {
      throw new AncestralException(
          ErrorCode.CLUSTER,
          "executors compute differently: some with "
              + computedBy
              + ", others with "
              + rows.computedBy()
              + "; use equal machines, or pin all of them by --conf "
              + ArithmeticPin.KEY
              + "=avx2 (a level that all have), and start in an empty output");
    }
    computedBy = rows.computedBy();
  }

  /** Counts those that are defined and those among them that are high. */
  private void addK(double[] values, double highest) {
    for (double k : values) {
      if (!Double.isNaN(k)) {
        highK.add(k > highest ? 1 : 0);
      }
    }
  }

  private LogLikelihood likelihood(ScorePlan plan) {
    if (elements == 0) {
      throw new AncestralException(
          ErrorCode.DATA,
          "no element of split "
              + plan.split()
              + " of "
              + plan.dataset().uri()
              + " is observed; a likelihood needs one at least");
    }
    OptionalDouble monteCarlo = OptionalDouble.empty();
    if (plan.isRandom() && repeatSums.length > 1) {
      Moments means = new Moments();
      for (double sum : repeatSums) {
        means.add(sum / nats.count());
      }
      // Of the reported mean, which is the mean over the repeats.
      monteCarlo = OptionalDouble.of(means.standardError());
    }
    return new LogLikelihood(
        plan.estimator().kind(),
        plan.condition(),
        plan.estimator().name(),
        nats.count(),
        elements + (plan.condition().label() == Condition.Label.JOINT ? nats.count() : 0),
        nats.mean(),
        nats.standardError(),
        monteCarlo,
        perElement.standardError(),
        plan.model().event().isDiscrete());
  }
}
