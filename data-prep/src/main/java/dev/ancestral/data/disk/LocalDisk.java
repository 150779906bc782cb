package dev.ancestral.data.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.Path;

/** The disks of this machine. */
public final class LocalDisk implements Disk {
  @Override
  public void sync(Path fileOrFolder) throws IOException {
    java.nio.file.Path path = local(fileOrFolder);
    boolean folder = Files.isDirectory(path);
    StandardOpenOption way = folder ? StandardOpenOption.READ : StandardOpenOption.WRITE;
    try (FileChannel channel = FileChannel.open(path, way)) {
      channel.force(true);
    } catch (IOException e) {
      // A folder above that others made; Windows, where no folder is opened; a file system that
      // keeps no folders (EINVAL).
      boolean cannot =
          e instanceof AccessDeniedException
              || String.valueOf(e.getMessage()).contains("Invalid argument");
      if (!folder || !cannot) {
        throw e;
      }
    }
  }

  @Override
  public void replace(Path from, Path to) throws IOException {
    Files.move(local(from), local(to), StandardCopyOption.ATOMIC_MOVE);
  }

  private static java.nio.file.Path local(Path path) {
    return Paths.get(path.toUri().getPath());
  }
}
