package dev.ancestral.data.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;

/**
 * The symbolic links that are met below a folder of the local file system. Hadoop follows links
 * without a word; a link to a folder above itself would go round for as long as paths may be.
 */
final class LocalLinks {
  // Folders by their real paths; the files in them are reached without a link.
  private final Set<Path> entered = new HashSet<>();
  private final Set<Path> files = new HashSet<>();
  private final Deque<FileStatus> toFolders = new ArrayDeque<>();
  private final Deque<FileStatus> toFiles = new ArrayDeque<>();
  private final List<FileStatus> met = new ArrayList<>();
  // Null where the folder is not local.
  private final Path root;
  private final LinkRule rule;

  /**
   * Those below a folder.
   *
   * @param rule which of them are followed
   */
  LocalLinks(org.apache.hadoop.fs.Path root, LinkRule rule) {
    this.root = isLocal(root) ? real(local(root)) : null;
    this.rule = rule;
  }

  /** Remembers a folder that is gone through. */
  void enter(org.apache.hadoop.fs.Path folder) {
    if (isLocal(folder)) {
      entered.add(real(local(folder)));
    }
  }

  /** Keeps what is a link for later; false for what is none. */
  boolean add(FileStatus status) {
    boolean link = isLocal(status.getPath()) && Files.isSymbolicLink(local(status.getPath()));
    if (link) {
      met.add(status);
    }
    return link;
  }

  /** The next link that leads to what was not reached yet: first those to folders. */
  Optional<FileStatus> next() {
    met.sort(Comparator.comparing(status -> status.getPath().toString()));
    for (FileStatus link : met) {
      (link.isDirectory() ? toFolders : toFiles).add(link);
    }
    met.clear();
    while (!toFolders.isEmpty() || !toFiles.isEmpty()) {
      FileStatus link = toFolders.isEmpty() ? toFiles.remove() : toFolders.remove();
      Path target = real(local(link.getPath()));
      boolean isNew =
          link.isDirectory() ? !entered.contains(target) : !isReached(target) && files.add(target);
      if (admits(link) && isNew) {
        return Optional.of(link);
      }
    }
    return Optional.empty();
  }

  /**
   * Whether a file lies in a folder that was gone through, under a name that is not passed over.
   */
  private boolean isReached(Path file) {
    String name = String.valueOf(file.getFileName());
    return entered.contains(file.getParent()) && !name.startsWith(".") && !name.startsWith("_");
  }

  /**
   * Whether the rule admits a file or folder that was found below the folder.
   *
   * @throws dev.ancestral.AncestralException (DATA) if it is refused
   */
  boolean admits(FileStatus status) {
    boolean leaves = isLocal(status.getPath()) && !real(local(status.getPath())).startsWith(root);
    return rule.admits(status.getPath(), leaves, isLoop(status));
  }

  /** Whether a folder is a link to one that it lies in. */
  private static boolean isLoop(FileStatus status) {
    if (!isLocal(status.getPath()) || !Files.isSymbolicLink(local(status.getPath()))) {
      return false;
    }
    Path link = local(status.getPath());
    return status.isDirectory() && real(link.getParent()).startsWith(real(link));
  }

  private static boolean isLocal(org.apache.hadoop.fs.Path path) {
    return "file".equals(path.toUri().getScheme());
  }

  private static Path local(org.apache.hadoop.fs.Path path) {
    return Paths.get(path.toUri().getPath());
  }

  /** A link that leads nowhere stays itself. */
  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }
}
