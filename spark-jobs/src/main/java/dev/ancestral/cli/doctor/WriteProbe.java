package dev.ancestral.cli.doctor;

import dev.ancestral.AncestralException;
import dev.ancestral.data.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsAction;

/** Whether something could be written, without writing it. */
final class WriteProbe {
  private WriteProbe() {}

  /** The path, or the nearest one above it that is there. */
  static Path nearest(Storage storage, Path path) {
    Path existing = path;
    while (!storage.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    return existing;
  }

  /** Why nothing can be written in a folder that is there, if so. */
  static Optional<String> obstacle(Storage storage, Path folder) {
    try {
      if (!storage.exists(folder)) {
        return Optional.of("it is not there");
      }
      if (storage.status(folder).isFile()) {
        return Optional.of(folder + " is a file");
      }
      storage.fileSystem(folder).access(folder, FsAction.WRITE);
      // Permissions say nothing of a file system that is mounted for reading alone.
      boolean local = "file".equals(folder.toUri().getScheme());
      return local && !Files.isWritable(java.nio.file.Path.of(folder.toUri().getPath()))
          ? Optional.of("it may not be written")
          : Optional.empty();
    } catch (IOException | AncestralException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
