package dev.ancestral.job.generate;

import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.Storage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * What no manifest lists in the directory of a generation: records of the work, half-written files
 * of attempts that were killed, parts of a larger generation that was replaced. A reader of the
 * manifest does not see them; a reader of all files of the folder would count ids twice.
 */
final class OrphanCleaner {
  /** What the names of folders with records begin with. */
  static final String RECORDS = "records-";

  private static final Pattern PART = Pattern.compile("part-\\d{5,}\\.parquet");
  private static final Pattern PART_FOLDER = Pattern.compile("part-\\d{5,}");
  private static final Pattern TABLE_FILE = Pattern.compile("part-\\d{5,}(\\..*)?");
  private static final List<String> EXPORTS = List.of("png", "wav", "txt");

  private final Storage storage;
  private final Path output;

  OrphanCleaner(Storage storage, Path output) {
    this.storage = storage;
    this.output = output;
  }

  /** Deletes the records of other generations than one. */
  void deleteRecords(String kept) {
    for (FileStatus status : storage.list(output)) {
      String name = status.getPath().getName();
      if (name.startsWith(RECORDS) && !name.equals(kept)) {
        storage.delete(status.getPath());
      }
    }
  }

  /** Deletes whatever a manifest that was committed does not list. */
  void delete(GenerationManifest manifest) {
    Set<String> listed = new HashSet<>(manifest.files().keySet());
    manifest.parts().stream().map(ShardEntry::file).forEach(listed::add);
    for (FileStatus status : storage.list(output)) {
      String name = status.getPath().getName();
      boolean made = PART.matcher(name).matches() || Preview.isPreview(name);
      if (name.startsWith(RECORDS)
          || name.equals(TableFiles.MAKING)
          || (made && !listed.contains(name))) {
        storage.delete(status.getPath());
      } else if (name.equals(SampleFormat.TABLE) && !manifest.hasForeignTable()) {
        deleteFiles(status.getPath(), listed);
      } else if (status.isDirectory() && EXPORTS.contains(name)) {
        deleteFolders(status.getPath(), listed);
      }
    }
    storage.deleteUnfinished(output);
  }

  private void deleteFiles(Path table, Set<String> listed) {
    for (FileStatus status : storage.list(table)) {
      String name = status.getPath().getName();
      if (TABLE_FILE.matcher(name).matches()
          && !listed.contains(SampleFormat.TABLE_FOLDER + name)) {
        storage.delete(status.getPath());
      }
    }
    storage.deleteUnfinished(table);
    storage.deleteIfEmpty(table);
  }

  private void deleteFolders(Path export, Set<String> listed) {
    for (FileStatus status : storage.list(export)) {
      String name = status.getPath().getName();
      if (!PART_FOLDER.matcher(name).matches()) {
        continue;
      }
      if (listed.contains(export.getName() + "/" + name)) {
        storage.deleteUnfinished(status.getPath());
      } else {
        storage.delete(status.getPath());
      }
    }
    storage.deleteIfEmpty(export);
  }
}
