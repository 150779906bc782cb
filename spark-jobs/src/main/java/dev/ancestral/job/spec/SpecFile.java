package dev.ancestral.job.spec;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** A spec in a file of any Hadoop file system. */
public final class SpecFile {
  // Every character that a document may have takes four bytes at most.
  private static final int MOST_BYTES = 4 * YamlDocument.MAX_CODE_POINTS;

  private SpecFile() {}

  /**
   * Reads a spec for the commands that take one.
   *
   * @param output what the command line says instead of {@code output}
   * @throws AncestralException (SPEC) if there is no such file or anything in it is wrong
   */
  public static JobSpec read(Storage storage, String uri, Optional<String> output) {
    return read(storage, document(storage, uri), output);
  }

  /**
   * Reads a spec from a document.
   *
   * @throws AncestralException (SPEC) if anything in it is wrong
   */
  public static JobSpec read(Storage storage, YamlDocument document, Optional<String> output) {
    return JobSpec.read(document, output, path -> event(storage, path));
  }

  /**
   * The document in a file.
   *
   * @throws AncestralException (SPEC) if there is no such file or it is not YAML
   */
  public static YamlDocument document(Storage storage, String uri) {
    Path path = storage.path(uri);
    if (!storage.exists(path) || !storage.status(path).isFile()) {
      throw new AncestralException(
          ErrorCode.SPEC, "there is no spec at " + uri + " (" + path + "); check --spec");
    }
    byte[] bytes = read(storage, path);
    try {
      return YamlDocument.parse(
          uri, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw new AncestralException(
          ErrorCode.SPEC, uri + " is not UTF-8 (" + e.getMessage() + "); save it as UTF-8", e);
    }
  }

  private static byte[] read(Storage storage, Path path) {
    try {
      return storage.read(path, MOST_BYTES);
    } catch (AncestralException unreadable) {
      boolean spec = unreadable.code() == ErrorCode.DATA;
      throw spec
          ? new AncestralException(ErrorCode.SPEC, unreadable.getMessage(), unreadable)
          : unreadable;
    }
  }

  /** What the examples of a dataset are, if it is there; a damaged one is the job's to refuse. */
  private static Optional<EventSpec> event(Storage storage, String uri) {
    try {
      return storage.exists(new Path(storage.path(uri), DatasetManifest.FILE))
          ? Optional.of(Dataset.open(storage, uri).event())
          : Optional.empty();
    } catch (AncestralException damaged) {
      return Optional.empty();
    }
  }
}
