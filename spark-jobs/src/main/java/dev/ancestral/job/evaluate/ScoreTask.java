package dev.ancestral.job.evaluate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Shard;
import dev.ancestral.data.Storage;
import dev.ancestral.estimator.Diagnostic;
import dev.ancestral.estimator.Estimator;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.TaskDevice;
import dev.ancestral.spark.TaskRunner;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** Scores a piece on an executor and writes the scores to a file; the driver gets its length. */
record ScoreTask(Storage storage, String folder, String statesFolder, ScorePlan plan)
    implements TaskRunner.Work<ScorePlan.Piece, Long> {
  private static final long serialVersionUID = 1L;

  @Override
  public Long on(ScorePlan.Piece piece) {
    ScoredRows rows;
    try (LoadedModel loaded = plan.load(TaskDevice.assigned())) {
      Shard shard = plan.dataset().shard(plan.split(), piece.shard());
      Storage.Written states =
          plan.hiddenStates() ? writeStates(loaded, shard, piece) : new Storage.Written(0, "");
      rows = score(plan, loaded, shard, piece).withStates(states);
    }
    return storage.write(new Path(folder, piece.file()), out -> rows.writeTo(out)).bytes();
  }

  /** Written before the scores: where there are scores, there are states. */
  private Storage.Written writeStates(LoadedModel loaded, Shard shard, ScorePlan.Piece piece) {
    if (!(loaded.model() instanceof HiddenStateModel states)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "hidden states are asked for, which "
              + plan.model().family()
              + " does not have; leave out --hidden-states");
    }
    int[] selected = plan.selection().rows(shard.ids());
    return storage.write(
        new Path(statesFolder, HiddenStates.file(piece)),
        out ->
            HiddenStates.write(
                out,
                row -> {
                  for (int from = piece.from(); from < piece.to(); from += plan.batchWidth()) {
                    int to = Math.min(piece.to(), from + plan.batchWidth());
                    Batch batch = shard.batch(Arrays.copyOfRange(selected, from, to));
                    List<HiddenStateModel.Path> paths = states.mostProbablePaths(batch);
                    double[][] posteriors = states.posteriors(batch);
                    for (int i = 0; i < batch.size(); i++) {
                      row.accept(batch.ids()[i], paths.get(i), posteriors[i]);
                    }
                  }
                }));
  }

  /** Scores a piece, without its hidden states. */
  static ScoredRows score(ScorePlan plan, LoadedModel loaded, Shard shard, ScorePlan.Piece piece) {
    int count = piece.to() - piece.from();
    int repeats = plan.repeats();
    long[] ids = new long[count];
    double[] nats = new double[count];
    List<Diagnostic> told = plan.estimator().diagnostics();
    double[][] diagnostics = new double[told.size()][count];
    boolean labelled =
        plan.model().event().hasLabels() && loaded.model() instanceof ClassifyingModel;
    double[] joint = new double[labelled ? count : 0];
    long[] elements = new long[count];
    int correct = labelled ? 0 : -1;
    double[][] byRepeat = new double[repeats][count];
    Optional<DiscreteNats> masses = DiscreteNats.of(plan, loaded.model());
    double[] discrete = new double[masses.isPresent() ? count : 0];
    ScoreBatches batches = new ScoreBatches(plan, shard, piece);
    for (int[] arranged : batches.arrangement()) {
      ScoreBatches.Slots slots = batches.batch(arranged);
      Batch batch = slots.batch();
      for (int row = 0; row < batch.size(); row++) {
        if (slots.of()[row] >= 0) {
          ids[slots.of()[row]] = batch.ids()[row];
          elements[slots.of()[row]] = batch.observedElements(row);
        }
      }
      for (int repeat = 0; repeat < repeats; repeat++) {
        Estimator.Scores scores = scores(plan, loaded, batch, repeat);
        for (int row = 0; row < batch.size(); row++) {
          int i = slots.of()[row];
          if (i >= 0) {
            byRepeat[repeat][i] = requireNumber(plan, scores.nats()[row], batch.ids()[row]);
            nats[i] += byRepeat[repeat][i] / repeats;
            for (int d = 0; d < diagnostics.length; d++) {
              diagnostics[d][i] += scores.diagnostics().get(told.get(d))[row] / repeats;
            }
          }
        }
      }
      for (int row = 0; masses.isPresent() && row < batch.size(); row++) {
        int i = slots.of()[row];
        if (i >= 0) {
          discrete[i] = masses.get().of(batch, row, nats[i]);
        }
      }
      if (labelled) {
        correct += classify((ClassifyingModel) loaded.model(), slots, joint);
      }
    }
    double[] repeatSums = new double[repeats];
    for (int repeat = 0; repeat < repeats; repeat++) {
      for (double value : byRepeat[repeat]) { // In the order of the examples.
        repeatSums[repeat] += value;
      }
    }
    return new ScoredRows(
        ids,
        nats,
        repeatSums,
        elements,
        joint,
        correct,
        diagnostics,
        loaded.computedBy(),
        discrete,
        new Storage.Written(0, ""));
  }

  private static Estimator.Scores scores(
      ScorePlan plan, LoadedModel loaded, Batch batch, int repeat) {
    RandomKey key = RandomKey.of(plan.seed()).fold("evaluate").fold(repeat);
    return plan.estimator().score(loaded.model(), batch, key);
  }

  private static int classify(ClassifyingModel model, ScoreBatches.Slots slots, double[] joint) {
    double[][] byClass = model.jointLogProb(slots.batch());
    int correct = 0;
    for (int row = 0; row < byClass.length; row++) {
      if (slots.of()[row] < 0) {
        continue;
      }
      int label = slots.batch().labels()[row];
      joint[slots.of()[row]] = byClass[row][label];
      int best = 0;
      for (int c = 1; c < byClass[row].length; c++) {
        if (byClass[row][c] > byClass[row][best]) {
          best = c;
        }
      }
      correct += best == label ? 1 : 0;
    }
    return correct;
  }

  private static double requireNumber(ScorePlan plan, double nats, long id) {
    if (Double.isNaN(nats)) {
      throw new AncestralException(
          ErrorCode.DATA,
          "the model in "
              + plan.model().uri()
              + " scores example "
              + id
              + " with not a number; either an element of it is missing (NaN) and the family cannot"
              + " do without, or training diverged: mend the data, or train again");
    }
    return nats;
  }
}
