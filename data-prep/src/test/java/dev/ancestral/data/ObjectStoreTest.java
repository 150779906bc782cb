package dev.ancestral.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Storage on a store that shows objects when they are closed, and cannot rename. */
class ObjectStoreTest {
  @TempDir Path folder;

  private Storage storage() {
    Configuration configuration = new Configuration();
    configuration.setClass("fs.objects.impl", Objects.class, FileSystem.class);
    configuration.setBoolean("fs.objects.impl.disable.cache", true);
    return new Storage(configuration);
  }

  @Test
  void commit_replaces_the_object_without_a_rename() throws IOException {
    Storage storage = storage();
    org.apache.hadoop.fs.Path path = storage.path("objects://bucket" + folder + "/manifest.json");
    storage.commit(path, "first".getBytes(UTF_8));
    storage.commit(path, "second".getBytes(UTF_8));
    assertArrayEquals("second".getBytes(UTF_8), storage.read(path));
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void failed_write_is_never_shown() {
    Storage storage = storage();
    org.apache.hadoop.fs.Path path = storage.path("objects://bucket" + folder + "/shard");
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () ->
                storage.write(
                    path,
                    out -> {
                      out.write(1);
                      throw new IOException("503 Slow Down");
                    }));
    assertEquals(ErrorCode.INTERRUPTED, refusal.code());
    assertFalse(Files.exists(folder.resolve("shard")));
  }

  @Test
  void failed_replacement_leaves_the_earlier_object() {
    Storage storage = storage();
    org.apache.hadoop.fs.Path path = storage.path("objects://bucket" + folder + "/manifest.json");
    storage.commit(path, "first".getBytes(UTF_8));
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () ->
                storage.write(
                    path,
                    out -> {
                      out.write(1);
                      throw new IOException("No space left on device");
                    }));
    assertEquals(
        "cannot write "
            + path
            + ": the disk or quota is full (No space left on device); what is committed is safe:"
            + " make room there and run the same command again to go on",
        refusal.getMessage());
    assertEquals(ErrorCode.INTERRUPTED, refusal.code());
    assertArrayEquals("first".getBytes(UTF_8), storage.read(path));
  }

  /** Puts an object at close, whole; refuses to rename, and to delete what a put would replace. */
  public static final class Objects extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("objects://bucket/");
    }

    @Override
    public String getScheme() {
      return "objects";
    }

    @Override
    protected void checkPath(org.apache.hadoop.fs.Path path) {}

    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to) {
      throw new UnsupportedOperationException("objects are not renamed");
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
      return new FSDataOutputStream(new Upload(pathToFile(path).toPath()), null);
    }
  }

  private static final class Upload extends ByteArrayOutputStream implements Abortable {
    private final Path target;
    private boolean aborted;

    Upload(Path target) {
      this.target = target;
    }

    @Override
    public AbortableResult abort() {
      aborted = true;
      return null;
    }

    @Override
    public void close() throws IOException {
      if (!aborted) {
        Files.write(target, toByteArray());
      }
    }
  }
}
