package dev.ancestral.fuzz;

import dev.ancestral.data.Storage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PositionedReadable;
import org.apache.hadoop.fs.Seekable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** A file system of one file in memory, which cannot be written. */
public final class MemoryFiles extends FileSystem {
  private static final String SCHEME = "memory";
  private static final ThreadLocal<byte[]> CONTENT = ThreadLocal.withInitial(() -> new byte[0]);

  /** Where the file is. */
  static final Path FILE = new Path(SCHEME + "://host/file");

  /** A storage that reaches it. */
  static Storage storage() {
    Configuration configuration = new Configuration(false);
    configuration.set("fs." + SCHEME + ".impl", MemoryFiles.class.getName());
    return new Storage(configuration);
  }

  /** What the file holds for this thread from now on. */
  static void hold(byte[] content) {
    CONTENT.set(content);
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + "://host");
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) {
    return new FSDataInputStream(new Bytes(CONTENT.get()));
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    if (!path.equals(FILE)) {
      throw new FileNotFoundException(path.toString());
    }
    return new FileStatus(CONTENT.get().length, false, 1, 1, 0, path);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    return new FileStatus[] {getFileStatus(path)};
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress) {
    throw new UnsupportedOperationException("read only");
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new UnsupportedOperationException("read only");
  }

  @Override
  public boolean rename(Path from, Path to) {
    throw new UnsupportedOperationException("read only");
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    throw new UnsupportedOperationException("read only");
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    throw new UnsupportedOperationException("read only");
  }

  @Override
  public void setWorkingDirectory(Path path) {}

  @Override
  public Path getWorkingDirectory() {
    return new Path(SCHEME + "://host/");
  }

  private static final class Bytes extends ByteArrayInputStream
      implements Seekable, PositionedReadable {
    Bytes(byte[] content) {
      super(content);
    }

    @Override
    public void seek(long position) throws IOException {
      if (position < 0 || position > count) {
        throw new EOFException("position " + position + " of " + count);
      }
      pos = (int) position;
    }

    @Override
    public long getPos() {
      return pos;
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }

    @Override
    public int read(long position, byte[] into, int offset, int length) throws IOException {
      int before = pos;
      try {
        seek(position);
        return read(into, offset, length);
      } finally {
        pos = before;
      }
    }

    @Override
    public void readFully(long position, byte[] into, int offset, int length) throws IOException {
      if (read(position, into, offset, length) < length) {
        throw new EOFException("ends before " + (position + length));
      }
    }

    @Override
    public void readFully(long position, byte[] into) throws IOException {
      readFully(position, into, 0, into.length);
    }
  }
}
