package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceContext;
import dev.ancestral.data.transfer.JavaShuffle;
import dev.ancestral.random.RandomKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The prepare job: adds a split, or a division into splits, to a dataset directory.
 *
 * <p>Laws: every byte written is a function of the inputs and the {@link PrepareSpec}, not of
 * partitions, executors or time. Ids are the positions in the input, counted on from the largest id
 * that the dataset has. The same command again changes nothing. The manifest is committed last, so
 * that a failure at any point leaves the dataset as it was.
 */
public final class Preparation {
  private static final Pattern WRITTEN = Pattern.compile("(shard|keys)-\\d{5,}\\.parquet");

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final Storage storage;
  private final String output;
  private final Path folder;
  private final PrepareSpec spec;
  private final Consumer<String> progress;
  private final Writing writing;

  private Preparation(
      SparkSession session,
      Storage storage,
      String output,
      PrepareSpec spec,
      Consumer<String> progress,
      Writing writing) {
    this.session = session;
    spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.storage = storage;
    this.output = output;
    folder = storage.path(output);
    this.spec = spec;
    this.progress = progress;
    this.writing = writing;
  }

  /**
   * What came of it.
   *
   * @param dataset as it is now
   * @param changed false if it held the same already
   */
  public record Result(Dataset dataset, boolean changed) {}

  /** What a caller does before the directory changes; it may refuse. */
  public interface Writing {
    /** Nothing was found to refuse, and something is to be done. */
    void begins();

    /** The manifest is about to be written. */
    void commits();

    /** So many of the tasks that write shards are done; told every few seconds. */
    default void advances(int tasks, int all) {}

    /** For a directory that no other command uses. */
    static Writing unwatched() {
      return new Writing() {
        @Override
        public void begins() {}

        @Override
        public void commits() {}
      };
    }
  }

  /** As the other method, in a directory that no other command writes to. */
  public static Result run(
      SparkSession session,
      Storage storage,
      String output,
      PrepareSpec spec,
      Consumer<String> progress) {
    return run(session, storage, output, spec, progress, Writing.unwatched());
  }

  /**
   * Prepares a split, or several.
   *
   * @param output directory of the dataset, which may hold other splits
   * @param progress receives a line about each step
   * @param writing is asked before anything is written
   * @throws AncestralException (SPEC) if a split is there that was made otherwise, or the output
   *     cannot be written; (DATA) if an input is missing, damaged or unfit, or the dataset is
   *     damaged; (MISMATCH) if the examples do not fit those the dataset has; (INTERRUPTED) if a
   *     store failed
   */
  public static Result run(
      SparkSession session,
      Storage storage,
      String output,
      PrepareSpec spec,
      Consumer<String> progress,
      Writing writing) {
    spec.check();
    try {
      return new Preparation(session, storage, output, spec, progress, writing).run();
    } catch (Exception e) {
      // Spark wraps what a task threw, and throws checked exceptions that it does not declare.
      Optional<AncestralException> refusal = Failures.refusal(e);
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      throw e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
    }
  }

  private Result run() throws ExecutionException {
    Path manifestFile = new Path(folder, DatasetManifest.FILE);
    JavaRDD<InputFile> files =
        spec.source().readsFiles()
            ? InputFiles.list(spark, storage, spec.inputs(), spec.links(), spec.source())
            : spark.emptyRDD();
    DatasetManifest before = manifest(manifestFile);
    String fingerprint = fingerprint(files, before);
    if (!isDone(before, fingerprint)) {
      writing.begins();
      before = manifest(manifestFile); // Another command may have ended since.
    }
    if (isDone(before, fingerprint)) {
      progress.accept(output + " has " + spec.split() + " already, from the same inputs");
      return new Result(Dataset.open(storage, output), false);
    }
    progress.accept("looking through the input (" + spec.source() + ")");
    Source.Survey survey = spec.source().survey(context(files, before));
    if (!survey.description().isEmpty()) {
      progress.accept(survey.description());
    }
    Fit fit = Fit.of(survey, spec.binarize(), before, output);
    Written shards = write(survey, fit, before == null ? 0 : before.nextId());
    OptionalDouble entropy =
        spec.binarize() instanceof Binarization.None
            ? survey.entropyNats()
            : OptionalDouble.empty();
    Map<String, DatasetManifest.Split> splits =
        new LinkedHashMap<>(before == null ? Map.of() : before.splits());
    shards
        .entries()
        .forEach(
            (name, entries) ->
                splits.put(
                    name,
                    new DatasetManifest.Split(fingerprint, entropy, entries, shards.keys(name))));
    commit(
        manifestFile,
        before,
        new DatasetManifest(
            name(before),
            fit.event(),
            fit.classNames(),
            before == null ? survey.labelColumn() : before.labelColumn(),
            splits));
    return new Result(Dataset.open(storage, output), true);
  }

