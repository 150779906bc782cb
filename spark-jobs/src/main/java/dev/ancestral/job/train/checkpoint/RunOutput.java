package dev.ancestral.job.train.checkpoint;

import dev.ancestral.checkpoint.ModelDescription;
import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.observe.TrainingObservers;
import dev.ancestral.tensor.NamedArrays;
import dev.ancestral.tensor.ParameterLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** What a finished run leaves: the parameters, then model.json, which is the commit. */
public final class RunOutput {
  private final Storage storage;
  private final Path directory;

  public RunOutput(Storage storage, String directory) {
    this.storage = storage;
    this.directory = storage.path(directory);
  }

  /** Whether a finished model is here. */
  public boolean isComplete() {
    return storage.exists(new Path(directory, "model.json"));
  }

  /** The finished model's description. */
  public ModelDescription description() {
    Path file = new Path(directory, "model.json");
    return ModelDescription.parse(storage.read(file), file.toString());
  }

  /** Removes whatever is here. */
  public void clear() {
    storage.retract(new Path(directory, ModelDirectory.DESCRIPTION));
    for (String name :
        List.of(ModelDirectory.PARAMETERS, "metrics.jsonl", "report.html", "checkpoints")) {
      storage.delete(new Path(directory, name));
    }
    TrainingObservers.files().forEach(name -> storage.delete(new Path(directory, name)));
  }

  /**
   * Writes the parameters from committed slices, a piece at a time.
   *
   * @param slices of the state
   * @param offset of the weights to be stored: the parameters, or the averaged weights
   * @return the SHA-256 of the file
   */
  public String writeParameters(
      ParameterLayout layout, List<CheckpointManifest.Slice> slices, long offset) {
    Path checkpoints = new Path(directory, "checkpoints");
    return writeParameters(
        out ->
            Safetensors.write(
                out,
                layout,
                (element, into) -> read(checkpoints, slices, offset + element, into),
                Map.of()));
  }

  /**
   * Writes the parameters of a model of arrays.
   *
   * @return the SHA-256 of the file
   */
  public String writeParameters(NamedArrays arrays) {
    return writeParameters(out -> Safetensors.write(out, arrays, Map.of()));
  }

  private String writeParameters(Storage.ContentWriter parameters) {
    return storage.write(new Path(directory, ModelDirectory.PARAMETERS), parameters).sha256();
  }

  /** Whether the parameters are there as the description says, as far as it says so. */
  public boolean hasParametersOf(ModelDescription description) {
    Path parameters = new Path(directory, ModelDirectory.PARAMETERS);
    return description
        .parametersSha256()
        .map(sha256 -> storage.exists(parameters) && Sha256.of(storage, parameters).equals(sha256))
        .orElse(true);
  }

  /** The model whose parameters are written, as it will be. */
  public ModelDirectory model(ModelDescription description) {
    return ModelDirectory.undescribed(storage, directory, description);
  }

  /** Writes the description: from here on the run is complete. */
  public void commit(ModelDescription description) {
    // What earlier attempts were killed over.
    storage.deleteUnfinished(directory);
    storage.deleteUnfinished(new Path(directory, "checkpoints"));
    storage.commit(new Path(directory, ModelDirectory.DESCRIPTION), description.toJson());
  }

  private void read(
      Path checkpoints, List<CheckpointManifest.Slice> slices, long element, FloatBuffer into)
      throws IOException {
    long at = element;
    while (into.hasRemaining()) {
      CheckpointManifest.Slice slice = holding(slices, at);
      int count = (int) Math.min(into.remaining(), slice.offset() + slice.count() - at);
      byte[] bytes = new byte[count * Float.BYTES];
      try (FSDataInputStream in = storage.open(new Path(checkpoints, slice.file()))) {
        in.readFully((at - slice.offset()) * Float.BYTES, bytes);
      }
      into.put(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
      at += count;
    }
  }

  private static CheckpointManifest.Slice holding(
      List<CheckpointManifest.Slice> slices, long element) {
    for (CheckpointManifest.Slice slice : slices) {
      if (slice.replica() < 0
          && element >= slice.offset()
          && element < slice.offset() + slice.count()) {
        return slice;
      }
    }
    throw new IllegalStateException("no slice holds element " + element);
  }
}
