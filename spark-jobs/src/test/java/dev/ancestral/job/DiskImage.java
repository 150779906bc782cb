package dev.ancestral.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * What lies on a disk after some events: as a running system sees it, and as a loss of power may
 * leave it. What was synced is there for sure; of every name and every content that was not, chance
 * decides whether the disk has the new one, the synced one or, of a content, a part of the new one
 * or as many zeros. POSIX promises no more (Pillai et al., OSDI 2014).
 */
final class DiskImage {
  /** A change or a sync. */
  sealed interface Event permits FolderMade, Created, Filled, Renamed, Deleted, Synced {}

  record FolderMade(Path folder) implements Event {}

  record Created(Path file) implements Event {}

  /** The content is what was written, none of it synced. */
  record Filled(Path file, byte[] content) implements Event {}

  record Renamed(Path from, Path to) implements Event {}

  record Deleted(Path path) implements Event {}

  /** Of a file its content, of a folder its names. */
  record Synced(Path path) implements Event {}

  private sealed interface Node permits Folder, File {}

  private static final class Folder implements Node {
    private final Map<String, Node> seen = new TreeMap<>();
    private final Map<String, Node> synced = new HashMap<>();
  }

  private static final class File implements Node {
    private byte[] seen = new byte[0];
    private byte[] synced = new byte[0];
  }

  private final Path root;
  private final Folder top = new Folder();

  /**
   * After some events.
   *
   * @param root of the disk, which was there and is all that is looked at
   */
  DiskImage(Path root, List<Event> events) {
    this.root = root;
    events.forEach(this::apply);
  }

  private void apply(Event event) {
    if (event instanceof FolderMade made) {
      parent(made.folder()).seen.put(name(made.folder()), new Folder());
    } else if (event instanceof Created created) {
      parent(created.file()).seen.put(name(created.file()), new File());
    } else if (event instanceof Filled filled) {
      // What was removed since is written by whoever still has it open, and seen by nobody.
      if (node(filled.file()) instanceof File file) {
        file.seen = filled.content();
      }
    } else if (event instanceof Renamed renamed) {
      Node moved = parent(renamed.from()).seen.remove(name(renamed.from()));
      parent(renamed.to()).seen.put(name(renamed.to()), Objects.requireNonNull(moved));
    } else if (event instanceof Deleted deleted) {
      Node removed = parent(deleted.path()).seen.remove(name(deleted.path()));
      empty(Objects.requireNonNull(removed));
    } else if (event instanceof Synced synced && synced.path().startsWith(root)) {
      sync(synced.path().equals(root) ? top : node(synced.path()));
    }
  }

  /** A folder is removed name by name, each of which may or may not come back. */
  private static void empty(Node removed) {
    if (removed instanceof Folder folder) {
      folder.seen.values().forEach(DiskImage::empty);
      folder.seen.clear();
    }
  }

  private static void sync(Node node) {
    if (node instanceof Folder folder) {
      folder.synced.clear();
      folder.synced.putAll(folder.seen);
    } else if (node instanceof File file) {
      file.synced = file.seen;
    } else {
      throw new IllegalStateException("what is not there cannot be synced");
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private Folder parent(Path path) {
    return path.getParent().equals(root) ? top : (Folder) node(path.getParent());
  }

  private Node node(Path path) {
    return parent(path).seen.get(name(path));
  }

  /** The files below a folder as the system sees them, by their names below it. */
  Map<String, byte[]> seen(String folder) {
    Map<String, byte[]> files = new TreeMap<>();
    if (top.seen.get(folder) instanceof Folder below) {
      collect("", below, files);
    }
    return files;
  }

  private static void collect(String path, Folder folder, Map<String, byte[]> files) {
    folder.seen.forEach(
        (name, node) -> {
          if (node instanceof Folder below) {
            collect(path + name + "/", below, files);
          } else if (node instanceof File file) {
            files.put(path + name, file.seen);
          }
        });
  }

  /** Writes to a folder what the power leaves when it goes. */
  void losePower(Path into, RandomGenerator random) throws IOException {
    write(top, into, random);
  }

  private static void write(Folder folder, Path into, RandomGenerator random) throws IOException {
    Files.createDirectories(into);
    Set<String> names = new TreeSet<>(folder.seen.keySet());
    names.addAll(folder.synced.keySet());
    for (String name : names) {
      Node node = random.nextBoolean() ? folder.seen.get(name) : folder.synced.get(name);
      if (node instanceof Folder below) {
        write(below, into.resolve(name), random);
      } else if (node instanceof File file) {
        Files.write(into.resolve(name), content(file, random));
      }
    }
  }

  private static byte[] content(File file, RandomGenerator random) {
    if (Arrays.equals(file.seen, file.synced)) {
      return file.synced;
    }
    int part = random.nextInt(file.seen.length + 1);
    return switch (random.nextInt(4)) {
      case 0 -> file.seen;
      case 1 -> file.synced;
      case 2 -> Arrays.copyOf(file.seen, part);
      default -> Arrays.copyOf(Arrays.copyOf(file.seen, part), file.seen.length);
    };
  }
}
