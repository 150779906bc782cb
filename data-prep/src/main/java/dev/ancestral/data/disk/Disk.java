package dev.ancestral.data.disk;

import java.io.IOException;
import org.apache.hadoop.fs.Path;

/**
 * Files on a disk of POSIX, of which a loss of power leaves only what was synced: the content of a
 * file by a sync of the file, its name by one of the folder that it lies in, and the name of that
 * folder by one of the folder above. Until then the system may write them in any order, in part, or
 * not at all (Pillai et al., All File Systems Are Not Created Equal, OSDI 2014).
 *
 * <p>{@code Storage} syncs what lies on such a file system. Local files are it; a Hadoop file
 * system that implements this is, too.
 */
public interface Disk {
  /**
   * Returns when the content of a file, or the names in a folder, are on the disk.
   *
   * @throws IOException if they are not, or it cannot be told
   */
  void sync(Path fileOrFolder) throws IOException;

  /** Gives a file of the same folder another name, at once and in the place of one that has it. */
  void replace(Path from, Path to) throws IOException;
}
