package dev.ancestral.ml;

import dev.ancestral.model.EventSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;

/**
 * The latent class model p(row) = Σ_c p(c) Π_d p(x_d | c): a mixture whose columns are independent
 * given the component, learned by EM. With one component all columns are independent.
 *
 * <pre>{@code
 * LatentClassModel model =
 *     new LatentClass().setComponents(100).setInputCols("age", "country").setSeed(1).fit(rows);
 * Dataset<Row> scored = model.transform(rows);
 * Dataset<Row> drawn = model.sample(spark, 1_000_000, 7);
 * }</pre>
 */
public final class LatentClass extends FamilyEstimator<LatentClass, LatentClassModel> {
  private static final long serialVersionUID = 1L;
  static final String FAMILY = "naive-bayes";
  private static final int ITERATIONS = 100;

  private final IntParam components;
  private final IntParam maxIter;
  private final IntParam restarts;
  private final DoubleParam smoothing;

  /** One under a name of its own. */
  public LatentClass() {
    this(Identifiable.randomUID("latentClass"));
  }

  /** One under a name. */
  public LatentClass(String uid) {
    super(uid);
    components = new IntParam(this, "components", "hidden classes, at least 1");
    maxIter = new IntParam(this, "maxIter", "most passes of EM, at least 1");
    restarts = new IntParam(this, "restarts", "runs of EM from other beginnings, at least 1");
    smoothing =
        new DoubleParam(
            this, "smoothing", "examples of the whole distribution that count in each class");
    setDefault(components, 2);
    setDefault(maxIter, ITERATIONS);
    setDefault(restarts, 1);
    setDefault(smoothing, 1.0);
  }

  /** What {@link #save} wrote. */
  public static LatentClass load(String path) {
    return read().load(path);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<LatentClass> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  String family() {
    return FAMILY;
  }

  @Override
  Map<String, Object> modelKeys(EventSpec event) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("components", getComponents());
    keys.put("smoothing", getSmoothing());
    if (getComponents() > 1) {
      keys.put("iterations", getMaxIter());
      keys.put("restarts", getRestarts());
    }
    return keys;
  }

  @Override
  LatentClassModel model(String uid, String directory) {
    return new LatentClassModel(uid, directory);
  }

  /** Hidden classes. */
  public IntParam components() {
    return components;
  }

  /** Most passes of EM. */
  public IntParam maxIter() {
    return maxIter;
  }

  /** Runs of EM from other beginnings. */
  public IntParam restarts() {
    return restarts;
  }

  /** α: examples of the whole distribution that count in each class. */
  public DoubleParam smoothing() {
    return smoothing;
  }

  public LatentClass setComponents(int count) {
    return with(components, count);
  }

  public int getComponents() {
    return (Integer) getOrDefault(components);
  }

  public LatentClass setMaxIter(int passes) {
    return with(maxIter, passes);
  }

  public int getMaxIter() {
    return (Integer) getOrDefault(maxIter);
  }

  public LatentClass setRestarts(int count) {
    return with(restarts, count);
  }

  public int getRestarts() {
    return (Integer) getOrDefault(restarts);
  }

  public LatentClass setSmoothing(double examples) {
    return with(smoothing, examples);
  }

  public double getSmoothing() {
    return (Double) getOrDefault(smoothing);
  }
}
