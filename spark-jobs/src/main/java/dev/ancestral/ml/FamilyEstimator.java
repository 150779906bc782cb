package dev.ancestral.ml;

import dev.ancestral.model.EventSpec;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;

/**
 * Fits p(row) of a family to the rows of a dataset.
 *
 * <p>The columns may be texts, numbers, booleans, dates, timestamps, and vectors, arrays of numbers
 * and structs, which stand for their elements; nulls are values with a probability of their own, or
 * not observed ({@link #setNulls}). The fitted parameters depend on the rows, the seed and the
 * parameters of the estimator, on neither partitions nor executors.
 *
 * <p>What is prepared and trained lies in {@link #checkpointDirectory}: equal rows are prepared
 * once, and a fit that was interrupted goes on where it stopped.
 *
 * @param <E> the estimator
 * @param <M> its model
 */
public abstract class FamilyEstimator<E extends FamilyEstimator<E, M>, M extends FamilyModel<M>>
    extends Estimator<M> implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;
  private static final double VALIDATION_FRACTION = 0.1;
  private static final int VOCABULARY = 10_000;

  private final String uid;
  private final StringArrayParam inputCols;
  private final StringArrayParam categoryCols;
  private final Param<String> nulls;
  private final IntParam vocabulary;
  private final DoubleParam validationFraction;
  private final LongParam seed;
  private final Param<String> checkpointDirectory;
  private final OutputParams outputs;

  /**
   * @param uid a name that no other stage of a pipeline has
   */
  protected FamilyEstimator(String uid) {
    this.uid = uid; // Before any parameter, which takes its owner's name.
    inputCols =
        new StringArrayParam(this, "inputCols", "columns that are modelled; all if it is not set");
    categoryCols =
        new StringArrayParam(
            this, "categoryCols", "columns that are categories, whatever their types say");
    nulls =
        new Param<>(
            this,
            "nulls",
            "value: a null has a probability of its own; missing: it is integrated out");
    vocabulary =
        new IntParam(this, "vocabulary", "most texts of a category; rarer ones are one value");
    validationFraction =
        new DoubleParam(
            this, "validationFraction", "share of the rows that are held out, from 0 to below 1");
    seed = new LongParam(this, "seed", "of everything random");
    checkpointDirectory =
        new Param<>(
            this,
            "checkpointDirectory",
            "folder for prepared rows, checkpoints and models, on a file system that all executors"
                + " reach");
    outputs = new OutputParams(this);
    setDefault(nulls, "value");
    setDefault(vocabulary, VOCABULARY);
    setDefault(validationFraction, VALIDATION_FRACTION);
    setDefault(seed, 1L);
    setDefault(checkpointDirectory, "");
    setDefault(outputs.logLikelihoodCol(), OutputParams.LOG_LIKELIHOOD);
    setDefault(outputs.componentCol(), OutputParams.COMPONENT);
    setDefault(outputs.scoreEstimator(), "");
    setDefault(outputs.scoreSamples(), 0);
  }

  /** Name of the family, as in a spec. */
  abstract String family();

  /**
   * The keys under {@code model:} of a spec.
   *
   * @param event what an example of the prepared data is
   */
  abstract Map<String, Object> modelKeys(EventSpec event);

  /** The keys under {@code train:} of a spec. */
  Map<String, Object> trainKeys() {
    return Map.of();
  }

  /** The keys of {@code prepare} that say what an example is. */
  Map<String, Object> exampleKeys() {
    return Map.of("format", "table");
  }

  /** Columns that are read beside those that are modelled. */
  List<String> otherCols() {
    return List.of();
  }

  /** The model in a run directory. */
  abstract M model(String uid, String directory);

  @Override
  public String uid() {
    return uid;
  }

  /**
   * Fits the model, or what is left to do of it.
   *
   * @throws dev.ancestral.AncestralException (SPEC) if a parameter is wrong or there is no folder
   *     for checkpoints; (DATA) if a column is missing or cannot be modelled; (DIVERGED),
   *     (CLUSTER), (INTERRUPTED)
   */
  @Override
  public M fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    Checkpoints folder = Checkpoints.of(dataset.sparkSession(), getCheckpointDirectory());
    PreparedRows data = PreparedRows.of(dataset, columns(dataset.columns()));
    String prepared = data.in(folder, rowKeys());
    String run = new Fitting(folder, this).run(prepared, data.fingerprint(rowKeys()));
    M model = model(uid, run);
    return copyValues(model, ParamMap.empty()).setParent(this);
  }

  private List<String> columns(String[] all) {
    if (!isSet(inputCols)) {
      return List.of(all);
    }
    Set<String> columns = new LinkedHashSet<>(List.of(getInputCols()));
    columns.addAll(otherCols());
    return List.copyOf(columns);
  }

  /** What is said of the columns, under the keys of {@code prepare}. */
  private Map<String, Object> rowKeys() {
    Map<String, Object> keys = new LinkedHashMap<>(exampleKeys());
    if (isSet(inputCols)) {
      keys.put("columns", List.of(getInputCols()));
    }
    if (isSet(categoryCols)) {
      Map<String, Object> kinds = new LinkedHashMap<>();
      for (String name : getCategoryCols()) {
        kinds.put(name, "category");
      }
      keys.put("column", kinds);
    }
    keys.put("nulls", getNulls());
    keys.put("vocabulary", getVocabulary());
    keys.put("seed", getSeed());
    double held = getValidationFraction();
    keys.put("split", held == 0 ? "train" : "auto=" + (1 - held) + "," + held + ",0");
    return keys;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    requireColumns(schema);
    return schema.add(Columns.logLikelihood(schema, getLogLikelihoodCol(), ""));
  }

  /** Refuses columns that the rows do not have. */
  final void requireColumns(StructType schema) {
    if (isSet(inputCols)) {
      Columns.require(schema, "inputCols", List.of(getInputCols()));
    }
  }

  @Override
  @SuppressWarnings("unchecked")
  public E copy(ParamMap extra) {
    return (E) this.<FamilyEstimator<E, M>>defaultCopy(extra);
  }

  /** This estimator as the class that it is, after a setter. */
  @SuppressWarnings("unchecked")
  final <T> E with(Param<T> param, T value) {
    set(param, value);
    return (E) this;
  }

  /** Columns that are modelled; all of the dataset if it is not set. */
  public final StringArrayParam inputCols() {
    return inputCols;
  }

  /** Of columns whose type says something else, those that are categories. */
  public final StringArrayParam categoryCols() {
    return categoryCols;
  }

  /** What a null is: {@code value} or {@code missing}. */
  public final Param<String> nulls() {
    return nulls;
  }

  /** Most texts of a category. */
  public final IntParam vocabulary() {
    return vocabulary;
  }

  /** Share of the rows that are held out to choose the parameters by; 0 for none. */
  public final DoubleParam validationFraction() {
    return validationFraction;
  }

  /** Seed of everything random. */
  public final LongParam seed() {
    return seed;
  }

  /**
   * Folder for prepared rows, checkpoints and models; empty for a folder under the checkpoint
   * directory of the Spark context, or without one a temporary folder where Spark runs on this
   * machine alone.
   */
  public final Param<String> checkpointDirectory() {
    return checkpointDirectory;
  }

  /** Column of log p(row) that the model appends. */
  public final Param<String> logLikelihoodCol() {
    return outputs.logLikelihoodCol();
  }

  /** Column of the most probable component that the model appends, where it has components. */
  public final Param<String> componentCol() {
    return outputs.componentCol();
  }

  /** Estimator of log p(row) that the model scores by; empty for the best of the family. */
  public final Param<String> scoreEstimator() {
    return outputs.scoreEstimator();
  }

  /** Draws a row of that estimator; 0 for its default. */
  public final IntParam scoreSamples() {
    return outputs.scoreSamples();
  }

  public final E setInputCols(String... names) {
    return with(inputCols, names);
  }

  public final String[] getInputCols() {
    return getOrDefault(inputCols);
  }

  public final E setCategoryCols(String... names) {
    return with(categoryCols, names);
  }

  public final String[] getCategoryCols() {
    return getOrDefault(categoryCols);
  }

  public final E setNulls(String rule) {
    return with(nulls, rule);
  }

  public final String getNulls() {
    return getOrDefault(nulls);
  }

  public final E setVocabulary(int most) {
    return with(vocabulary, most);
  }

  public final int getVocabulary() {
    return (Integer) getOrDefault(vocabulary);
  }

  public final E setValidationFraction(double share) {
    return with(validationFraction, share);
  }

  public final double getValidationFraction() {
    return (Double) getOrDefault(validationFraction);
  }

  public final E setSeed(long value) {
    return with(seed, value);
  }

  public final long getSeed() {
    return (Long) getOrDefault(seed);
  }

  public final E setCheckpointDirectory(String folder) {
    return with(checkpointDirectory, folder);
  }

  public final String getCheckpointDirectory() {
    return getOrDefault(checkpointDirectory);
  }

  public final E setLogLikelihoodCol(String name) {
    return with(outputs.logLikelihoodCol(), name);
  }

  public final String getLogLikelihoodCol() {
    return getOrDefault(outputs.logLikelihoodCol());
  }

  public final E setComponentCol(String name) {
    return with(outputs.componentCol(), name);
  }

  public final String getComponentCol() {
    return getOrDefault(outputs.componentCol());
  }

  public final E setScoreEstimator(String name) {
    return with(outputs.scoreEstimator(), name);
  }

  public final String getScoreEstimator() {
    return getOrDefault(outputs.scoreEstimator());
  }

  public final E setScoreSamples(int draws) {
    return with(outputs.scoreSamples(), draws);
  }

  public final int getScoreSamples() {
    return (Integer) getOrDefault(outputs.scoreSamples());
  }
}
