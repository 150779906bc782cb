package dev.ancestral.data;

import dev.ancestral.Refusal;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import org.apache.hadoop.fs.Path;

/** A dataset directory: its manifest, and its shards by split and index, on any JVM. */
public final class Dataset implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Storage storage;
  private final String uri;
  // Absolute: a relative path means the driver's directory, not that of an executor.
  private final String location;
  private transient DatasetManifest manifest;

  private Dataset(Storage storage, String uri, Path location, DatasetManifest manifest) {
    this.storage = storage;
    this.uri = uri;
    this.location = location.toString();
    this.manifest = manifest;
  }

  /**
   * Reads and checks the manifest.
   *
   * @throws Refusal (DATA) if there is none or it is damaged
   */
  public static Dataset open(Storage storage, String uri) {
    Path location = storage.path(uri);
    Path file = new Path(location, DatasetManifest.FILE);
    if (!storage.exists(file)) {
      throw new Refusal(
          Refusal.Kind.DATA,
          "there is no dataset at "
              + uri
              + " ("
              + file
              + " is missing); make one with the prepare command, or correct the path");
    }
    return new Dataset(
        storage,
        uri,
        location,
        DatasetManifest.parse(storage.read(file, SealedJson.MOST_BYTES), file.toString()));
  }

  /** As it was given. */
  public String uri() {
    return uri;
  }

  /** Its directory, absolute. */
  public Path path() {
    return new Path(location);
  }

  public DatasetManifest manifest() {
    return manifest;
  }

  public EventSpec event() {
    return manifest.event();
  }

  /**
   * A split by its name.
   *
   * @throws Refusal (DATA) if the dataset has no such split
   */
  public DatasetManifest.Split split(String name) {
    DatasetManifest.Split split = manifest.splits().get(name);
    if (split == null) {
      throw new Refusal(
          Refusal.Kind.DATA,
          "the dataset at "
              + uri
              + " has no split '"
              + name
              + "'; it has "
              + manifest.splits().keySet()
              + ": name one of these, or add it with the prepare command");
    }
    return split;
  }

  /** One hash of all examples of a split: their ids, elements, labels and lengths, in order. */
  public String sha256(String split) {
    return split(split).contentSha256();
  }

  /**
   * Reads and checks one shard; the JVM that calls this reads it.
   *
   * @param index from 0, in the order of the split
   * @throws Refusal (DATA) if it is missing, damaged or was changed
   */
  public Shard shard(String split, int index) {
    return Shard.read(storage, path(), event(), split(split).shards().get(index));
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
    byte[] json = manifest.toJson();
    out.writeInt(json.length);
    out.write(json);
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    byte[] json = new byte[in.readInt()];
    in.readFully(json);
    manifest = DatasetManifest.parse(json, uri);
  }
}
