package dev.ancestral.job.generate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.Storage;
import dev.ancestral.job.generate.rows.SampleTable;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.status.RateProgress;
import dev.ancestral.model.EventSpec;
import dev.ancestral.spark.ArithmeticPin;
import dev.ancestral.spark.CommonArithmetic;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.spark.TaskRunner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * Draws samples as a Spark job. Sample i is a pure function of model, seed, i and batch width, and
 * parts hold fixed ranges of ids, so the bytes depend on neither partitions nor executors; a job
 * that is run again keeps the parts that are whole and makes the others.
 */
public final class GenerateJob {
  // Up to here the driver verifies finished parts itself, quicker than Spark starts.
  private static final long BYTES_VERIFIED_BY_DRIVER = 256L << 20;

  private final SparkApplication application;
  private final Storage storage;
  private final ProgressListener progress;

  /**
   * @param application started only if there is something to draw
   */
  public GenerateJob(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.storage = application.storage();
    this.progress = progress;
  }

  /**
   * Generates; what is there of the same inputs is verified and kept.
   *
   * @throws AncestralException (SPEC) if another generation lies in the output or the request does
   *     not suit the model, (DATA) if the model is missing or damaged, (CLUSTER) if executors
   *     compute differently
   */
  public GenerationManifest run(GenerateRequest request) {
    Path output = storage.path(request.output());
    return OutputSession.fill(
        storage,
        output,
        "generate",
        progress,
        running -> generate(request, output, running),
        GenerationManifest::summary);
  }

  private GenerationManifest generate(GenerateRequest request, Path output, OutputSession running) {
    ModelDirectory model = ModelDirectory.open(storage, request.model());
    GenerateSpec spec = request.spec().withNumber(model.classNames(), model.event().classes());
    requireSuitable(model.event(), spec);
    Optional<SampleFormat> format = SampleFormat.of(spec.format(), model.event());
    spec.table().ifPresent(table -> SampleTable.of(model, model.event(), table.withId()));
    SamplePlan plan = SamplePlan.of(model, spec);
    boolean replace = request.overwrite() || !running.isDone();
    GenerationManifest listed = listed(output, plan.fingerprint(), request.overwrite(), replace);
    if (listed != null && format.isEmpty() && isComplete(listed, output, spec)) {
      if (!running.isDone()) { // Killed before it could tidy up.
        running.begin();
        new OrphanCleaner(storage, output).delete(listed);
      }
      progress.message("generate: " + output + " is complete and its inputs are unchanged");
      return listed;
    }
    running.begin();
    listed =
        withTable(
            listed(output, plan.fingerprint(), request.overwrite(), replace),
            spec,
            output,
            request.overwrite());
    Path records = new Path(output, OrphanCleaner.RECORDS + plan.fingerprint().substring(0, 16));
    if (listed == null) {
      storage.retract(new Path(output, GenerationManifest.FILE));
      new OrphanCleaner(storage, output).deleteRecords(records.getName());
    }
    List<MadePart> parts = parts(plan, spec.tasks(), output, records, listed);
    Map<String, Storage.Written> files = new TreeMap<>();
    Optional<GenerationManifest.Table> table = Optional.empty();
    if (listed != null) {
      files.putAll(listed.files());
      table = listed.table();
    }
    if (spec.table().isPresent()) {
      table =
          Optional.of(
              new TableStage(application, progress, output)
                  .write(
                      plan,
                      new GenerateRequest(
                          request.model(), spec, request.output(), request.overwrite()),
                      parts,
                      records,
                      table,
                      files));
    }
    if (format.isPresent()) {
      files.putAll(export(parts, spec.tasks(), output, format.get(), files));
    }
    if (spec.preview()) {
      progress.phase("preview");
      files.putAll(new Preview(storage, output).write(parts));
    }
    // A part that is listed does not say of its own how many samples have no end.
    long unended =
        listed == null ? parts.stream().mapToLong(MadePart::unended).sum() : listed.unended();
    GenerationManifest manifest = manifest(plan, parts, files, unended, table);
    running.requireHeld();
    storage.commit(new Path(output, GenerationManifest.FILE), manifest.toJson());
    new OrphanCleaner(storage, output).delete(manifest);
    return manifest;
  }

