package dev.ancestral.job.generate;

import dev.ancestral.data.Storage;
import dev.ancestral.job.generate.rows.TableOutput;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.status.RateProgress;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.spark.TaskRunner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Rows as files below the output, one for each part: Spark's writer makes them in a hidden folder,
 * one task a part, and each then gets the name of its part. A command that was killed keeps the
 * files that have their names.
 */
final class TableFiles {
  /** The hidden folder that Spark's writer fills. */
  static final String MAKING = ".table-making";

  // What a kill costs at most; and Spark's committer renames these by one process.
  private static final int PARTS_AT_ONCE = 1000;
  private static final Pattern WRITTEN = Pattern.compile("part-(\\d{5,})-.*");

  private final SparkApplication application;
  private final Storage storage;
  private final ProgressListener progress;
  private final Path output;
  private final Path records;
  private final TableRows rows;

  /**
   * @param records folder of what tasks leave beside their files
   */
  TableFiles(
      SparkApplication application,
      ProgressListener progress,
      Path output,
      Path records,
      TableRows rows) {
    this.application = application;
    this.storage = application.storage();
    this.progress = progress;
    this.output = output;
    this.records = records;
    this.rows = rows;
  }

  /**
   * Verifies or makes the file of every part.
   *
   * @param listed what the manifest says of them, by their names below the output
   */
  Map<String, Storage.Written> write(
      TableOutput asked,
      List<MadePart> parts,
      OptionalInt tasks,
      Map<String, Storage.Written> listed) {
    progress.phase("writing the table");
    RateProgress rate = new RateProgress(progress, "parts", parts.size(), 0);
    Path making = new Path(output, MAKING);
    storage.delete(making);
    Path own = new Path(records, SampleFormat.TABLE + "-" + asked.fingerprint().substring(0, 16));
    TableFileTask task = new TableFileTask(storage, output.toString(), own.toString());
    Map<String, Storage.Written> files = new TreeMap<>();
    Set<Integer> whole = new HashSet<>();
    if (listed.keySet().stream().noneMatch(SampleFormat::isOfTable) && !storage.exists(own)) {
      // What lies there is of another command, which was killed: readers would see both.
      storage.delete(new Path(output, SampleFormat.TABLE));
    } else {
      run(
          task,
          tasks,
          verifying(parts, listed),
          (index, done) -> {
            if (done.isThere()) {
              whole.add(index);
              files.put(done.file(), done.content());
              rate.add(1);
            }
          });
    }
    List<MadePart> wanted = new ArrayList<>();
    for (int part = 0; part < parts.size(); part++) {
      if (!whole.contains(part)) {
        wanted.add(parts.get(part));
      }
    }
    for (int from = 0; from < wanted.size(); from += PARTS_AT_ONCE) {
      List<MadePart> some = wanted.subList(from, Math.min(wanted.size(), from + PARTS_AT_ONCE));
      asked.output(making.toString()).write(rows.of(some));
      run(
          task,
          tasks,
          naming(some, making),
          (index, done) -> {
            files.put(done.file(), done.content());
            rate.add(1);
          });
      storage.delete(making);
    }
    return files;
  }

  private void run(
      TableFileTask task,
      OptionalInt tasks,
      List<TableFileTask.Order> orders,
      BiConsumer<Integer, TableFileTask.Done> onResult) {
    TaskRunner.run(
        application.context(),
        "generate: writing the table",
        orders,
        order -> List.of(),
        tasks,
        task,
        onResult);
  }

  private static List<TableFileTask.Order> verifying(
      List<MadePart> parts, Map<String, Storage.Written> listed) {
    Map<String, TableFileTask.Done> byPart = new HashMap<>();
    listed.forEach(
        (file, content) -> {
          if (SampleFormat.isOfTable(file)) {
            String name = file.substring(SampleFormat.TABLE_FOLDER.length());
            byPart.put(name.replaceFirst("\\..*", ""), new TableFileTask.Done(file, content));
          }
        });
    List<TableFileTask.Order> orders = new ArrayList<>();
    for (MadePart part : parts) {
      orders.add(new TableFileTask.Order(name(part), byPart.get(name(part)), null));
    }
    return orders;
  }

  /** Task k of Spark's writer had part k, and has put its number into the name of the file. */
  private List<TableFileTask.Order> naming(List<MadePart> parts, Path making) {
    String[] written = new String[parts.size()];
    for (FileStatus status : storage.list(making)) {
      Matcher name = WRITTEN.matcher(status.getPath().getName());
      if (name.matches()) {
        int part = Integer.parseInt(name.group(1));
        if (part >= written.length || written[part] != null) {
          throw new IllegalStateException(making + " has two files of a part: " + name.group());
        }
        written[part] = status.getPath().toString();
      }
    }
    List<TableFileTask.Order> orders = new ArrayList<>();
    for (int part = 0; part < written.length; part++) {
      if (written[part] == null) {
        throw new IllegalStateException(making + " has no file of " + name(parts.get(part)));
      }
      orders.add(new TableFileTask.Order(name(parts.get(part)), null, written[part]));
    }
    return orders;
  }

  private static String name(MadePart part) {
    return part.entry().file().replace(".parquet", "");
  }
}
