package dev.ancestral.job.observe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.status.ProgressListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/** The observers that a spec names. */
public final class TrainingObservers implements TrainingObserver {
  private final List<TrainingObserver> observers = new ArrayList<>();

  private TrainingObservers() {}

  /**
   * The observers of a training.
   *
   * @param run its directory
   * @param document the whole spec as it was given
   * @param facts about the training: tags at a tracking server
   */
  public static TrainingObservers of(
      ObserveSpec spec,
      Storage storage,
      Path run,
      Map<String, Object> document,
      Map<String, String> facts,
      ProgressListener progress) {
    TrainingObservers all = new TrainingObservers();
    if (spec.tensorBoard()) {
      all.observers.add(new TensorBoardFiles(storage, run, new Warning(progress)));
    }
    spec.mlflow()
        .ifPresent(
            server ->
                all.observers.add(
                    new MlflowRun(
                        server,
                        new MlflowClient(server.uri(), System.getenv()),
                        storage,
                        run,
                        document,
                        facts,
                        new Warning(progress))));
    return all;
  }

  @Override
  public void committed(List<JsonNode> lines, boolean last) {
    observers.forEach(observer -> observer.committed(lines, last));
  }

  @Override
  public void finished() {
    observers.forEach(TrainingObserver::finished);
  }

  @Override
  public void failed(boolean resumable) {
    observers.forEach(observer -> observer.failed(resumable));
  }

  /** Files beside a run that belong to its observers and go when it is begun anew. */
  public static List<String> files() {
    return List.of(TensorBoardFiles.FOLDER, MlflowRun.FILE);
  }
}
