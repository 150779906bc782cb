package dev.ancestral.data.source.table;

import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputFile;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.SeekableInputStream;

/**
 * An input as Parquet wants to see it. A store that fails throws {@link StoreException}, so that it
 * can be told from a damaged file.
 */
record StoredFile(Storage storage, InputFile file) implements org.apache.parquet.io.InputFile {

  /** The store failed, not the file. */
  static final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreException(IOException cause) {
      super(cause);
    }

    @Override
    public synchronized IOException getCause() {
      return (IOException) super.getCause();
    }
  }

  @Override
  public long getLength() {
    return storage.status(file.path()).getLen();
  }

  @Override
  public SeekableInputStream newStream() {
    return new Seekable(storage.open(file.path()));
  }

  /** For Parquet's messages. */
  @Override
  public String toString() {
    return "this";
  }

  private static final class Seekable extends DelegatingSeekableInputStream {
    private final FSDataInputStream in;

    Seekable(FSDataInputStream in) {
      super(new Reported(in));
      this.in = in;
    }

    @Override
    public long getPos() throws IOException {
      return in.getPos();
    }

    @Override
    public void seek(long position) throws IOException {
      in.seek(position);
    }
  }

  private static final class Reported extends FilterInputStream {
    Reported(FSDataInputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (EOFException e) {
        throw e;
      } catch (IOException e) {
        throw new StoreException(e);
      }
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      try {
        return super.read(into, offset, length);
      } catch (EOFException e) {
        throw e;
      } catch (IOException e) {
        throw new StoreException(e);
      }
    }
  }
}
