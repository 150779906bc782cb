package dev.ancestral.ml;

import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.generate.DrawnRows;
import dev.ancestral.job.generate.GenerateSpec;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.score.RowScoring;
import dev.ancestral.job.score.ScoreFunction;
import java.util.OptionalInt;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A fitted p(row), which lies in a run directory as the command line has them.
 *
 * @param <M> the model
 */
public abstract class FamilyModel<M extends FamilyModel<M>> extends Model<M> implements MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final String directory;
  private final OutputParams outputs;
  private transient RowScoring scoring;
  private transient EvaluateSpec scoredBy;

  FamilyModel(String uid, String directory) {
    this.uid = uid; // Before any parameter, which takes its owner's name.
    this.directory = directory;
    outputs = new OutputParams(this);
    setDefault(outputs.logLikelihoodCol(), OutputParams.LOG_LIKELIHOOD);
    setDefault(outputs.componentCol(), OutputParams.COMPONENT);
    setDefault(outputs.scoreEstimator(), "");
    setDefault(outputs.scoreSamples(), 0);
  }

  /** The same model in another place, with no parameter set. */
  abstract M at(String directory);

  @Override
  public String uid() {
    return uid;
  }

  /** The run directory, which {@code ancestral score --model} takes, too. */
  public String directory() {
    return directory;
  }

  /**
   * The rows with all their columns, and behind them log p(row) in nats, whose kind (exact, lower
   * bound or estimate) stands in the metadata of its column, and the most probable component where
   * the model has components. The numbers are those of {@code ancestral score}; none depends on
   * partitions or other rows. The rows may be a stream.
   *
   * @throws dev.ancestral.AncestralException (MISMATCH) if the rows lack a column that the model
   *     knows, or have it with a type that does not convert; (SPEC) if a column that is appended is
   *     there already
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    return scoring().appended(dataset.toDF(), schema);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    RowScoring scores = scoring();
    StructType all =
        schema.add(Columns.logLikelihood(schema, getLogLikelihoodCol(), scores.kind()));
    return scores.hasComponents() ? all.add(Columns.component(schema, getComponentCol())) : all;
  }

  /**
   * Draws rows with the names and types of the data, as {@code ancestral generate --as table} does:
   * row i depends on the model, the seed and i alone.
   *
   * @param count at least 1
   */
  public Dataset<Row> sample(SparkSession spark, long count, long seed) {
    return DrawnRows.of(spark, open(spark), GenerateSpec.plain(count, seed));
  }

  /**
   * Registers log p(row) as a function of SQL, until the session ends: {@code SELECT
   * name(struct(*)) FROM rows}. It takes a struct with the columns of the model.
   */
  public void register(SparkSession spark, String name) {
    EvaluateSpec spec = scoreSpec(getScoreEstimator(), getScoreSamples());
    spark.udf().register(name, ScoreFunction.of(open(spark), spec), DataTypes.DoubleType);
  }

  /**
   * Log-likelihood of the rows that were trained on and of those that were held out. It is measured
   * when it is first asked for, and kept.
   *
   * @throws dev.ancestral.AncestralException (DATA) if the prepared rows of the run are not there
   *     any more
   */
  public TrainingSummary summary() {
    SparkSession spark = SparkSession.active();
    return TrainingSummary.of(spark, open(spark), getScoreEstimator(), getScoreSamples());
  }

  @Override
  public MLWriter write() {
    return new RunWriter(this);
  }

  @Override
  public M copy(ParamMap extra) {
    return copyValues(at(directory), extra).setParent(parent());
  }

  /** The run directory, opened. */
  final ModelDirectory open(SparkSession spark) {
    return ModelDirectory.open(new Storage(spark.sparkContext().hadoopConfiguration()), directory);
  }

  /** Opened once: its parameters are hashed. */
  private synchronized RowScoring scoring() {
    EvaluateSpec spec = scoreSpec(getScoreEstimator(), getScoreSamples());
    if (scoring == null || !spec.equals(scoredBy)) {
      scoring = RowScoring.of(open(SparkSession.active()), spec);
      scoredBy = spec;
    }
    return scoring;
  }

  /** How rows are scored. */
  static EvaluateSpec scoreSpec(String estimator, int samples) {
    EvaluateSpec standard = EvaluateSpec.standard();
    return estimator.isEmpty()
        ? standard
        : standard.by(estimator, samples == 0 ? OptionalInt.empty() : OptionalInt.of(samples));
  }

  /** Column of log p(row). */
  public final Param<String> logLikelihoodCol() {
    return outputs.logLikelihoodCol();
  }

  /** Column of the most probable component. */
  public final Param<String> componentCol() {
    return outputs.componentCol();
  }

  /** Estimator of log p(row); empty for the best of the family. */
  public final Param<String> scoreEstimator() {
    return outputs.scoreEstimator();
  }

  /** Draws a row of that estimator; 0 for its default. */
  public final IntParam scoreSamples() {
    return outputs.scoreSamples();
  }

  public final M setLogLikelihoodCol(String name) {
    return with(outputs.logLikelihoodCol(), name);
  }

  public final String getLogLikelihoodCol() {
    return getOrDefault(outputs.logLikelihoodCol());
  }

  public final M setComponentCol(String name) {
    return with(outputs.componentCol(), name);
  }

  public final String getComponentCol() {
    return getOrDefault(outputs.componentCol());
  }

  public final M setScoreEstimator(String name) {
    return with(outputs.scoreEstimator(), name);
  }

  public final String getScoreEstimator() {
    return getOrDefault(outputs.scoreEstimator());
  }

  public final M setScoreSamples(int draws) {
    return with(outputs.scoreSamples(), draws);
  }

  public final int getScoreSamples() {
    return (Integer) getOrDefault(outputs.scoreSamples());
  }

  @SuppressWarnings("unchecked")
  final <T> M with(Param<T> param, T value) {
    set(param, value);
    return (M) this;
  }
}
