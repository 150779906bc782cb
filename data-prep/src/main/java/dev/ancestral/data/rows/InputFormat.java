package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.data.StoreFailure;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Formats of tables by the endings of their files. */
final class InputFormat {
  private static final String CSV = "csv";
  private static final String BY_DEFAULT = "parquet";
  private static final Set<String> OF_FILES =
      Set.of(CSV, "json", BY_DEFAULT, "orc", "avro", "text", "xml");
  private static final Set<String> COMPRESSIONS =
      Set.of("gz", "bz2", "zst", "lz4", "snappy", "deflate", "xz");
  private static final Map<String, String> BY_ENDING =
      Map.of(
          "csv",
          CSV,
          "tsv",
          CSV,
          "tab",
          CSV,
          "json",
          "json",
          "jsonl",
          "json",
          "ndjson",
          "json",
          "parquet",
          BY_DEFAULT,
          "orc",
          "orc",
          "avro",
          "avro");
  private static final Set<String> WITH_TABS = Set.of("tsv", "tab");

  private InputFormat() {}

  /** Whether a format is that of files which Spark lists and reads one by one. */
  static boolean isOfFiles(String format) {
    return OF_FILES.contains(format.toLowerCase(Locale.ROOT));
  }

  /**
   * The input with the format that the endings of its files say.
   *
   * @throws AncestralException (SPEC) if they say different ones, (DATA) if an input does not exist
   */
  static RowInput found(Storage storage, RowInput input) {
    Map<String, String> formats = new LinkedHashMap<>();
    Map<String, String> defaults = new LinkedHashMap<>();
    for (String path : input.paths()) {
      String file = firstFile(storage, new Path(path));
      String ending = ending(file);
      formats.putIfAbsent(BY_ENDING.getOrDefault(ending, BY_DEFAULT), file);
      if (WITH_TABS.contains(ending) && input.option("sep") == null) {
        defaults.put("delimiter", "\t");
      }
    }
    if (formats.size() > 1) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "the inputs are of unlike formats: "
              + formats
              + "; prepare them apart, or name the format (inputFormat)");
    }
    return new RowInput(
            input.paths(),
            formats.keySet().iterator().next(),
            input.options(),
            input.table(),
            input.query())
        .with(defaults);
  }

  private static String ending(String name) {
    int dot = name.lastIndexOf('.');
    String last = name.substring(dot + 1).toLowerCase(Locale.ROOT);
    if (dot > 0 && COMPRESSIONS.contains(last)) {
      return ending(name.substring(0, dot));
    }
    return dot < 0 ? "" : last;
  }

  /** Name of the file, or of the first one of a folder or of what matches a pattern. */
  private static String firstFile(Storage storage, Path path) {
    try {
      FileSystem fileSystem = storage.fileSystem(path);
      FileStatus[] matches =
          fileSystem.exists(path)
              ? new FileStatus[] {fileSystem.getFileStatus(path)}
              : fileSystem.globStatus(path);
      if (matches == null || matches.length == 0) {
        throw new AncestralException(
            ErrorCode.DATA, "input " + path + " does not exist; correct the path or the pattern");
      }
      return matches[0].isDirectory()
          ? below(storage, matches[0].getPath()).orElse("")
          : matches[0].getPath().getName();
    } catch (IOException e) {
      throw StoreFailure.unreadable(path, e);
    }
  }

  private static Optional<String> below(Storage storage, Path folder) {
    Deque<Path> folders = new ArrayDeque<>(List.of(folder));
    while (!folders.isEmpty()) {
      for (FileStatus child : storage.list(folders.remove())) {
        String name = child.getPath().getName();
        boolean hidden = name.startsWith(".") || name.startsWith("_");
        if (child.isDirectory() && !hidden) {
          folders.add(child.getPath());
        } else if (!hidden) {
          return Optional.of(name);
        }
      }
    }
    return Optional.empty();
  }
}
