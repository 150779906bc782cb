package dev.ancestral.ml;

import org.apache.spark.ml.util.MLReader;

/** A fitted {@link LatentClass}. */
public final class LatentClassModel extends FamilyModel<LatentClassModel> {
  private static final long serialVersionUID = 1L;

  LatentClassModel(String uid, String directory) {
    super(uid, directory);
  }

  /** What {@link #save} wrote, or a run of the command line. */
  public static LatentClassModel load(String path) {
    return read().load(path);
  }

  /** Reads what {@link #write} wrote, and runs of the command line. */
  public static MLReader<LatentClassModel> read() {
    return new RunReader<>("latentClass", LatentClass.FAMILY, LatentClassModel::new);
  }

  @Override
  LatentClassModel at(String directory) {
    return new LatentClassModel(uid(), directory);
  }
}
