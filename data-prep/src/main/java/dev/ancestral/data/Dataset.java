package dev.ancestral.data;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Suggestion;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.Path;

/** A dataset directory: its manifest, and its shards by split and index, on any JVM. */
public final class Dataset implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long TYPICAL_COMPRESSION = 4;
  // Object stores answer at a price, and with localhost.
  private static final Set<String> WITH_HOSTS = Set.of("hdfs", "viewfs");

  private final Storage storage;
  private final String uri;
  // Absolute: a relative path means the driver's directory, not that of an executor.
  private final String location;
  private final ColumnOrder order;
  private transient DatasetManifest manifest;

  private Dataset(
      Storage storage, String uri, Path location, ColumnOrder order, DatasetManifest manifest) {
    this.storage = storage;
    this.uri = uri;
    this.location = location.toString();
    this.order = order;
    this.manifest = manifest;
  }

  /**
   * Reads and checks the manifest.
   *
   * @throws AncestralException (DATA) if there is none or it is damaged
   */
  public static Dataset open(Storage storage, String uri) {
    Path location = storage.path(uri);
    Path file = new Path(location, DatasetManifest.FILE);
    if (!storage.exists(file)) {
      throw new AncestralException(
          ErrorCode.DATA,
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
        ColumnOrder.AS_STORED,
        DatasetManifest.parse(storage.read(file, SealedJson.MOST_BYTES), file.toString()));
  }

  /**
   * This dataset with its columns in the order of another event that names the same ones, so that a
   * model meets each column in the place where it learned it; else this dataset as it is.
   */
  public Dataset arrangedFor(EventSpec other) {
    return new Dataset(storage, uri, path(), ColumnOrder.of(manifest.event(), other), manifest);
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
    return order.event(manifest.event());
  }

  /**
   * A split by its name.
   *
   * @throws AncestralException (DATA) if the dataset has no such split
   */
  public DatasetManifest.Split split(String name) {
    DatasetManifest.Split split = manifest.splits().get(name);
    if (split == null) {
      throw new AncestralException(
          ErrorCode.DATA,
          "the dataset at "
              + uri
              + " has no split '"
              + name
              + "'; it has "
              + manifest.splits().keySet()
              + ": name one of these, or add it with the prepare command"
              + Suggestion.question(name, manifest.splits().keySet()));
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
   * @throws AncestralException (DATA) if it is missing, damaged or was changed
   */
  public Shard shard(String split, int index) {
    return Shard.read(storage, path(), manifest.event(), split(split).shards().get(index))
        .arranged(order);
  }

  /** About as many bytes of heap as a shard will take; it is not read for that. */
  public long memoryEstimate(String split, int index) {
    ShardEntry entry = split(split).shards().get(index);
    return event().variableLength()
        ? TYPICAL_COMPRESSION * entry.bytes()
        : entry.examples() * (long) (Payload.stepBytes(event()) + Long.BYTES + Integer.BYTES);
  }

  /**
   * How many bytes of a shard lie on which host, for work that had better go there; empty where the
   * file system has no such hosts or does not say.
   */
  public Map<String, Long> hosts(String split, int index) {
    Map<String, Long> bytes = new TreeMap<>();
    Path file = new Path(path(), split(split).shards().get(index).file());
    if (!WITH_HOSTS.contains(file.toUri().getScheme())) {
      return bytes;
    }
    try {
      for (BlockLocation block :
          storage.fileSystem(file).getFileBlockLocations(file, 0, Long.MAX_VALUE)) {
        for (String host : block.getHosts()) {
          bytes.merge(host, block.getLength(), Long::sum);
        }
      }
    } catch (IOException e) {
      // Only a hint: the reader of the shard reports what is wrong with it.
      bytes.clear();
    }
    return bytes;
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
