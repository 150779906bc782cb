package dev.ancestral.job.generate;

import dev.ancestral.AncestralException;
import dev.ancestral.data.Storage;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.spark.SparkApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * Scheduled generation: one directory and one seed for every {@link RunKey}, each made once.
 *
 * <p>A finished key stays as it is, whatever the link to the model leads to by then; a key that was
 * begun and not finished is finished with the model of now.
 */
public final class KeyedGeneration {
  private final SparkApplication application;
  private final Storage storage;
  private final ProgressListener progress;

  /**
   * @param application started only if there is something to draw
   */
  public KeyedGeneration(SparkApplication application, ProgressListener progress) {
    this.application = application;
    this.storage = application.storage();
    this.progress = progress;
  }

  /**
   * One run of the schedule.
   *
   * @param made false if it was there already
   */
  public record Result(RunKey key, String output, GenerationManifest manifest, boolean made) {

    /** One line for a person. */
    public String summary() {
      return made
          ? key.text() + ": " + manifest.summary() + " in " + output
          : key.text()
              + ": nothing to do, "
              + output
              + " has "
              + manifest.summary()
              + " of "
              + manifest.model();
    }
  }

  /**
   * Generates what is missing of some keys, in their order.
   *
   * @param request with the directory above those of the keys, and the seed of the schedule
   * @throws AncestralException as {@link GenerateJob#run}, of the first key that is refused
   */
  public List<Result> run(GenerateRequest request, List<RunKey> keys) {
    // A link that is moved meanwhile must not divide a key between two models.
    ModelDirectory model = ModelDirectory.open(storage, request.model());
    List<Result> results = new ArrayList<>();
    for (RunKey key : keys) {
      String output = request.output() + "/" + key.text();
      Optional<GenerationManifest> before = listed(output);
      if (!request.overwrite() && before.map(there -> isOfAnother(there, model)).orElse(false)) {
        results.add(new Result(key, output, before.get(), false));
        continue;
      }
      progress.message("generate: run key " + key.text());
      GenerateSpec spec = request.spec().withSeed(key.seed(request.spec().seed()));
      GenerationManifest after =
          new GenerateJob(application, progress)
              .run(new GenerateRequest(model.uri(), spec, output, request.overwrite()));
      results.add(new Result(key, output, after, !before.equals(Optional.of(after))));
    }
    return results;
  }

  private Optional<GenerationManifest> listed(String output) {
    Path directory = storage.path(output);
    if (!storage.exists(new Path(directory, GenerationManifest.FILE))) {
      return Optional.empty();
    }
    try {
      return Optional.of(GenerationManifest.read(storage, directory));
    } catch (AncestralException damaged) {
      return Optional.empty(); // It is the job's to judge.
    }
  }

  /** What the same model has made is for the job to verify. */
  private static boolean isOfAnother(GenerationManifest manifest, ModelDirectory model) {
    return !manifest.weights().equals(model.weightsSha256())
        || !manifest.modelSha256().equals(model.sha256());
  }
}
