package dev.ancestral.job.train.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The committed states of a run. Slices are written by the replicas under names that are never used
 * twice; the commit file comes last and lists them, and only what it lists exists.
 */
public final class CheckpointStore {
  private static final Pattern COMMIT = Pattern.compile("round-(\\d+)\\.json");
  private static final Pattern FOLDER = Pattern.compile("round-(\\d+)-.*");
  private static final Pattern METRICS = Pattern.compile("metrics-\\d+-.*\\.jsonl");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Storage storage;
  private final String directory;
  private final Path folder;
  private final Optional<RunInputs> inputs;
  private boolean inputsWritten;

  /** Those of a run that is only read. */
  public CheckpointStore(Storage storage, String directory) {
    this(storage, directory, Optional.empty());
  }

  private CheckpointStore(Storage storage, String directory, Optional<RunInputs> inputs) {
    this.storage = storage;
    this.directory = directory;
    this.folder = folder(storage, directory);
    this.inputs = inputs;
  }

  /** The same, which keep the inputs of the run from the first state that is committed. */
  public CheckpointStore withInputs(RunInputs ofRun) {
    return new CheckpointStore(storage, directory, Optional.of(ofRun));
  }

  /** Where a run keeps them. */
  public static Path folder(Storage storage, String directory) {
    return new Path(storage.path(directory), "checkpoints");
  }

  /** The last state whose files are there with their lengths, if there is any. */
  public Optional<CheckpointManifest> newest() {
    return commits().stream().map(this::read).flatMap(Optional::stream).findFirst();
  }

  /** The last state that is whole to the bit, if there is any: a damaged one costs its rounds. */
  public Optional<CheckpointManifest> latest() {
    return latest(commit -> true);
  }

  /** The last such state that is whole to the bit, if there is any. */
  public Optional<CheckpointManifest> latest(Predicate<CheckpointManifest> suitable) {
    return commits().stream()
        .map(this::read)
        .flatMap(Optional::stream)
        .filter(suitable)
        .filter(this::isWhole)
        .findFirst();
  }

  private boolean isWhole(CheckpointManifest commit) {
    return Stream.concat(
                commit.slices().stream(),
                commit.best() == null ? Stream.empty() : commit.best().slices().stream())
            .distinct()
            .allMatch(slice -> isWhole(new Path(folder, slice.file()), slice.sha256()))
        && commit.segments().stream()
            .allMatch(segment -> isWhole(new Path(folder, segment.file()), segment.sha256()));
  }

  private boolean isWhole(Path file, String sha256) {
    return storage.exists(file) && Sha256.of(storage, file).equals(sha256);
  }

  /** The metrics of a run that begins. */
  public MetricsHistory metrics() {
    return new MetricsHistory(storage, folder);
  }

  /**
   * The metrics of all rounds up to a state.
   *
   * @throws AncestralException (DATA) if a file of them is damaged
   */
  public MetricsHistory metrics(CheckpointManifest commit) {
    return metrics().after(commit);
  }

  /** Commits a state. */
  public void commit(CheckpointManifest commit) {
    if (inputs.isPresent() && !inputsWritten) {
      inputs.get().write(storage, directory);
      inputsWritten = true; // A run that is refused before its first state leaves nothing behind.
    }
    storage.commit(file(commit.round()), SealedJson.seal(JSON.valueToTree(commit)));
  }

  /** Removes committed rounds beyond those kept, and folders and files that no commit lists. */
  public void prune(CheckpointManifest current, int keep) {
    List<Integer> rounds = commits();
    Set<String> needed = new HashSet<>();
    for (int i = 0; i < rounds.size(); i++) {
      if (i < keep) {
        read(rounds.get(i)).ifPresent(commit -> collect(commit, needed));
      } else {
        storage.delete(file(rounds.get(i)));
      }
    }
    collect(current, needed);
    for (FileStatus status : storage.list(folder)) {
      Matcher matcher = FOLDER.matcher(status.getPath().getName());
      // A later round may be under way in a folder that is not committed yet.
      if (status.isDirectory()
          && matcher.matches()
          && Integer.parseInt(matcher.group(1)) <= current.round()
          && !needed.contains(status.getPath().getName())) {
        storage.delete(status.getPath());
      }
      if (METRICS.matcher(status.getPath().getName()).matches()
          && !needed.contains(status.getPath().getName())) {
        storage.delete(status.getPath());
      }
    }
  }

  private static void collect(CheckpointManifest commit, Set<String> names) {
    commit.segments().forEach(segment -> names.add(segment.file()));
    commit.slices().forEach(slice -> names.add(folderOf(slice)));
    if (commit.best() != null) {
      commit.best().slices().forEach(slice -> names.add(folderOf(slice)));
    }
  }

  private static String folderOf(CheckpointManifest.Slice slice) {
    return slice.file().split("/", 2)[0];
  }

  private List<Integer> commits() {
    if (!storage.exists(folder)) {
      return List.of();
    }
    return storage.list(folder).stream()
        .map(status -> COMMIT.matcher(status.getPath().getName()))
        .filter(Matcher::matches)
        .map(matcher -> Integer.parseInt(matcher.group(1)))
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  /** A commit that can be read and whose files are there with their lengths. */
  private Optional<CheckpointManifest> read(int round) {
    JsonNode content;
    try {
      Path file = file(round);
      content = SealedJson.open(storage.read(file), file.toString());
    } catch (AncestralException e) {
      return Optional.empty();
    }
    // Before anything else: fields of a later version are no damage.
    if (content.path("format").asInt() > CheckpointManifest.FORMAT) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "checkpoint "
              + file(round)
              + " has format "
              + content.path("format").asInt()
              + "; this version reads up to "
              + CheckpointManifest.FORMAT
              + "; use the version that wrote it");
    }
    CheckpointManifest commit;
    try {
      commit = JSON.treeToValue(content, CheckpointManifest.class);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
    commit.requireSound(file(round).toString());
    boolean complete =
        commit.slices().stream().allMatch(slice -> hasLength(slice.file(), slice.bytes()))
            && commit.segments().stream()
                .allMatch(segment -> hasLength(segment.file(), segment.bytes()));
    return complete ? Optional.of(commit) : Optional.empty();
  }

  private boolean hasLength(String name, long bytes) {
    Path file = new Path(folder, name);
    return storage.exists(file) && storage.status(file).getLen() == bytes;
  }

  private Path file(int round) {
    return new Path(folder, String.format(Locale.ROOT, "round-%06d.json", round));
  }
}