  /**
   * The manifest without another table than the one that is asked for, which goes before the new
   * one comes: readers of the folder never see two.
   *
   * @param listed may be null
   */
  private GenerationManifest withTable(
      GenerationManifest listed, GenerateSpec spec, Path output, boolean overwrite) {
    if (listed == null || listed.isTable(spec.table())) {
      return listed;
    }
    if (!overwrite) {
      throw new AncestralException(
          ErrorCode.SPEC,
          output
              + " holds its samples as a table, "
              + listed.table().orElseThrow().output().describe()
              + ", and they are asked for as "
              + spec.table().orElseThrow().describe()
              + "; choose another output, or replace the table with --overwrite");
    }
    GenerationManifest without = listed.withoutTable();
    storage.commit(new Path(output, GenerationManifest.FILE), without.toJson());
    storage.delete(new Path(output, SampleFormat.TABLE));
    return without;
  }

  /** What no sampler of such events could do, before anything is written. */
  static void requireSuitable(EventSpec event, GenerateSpec spec) {
    if (spec.label().isPresent() && spec.label().getAsInt() >= event.classes()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "label is "
              + spec.label().getAsInt()
              + (event.hasLabels()
                  ? "; the model has labels 0 to " + (event.classes() - 1) + ": choose one of these"
                  : "; the model was trained on examples without labels: leave it out"));
    }
    if (spec.length().isPresent() && !event.variableLength()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "length is "
              + spec.length().getAsInt()
              + "; the model draws events of fixed shape, "
              + event.describe()
              + ": leave it out");
    }
  }

  /**
   * The manifest of the same inputs that is there, or null.
   *
   * @param torn whether one that does not verify counts as absent, as after a command that was
   *     killed while it wrote it
   */
  private GenerationManifest listed(Path output, String inputs, boolean overwrite, boolean torn) {
    if (!storage.exists(new Path(output, GenerationManifest.FILE))) {
      return null;
    }
    GenerationManifest manifest;
    try {
      manifest = GenerationManifest.read(storage, output);
    } catch (AncestralException damaged) {
      if (torn && !damaged.code().retryable()) {
        return null;
      }
      throw damaged;
    }
    if (manifest.inputs().equals(inputs)) {
      return manifest;
    }
    if (overwrite) {
      return null;
    }
    throw new AncestralException(
        ErrorCode.SPEC,
        output
            + " holds another generation ("
            + manifest.count()
            + " samples of "
            + manifest.model()
            + " with seed "
            + manifest.seed()
            + "); choose another output, or replace it with --overwrite");
  }

  /** Whether all is there, found out without Spark; false also where that would take long. */
  private boolean isComplete(GenerationManifest listed, Path output, GenerateSpec spec) {
    long bytes = listed.parts().stream().mapToLong(ShardEntry::bytes).sum();
    if (spec.table().isPresent()) {
      // What another program keeps takes Spark to look at.
      boolean seen =
          listed.table().map(table -> table.content().isEmpty()).orElse(false)
              && listed.isTable(spec.table());
      bytes += listed.tableBytes();
      if (!seen) {
        return false;
      }
    }
    if (bytes > BYTES_VERIFIED_BY_DRIVER || (spec.preview() && !Preview.isIn(listed.files()))) {
      return false;
    }
    boolean files =
        listed.files().entrySet().stream()
            .filter(file -> !SampleFormat.isFolder(file.getKey()))
            .filter(file -> spec.table().isPresent() || !SampleFormat.isOfTable(file.getKey()))
            .allMatch(file -> isWhole(new Path(output, file.getKey()), file.getValue()));
    return files
        && listed.parts().stream()
            .allMatch(
                part ->
                    isWhole(
                        new Path(output, part.file()),
                        new Storage.Written(part.bytes(), part.sha256())));
  }

  private boolean isWhole(Path file, Storage.Written written) {
    return storage.exists(file)
        && storage.status(file).getLen() == written.bytes()
        && Sha256.of(storage, file).equals(written.sha256());
  }

  /** Verifies or makes every part; returns them in the order of their ids. */
  private List<MadePart> parts(
      SamplePlan plan, OptionalInt tasks, Path output, Path records, GenerationManifest listed) {
    List<PartTask.Order> orders = new ArrayList<>();
    for (SamplePlan.Part part : plan.parts()) {
      MadePart known =
          listed == null
              ? null
              : new MadePart(
                  listed.parts().get(part.index()), listed.event(), listed.computedBy(), 0);
      orders.add(new PartTask.Order(part, known));
    }
    MadePart[] parts = new MadePart[orders.size()];
    CommonArithmetic.requireFor(plan.model().definition(), application.context());
    progress.phase("sampling");
    RateProgress rate = new RateProgress(progress, "samples", plan.count(), 0);
    TaskRunner.run(
        application.context(),
        "generate: " + plan.model().family(),
        orders,
        part -> List.of(),
        tasks,
        new PartTask(storage, output.toString(), records.toString(), plan),
        (index, done) -> {
          requireIds(orders.get(index).part(), done.part().entry());
          requireSame(orders.get(index).listed(), done.part());
          parts[index] = done.part();
          rate.add(done.part().entry().examples());
        });
    for (MadePart part : parts) {
      requireSameEngine(parts[0], part);
    }
    return Arrays.asList(parts);
  }

  /** Every id once: parts are fixed ranges of ids, which follow on one another. */
  private static void requireIds(SamplePlan.Part asked, ShardEntry made) {
    if (made.firstId() != asked.firstId()
        || made.lastId() != asked.endId() - 1
        || made.examples() != asked.samples()) {
      throw new IllegalStateException(
          made.file()
              + " holds ids "
              + made.firstId()
              + " to "
              + made.lastId()
              + " and "
              + made.examples()
              + " samples; asked for were "
              + asked.firstId()
              + " to "
              + (asked.endId() - 1));
    }
  }

  /** A part that was made again must be the part that the manifest lists. */
  private static void requireSame(MadePart listed, MadePart made) {
    if (listed == null) {
      return;
    }
    requireSameEngine(listed, made);
    if (!listed.entry().contentSha256().equals(made.entry().contentSha256())) {
      throw new IllegalStateException(
          made.entry().file() + " was made again by the same engine with other samples");
    }
  }

  private static void requireSameEngine(MadePart one, MadePart other) {
    if (!one.computedBy().equals(other.computedBy())) {
      throw new AncestralException(
          ErrorCode.CLUSTER,
          "parts would differ in their last bits: "
              + one.entry().file()
              + " was computed by "
              + one.computedBy()
              + ", "
              + other.entry().file()
              + " by "
              + other.computedBy()
              + "; use equal machines, or pin all of them by --conf "
              + ArithmeticPin.KEY
              + "=avx2 (a level that all have), and start in an empty output");
    }
  }

  private Map<String, Storage.Written> export(
      List<MadePart> parts,
      OptionalInt tasks,
      Path output,
      SampleFormat format,
      Map<String, Storage.Written> listed) {
    progress.phase("writing " + format.extension());
    RateProgress rate = new RateProgress(progress, "parts", parts.size(), 0);
    Map<String, Storage.Written> folders = new TreeMap<>();
    List<ExportTask.Order> orders = new ArrayList<>();
    for (MadePart part : parts) {
      String folder = format.folder(part.entry().file());
      orders.add(new ExportTask.Order(part, folder, listed.get(folder)));
    }
    TaskRunner.run(
        application.context(),
        "generate: writing " + format.extension(),
        orders,
        part -> List.of(),
        tasks,
        new ExportTask(storage, output.toString(), format),
        (index, written) -> {
          folders.put(orders.get(index).folder(), written);
          rate.add(1);
        });
    return folders;
  }

  private static GenerationManifest manifest(
      SamplePlan plan,
      List<MadePart> parts,
      Map<String, Storage.Written> files,
      long unended,
      Optional<GenerationManifest.Table> table) {
    return new GenerationManifest(
        plan.fingerprint(),
        plan.model().uri(),
        plan.model().sha256(),
        plan.model().weightsSha256(),
        plan.seed(),
        plan.count(),
        plan.batchWidth(),
        parts.get(0).event(),
        parts.get(0).computedBy(),
        parts.stream().map(MadePart::entry).toList(),
        files,
        unended,
        plan.condition().given(),
        plan.condition().counts(),
        table);
  }
}
