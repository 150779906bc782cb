package dev.ancestral.job.quality;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluate.Phases;
import dev.ancestral.job.evaluate.ReportJson;
import dev.ancestral.job.evaluate.TrainGap;
import dev.ancestral.job.evaluate.TrainGapJob;
import dev.ancestral.job.evaluate.subset.Selection;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.twosample.BoostedTrees;
import dev.ancestral.job.twosample.LabelledRows;
import dev.ancestral.likelihood.twosample.AreaUnderCurve;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.spark.SparkApplication;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * Draws rows from a model and compares them with held-out rows of a table. Columns and pairs are
 * counted over all rows by Spark jobs; where nulls are values that are missing, drawn rows are
 * given those of held-out rows ({@link NullPatterns}); trees are fitted to, and distances measured
 * between, at most {@value #MOST_FITTED} rows of each kind. No number depends on partitions or
 * executors.
 */
public final class TableQualityJob {
  private static final String TRAINING = "train";
  private static final int LEAST = 20;
  private static final int MOST_FITTED = 50_000;
  private static final int MOST_QUERIES = 2000;
  private static final int MOST_NEIGHBOURS = 20_000;
  private static final int QUERIES_A_UNIT = 100;
  private static final int ROC_POINTS = 100;

  private final SparkApplication application;
  private final ProgressListener progress;

  /**
   * @param application started only if there is something to compute
   */
  public TableQualityJob(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.progress = progress;
  }

  /**
   * Compares; returns the report that is there if it is of the same inputs.
   *
   * @param running keeps the status of the output
   * @throws AncestralException (SPEC) if another evaluation lies in the output, (DATA) if model or
   *     data are missing, damaged or too few, (MISMATCH) if they do not fit together or the task is
   *     none of theirs, (CLUSTER) if Spark has no MLlib
   */
  public TableQualityReport within(EvaluateRequest request, OutputSession running) {
    long start = System.nanoTime();
    EvaluateSpec spec = request.spec();
    Storage storage = application.storage();
    ModelDirectory model = ModelDirectory.open(storage, request.model());
    Dataset data = model.fitting(Dataset.open(storage, request.data()));
    requireComparable(data, spec);
    BoostedTrees.requireMllib(TableQualityMethod.NAME);
    Path file = new Path(storage.path(request.output()), EvaluationReport.FILE);
    String inputs = fingerprint(model, data, spec);
    if (!isThere(file, inputs, request)) {
      running.begin();
    }
    if (isThere(file, inputs, request)) { // Or another command has ended since.
      progress.message(
          "evaluate: " + file.getParent() + " is complete and its inputs are the same");
      return TableQualityReport.read(storage, file);
    }
    storage.retract(file);
    long held = Math.min(spec.limit().orElse(Long.MAX_VALUE), examples(data, spec.split()));
    long drawn = spec.samples().isPresent() ? spec.samples().getAsInt() : held;
    Compared compared = compare(model, data, spec, inputs, held, drawn);
    TableQualityReport report =
        new TableQualityReport(
            inputs,
            new EvaluationReport.Subject(
                model.uri(),
                model.sha256(),
                model.weightsSha256(),
                data.path().toString(),
                data.sha256(spec.split()),
                spec.split()),
            drawn,
            held,
            spec.seed(),
            compared.quality,
            (System.nanoTime() - start) / 1e9);
    running.requireHeld();
    storage.commit(new Path(file.getParent(), TablePictures.FILE), compared.pictures.toJson());
    storage.commit(file, report.toJson());
    return report;
  }

  private record Compared(TableQuality quality, TablePictures pictures) {}

  private Compared compare(
      ModelDirectory model, Dataset data, EvaluateSpec spec, String inputs, long held, long drawn) {
    Phases phases = new Phases(application, progress).in(spec.tasks());
    SparkSession session = application.session();
    RandomKey key = RandomKey.of(spec.seed()).fold(TableQualityMethod.NAME);
    TableKeys keys = TableKeys.of(data.event().schema().orElseThrow());
    Selection selection = smallest(phases, data, spec.split(), held);
    JavaRDD<Row> made =
        TableRows.held(application.context(), data, spec.split(), selection)
            .union(
                TableRows.drawn(
                    application.context(),
                    model,
                    keys,
                    drawn,
                    key.fold("draw"),
                    NullPatterns.of(application.context(), phases, data, spec.split(), held)));
    org.apache.spark.sql.Dataset<Row> kept =
        session.createDataFrame(made, TableRows.type(keys)).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      JavaRDD<Row> rows = kept.toJavaRDD();
      progress.phase("drawing and comparing columns");
      ColumnShapes shapes = ColumnShapes.of(session, rows, keys, held, drawn);
      progress.phase("comparing pairs of columns");
      PairTrends trends = PairTrends.of(session, rows, keys, shapes.deciles(), held, drawn);
      progress.phase("counting what is pictured");
      int[] chosen = shapes.leastAlike(TablePictures.MOST_COLUMNS);
      List<TablePictures.Histogram> histograms =
          ColumnBins.histograms(session, kept, rows, keys, shapes.deciles(), chosen);
      Associations associations =
          Associations.of(session, rows, keys, shapes.deciles(), chosen, trends);
      Samples samples = samples(phases, data, spec, rows, keys, held, drawn);
      progress.phase("fitting a detector");
      Judged judged = detector(samples, key.fold("detector"));
      OptionalDouble closest = OptionalDouble.empty();
      Optional<TablePictures.Histogram> distances = Optional.empty();
      Optional<PredictionTask> task = Optional.empty();
      if (samples.training.isEmpty()) {
        progress.message("evaluate: no split train to look for copies of and to learn from");
      } else {
        ClosestTraining search = closest(samples, key.fold("neighbours"));
        List<float[][]> found = phases.onEach("searching training data", search.units(), search);
        closest = OptionalDouble.of(search.share(found));
        distances = Optional.of(ClosestTraining.histogram(found));
        progress.phase("fitting forests");
        task = task(samples, taskColumn(spec, samples.features), key.fold("forest"));
      }
      TableQuality quality =
          new TableQuality(
              named(keys, shapes),
              named(keys, trends),
              AreaUnderCurve.of(judged.drawn, judged.held),
              closest,
              task,
              trainGap(model, data, spec));
      return new Compared(
          quality,
          new TablePictures(
              inputs,
              histograms,
              associations,
              RocCurve.of(judged.drawn, judged.held, ROC_POINTS),
              distances));
    } finally {
      kept.unpersist();
    }
  }

  /** Rows on the driver, in an order that depends on their ids alone. */
  private record Samples(
      TableFeatures features, List<Row> held, List<Row> drawn, List<Row> training) {}

  private Samples samples(
      Phases phases,
      Dataset data,
      EvaluateSpec spec,
      JavaRDD<Row> rows,
      TableKeys keys,
      long held,
      long drawn) {
    TableFeatures features = TableFeatures.of(keys);
    long most = Math.min(MOST_FITTED, LabelledRows.most(features.columns().size()));
    long ofHeld = Math.min(most, held);
    long ofDrawn = Math.min(most, drawn);
    Selection few = smallest(phases, data, spec.split(), ofHeld);
    List<Row> heldRows =
        rows.filter(
                row -> !row.getBoolean(TableRows.DRAWN) && few.contains(row.getLong(TableRows.ID)))
            .collect();
    List<Row> drawnRows =
        rows.filter(row -> row.getBoolean(TableRows.DRAWN) && row.getLong(TableRows.ID) < ofDrawn)
            .collect();
    List<Row> training =
        hasTraining(data, spec.split())
            ? TableRows.held(
                    application.context(),
                    data,
                    TRAINING,
                    smallest(phases, data, TRAINING, Math.min(ofDrawn, examples(data, TRAINING))))
                .collect()
            : List.of();
    return new Samples(features, heldRows, drawnRows, training);
  }

  /** Log odds of being drawn. */
  private record Judged(double[] drawn, double[] held) {}

  private Judged detector(Samples samples, RandomKey key) {
    List<float[]> fittedDrawn = new ArrayList<>();
    List<float[]> fittedHeld = new ArrayList<>();
    List<float[]> judged = new ArrayList<>();
    halve(samples.features, samples.drawn, key.fold("drawn"), fittedDrawn, judged);
    int judgedDrawn = judged.size();
    halve(samples.features, samples.held, key.fold("held"), fittedHeld, judged);
    double[] logOdds =
        BoostedTrees.logOdds(
            application.session(),
            fittedDrawn,
            fittedHeld,
            judged.toArray(float[][]::new),
            samples.features.arities(),
            key.bits(0));
    return new Judged(
        Arrays.copyOf(logOdds, judgedDrawn),
        Arrays.copyOfRange(logOdds, judgedDrawn, logOdds.length));
  }

  private static void halve(
      TableFeatures features,
      List<Row> rows,
      RandomKey key,
      List<float[]> fitted,
      List<float[]> judged) {
    int[] order = key.permutation(rows.size());
    for (int i = 0; i < order.length; i++) {
      (i < order.length / 2 ? fitted : judged).add(features.of(rows.get(order[i])));
    }
  }

  private static ClosestTraining closest(Samples samples, RandomKey key) {
    int count = Math.min(MOST_NEIGHBOURS, Math.min(samples.held.size(), samples.training.size()));
    int queries = Math.min(MOST_QUERIES, samples.drawn.size());
    return new ClosestTraining(
        some(samples.features, samples.drawn, queries, key.fold("drawn")),
        some(samples.features, samples.training, count, key.fold("training")),
        some(samples.features, samples.held, count, key.fold("held")),
        samples.features.arities(),
        QUERIES_A_UNIT);
  }

  private static float[][] some(TableFeatures features, List<Row> rows, int count, RandomKey key) {
    int[] order = key.permutation(rows.size());
    float[][] some = new float[count][];
    Arrays.setAll(some, i -> features.of(rows.get(order[i])));
    return some;
  }

  private static Optional<Integer> taskColumn(EvaluateSpec spec, TableFeatures features) {
    return spec.settings().get(TableQualityMethod.TASK) instanceof String name
        ? Optional.of(PredictionTask.column(features, name))
        : PredictionTask.column(features);
  }

  private Optional<PredictionTask> task(
      Samples samples, Optional<Integer> predicted, RandomKey key) {
    return predicted
        .filter(column -> samples.features.columns().size() > 1)
        .map(
            column ->
                PredictionTask.of(
                    application.session(),
                    samples.features,
                    column,
                    samples.drawn,
                    samples.training,
                    samples.held,
                    key.bits(0)));
  }

  private Optional<TrainGap> trainGap(ModelDirectory model, Dataset data, EvaluateSpec spec) {
    if (spec.trainSample().isEmpty()) {
      return Optional.empty();
    }
    progress.phase("scoring training rows");
    EvaluateSpec likelihood =
        new EvaluateSpec(
                spec.split(), Optional.empty(), OptionalInt.empty(), 1, spec.limit(), spec.seed())
            .withTrainSample(spec.trainSample());
    return Optional.of(
        new TrainGapJob(application.context(), "evaluate", false).run(model, data, likelihood));
  }

  private static Map<String, Double> named(TableKeys keys, ColumnShapes shapes) {
    Map<String, Double> named = new LinkedHashMap<>();
    for (int c = 0; c < keys.columns().size(); c++) {
      named.put(keys.columns().get(c).name(), shapes.shapes()[c]);
    }
    return named;
  }

  private static List<TableQuality.PairTrend> named(TableKeys keys, PairTrends trends) {
    return trends.pairs().stream()
        .map(
            pair ->
                new TableQuality.PairTrend(
                    keys.columns().get(pair.first()).name(),
                    keys.columns().get(pair.second()).name(),
                    pair.trend()))
        .toList();
  }

  /** The rows of a split with the smallest keyed hashes. */
  static Selection smallest(Phases phases, Dataset data, String split, long count) {
    return count >= examples(data, split)
        ? Selection.all()
        : Selection.of(count, phases.smallest(data, split, count));
  }

  private static long examples(Dataset data, String split) {
    return data.split(split).examples();
  }

  private static boolean hasTraining(Dataset data, String split) {
    return data.manifest().splits().containsKey(TRAINING)
        && examples(data, TRAINING) > 1
        && !split.equals(TRAINING);
  }

  private static void requireComparable(Dataset data, EvaluateSpec spec) {
    RowSchema schema =
        data.event()
            .schema()
            .filter(rows -> !data.event().variableLength())
            .orElseThrow(
                () ->
                    new AncestralException(
                        ErrorCode.MISMATCH,
                        "table-quality compares rows of a table, but "
                            + data.uri()
                            + " has "
                            + data.event().describe()
                            + "; take --estimator two-sample"));
    taskColumn(spec, TableFeatures.of(TableKeys.of(schema)));
    long held = Math.min(spec.limit().orElse(Long.MAX_VALUE), examples(data, spec.split()));
    if (held < LEAST || spec.samples().orElse(LEAST) < LEAST) {
      throw new AncestralException(
          held < LEAST ? ErrorCode.DATA : ErrorCode.SPEC,
          spec.samples().orElse((int) Math.min(held, Integer.MAX_VALUE))
              + " drawn rows (--samples) are to be compared with "
              + held
              + " of split "
              + spec.split()
              + " (--limit); table-quality takes at least "
              + LEAST
              + " of each");
    }
  }

  private boolean isThere(Path file, String inputs, EvaluateRequest request) {
    return application.storage().exists(file)
        && ReportJson.isOf(application.storage(), file, inputs, request.overwrite());
  }

  private static String fingerprint(ModelDirectory model, Dataset data, EvaluateSpec spec) {
    Map<String, Object> inputs = new TreeMap<>(BoostedTrees.settings());
    inputs.put("estimator", TableQualityMethod.NAME);
    inputs.put("model", model.sha256());
    inputs.put("weights", model.weightsSha256());
    inputs.put("data", data.sha256(spec.split()));
    inputs.put("training", hasTraining(data, spec.split()) ? data.sha256(TRAINING) : "none");
    inputs.put("split", spec.split());
    inputs.put("samples", spec.samples().orElse(0));
    inputs.put("limit", spec.limit().orElse(0));
    inputs.put("trainSample", spec.trainSample().orElse(0));
    inputs.put("seed", spec.seed());
    if (spec.settings().containsKey(TableQualityMethod.TASK)) {
      inputs.put(TableQualityMethod.TASK, spec.settings().get(TableQualityMethod.TASK));
    }
    return Fingerprint.of(inputs);
  }
}
