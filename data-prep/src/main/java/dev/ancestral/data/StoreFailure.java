package dev.ancestral.data;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.List;
import org.apache.hadoop.fs.ClusterStorageCapacityExceededException;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/** What the failure of a store means to the person who ran the command. */
public final class StoreFailure {
  private static final List<String> FULL =
      List.of(
          "No space left on device", // ENOSPC
          "Disk quota exceeded", // EDQUOT
          "not enough space on the disk", // Windows
          "QuotaExceededException"); // HDFS, where it travels as text

  private StoreFailure() {}

  /**
   * Whether a disk, a volume or a quota is full: nothing is wrong with the command, and it goes on
   * when there is room.
   */
  public static boolean isFull(Throwable failure) {
    return Failures.chain(failure).stream().anyMatch(StoreFailure::saysFull);
  }

  private static boolean saysFull(Throwable failure) {
    String text = failure.toString();
    return failure instanceof ClusterStorageCapacityExceededException
        || FULL.stream().anyMatch(text::contains)
        || saysNoNodeHasRoom(text);
  }

  /** HDFS: data nodes are there, none was ruled out for a failure, and yet none takes a block. */
  private static boolean saysNoNodeHasRoom(String text) {
    return text.contains("could only be written to 0 of the")
        && text.contains("no node(s) are excluded")
        && !text.contains("There are 0 datanode(s) running");
  }

  /** A file cannot be read. */
  public static AncestralException unreadable(Path path, IOException e) {
    if (String.valueOf(e.getMessage()).contains("Is a directory")) {
      return new AncestralException(
          ErrorCode.DATA, path + " is a directory; a file must be there: correct the path", e);
    }
    if (e instanceof FileNotFoundException && !denied(e)) {
      return new AncestralException(
          ErrorCode.DATA, path + " is missing; check the path or make it again", e);
    }
    if (isNoBucket(e)) {
      return new AncestralException(
          ErrorCode.DATA,
          "there is no bucket " + path.toUri().getHost() + " for " + path + "; correct the path",
          e);
    }
    if (denied(e)) {
      return new AncestralException(
          ErrorCode.DATA, path + " may not be read (" + e.getMessage() + ")", e);
    }
    return new AncestralException(
        ErrorCode.INTERRUPTED,
        "cannot read " + path + ": " + e + "; when the store is back, run the same command again",
        e);
  }

  /** A file cannot be written. */
  static AncestralException unwritable(Path path, IOException e) {
    if (isFull(e)) {
      return new AncestralException(
          ErrorCode.INTERRUPTED,
          "cannot write "
              + path
              + ": the disk or quota is full ("
              + reason(e)
              + "); what is committed is safe: make room there and run the same command again to"
              + " go on",
          e);
    }
    boolean never =
        denied(e)
            || isNoBucket(e)
            || e instanceof FileNotFoundException
            || e instanceof FileAlreadyExistsException
            || e instanceof ParentNotDirectoryException
            || e instanceof FileSystemException
            || String.valueOf(e.getMessage()).startsWith("Mkdirs failed");
    return never
        ? new AncestralException(
            ErrorCode.SPEC,
            "cannot write " + path + ": " + e.getMessage() + "; choose another output",
            e)
        : new AncestralException(
            ErrorCode.INTERRUPTED,
            "cannot write " + path + ": " + e + "; when the store is back, run the same command",
            e);
  }

  /** The exception of the store behind a failure; Hadoop and Parquet wrap it. */
  static IOException io(Throwable failure) {
    IOException found = null;
    for (Throwable cause : Failures.chain(failure)) {
      if (cause instanceof IOException io && (found == null || saysFull(io))) {
        found = io;
      }
    }
    return found == null ? new IOException(failure) : found;
  }

  /** The first line of the store's own words. */
  private static String reason(IOException e) {
    List<Throwable> full = Failures.chain(e).stream().filter(StoreFailure::saysFull).toList();
    Throwable last = full.get(full.size() - 1);
    String text = last.getMessage() == null ? last.toString() : last.getMessage();
    return Failures.firstLine(text);
  }

  /** S3A's own exception, by its name: the connector is not ours to bring. */
  public static boolean isNoBucket(IOException e) {
    return e.getClass().getSimpleName().equals("UnknownStoreException");
  }

  private static boolean denied(IOException e) {
    return e instanceof AccessControlException
        || e instanceof AccessDeniedException
        || String.valueOf(e.getMessage()).contains("Permission denied");
  }
}
