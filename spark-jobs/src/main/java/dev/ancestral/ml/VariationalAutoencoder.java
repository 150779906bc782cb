package dev.ancestral.ml;

import dev.ancestral.model.EventSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;

/**
 * The variational autoencoder p(row) = ∫ p(z) Π_d p(x_d | z) dz with a normal latent vector z and a
 * network that decodes it, learned by maximising a bound on log p(row) (Kingma and Welling, 2014).
 *
 * <p>The numbers of its model are lower bounds, or estimates, which is told in the metadata of
 * their column.
 */
public final class VariationalAutoencoder
    extends FamilyEstimator<VariationalAutoencoder, VariationalAutoencoderModel> {
  private static final long serialVersionUID = 1L;
  static final String FAMILY = "vae";

  private final IntParam latent;
  private final IntArrayParam hidden;
  private final Param<String> activation;
  private final Param<String> objective;
  private final IntParam objectiveSamples;
  private final IntParam maxIter;
  private final IntParam batchSize;
  private final DoubleParam stepSize;
  private final IntParam patience;
  private final IntParam replicas;

  /** One under a name of its own. */
  public VariationalAutoencoder() {
    this(Identifiable.randomUID("variationalAutoencoder"));
  }

  /** One under a name. */
  public VariationalAutoencoder(String uid) {
    super(uid);
    latent = new IntParam(this, "latent", "size of the latent vector, at least 1");
    hidden =
        new IntArrayParam(this, "hidden", "widths of the hidden layers of encoder and decoder");
    activation = new Param<>(this, "activation", "tanh, relu or identity");
    objective = new Param<>(this, "objective", "elbo or iwae");
    objectiveSamples =
        new IntParam(
            this,
            "objectiveSamples",
            "draws of the latent vector an example in the objective, at least 1");
    maxIter = new IntParam(this, "maxIter", "epochs, at least 1");
    batchSize = new IntParam(this, "batchSize", "examples of a step of a replica, at least 1");
    stepSize = new DoubleParam(this, "stepSize", "learning rate of Adam, above 0");
    patience =
        new IntParam(
            this,
            "patience",
            "validations without a better one that end the training; 0 for never");
    replicas =
        new IntParam(
            this,
            "replicas",
            "copies of the network that are trained side by side and averaged; they need as many"
                + " task slots, and the parameters depend on their number");
    setDefault(latent, 50);
    setDefault(hidden, new int[] {200, 200});
    setDefault(activation, "tanh");
    setDefault(objective, "elbo");
    setDefault(objectiveSamples, 1);
    setDefault(maxIter, 20);
    setDefault(batchSize, 100);
    setDefault(stepSize, 0.001);
    setDefault(patience, 0);
    setDefault(replicas, 1);
  }

  /** What {@link #save} wrote. */
  public static VariationalAutoencoder load(String path) {
    return read().load(path);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<VariationalAutoencoder> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  String family() {
    return FAMILY;
  }

  @Override
  Map<String, Object> modelKeys(EventSpec event) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("latent", getLatent());
    keys.put("hidden", Arrays.stream(getHidden()).boxed().toList());
    keys.put("activation", getActivation());
    keys.put("objective", getObjective());
    keys.put("samples", getObjectiveSamples());
    return keys;
  }

  @Override
  Map<String, Object> trainKeys() {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("epochs", getMaxIter());
    keys.put("batchSize", getBatchSize());
    keys.put("replicas", getReplicas());
    keys.put("optimizer", Map.of("name", "adam", "learningRate", getStepSize()));
    if (getPatience() > 0) {
      keys.put("earlyStopping", Map.of("patience", getPatience()));
    }
    return keys;
  }

  @Override
  VariationalAutoencoderModel model(String uid, String directory) {
    return new VariationalAutoencoderModel(uid, directory);
  }

  /** Size of the latent vector. */
  public IntParam latent() {
    return latent;
  }

  /** Widths of the hidden layers of encoder and decoder. */
  public IntArrayParam hidden() {
    return hidden;
  }

  /** Activation of the hidden layers. */
  public Param<String> activation() {
    return activation;
  }

  /** What is maximised. */
  public Param<String> objective() {
    return objective;
  }

  /** Draws of the latent vector an example in the objective. */
  public IntParam objectiveSamples() {
    return objectiveSamples;
  }

  /** Epochs. */
  public IntParam maxIter() {
    return maxIter;
  }

  /** Examples of a step of a replica. */
  public IntParam batchSize() {
    return batchSize;
  }

  /** Learning rate of Adam. */
  public DoubleParam stepSize() {
    return stepSize;
  }

  /** Validations without a better one that end the training; 0 for never. */
  public IntParam patience() {
    return patience;
  }

  /**
   * Copies of the network that are trained side by side and averaged. They need as many task slots,
   * and the parameters depend on their number.
   */
  public IntParam replicas() {
    return replicas;
  }

  public VariationalAutoencoder setLatent(int value) {
    return with(latent, value);
  }

  public int getLatent() {
    return (Integer) getOrDefault(latent);
  }

  public VariationalAutoencoder setHidden(int... value) {
    return with(hidden, value);
  }

  public int[] getHidden() {
    return getOrDefault(hidden);
  }

  public VariationalAutoencoder setActivation(String value) {
    return with(activation, value);
  }

  public String getActivation() {
    return getOrDefault(activation);
  }

  public VariationalAutoencoder setObjective(String value) {
    return with(objective, value);
  }

  public String getObjective() {
    return getOrDefault(objective);
  }

  public VariationalAutoencoder setObjectiveSamples(int value) {
    return with(objectiveSamples, value);
  }

  public int getObjectiveSamples() {
    return (Integer) getOrDefault(objectiveSamples);
  }

  public VariationalAutoencoder setMaxIter(int value) {
    return with(maxIter, value);
  }

  public int getMaxIter() {
    return (Integer) getOrDefault(maxIter);
  }

  public VariationalAutoencoder setBatchSize(int value) {
    return with(batchSize, value);
  }

  public int getBatchSize() {
    return (Integer) getOrDefault(batchSize);
  }

  public VariationalAutoencoder setStepSize(double value) {
    return with(stepSize, value);
  }

  public double getStepSize() {
    return (Double) getOrDefault(stepSize);
  }

  public VariationalAutoencoder setPatience(int value) {
    return with(patience, value);
  }

  public int getPatience() {
    return (Integer) getOrDefault(patience);
  }

  public VariationalAutoencoder setReplicas(int value) {
    return with(replicas, value);
  }

  public int getReplicas() {
    return (Integer) getOrDefault(replicas);
  }
}
