package dev.ancestral.data;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.disk.Disk;
import dev.ancestral.data.disk.LocalDisk;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Paths;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.permission.FsCreateModes;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.VersionInfo;

/**
 * Files on any Hadoop file system, the way every command writes them: data under final unique
 * names, and last one small file that lists them, which is the commit.
 *
 * <p>How a reader sees such a commit whole or not at all:
 *
 * <ul>
 *   <li>local, HDFS, ViewFs and ABFS: the file is written beside under a hidden name and renamed
 *       over the target, which these systems do atomically;
 *   <li>everywhere else (S3A and other object stores, where a rename is a copy): the file is
 *       written under its own name, which such stores show only once it is closed; a write that
 *       fails is aborted, so that closing the stream does not publish half a file, and the earlier
 *       object stays;
 *   <li>and in any case the content proves itself: manifests are {@link SealedJson}, whose last
 *       field is the sha256 of the rest, and list the length and sha256 of every file they speak
 *       for. A reader refuses what does not verify, so correctness never rests on the two points
 *       above.
 * </ul>
 *
 * <p>What {@link #write} and {@link #commit} have written survives a loss of power when they
 * return: on a {@link Disk} file and folders are synced; HDFS syncs every block as it is closed
 * ({@code SYNC_BLOCK}, and {@code hsync} before the last), and its name node logs names before it
 * answers; other streams that can {@code hsync} do; what an object store has acknowledged is
 * durable by itself. So everything that a manifest lists is there before the manifest is.
 *
 * <p>A path without a scheme is local, whatever {@code fs.defaultFS} says. Local files are written
 * without Hadoop's {@code .crc} files: the manifest holds their checksum.
 *
 * <p>Failures are {@link AncestralException}s that name the path: DATA if it is missing, SPEC if it
 * can never be written (permissions, a file where a folder must be, an unknown scheme), INTERRUPTED
 * if the store failed or is full and the same command may succeed later.
 */
