package dev.ancestral.job.twosample;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.Phases;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.likelihood.twosample.ClassifierComparison;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.SparkApplication;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * Fits a classifier to half of the draws of a model and half of the held-out examples and asks
 * whether it can tell the other halves apart.
 */
public final class ClassifierJob extends SampleComparison<ClassifierReport> {
  private static final int LEAST = 4;

  /**
   * @param application started only if there is something to compute
   */
  public ClassifierJob(SparkApplication application, ProgressListener progress) {
    super(ClassifierMethod.NAME, application, progress);
  }

  @Override
  void requireComparable(long heldOut, int samples) {
    BoostedTrees.requireMllib(ClassifierMethod.NAME);
    if (heldOut < LEAST || samples < LEAST) {
      throw new AncestralException(
          heldOut < LEAST ? ErrorCode.DATA : ErrorCode.SPEC,
          samples
              + " samples (--samples) are to be compared with "
              + heldOut
              + " examples (--limit); c2st fits a classifier to half of them and takes at least "
              + LEAST
              + " of each");
    }
  }

  @Override
  Map<String, Object> settings(Dataset data, String split) {
    return BoostedTrees.settings();
  }

  @Override
  ClassifierReport report(
      Heading heading, Phases phases, Dataset data, ComparedVectors vectors, RandomKey key) {
    Halves halves = Halves.of(vectors, key.fold("halves"));
    progress().phase("fitting a classifier");
    double[] logOdds =
        BoostedTrees.logOdds(
            application().session(),
            halves.fittedSamples(),
            halves.fittedHeldOut(),
            halves.judged(),
            new int[0],
            key.fold("trees").bits(0));
    int samples = halves.judgedSamples();
    return new ClassifierReport(
        heading.inputs(),
        heading.subject(),
        vectors.samples(),
        vectors.heldOut(),
        logOdds.length,
        PERMUTATIONS,
        heading.seed(),
        ClassifierComparison.of(
            Arrays.copyOf(logOdds, samples),
            Arrays.copyOfRange(logOdds, samples, logOdds.length),
            PERMUTATIONS,
            key.fold("labels")),
        heading.seconds());
  }

  @Override
  ClassifierReport read(Storage storage, Path file) {
    return ClassifierReport.read(storage, file);
  }

  /**
   * Rows that the classifier is fitted to, and rows that it judges.
   *
   * @param judged samples, then held-out examples
   * @param judgedSamples how many of them are samples
   */
  private record Halves(
      List<float[]> fittedSamples,
      List<float[]> fittedHeldOut,
      float[][] judged,
      int judgedSamples) {

    /**
     * Halves at random. A sample of a sequence has the length of the held-out example of its
     * number, and goes into the same half where there are as many of both.
     */
    static Halves of(ComparedVectors vectors, RandomKey key) {
      int[] ranks = key.permutation(vectors.heldOut());
      List<float[]> fittedSamples = new ArrayList<>();
      List<float[]> fittedHeldOut = new ArrayList<>();
      List<float[]> judged = new ArrayList<>();
      divide(vectors, 0, vectors.samples(), ranks, fittedSamples, judged);
      int judgedSamples = judged.size();
      divide(vectors, vectors.samples(), vectors.heldOut(), ranks, fittedHeldOut, judged);
      return new Halves(
          fittedSamples, fittedHeldOut, judged.toArray(float[][]::new), judgedSamples);
    }

    private static void divide(
        ComparedVectors vectors,
        int first,
        int count,
        int[] ranks,
        List<float[]> fitted,
        List<float[]> judged) {
      Integer[] order = new Integer[count];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, Comparator.comparingInt(i -> ranks[i % ranks.length]));
      for (int i = 0; i < count; i++) {
        (i < count / 2 ? fitted : judged).add(vectors.rows()[first + order[i]]);
      }
    }
  }
}
