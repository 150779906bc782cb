package dev.ancestral.estimator;

import dev.ancestral.config.Settings;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.ModelsRows;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.rows.ConditionalRowModel;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** {@code exact}: log p(x) as the model computes it. */
public final class ExactLikelihood implements EstimatorProvider {
  /** Its name. */
  public static final String NAME = "exact";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int order() {
    return 10;
  }

  @Override
  public int preference() {
    return 100;
  }

  @Override
  public boolean suits(ModelTraits model) {
    return model.exact();
  }

  @Override
  public Estimator estimator(ModelTraits model, EstimatorOptions options) {
    boolean conditions = model.definition() instanceof ModelsRows rows && rows.drawsGivenColumns();
    boolean both =
        model
            .definition()
            .event()
            .schema()
            .filter(rows -> rows.columns().stream().anyMatch(RowColumn::isContinuous))
            .filter(rows -> !rows.columns().stream().allMatch(RowColumn::isContinuous))
            .isPresent();
    return new LogProb(conditions && both);
  }

  /** Two coins, whose probabilities are products. */
  @Override
  public List<Verdict> verdicts() {
    EstimatorLaws laws = new EstimatorLaws(NAME);
    EventSpec event = EventSpec.discrete(2, 2);
    StatisticsModel coins =
        (StatisticsModel)
            Families.named("naive-bayes")
                .define(Settings.of(Map.of("likelihood", "bernoulli")), event);
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {1}, 1)
            .with("probability", new double[] {0.25, 0.75}, 1, 2);
    Batch x = Batch.of(event, new long[] {0, 1}, new float[] {1, 0, 0, 1});
    double[] expected = {2 * Math.log(0.25), 2 * Math.log(0.75)};
    Estimator estimator = new LogProb(false);
    try (ExactModel model = coins.bind(parameters)) {
      laws.equal(
          "two coins of 1/4 and 3/4",
          expected,
          estimator.score(model, x, EstimatorLaws.KEY).nats(),
          1e-12);
    }
    rows(laws);
    return laws.kind(estimator, LogLikelihood.Kind.EXACT).verdicts();
  }

  /** A row of a text and a real number, whose log p is that of the text and a density apart. */
  private void rows(EstimatorLaws laws) {
    RowColumn text =
        new RowColumn(
            "text",
            ColumnKind.CATEGORY,
            new ColumnType.Category(List.of("heads", "tails"), true),
            false,
            "string");
    RowColumn weight =
        new RowColumn("weight", ColumnKind.REAL, new ColumnType.Real(3, 2), false, "double");
    EventSpec event = EventSpec.rows(new RowSchema(List.of(text, weight), RowSchema.Nulls.MISSING));
    StatisticsModel independent =
        (StatisticsModel) Families.named("naive-bayes").define(Settings.of(Map.of()), event);
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {1}, 1)
            .with("probability.text", new double[] {0.25, 0.5, 0.25}, 1, 3)
            .with("mean.weight", new double[] {0}, 1)
            .with("variance.weight", new double[] {1}, 1);
    float[] tails = {1, 0, 0};
    Estimator estimator =
        estimator(
            new ModelTraits(independent, false),
            new EstimatorOptions(OptionalInt.empty(), 1, Map.of()));
    try (ExactModel model = independent.bind(parameters)) {
      Batch x = Batch.of(event, new long[] {0}, tails);
      Estimator.Scores scores = estimator.score(model, x, EstimatorLaws.KEY);
      double[] found = {
        scores.nats()[0],
        scores.diagnostics().get(Diagnostic.DISCRETE_NATS)[0],
        scores.diagnostics().get(Diagnostic.CONTINUOUS_NATS)[0]
      };
      double density = -0.5 * Math.log(2 * Math.PI) - Math.log(2);
      double[] expected = {Math.log(0.5) + density, Math.log(0.5), density};
      laws.equal("a row, its text and its number", expected, found, 1e-12);
    }
  }

  /**
   * @param apart whether log p of the columns that have masses is told beside that of the row
   */
  private record LogProb(boolean apart) implements Estimator {
    private static final long serialVersionUID = 1L;
    private static final double PASSES = 50;

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public LogLikelihood.Kind kind() {
      return LogLikelihood.Kind.EXACT;
    }

    @Override
    public int samples() {
      return 0;
    }

    /** An autoregressive network is wider than a decoder. */
    @Override
    public double passes() {
      return PASSES;
    }

    @Override
    public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
      double[] nats = ((ExactModel) model).logProb(batch);
      return apart ? apart(nats, model, batch) : Scores.of(nats);
    }

    @Override
    public List<Diagnostic> diagnostics() {
      return apart ? List.of(Diagnostic.DISCRETE_NATS, Diagnostic.CONTINUOUS_NATS) : List.of();
    }

    /** Not a number where log p is not that of the row alone, but of its label as well. */
    private static Scores apart(double[] nats, GenerativeModel model, Batch batch) {
      List<RowColumn> columns = batch.event().schema().orElseThrow().columns();
      boolean[] given = new boolean[columns.size()];
      for (int c = 0; c < given.length; c++) {
        given[c] = !columns.get(c).isContinuous();
      }
      int size = batch.event().size();
      double[] discrete = new double[nats.length];
      double[] continuous = new double[nats.length];
      for (int i = 0; i < nats.length; i++) {
        float[] row = Arrays.copyOfRange(batch.values(), i * size, (i + 1) * size);
        discrete[i] =
            model instanceof ConditionalRowModel rows ? rows.logProbGiven(row, given) : Double.NaN;
        continuous[i] = discrete[i] == Double.NEGATIVE_INFINITY ? 0 : nats[i] - discrete[i];
      }
      return new Scores(
          nats, Map.of(Diagnostic.DISCRETE_NATS, discrete, Diagnostic.CONTINUOUS_NATS, continuous));
    }
  }
}
