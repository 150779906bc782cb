package dev.ancestral.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.util.VersionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageTest {
  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());

  private org.apache.hadoop.fs.Path path(String name) {
    return storage.path(folder.resolve(name).toString());
  }

  @Test
  void bare_path_is_local_whatever_the_default_file_system() {
    Configuration cluster = new Configuration();
    cluster.set("fs.defaultFS", "hdfs://nowhere:8020");
    org.apache.hadoop.fs.Path path = new Storage(cluster).path("runs/a:b c");
    assertEquals("file", path.toUri().getScheme());
    assertEquals(Path.of("runs/a:b c").toAbsolutePath().toString(), path.toUri().getPath());
  }

  @Test
  void written_file_has_its_length_and_sha256_and_no_companions() throws IOException {
    Storage.Written written =
        storage.write(path("deep/data.bin"), out -> out.write("abc".getBytes(UTF_8)));
    assertEquals(
        new Storage.Written(3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        written);
    try (var files = Files.list(folder.resolve("deep"))) {
      assertEquals(List.of(folder.resolve("deep/data.bin")), files.toList());
    }
  }

  @Test
  void commit_replaces_what_was_there() {
    storage.commit(path("manifest.json"), "first".getBytes(UTF_8));
    storage.commit(path("manifest.json"), "second".getBytes(UTF_8));
    assertArrayEquals("second".getBytes(UTF_8), storage.read(path("manifest.json")));
  }

  @Test
  void failed_write_leaves_the_earlier_file_and_nothing_else() throws IOException {
    storage.commit(path("manifest.json"), "first".getBytes(UTF_8));
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () ->
                storage.write(
                    path("manifest.json"),
                    out -> {
                      out.write(1);
                      throw new IOException("connection reset");
                    }));
    assertEquals(ErrorCode.INTERRUPTED, refusal.code());
    assertTrue(refusal.getMessage().contains("manifest.json"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("connection reset"), refusal.getMessage());
    assertArrayEquals("first".getBytes(UTF_8), storage.read(path("manifest.json")));
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void output_below_a_file_is_refused_as_a_wrong_command() throws IOException {
    Files.writeString(folder.resolve("file"), "x");
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> storage.commit(path("file/manifest.json"), new byte[] {1}));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains("file/manifest.json"), refusal.getMessage());
  }

  @Test
  void missing_file_is_named() {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> storage.read(path("absent")));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains("absent is missing"), refusal.getMessage());
  }

  @Test
  void unknown_scheme_is_a_wrong_command() {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> storage.path("nosuch://host/file"));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains("nosuch"), refusal.getMessage());
  }

  @Test
  void a_connector_that_is_not_there_is_named_with_the_way_to_have_it() {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> storage.path("s3a://bucket/data"));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertEquals(
        "the connector for the file system of s3a://bucket/data is not on the class path (Class"
            + " org.apache.hadoop.fs.s3a.S3AFileSystem not found); put it there: --packages"
            + " org.apache.hadoop:hadoop-aws:"
            + VersionInfo.getVersion(),
        refusal.getMessage());
  }

  @Test
  void a_path_with_a_password_is_refused_without_repeating_it() {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> storage.path("s3a://key:hunter2@bucket/data"));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(
        refusal.getMessage().startsWith("a path carries a password (s3a://(redacted)@bucket/data)"),
        refusal.getMessage());
    assertFalse(refusal.getMessage().contains("hunter2"));
  }

  @Test
  void a_file_is_forced_to_the_disk_and_the_folders_that_lead_to_it() throws IOException {
    Path file = folder.resolve("a/b/manifest.json");
    List<Path> forced = forced(() -> storage.commit(storage.path(file.toString()), new byte[] {1}));
    assertEquals(file.getParent(), forced.get(0).getParent());
    assertTrue(forced.get(0).getFileName().toString().startsWith(".manifest.json."), "" + forced);
    assertEquals(
        List.of(file.getParent(), folder.resolve("a"), folder, folder.getParent()),
        forced.subList(1, 5));
  }

  @Test
  void what_is_retracted_is_gone_for_good() throws IOException {
    org.apache.hadoop.fs.Path path = path("report.json");
    storage.commit(path, new byte[] {1});
    List<Path> forced =
        forced(
            () -> {
              storage.retract(path);
              storage.retract(path); // Absent: nothing to be done.
            });
    assertEquals(List.of(folder), forced);
    assertFalse(storage.exists(path));
  }

  /** What the virtual machine says was forced to the disk. */
  private List<Path> forced(Runnable work) throws IOException {
    Path events = folder.resolveSibling(folder.getFileName() + ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.FileForce").withoutThreshold();
      recording.start();
      work.run();
      recording.stop();
      recording.dump(events);
    }
    try {
      return RecordingFile.readAllEvents(events).stream()
          .sorted(Comparator.comparing(RecordedEvent::getStartTime))
          .map(event -> Path.of(event.getString("path")))
          .toList();
    } finally {
      Files.delete(events);
    }
  }

  @Test
  void listing_is_sorted_and_hides_unfinished_files() throws IOException {
    for (String name : List.of("b", "a", ".c.123.part")) {
      Files.writeString(folder.resolve(name), "");
    }
    List<FileStatus> files = storage.list(path("."));
    assertEquals(List.of("a", "b"), files.stream().map(f -> f.getPath().getName()).toList());
    storage.deleteUnfinished(path("."));
    assertFalse(Files.exists(folder.resolve(".c.123.part")));
    assertEquals(List.of(), storage.list(path("absent")));
  }

  @Test
  void travels_with_its_configuration() throws IOException, ClassNotFoundException {
    Configuration configuration = new Configuration();
    configuration.set("fs.s3a.endpoint", "http://store:9000");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Storage(configuration));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      Storage copy = (Storage) in.readObject();
      assertEquals("http://store:9000", copy.configuration().get("fs.s3a.endpoint"));
    }
  }
}
