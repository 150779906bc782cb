package dev.ancestral.ml;

import dev.ancestral.model.EventSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;

/**
 * The hidden Markov model of the sequences that groups of rows are, such as the events of a user in
 * the order of time: p(x_1..T) = Σ_s p(s_1) Π_t p(s_t | s_t-1) Π_t p(x_t | s_t), learned by EM.
 */
public final class HiddenMarkovModel
    extends FamilyEstimator<HiddenMarkovModel, HiddenMarkovModelModel> {
  private static final long serialVersionUID = 1L;
  static final String FAMILY = "hmm";

  private final IntParam states;
  private final Param<String> topology;
  private final IntParam maxIter;
  private final IntParam restarts;
  private final DoubleParam smoothing;
  private final SequenceParams sequences;

  /** One under a name of its own. */
  public HiddenMarkovModel() {
    this(Identifiable.randomUID("hiddenMarkovModel"));
  }

  /** One under a name. */
  public HiddenMarkovModel(String uid) {
    super(uid);
    states = new IntParam(this, "states", "hidden states, at least 1");
    topology = new Param<>(this, "topology", "ergodic or left-right");
    maxIter = new IntParam(this, "maxIter", "most passes of EM, at least 1");
    restarts = new IntParam(this, "restarts", "runs of EM from other beginnings, at least 1");
    smoothing = new DoubleParam(this, "smoothing", "counts that are added to each outcome");
    sequences = new SequenceParams(this);
    setDefault(states, 2);
    setDefault(topology, "ergodic");
    setDefault(maxIter, 100);
    setDefault(restarts, 1);
    setDefault(smoothing, 0.1);
    setDefault(sequences.statesCol(), SequenceParams.STATES);
  }

  /** What {@link #save} wrote. */
  public static HiddenMarkovModel load(String path) {
    return read().load(path);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<HiddenMarkovModel> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  String family() {
    return FAMILY;
  }

  @Override
  Map<String, Object> exampleKeys() {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("format", "events");
    keys.put("groupBy", sequences.group());
    keys.put("orderBy", sequences.order());
    return keys;
  }

  @Override
  List<String> otherCols() {
    List<String> columns = new ArrayList<>(sequences.group());
    columns.addAll(sequences.order());
    return columns;
  }

  @Override
  Map<String, Object> modelKeys(EventSpec event) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("states", getStates());
    if (!event.isRows()) {
      keys.put("emissions", event.isDiscrete() ? "categorical" : "gaussian");
    }
    keys.put("topology", getTopology());
    keys.put("iterations", getMaxIter());
    keys.put("restarts", getRestarts());
    keys.put("smoothing", getSmoothing());
    return keys;
  }

  @Override
  HiddenMarkovModelModel model(String uid, String directory) {
    return new HiddenMarkovModelModel(uid, directory);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    requireColumns(schema);
    return HiddenMarkovModelModel.appended(
        schema, sequences, getLogLikelihoodCol(), "", getStatesCol());
  }

  /** Columns of which each combination of values is a sequence. */
  public StringArrayParam groupCols() {
    return sequences.groupCols();
  }

  public HiddenMarkovModel setGroupCols(String... value) {
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

  public HiddenMarkovModel setOrderCols(String... value) {
    return with(sequences.orderCols(), value);
  }

  public String[] getOrderCols() {
    return getOrDefault(sequences.orderCols());
  }

  /** Hidden states. */
  public IntParam states() {
    return states;
  }

  public HiddenMarkovModel setStates(int value) {
    return with(states, value);
  }

  public int getStates() {
    return (Integer) getOrDefault(states);
  }

  /** Which states follow which: {@code ergodic} or {@code left-right}. */
  public Param<String> topology() {
    return topology;
  }

  public HiddenMarkovModel setTopology(String value) {
    return with(topology, value);
  }

  public String getTopology() {
    return getOrDefault(topology);
  }

  /** Most passes of EM. */
  public IntParam maxIter() {
    return maxIter;
  }

  public HiddenMarkovModel setMaxIter(int value) {
    return with(maxIter, value);
  }

  public int getMaxIter() {
    return (Integer) getOrDefault(maxIter);
  }

  /** Runs of EM from other beginnings. */
  public IntParam restarts() {
    return restarts;
  }

  public HiddenMarkovModel setRestarts(int value) {
    return with(restarts, value);
  }

  public int getRestarts() {
    return (Integer) getOrDefault(restarts);
  }

  /** Counts that are added to each outcome. */
  public DoubleParam smoothing() {
    return smoothing;
  }

  public HiddenMarkovModel setSmoothing(double value) {
    return with(smoothing, value);
  }

  public double getSmoothing() {
    return (Double) getOrDefault(smoothing);
  }

  /** Column of the most probable hidden states. */
  public Param<String> statesCol() {
    return sequences.statesCol();
  }

  public HiddenMarkovModel setStatesCol(String value) {
    return with(sequences.statesCol(), value);
  }

  public String getStatesCol() {
    return getOrDefault(sequences.statesCol());
  }
}
