package dev.ancestral.tensor.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;

/**
 * The key-value store that libtorch sees in one process: a file in a folder that only this user can
 * enter. libtorch writes where it can be reached and waits for what the other members wrote; who
 * carries the entries between the members' stores decides how they are protected on the way.
 */
@SuppressWarnings("try") // a scope is there for what it closes
public final class LocalStore implements AutoCloseable {
  static {
    TorchLibrary.load();
  }

  private static final int UNKNOWN_USERS = -1;

  private final Path folder;
  private final Path file;
  private final Store store;
  private final UseCount uses = new UseCount("the local store");

  private LocalStore(Path folder, Path file, Store store) {
    this.folder = folder;
    this.file = file;
    this.store = store;
  }

  /**
   * An empty store.
   *
   * @param deadlineMillis how long libtorch waits for an entry
   */
  public static LocalStore create(long deadlineMillis) {
    try (PointerScope scope = new PointerScope()) {
      Path folder = Files.createTempDirectory("ancestral-group-"); // mode 700
      Path file = Files.createFile(folder.resolve("store"));
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      Store store = new FileStore(file.toString(), UNKNOWN_USERS).clone();
      store.setTimeout(new Milliseconds(deadlineMillis));
      store.retainReference();
      return new LocalStore(folder, file, store);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no file can be made in java.io.tmpdir, "
              + System.getProperty("java.io.tmpdir")
              + "; give it room and write access",
          e);
    }
  }

  /** The keys that have a value. */
  public List<String> keys() {
    return uses.during(
        () -> {
          try (PointerScope scope = new PointerScope()) {
            StringVector listed = store.listKeys();
            List<String> keys = new ArrayList<>();
            for (long i = 0; i < listed.size(); i++) {
              String key = listed.get(i).getString();
              // What libtorch notes of the file itself is listed, but is no key.
              if (store.check(new StringVector(key))) {
                keys.add(key);
              }
            }
            return keys;
          }
        });
  }

  /** The value of a key that has one. */
  public byte[] value(String key) {
    return uses.during(
        () -> {
          try (PointerScope scope = new PointerScope()) {
            return store.get(key).get();
          }
        });
  }

  /** Writes a value. */
  public void put(String key, byte[] value) {
    uses.run(
        () -> {
          try (PointerScope scope = new PointerScope()) {
            store.set(key, new ByteVector(value));
          }
        });
  }

  /**
   * The store for a group.
   *
   * <p>Only clones are counted: what a constructor of a store makes is deleted by its Java object,
   * while a group that was given it would count references to it, and delete it once more.
   */
  Store connection() {
    Store counted = store.clone();
    counted.setTimeout(store.getTimeout());
    return counted;
  }

  /** Removes the file. A group must have what it needs by then. */
  @Override
  public void close() {
    uses.close(
        () -> {
          store.releaseReference();
          try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
