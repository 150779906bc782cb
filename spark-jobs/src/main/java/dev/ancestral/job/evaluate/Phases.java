package dev.ancestral.job.evaluate;

import dev.ancestral.data.Dataset;
import dev.ancestral.job.evaluate.subset.Selection;
import dev.ancestral.job.evaluate.subset.SmallestTask;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.status.RateProgress;
import dev.ancestral.spark.CommonArithmetic;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.spark.TaskRunner;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** The phases of an evaluation: Spark jobs of independent units that tell how far they are. */
public final class Phases {
  private final SparkApplication application;
  private final ProgressListener progress;
  private final OptionalInt tasks;

  /**
   * @param application started by the first phase
   */
  public Phases(SparkApplication application, ProgressListener progress) {
    this(application, progress, OptionalInt.empty());
  }

  private Phases(SparkApplication application, ProgressListener progress, OptionalInt tasks) {
    this.application = application;
    this.progress = progress;
    this.tasks = tasks;
  }

  /** The same in so many tasks a phase at most; if empty, in one for each unit. */
  public Phases in(OptionalInt most) {
    return new Phases(application, progress, most);
  }

  /** Refuses (CLUSTER) executors whose scores would differ in their last bits. */
  void requireCommonArithmetic(ModelDirectory model) {
    CommonArithmetic.requireFor(model.definition(), application.context());
  }

  /** What each of some units gives, which are known by their number, in their order. */
  public <R extends Serializable> List<R> onEach(
      String phase, int units, TaskRunner.Work<Integer, R> work) {
    return run(
        phase,
        "parts",
        IntStream.range(0, units).boxed().toList(),
        unit -> 1,
        unit -> List.of(),
        0,
        work);
  }

  /**
   * What each of some pieces of a split gives, in their order, worked on where they lie if the file
   * system has such places.
   *
   * @param plan that the pieces are of
   * @param done examples of other pieces that were done before
   */
  <R extends Serializable> List<R> onPieces(
      String phase,
      ScorePlan plan,
      List<ScorePlan.Piece> pieces,
      long done,
      TaskRunner.Work<ScorePlan.Piece, R> work) {
    Map<Integer, List<String>> hosts = new HashMap<>();
    return run(
        phase,
        "examples",
        pieces,
        ScorePlan.Piece::rows,
        index ->
            hosts.computeIfAbsent(
                pieces.get(index).shard(),
                shard -> List.copyOf(plan.dataset().hosts(plan.split(), shard).keySet())),
        done,
        work);
  }

  /** The examples of each shard of a split among which the N of smallest keyed hash are. */
  public List<Selection.Entry[]> smallest(Dataset data, String split, long limit) {
    return onEach(
        "choosing examples",
        data.split(split).shards().size(),
        new SmallestTask(data, split, limit));
  }

  private <U extends Serializable, R extends Serializable> List<R> run(
      String phase,
      String counted,
      List<U> units,
      ToLongFunction<U> size,
      IntFunction<List<String>> places,
      long done,
      TaskRunner.Work<U, R> work) {
    progress.phase(phase);
    long total = done + units.stream().mapToLong(size).sum();
    RateProgress rate = new RateProgress(progress, counted, total, done);
    List<R> results = new ArrayList<>(Collections.nCopies(units.size(), null));
    TaskRunner.run(
        application.context(),
        "evaluate: " + phase,
        units,
        places,
        tasks,
        work,
        (index, result) -> {
          results.set(index, result);
          rate.add(size.applyAsLong(units.get(index)));
        });
    return results;
  }
}