  private SourceContext context(JavaRDD<InputFile> files, DatasetManifest before) {
    return new SparkSourceContext(
        session,
        storage,
        files,
        spec.split() instanceof SplitRule.Named named ? named.name() : "",
        before == null ? Optional.empty() : Optional.of(before.event()));
  }

  private DatasetManifest manifest(Path file) {
    return storage.exists(file) ? Dataset.open(storage, output).manifest() : null;
  }

  private String name(DatasetManifest before) {
    return before == null ? folder.getName() : before.name();
  }

  /**
   * Of the command and of the version of every input. Files are summed, which needs no order and so
   * no list: the sum of hashes modulo 2^256 changes with any of them.
   */
  private String fingerprint(JavaRDD<InputFile> files, DatasetManifest before) {
    BigInteger modulus = BigInteger.ONE.shiftLeft(256);
    BigInteger sum = BigInteger.ZERO;
    for (byte[] part : files.mapPartitions(some -> List.of(sum(some)).iterator()).collect()) {
      sum = sum.add(new BigInteger(part)).mod(modulus);
    }
    return Sha256.of(
        bytes(
            spec.fingerprint()
                + spec.source().extraInputs(storage)
                + sum
                + spec.source().contents(context(files, before))));
  }

  private static byte[] sum(Iterator<InputFile> files) {
    BigInteger sum = BigInteger.ZERO;
    while (files.hasNext()) {
      sum = sum.add(new BigInteger(Sha256.of(bytes(files.next().version())), 16));
    }
    return sum.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private boolean isDone(DatasetManifest before, String fingerprint) {
    if (before == null) {
      return false;
    }
    List<String> same = new ArrayList<>();
    for (String split : spec.split().names()) {
      DatasetManifest.Split present = before.splits().get(split);
      if (present != null && present.inputs().equals(fingerprint)) {
        same.add(split);
      } else if (present != null) {
        throw new AncestralException(
            ErrorCode.SPEC,
            output
                + " has a split '"
                + split
                + "' already, made from other inputs or with other options ("
                + present.examples()
                + " examples); choose another split or output, or remove that directory");
      }
    }
    return same.equals(spec.split().names());
  }

  private Written write(Source.Survey survey, Fit fit, long firstId) throws ExecutionException {
    long examples = Math.min(survey.examples(), spec.limit());
    int shardSize = spec.shardSize() > 0 ? spec.shardSize() : ShardPlan.defaultSize(fit.event());
    ShardPlan plan =
        new ShardPlan(SplitPlan.of(spark, spec.split(), spec.seed(), firstId, examples), shardSize);
    refuseEmpty(plan, examples);
    progress.accept(
        String.format(
            Locale.ROOT,
            "%,d examples of %s in shards of %,d",
            examples,
            fit.event().describe(),
            shardSize));
    Source.Extraction extraction = survey.extract(fit.encoding());
    ShardTask task =
        new ShardTask(
            storage,
            folder.toString(),
            plan,
            extraction.decoder(),
            extraction.layout(),
            fit.labels(),
            spec.binarize(),
            fit.event(),
            RandomKey.of(spec.seed()),
            !extraction.keys().isEmpty());
    int partitions = Math.min(plan.shards(), 4 * spark.defaultParallelism());
    JavaPairRDD<BlockKey, Block> blocks =
        SparkPartitions.rdd(extraction.examples())
            .mapPartitionsToPair(some -> new Blocks(some, plan, examples));
    JavaRDD<byte[]> shards =
        JavaShuffle.sorted(blocks, new ShardPartitioner(plan.shards(), partitions))
            .mapPartitions(task::run);
    try {
      Written written =
          Written.of(
              plan,
              TaskResult.values(WatchedJob.collect(spark, shards, writing::advances)),
              extraction.keys(),
              examples);
      refuseUnshared(written.entries());
      return written;
    } catch (ExecutionException | RuntimeException e) {
      removeWritten(plan);
      throw e;
    }
  }

  /** A local folder is another one on each machine of a cluster. */
  private void refuseUnshared(Map<String, List<ShardEntry>> written) {
    for (List<ShardEntry> entries : written.values()) {
      for (ShardEntry entry : entries) {
        Path shard = new Path(folder, entry.file());
        if (!storage.exists(shard) || storage.status(shard).getLen() != entry.bytes()) {
          throw new AncestralException(
              ErrorCode.SPEC,
              "an executor wrote "
                  + shard
                  + ", but the driver does not see it; choose an output that all machines share");
        }
      }
    }
  }

  private void refuseEmpty(ShardPlan plan, long examples) {
    long[] counts = plan.splits().ranks(examples);
    for (String split : spec.split().names()) {
      if (counts[SplitRule.NAMES.indexOf(split)] == 0) {
        throw new AncestralException(
            ErrorCode.DATA,
            "split '"
                + split
                + "' would be empty: "
                + examples
                + " examples are too few for "
                + spec.split()
                + "; give more, or leave that split out");
      }
    }
  }

  private void commit(Path manifestFile, DatasetManifest before, DatasetManifest after) {
    writing.commits();
    DatasetManifest now = manifest(manifestFile);
    if (now == null ? before != null : !now.equals(before)) {
      throw new AncestralException(
          ErrorCode.INTERRUPTED,
          output + " was changed by another command meanwhile; run the same command again");
    }
    removeUnlisted(after);
    storage.commit(manifestFile, after.toJson());
    for (String name : spec.split().names()) {
      DatasetManifest.Split split = after.splits().get(name);
      progress.accept(
          String.format(
              Locale.ROOT,
              "%s: %,d examples in %,d shard%s",
              name,
              split.examples(),
              split.shards().size(),
              split.shards().size() == 1 ? "" : "s"));
    }
  }

  /** Removes files of interrupted runs, so that they are not read as data. */
  private void removeUnlisted(DatasetManifest after) {
    for (String split : spec.split().names()) {
      Path shards = new Path(folder, split);
      DatasetManifest.Split content = after.splits().get(split);
      List<String> listed =
          Stream.concat(
                  content.shards().stream().map(ShardEntry::file),
                  content.keys().files().stream().map(DatasetManifest.KeyFile::file))
              .toList();
      for (FileStatus file : storage.list(shards)) {
        String name = file.getPath().getName();
        if (WRITTEN.matcher(name).matches() && !listed.contains(split + "/" + name)) {
          storage.delete(file.getPath());
        }
      }
      storage.deleteUnfinished(shards);
    }
  }

  private void removeWritten(ShardPlan plan) {
    try {
      for (int shard = 0; shard < plan.shards(); shard++) {
        storage.delete(new Path(folder, plan.file(shard)));
        storage.delete(new Path(folder, plan.keyFile(shard)));
      }
      for (String split : spec.split().names()) {
        storage.deleteUnfinished(new Path(folder, split));
        storage.deleteIfEmpty(new Path(folder, split));
      }
      storage.deleteIfEmpty(folder);
    } catch (AncestralException e) {
      progress.accept("unlisted shards stay behind: " + e.getMessage());
    }
  }
}