public final class Storage implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Set<String> RENAMED_ATOMICALLY =
      Set.of("file", "hdfs", "viewfs", "abfs", "abfss");
  private static final Disk LOCAL = new LocalDisk();

  // Folders whose names this process has synced, and those of all folders above them. Another
  // process may have made one and died before it did.
  private static final Set<Path> NAMED = ConcurrentHashMap.newKeySet();

  private static final String UNFINISHED = ".part";
  private static final Pattern WITH_PASSWORD =
      Pattern.compile("^([A-Za-z][A-Za-z0-9+.-]*:)//[^/@:]*:[^/]*@");

  private transient Configuration configuration;
  private transient SentConfiguration sent;

  /**
   * A file that was written.
   *
   * @param bytes its length
   * @param sha256 of its content, hexadecimal
   */
  public record Written(long bytes, String sha256) implements Serializable {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface ContentWriter {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * @param configuration names the file systems and their credentials
   */
  public Storage(Configuration configuration) {
    this.configuration = configuration;
  }

  public Configuration configuration() {
    return configuration;
  }

  /**
   * The absolute path of a URI; without a scheme it is local.
   *
   * @throws AncestralException (SPEC) if it is no path, or carries a password, which every message
   *     and every description of a run would repeat
   */
  public Path path(String uri) {
    if (WITH_PASSWORD.matcher(uri).find()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "a path carries a password ("
              + WITH_PASSWORD.matcher(uri).replaceFirst("$1//(redacted)@")
              + "); take it out and give it to the file system by a setting, spark.hadoop.KEY in a"
              + " --properties-file");
    }
    try {
      if (uri.matches("[A-Za-z][A-Za-z0-9+.-]+:/.*")) {
        return fileSystem(new Path(uri)).makeQualified(new Path(uri));
      }
      return new Path("file", null, Paths.get(uri).toAbsolutePath().normalize().toString());
    } catch (IllegalArgumentException e) { // includes java.nio.file.InvalidPathException
      throw new AncestralException(
          ErrorCode.SPEC, "'" + uri + "' is no path or URI: " + e.getMessage(), e);
    }
  }

  /**
   * The file system of a path.
   *
   * @throws AncestralException (SPEC) if its scheme is unknown
   */
  public FileSystem fileSystem(Path path) {
    try {
      FileSystem fileSystem = path.getFileSystem(configuration);
      return fileSystem instanceof LocalFileSystem local ? local.getRawFileSystem() : fileSystem;
    } catch (IOException | IllegalArgumentException e) {
      boolean unknown = String.valueOf(e.getMessage()).startsWith("No FileSystem for scheme");
      throw new AncestralException(
          unknown ? ErrorCode.SPEC : ErrorCode.INTERRUPTED,
          "cannot reach the file system of "
              + path
              + ": "
              + e.getMessage()
              + (unknown ? "; put the connector for it on the class path" : ""),
          e);
    } catch (RuntimeException e) { // How Hadoop tells that a class it was told of is not there.
      if (!(e.getCause() instanceof ClassNotFoundException)) {
        throw e;
      }
      throw new AncestralException(
          ErrorCode.SPEC,
          "the connector for the file system of "
              + path
              + " is not on the class path ("
              + e.getCause().getMessage()
              + "); put it there"
              + (path.toString().startsWith("s3a:")
                  ? ": --packages org.apache.hadoop:hadoop-aws:" + VersionInfo.getVersion()
                  : ""),
          e);
    }
  }

  public boolean exists(Path path) {
    try {
      return fileSystem(path).exists(path);
    } catch (IOException e) {
      throw StoreFailure.unreadable(path, e);
    }
  }

  /** Length, modification time and kind of an existing file or folder. */
  public FileStatus status(Path path) {
    try {
      return fileSystem(path).getFileStatus(path);
    } catch (IOException e) {
      throw StoreFailure.unreadable(path, e);
    }
  }

  public FSDataInputStream open(Path path) {
    try {
      return fileSystem(path).open(path);
    } catch (IOException e) {
      throw StoreFailure.unreadable(path, e);
    }
  }

  /** The whole content of a file of less than 2 GiB. */
  public byte[] read(Path path) {
    try (FSDataInputStream in = fileSystem(path).open(path)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw StoreFailure.unreadable(path, e);
    } catch (FSError e) { // How Hadoop tells that a local disk failed.
      throw StoreFailure.unreadable(path, StoreFailure.io(e));
    }
  }

  /**
   * The whole content of a file that has no business being large, such as a manifest or a spec.
   *
   * @param most bytes it may have; no more are ever held, whatever the file system says of it
   * @throws AncestralException (DATA) if it is missing or has more
   */
  public byte[] read(Path path, int most) {
    try (FSDataInputStream in = fileSystem(path).open(path)) {
      byte[] content = in.readNBytes(most + 1);
      if (content.length > most) {
        throw new AncestralException(
            ErrorCode.DATA,
            path
                + " goes on after "
                + most
                + " bytes, more than such a file has; check that this is the file you mean");
      }
      return content;
    } catch (IOException e) {
      throw StoreFailure.unreadable(path, e);
    }
  }

  /** What lies in a folder, sorted by name, without unfinished files; empty if it is absent. */
  public List<FileStatus> list(Path folder) {
    List<FileStatus> children = new ArrayList<>();
    try {
      RemoteIterator<FileStatus> statuses = fileSystem(folder).listStatusIterator(folder);
      while (statuses.hasNext()) {
        FileStatus status = statuses.next();
        if (!isUnfinished(status.getPath())) {
          children.add(status);
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw StoreFailure.unreadable(folder, e);
    }
    children.sort(Comparator.comparing(FileStatus::getPath));
    return children;
  }

  /**
   * Writes a file that appears whole under its name, replacing an unlisted one of that name; a
   * reader that has the earlier one open is not disturbed where the file system renames. It is
   * durable when this returns.
   *
   * @throws AncestralException (SPEC) if it can never be written there, (INTERRUPTED) if the store
   *     failed
   */
  public Written write(Path target, ContentWriter content) {
    Written written = add(target, content);
    sync(target.getParent());
    return written;
  }

  /**
   * The same for one of many files of a folder: it is durable after {@link #sync} of the folder.
   *
   * @throws AncestralException as {@link #write}
   */
  public Written add(Path target, ContentWriter content) {
    FileSystem fileSystem = fileSystem(target);
    Optional<Disk> disk = disk(fileSystem);
    boolean renamed = disk.isPresent() || RENAMED_ATOMICALLY.contains(target.toUri().getScheme());
    Path written = renamed ? beside(target) : target;
    Attempt attempt = new Attempt();
    try {
      Written result = create(fileSystem, written, content, attempt);
      if (disk.isPresent()) {
        disk.get().sync(written);
        disk.get().replace(written, target);
      } else if (renamed) {
        FileContext.getFileContext(target.toUri(), configuration)
            .rename(written, target, Options.Rename.OVERWRITE);
      }
      return result;
    } catch (IOException | RuntimeException | FSError e) {
      // Under its own name the earlier file may still be there, which is better than none.
      if (renamed || attempt.showsHalf) {
        deleteQuietly(written);
      }
      if (e instanceof RuntimeException runtime && !StoreFailure.isFull(e)) {
        throw runtime;
      }
      throw StoreFailure.unwritable(target, StoreFailure.io(e));
    }
  }

  /**
   * Makes the names in a folder, and those of the folders that lead to it, durable, where the file
   * system does not do so by itself.
   *
   * @throws AncestralException (INTERRUPTED) if the store failed
   */
  public void sync(Path folder) {
    Optional<Disk> disk = disk(fileSystem(folder));
    if (disk.isEmpty()) {
      return;
    }
    try {
      disk.get().sync(folder);
      List<Path> named = new ArrayList<>();
      for (Path at = folder; !at.isRoot() && !NAMED.contains(at); at = at.getParent()) {
        disk.get().sync(at.getParent());
        named.add(at);
      }
      NAMED.addAll(named);
    } catch (IOException e) {
      throw StoreFailure.unwritable(folder, e);
    }
  }

  private static Optional<Disk> disk(FileSystem fileSystem) {
    if (fileSystem instanceof Disk disk) {
      return Optional.of(disk);
    }
    return "file".equals(fileSystem.getUri().getScheme()) ? Optional.of(LOCAL) : Optional.empty();
  }

  /**
   * Publishes a small file that readers trust: they see the earlier content or this one.
   *
   * @throws AncestralException as {@link #write}
   */
  public void commit(Path target, byte[] content) {
    write(target, out -> out.write(content));
  }

  /**
   * Removes a file, or a folder with all it holds. A loss of power may bring it back.
   *
   * @return whether there was one
   */
  public boolean delete(Path path) {
    String below = path + Path.SEPARATOR;
    NAMED.removeIf(named -> named.equals(path) || named.toString().startsWith(below));
    try {
      return fileSystem(path).delete(path, true);
    } catch (IOException e) {
      throw StoreFailure.unwritable(path, e);
    }
  }

  /**
   * Removes a commit: from then on, and after a loss of power too, nothing that it lists counts.
   */
  public void retract(Path commit) {
    if (delete(commit)) {
      sync(commit.getParent());
    }
  }

  /** Removes what interrupted writers left in a folder. */
  public void deleteUnfinished(Path folder) {
    try {
      FileSystem fileSystem = fileSystem(folder);
      if (fileSystem.exists(folder)) {
        for (FileStatus status : fileSystem.listStatus(folder, Storage::isUnfinished)) {
          fileSystem.delete(status.getPath(), false);
        }
      }
    } catch (IOException e) {
      throw StoreFailure.unwritable(folder, e);
    }
  }

  /** Removes a folder that holds nothing; another stays as it is. */
  public void deleteIfEmpty(Path folder) {
    try {
      FileSystem fileSystem = fileSystem(folder);
      if (fileSystem.exists(folder) && !fileSystem.listStatusIterator(folder).hasNext()) {
        fileSystem.delete(folder, false);
      }
    } catch (IOException e) {
      throw StoreFailure.unwritable(folder, e);
    }
  }

  private static Path beside(Path target) {
    return new Path(
        target.getParent(), "." + target.getName() + "." + UUID.randomUUID() + UNFINISHED);
  }

  private static boolean isUnfinished(Path path) {
    return path.getName().startsWith(".") && path.getName().endsWith(UNFINISHED);
  }

  /** What a failed write may have left under the name that it wrote to. */
  private static final class Attempt {
    private boolean showsHalf;
  }

  private static Written create(
      FileSystem fileSystem, Path path, ContentWriter content, Attempt attempt) throws IOException {
    MessageDigest digest = Sha256.digest();
    FSDataOutputStream file = open(fileSystem, path);
    try {
      OutputStream out = new DigestOutputStream(file, digest);
      content.writeTo(out);
      out.flush();
      if (disk(fileSystem).isEmpty() && file.hasCapability(StreamCapabilities.HSYNC)) {
        file.hsync();
      }
    } catch (IOException | RuntimeException | FSError e) {
      attempt.showsHalf = !abandon(file);
      throw e;
    }
    file.close();
    return new Written(file.getPos(), Sha256.hex(digest));
  }

  private static FSDataOutputStream open(FileSystem fileSystem, Path path) throws IOException {
    if (!"hdfs".equals(fileSystem.getUri().getScheme())) {
      return fileSystem.create(path, true);
    }
    // Without the flag hsync would sync no block but the last.
    Configuration configuration = fileSystem.getConf();
    return fileSystem.create(
        path,
        FsCreateModes.applyUMask(
            FsPermission.getFileDefault(), FsPermission.getUMask(configuration)),
        EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE, CreateFlag.SYNC_BLOCK),
        configuration.getInt(
            CommonConfigurationKeysPublic.IO_FILE_BUFFER_SIZE_KEY,
            CommonConfigurationKeysPublic.IO_FILE_BUFFER_SIZE_DEFAULT),
        fileSystem.getDefaultReplication(path),
        fileSystem.getDefaultBlockSize(path),
        null);
  }

  /** Object stores publish at close; an abort must come first. False if there was none. */
  private static boolean abandon(FSDataOutputStream file) {
    boolean aborted = false;
    try (file) {
      file.abort();
      aborted = true;
    } catch (UnsupportedOperationException | IOException | FSError e) {
      // The file system cannot abort, or is gone; the caller deletes the file.
    }
    return aborted;
  }

  private void deleteQuietly(Path path) {
    try {
      fileSystem(path).delete(path, false);
    } catch (IOException | RuntimeException | FSError e) {
      // The failure that led here is the one to report; readers never trust an unlisted file.
    }
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
    sent().write(out);
  }

  /** Kept, because Spark serializes what a task needs several times a stage. */
  private synchronized SentConfiguration sent() {
    if (sent == null) {
      sent = SentConfiguration.of(configuration);
    }
    return sent;
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    sent = SentConfiguration.read(in);
    configuration = sent.configuration();
  }
}
