package dev.ancestral.job.quality;

import dev.ancestral.estimator.EvaluationMethod;
import dev.ancestral.estimator.ModelTraits;
import dev.ancestral.estimator.Setting;
import dev.ancestral.oracle.Laws;
import dev.ancestral.oracle.Verdict;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** {@code table-quality}: how like held-out rows of a table the rows are that a model draws. */
public final class TableQualityMethod implements EvaluationMethod {
  /** Its name. */
  public static final String NAME = "table-quality";

  /** The setting that names the column to predict. */
  static final String TASK = "task";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int order() {
    return 220;
  }

  @Override
  public List<Setting> settings() {
    return List.of(
        Setting.text(
            TASK,
            "COLUMN",
            "Category that table-quality predicts by what drawn rows and training rows teach"
                + " (default: the last one of few values)."));
  }

  @Override
  public boolean suits(ModelTraits model) {
    return model.definition().event().isRows() && !model.definition().event().variableLength();
  }

  @Override
  public Optional<String> remedy(ModelTraits model) {
    return Optional.of("table-quality compares rows of a table: prepare --format table");
  }

  /** A row at distance 1 from training and 1.25 from held-out rows, and one that lies between. */
  @Override
  public List<Verdict> verdicts() {
    float[][] training = {{0, 0}};
    float[][] held = {{1, 0.25f}};
    ClosestTraining closest =
        new ClosestTraining(
            new float[][] {{0, 0.25f}, {2, 0.125f}}, training, held, new int[] {3, 0}, 2);
    return new Laws("estimator " + NAME)
        .equal(
            "share nearer to training rows",
            0.75,
            closest.share(Collections.singletonList(closest.on(0))),
            1e-12)
        .equal("deciles: the bin of the fourth", 3, ColumnShapes.bin(new long[] {1, 2, 3, 4}, 4), 0)
        .verdicts();
  }
}
