package dev.ancestral.ml;

import org.apache.spark.ml.util.MLReader;

/** A fitted {@link VariationalAutoencoder}. */
public final class VariationalAutoencoderModel extends FamilyModel<VariationalAutoencoderModel> {
  private static final long serialVersionUID = 1L;

  VariationalAutoencoderModel(String uid, String directory) {
    super(uid, directory);
  }

  /** What {@link #save} wrote, or a run of the command line. */
  public static VariationalAutoencoderModel load(String path) {
    return read().load(path);
  }

  /** Reads what {@link #write} wrote, and runs of the command line. */
  public static MLReader<VariationalAutoencoderModel> read() {
    return new RunReader<>(
        "variationalAutoencoder", VariationalAutoencoder.FAMILY, VariationalAutoencoderModel::new);
  }

  @Override
  VariationalAutoencoderModel at(String directory) {
    return new VariationalAutoencoderModel(uid(), directory);
  }
}
