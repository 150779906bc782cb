package dev.ancestral.job.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.Path;

/**
 * A name that leads to a model directory and can be moved at once: a symbolic link on a local disk,
 * elsewhere a small file with the directory's URI. Where it led before is kept under the same name
 * with {@code .previous}.
 */
public final class ModelLink {
  private static final String PREVIOUS = ".previous";
  private static final String FIELD = "model";

  private final Storage storage;
  private final Path path;

  /**
   * @param uri of the link itself
   */
  public ModelLink(Storage storage, String uri) {
    this.storage = storage;
    this.path = storage.path(uri);
  }

  /** The directory that a name means: itself, or where it leads. */
  static Path resolve(Storage storage, Path name) {
    ModelLink link = new ModelLink(storage, name.toString());
    if (link.isLocal() && Files.isSymbolicLink(local(name))) {
      // Once and for all: the link may be moved while the model is in use.
      return link.target().orElseThrow();
    }
    if (storage.exists(name) && storage.status(name).isFile()) {
      return link.read(name);
    }
    return name;
  }

  /**
   * Where it leads; empty if there is no link yet.
   *
   * @throws AncestralException (SPEC) if something else has its name
   */
  public Optional<Path> target() {
    return target(path);
  }

  /**
   * Makes it lead to another directory; what it led to is kept.
   *
   * @throws AncestralException (SPEC) if something else has its name
   */
  public void move(Path directory) {
    Optional<Path> earlier = target();
    earlier.ifPresent(kept -> write(previousLink(), kept));
    write(path, directory);
  }

  /** Where it led before; empty if it was never moved. */
  public Optional<Path> previous() {
    return target(previousLink());
  }

  /**
   * Makes it lead where it led before, and {@code .previous} to where it led until now.
   *
   * @throws AncestralException (SPEC) if it was never moved
   */
  public void back() {
    Optional<Path> now = target();
    Optional<Path> earlier = previous();
    if (now.isEmpty() || earlier.isEmpty()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          (now.isEmpty() ? path : previousLink())
              + " is not there, so there is no way back: nothing was promoted by this link");
    }
    // In this order a process that is killed between the two has done what was asked.
    write(path, earlier.get());
    write(previousLink(), now.get());
  }

  private Path previousLink() {
    return new Path(path.getParent(), path.getName() + PREVIOUS);
  }

  private Optional<Path> target(Path link) {
    if (isLocal()) {
      java.nio.file.Path file = local(link);
      if (Files.isSymbolicLink(file)) {
        try {
          java.nio.file.Path target = file.resolveSibling(Files.readSymbolicLink(file));
          return Optional.of(storage.path(target.toString()));
        } catch (IOException e) {
          throw new java.io.UncheckedIOException("cannot read " + link, e);
        }
      }
    }
    if (!storage.exists(link)) {
      return Optional.empty();
    }
    if (isLocal() || !storage.status(link).isFile()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          link + " is no link to a model but a file or directory; choose another name");
    }
    return Optional.of(read(link));
  }

  private Path read(Path link) {
    String where = link.toString();
    JsonNode target = SealedJson.open(storage.read(link, 1 << 16), where).path(FIELD);
    if (!target.isTextual()) {
      throw new AncestralException(
          ErrorCode.DATA,
          where + " is no link to a model: it has no field " + FIELD + "; name a directory");
    }
    return storage.path(target.textValue());
  }

  private void write(Path link, Path directory) {
    if (!isLocal()) {
      ObjectNode pointer = SealedJson.object().put(FIELD, directory.toString());
      storage.commit(link, SealedJson.seal(pointer));
      return;
    }
    java.nio.file.Path file = local(link);
    java.nio.file.Path beside =
        file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
    try {
      Files.createDirectories(file.getParent());
      Files.createSymbolicLink(beside, local(directory));
      // A rename replaces the link itself, so readers see the old target or the new one.
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
      storage.sync(link.getParent());
    } catch (IOException e) {
      throw new AncestralException(
          ErrorCode.SPEC, "cannot write the link " + link + ": " + e.getMessage(), e);
    }
  }

  private boolean isLocal() {
    return "file".equals(path.toUri().getScheme());
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }
}
