package dev.ancestral.ml;

import dev.ancestral.job.generate.DrawnRows;
import dev.ancestral.job.generate.GenerateSpec;
import dev.ancestral.job.score.SequenceScoring;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** A fitted {@link HiddenMarkovModel}. */
public final class HiddenMarkovModelModel extends FamilyModel<HiddenMarkovModelModel> {
  private static final long serialVersionUID = 1L;

  private final SequenceParams sequences;

  HiddenMarkovModelModel(String uid, String directory) {
    super(uid, directory);
    sequences = new SequenceParams(this);
    setDefault(sequences.statesCol(), SequenceParams.STATES);
  }

  /** What {@link #save} wrote, or a run of the command line. */
  public static HiddenMarkovModelModel load(String path) {
    return read().load(path);
  }

  /** Reads what {@link #write} wrote, and runs of the command line. */
  public static MLReader<HiddenMarkovModelModel> read() {
    return new RunReader<>(
        "hiddenMarkovModel", HiddenMarkovModel.FAMILY, HiddenMarkovModelModel::new);
  }

  @Override
  HiddenMarkovModelModel at(String directory) {
    return new HiddenMarkovModelModel(uid(), directory);
  }

  /**
   * One row a sequence: the columns of its group, log p(sequence given its length) in nats and the
   * most probable hidden states, one a step. The numbers are those of {@code ancestral score} of
   * the prepared sequences.
   *
   * @throws dev.ancestral.AncestralException (SPEC) if {@code groupCols} or {@code orderCols} are
   *     not set; (MISMATCH) if the rows lack a column that the model knows
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    return scoring(dataset.sparkSession())
        .scored(dataset.toDF(), sequences.group(), sequences.order(), schema);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    String kind = scoring(SparkSession.active()).kind();
    return appended(schema, sequences, getLogLikelihoodCol(), kind, getStatesCol());
  }

  /** The columns of the group, and what is appended to them. */
  static StructType appended(
      StructType schema, SequenceParams sequences, String nats, String kind, String states) {
    Columns.require(schema, "groupCols", sequences.group());
    Columns.require(schema, "orderCols", sequences.order());
    StructType keys = new StructType();
    for (String name : sequences.group()) {
      keys = keys.add(schema.apply(name));
    }
    StructType scored = keys.add(Columns.logLikelihood(keys, nats, kind));
    return scored.add(Columns.states(scored, states));
  }

  private SequenceScoring scoring(SparkSession spark) {
    return SequenceScoring.of(open(spark), scoreSpec(getScoreEstimator(), getScoreSamples()));
  }

  /**
   * Draws sequences of one length, a row a step: {@code id}, {@code step} and the columns of the
   * data.
   *
   * @param length steps of each sequence
   */
  public Dataset<Row> sample(SparkSession spark, long count, long seed, int length) {
    return DrawnRows.of(spark, open(spark), GenerateSpec.plain(count, seed).withLength(length));
  }

  /** Columns of which each combination of values is a sequence. */
  public StringArrayParam groupCols() {
    return sequences.groupCols();
  }

  public HiddenMarkovModelModel setGroupCols(String... value) {
    return with(sequences.groupCols(), value);
  }

  public String[] getGroupCols() {
    return getOrDefault(sequences.groupCols());
  }

  /**
   * Columns that the rows of a sequence are ordered by; not modelled, unless {@code inputCols}
   * names them.
   */
  public StringArrayParam orderCols() {
    return sequences.orderCols();
  }

  public HiddenMarkovModelModel setOrderCols(String... value) {
    return with(sequences.orderCols(), value);
  }

  public String[] getOrderCols() {
    return getOrDefault(sequences.orderCols());
  }

  /** Column of the most probable hidden states. */
  public Param<String> statesCol() {
    return sequences.statesCol();
  }

  public HiddenMarkovModelModel setStatesCol(String value) {
    return with(sequences.statesCol(), value);
  }

  public String getStatesCol() {
    return getOrDefault(sequences.statesCol());
  }
}
