package dev.ancestral.job.evaluate;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.job.evaluate.subset.SmallestTask;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.spark.TaskDevice;
import dev.ancestral.spark.TaskRunner;
import dev.ancestral.tensor.Device;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Measures how much more probable training examples are than held-out ones, without keeping their
 * scores. The examples are chosen, put into batches and scored as by {@link EvaluateJob}, so the
 * result is the one of an evaluation with {@code --train-sample}, to the last bit.
 */
public final class TrainGapJob {
  private static final String TRAIN = "train";

  private final JavaSparkContext spark;
  private final String title;
  private final boolean onCpu;

  /**
   * @param title what the Spark jobs are called
   * @param onCpu whether tasks leave GPUs alone that Spark assigns to them
   */
  public TrainGapJob(JavaSparkContext spark, String title, boolean onCpu) {
    this.spark = spark;
    this.title = title;
    this.onCpu = onCpu;
  }

  /**
   * Scores both.
   *
   * @param spec names the split, the estimator, its seed and how many examples of each are scored
   */
  public TrainGap run(ModelDirectory model, Dataset dataset, EvaluateSpec spec) {
    ScorePlan heldOut = ScorePlan.of(model, dataset, spec);
    Moments held = moments(heldOut, spec.limit());
    Moments train =
        moments(heldOut.withSplit(TRAIN), OptionalLong.of(spec.trainSample().orElse(held.count())));
    return TrainGap.of(train, held);
  }

  private Moments moments(ScorePlan all, OptionalLong limit) {
    ScorePlan.Chosen chosen =
        limit.isEmpty()
            ? all.everything()
            : all.limited(
                limit.getAsLong(),
                onEach(
                    "choosing",
                    IntStream.range(0, all.dataset().split(all.split()).shards().size())
                        .boxed()
                        .toList(),
                    new SmallestTask(all.dataset(), all.split(), limit.getAsLong())));
    ScorePlan plan = all.withSelection(chosen.selection());
    Moments moments = new Moments();
    onEach("scoring", plan.pieces(chosen.rows()), new MomentsTask(plan, onCpu))
        .forEach(moments::merge);
    return moments;
  }

  private <U extends Serializable, R extends Serializable> List<R> onEach(
      String what, List<U> units, TaskRunner.Work<U, R> work) {
    List<R> results = new ArrayList<>(Collections.nCopies(units.size(), null));
    TaskRunner.run(spark, title + ": " + what, units, work, results::set);
    return results;
  }

  /** The mean and the variance of the scores of a piece. */
  private record MomentsTask(ScorePlan plan, boolean onCpu)
      implements TaskRunner.Work<ScorePlan.Piece, Moments> {
    private static final long serialVersionUID = 1L;

    @Override
    public Moments on(ScorePlan.Piece piece) {
      try (LoadedModel loaded = plan.load(onCpu ? Device.cpu() : TaskDevice.assigned())) {
        Shard shard = plan.dataset().shard(plan.split(), piece.shard());
        return Moments.of(ScoreTask.score(plan, loaded, shard, piece).nats());
      }
    }
  }
}
