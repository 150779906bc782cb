package dev.ancestral.job;

import dev.ancestral.data.disk.Disk;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * A disk below {@code volatile://disk/} that keeps local files and a record of every change and of
 * every sync, from which {@link DiskImage} tells what a loss of power at any moment may leave.
 */
public final class VolatileDisk extends RawLocalFileSystem implements Disk {
  private static final URI ROOT = URI.create("volatile://disk/");

  // Of the process, since Hadoop makes the instances.
  private static final List<DiskImage.Event> EVENTS = new ArrayList<>();

  static String uri(Path folder) {
    return "volatile://disk" + folder.toAbsolutePath();
  }

  /** Forgets what was recorded. */
  static synchronized void clear() {
    EVENTS.clear();
  }

  /** What happened so far, in its order. */
  static synchronized List<DiskImage.Event> events() {
    return List.copyOf(EVENTS);
  }

  private static synchronized void record(DiskImage.Event event) {
    EVENTS.add(event);
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public String getScheme() {
    return "volatile";
  }

  @Override
  protected void checkPath(org.apache.hadoop.fs.Path path) {}

  private Path local(org.apache.hadoop.fs.Path path) {
    return pathToFile(path).toPath();
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path path,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    Path file = local(path);
    synchronized (VolatileDisk.class) {
      makeFolders(file.getParent());
      Files.write(file, new byte[0]);
      record(new DiskImage.Created(file));
    }
    return new FSDataOutputStream(Files.newOutputStream(file), null) {
      @Override
      public void close() throws IOException {
        super.close();
        record(new DiskImage.Filled(file, Files.readAllBytes(file)));
      }
    };
  }

  private static void makeFolders(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      makeFolders(folder.getParent());
      Files.createDirectory(folder);
      record(new DiskImage.FolderMade(folder));
    }
  }

  @Override
  public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to) {
    throw new UnsupportedOperationException("files are put in their places by replace");
  }

  @Override
  public boolean delete(org.apache.hadoop.fs.Path path, boolean recursive) throws IOException {
    synchronized (VolatileDisk.class) {
      boolean deleted = super.delete(path, recursive);
      if (deleted) {
        record(new DiskImage.Deleted(local(path)));
      }
      return deleted;
    }
  }

  @Override
  public void sync(org.apache.hadoop.fs.Path fileOrFolder) {
    record(new DiskImage.Synced(local(fileOrFolder)));
  }

  @Override
  public void replace(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
      throws IOException {
    synchronized (VolatileDisk.class) {
      Files.move(local(from), local(to), StandardCopyOption.ATOMIC_MOVE);
      record(new DiskImage.Renamed(local(from), local(to)));
    }
  }
}
