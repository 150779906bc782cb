package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.data.StoreFailure;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.transfer.JavaShuffle;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobFilter;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.storage.StorageLevel;

/**
 * Lists inputs on the executors: files, patterns, and folders with all that lies below them except
 * names that begin with {@code .} or {@code _}; below a folder, each real file once, however many
 * links lead to it, as the {@link LinkRule} says. The driver never holds the list.
 */
final class InputFiles {
  private static final int PARTITIONS_PER_SLOT = 4;
  // Stands for the length of a folder among the roots.
  private static final long FOLDER = -1;
  private static final Pattern WILD = Pattern.compile("[*?{\\[]");

  private InputFiles() {}

  /**
   * The files that a source reads, in the order of the inputs and of their names.
   *
   * @param links which symbolic links are followed
   * @throws AncestralException (DATA) if an input does not exist or holds no such file, or a link
   *     is refused
   */
  static JavaRDD<InputFile> list(
      JavaSparkContext spark, Storage storage, List<String> inputs, LinkRule links, Source source) {
    List<InputFile> roots = new ArrayList<>();
    for (String input : inputs) {
      for (FileStatus status : expand(storage, input, links)) {
        roots.add(
            new InputFile(
                roots.size(),
                status.getPath().toUri().toString(),
                status.isDirectory() ? FOLDER : status.getLen(),
                status.getModificationTime()));
      }
    }
    JavaRDD<byte[]> packed =
        spark
            .parallelize(roots.stream().map(InputFile::packed).toList(), Math.max(1, roots.size()))
            .flatMap(root -> below(storage, InputFile.unpacked(root), links, source))
            .map(InputFile::packed)
            .persist(StorageLevel.DISK_ONLY());
    long files = packed.count();
    if (files == 0) {
      throw new AncestralException(
          ErrorCode.DATA,
          "there is nothing to read at " + inputs + "; name files or folders that hold " + source);
    }
    return inOrder(packed.map(InputFile::unpacked), InputFile::sortKey, files);
  }

  /**
   * Sorts into about as many partitions as keep every slot busy, fewer if there is less.
   *
   * @param key whose order is that of the parts
   */
  static <T> JavaRDD<T> inOrder(JavaRDD<T> parts, Function<T, String> key, long count) {
    int slots = parts.context().defaultParallelism();
    long partitions = Math.max(1, Math.min(count, (long) PARTITIONS_PER_SLOT * slots));
    return JavaShuffle.inOrder(parts, key, Math.toIntExact(partitions));
  }

  private static List<FileStatus> expand(Storage storage, String input, LinkRule links) {
    Path path = storage.path(input);
    try {
      FileSystem fileSystem = storage.fileSystem(path);
      if (fileSystem.exists(path)) {
        return List.of(fileSystem.getFileStatus(path));
      }
      List<FileStatus> matches = matches(fileSystem, path);
      if (!matches.isEmpty()) {
        LocalLinks below = new LocalLinks(beforePattern(path), links);
        return matches.stream().filter(below::admits).toList();
      }
    } catch (IOException e) {
      if (StoreFailure.isNoBucket(e)) {
        throw StoreFailure.unreadable(path, e);
      }
      throw new AncestralException(
          ErrorCode.INTERRUPTED,
          "cannot list " + path + ": " + e + "; when the store is back, run the same command again",
          e);
    }
    throw new AncestralException(
        ErrorCode.DATA, "input " + path + " does not exist; correct the path or the pattern");
  }

  /** The folder that everything which matches a pattern lies in. */
  private static Path beforePattern(Path pattern) {
    Path folder = pattern;
    for (Path above = pattern; above != null; above = above.getParent()) {
      if (WILD.matcher(above.getName()).find()) {
        folder = above.getParent();
      }
    }
    return folder;
  }

  private static List<FileStatus> matches(FileSystem fileSystem, Path pattern) throws IOException {
    try {
      FileStatus[] matches = fileSystem.globStatus(pattern);
      return matches == null ? List.of() : List.of(matches);
    } catch (IllegalArgumentException e) {
      // Hadoop takes what stands before a colon in the name of a file for a scheme.
      return matchesByName(fileSystem, pattern);
    }
  }

  private static List<FileStatus> matchesByName(FileSystem fileSystem, Path pattern)
      throws IOException {
    if (pattern.isRoot()) {
      return List.of(fileSystem.getFileStatus(pattern));
    }
    GlobFilter names = new GlobFilter(pattern.getName());
    List<FileStatus> matches = new ArrayList<>();
    for (FileStatus folder : matchesByName(fileSystem, pattern.getParent())) {
      if (folder.isDirectory()) {
        for (FileStatus status : fileSystem.listStatus(folder.getPath())) {
          if (names.accept(status.getPath())) {
            matches.add(status);
          }
        }
      }
    }
    matches.sort(Comparator.comparing(FileStatus::getPath));
    return matches;
  }

  private static Iterator<InputFile> below(
      Storage storage, InputFile root, LinkRule links, Source source) {
    if (root.length() != FOLDER) {
      return List.of(root).iterator();
    }
    return new Walk(storage, root, links, source);
  }

  /**
   * Goes through a folder and all below it without holding more than one listing's page. Links of a
   * local file system come after everything else, in the order of their names, so that a file or
   * folder which is reached without one, or by an earlier one, is not read again.
   */
  private static final class Walk implements Iterator<InputFile> {
    private final FileSystem fileSystem;
    private final InputFile root;
    private final Source source;
    private final Deque<Path> folders = new ArrayDeque<>();
    private final LocalLinks links;
    private RemoteIterator<FileStatus> listing;
    private InputFile next;

    Walk(Storage storage, InputFile root, LinkRule rule, Source source) {
      this.root = root;
      this.source = source;
      Path folder = root.path();
      fileSystem = storage.fileSystem(folder);
      links = new LocalLinks(folder, rule);
      links.enter(folder);
      folders.add(folder);
      advance();
    }

    private void advance() {
      next = null;
      try {
        while (next == null) {
          if (listing != null && listing.hasNext()) {
            consider(listing.next());
          } else if (!folders.isEmpty()) {
            listing = fileSystem.listStatusIterator(folders.remove());
          } else {
            Optional<FileStatus> link = links.next();
            if (link.isEmpty()) {
              return;
            }
            take(link.get());
          }
        }
      } catch (FileNotFoundException e) {
        throw new AncestralException(
            ErrorCode.DATA, root.uri() + " changed while it was listed: " + e.getMessage(), e);
      } catch (IOException e) {
        throw new AncestralException(
            ErrorCode.INTERRUPTED, "cannot list " + root.uri() + ": " + e + "; run it again", e);
      }
    }

    private void consider(FileStatus status) throws IOException {
      String name = status.getPath().getName();
      boolean hidden = name.startsWith(".") || name.startsWith("_");
      if (!hidden && (status.isDirectory() || source.accepts(name)) && !links.add(status)) {
        take(status);
      }
    }

    private void take(FileStatus status) {
      if (status.isDirectory()) {
        links.enter(status.getPath());
        folders.add(status.getPath());
      } else {
        next =
            new InputFile(
                root.argument(),
                status.getPath().toUri().toString(),
                status.getLen(),
                status.getModificationTime());
      }
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public InputFile next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      InputFile file = next;
      advance();
      return file;
    }
  }
}
