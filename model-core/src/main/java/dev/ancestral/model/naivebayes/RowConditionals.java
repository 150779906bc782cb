package dev.ancestral.model.naivebayes;

import dev.ancestral.distribution.statistics.BoundEmission;
import dev.ancestral.distribution.statistics.BoundRows;
import dev.ancestral.distribution.statistics.Probabilities;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.RowModel;
import dev.ancestral.model.RowModel.Completion;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowSchema;
import java.util.Arrays;

/**
 * Conditional distributions of a mixture of rows, exact by Bayes' rule: given a row the class has
 * p(c | row), and given the class the columns are independent.
 *
 * @param logPrior log p(c), [C]
 */
record RowConditionals(EventSpec event, BoundRows emission, double[] logPrior) {

  /** p(c) of draws: given that every column of the row may be drawn, [C]. */
  double[] drawnPrior() {
    double[] log = emission.logDrawable();
    for (int c = 0; c < log.length; c++) {
      log[c] += logPrior[c];
    }
    return distribution(log);
  }

  /** exp of logarithms up to a factor, with sum 1; the prior where all are −∞. */
  private double[] distribution(double[] log) {
    double sum = Probabilities.logSumExp(log);
    double[] terms = sum == Double.NEGATIVE_INFINITY ? logPrior : log;
    double shift = sum == Double.NEGATIVE_INFINITY ? 0 : sum;
    return Arrays.stream(terms).map(term -> Math.exp(term - shift)).toArray();
  }

  private void eachJoint(Batch x, BoundNaiveBayes.JointConsumer consumer) {
    BoundNaiveBayes.eachJoint(event, emission, logPrior, x, consumer);
  }

  double[][] componentProbabilities(Batch x) {
    double[][] result = new double[x.size()][];
    eachJoint(x, (i, joint) -> result[i] = distribution(joint));
    return result;
  }

  double logProbGiven(float[] values, boolean[] given) {
    double[] joint = logPrior.clone();
    emission.addLogGiven(values, 0, given, false, joint);
    return Probabilities.logSumExp(joint);
  }

  /** Draws of the other columns: the elements of the rows, and the class of each. */
  float[] sampleGiven(long[] ids, float[] values, boolean[] given, RandomKey key, int[] classes) {
    double[] joint = logPrior.clone();
    emission.addLogGiven(values, 0, given, true, joint);
    double[] cumulative = Probabilities.cumulative(distribution(joint), joint.length);
    BoundEmission.Sampler sampler = emission.sampler(1);
    RowSchema schema = emission.schema();
    float[] drawn = new float[Math.multiplyExact(ids.length, event.size())];
    for (int i = 0; i < ids.length; i++) {
      RandomKey own = key.fold(ids[i]);
      double uniform = own.fold(BoundNaiveBayes.CLASS_DRAW).uniform(0);
      classes[i] = Probabilities.drawn(cumulative, 0, joint.length, uniform);
      int at = i * event.size();
      sampler.sample(classes[i], own.fold(BoundNaiveBayes.ELEMENT_DRAWS), 0, drawn, at);
      for (int c = 0; c < given.length; c++) {
        int begin = schema.begin(c);
        int elements = given[c] ? schema.columns().get(c).type().elements() : 0;
        System.arraycopy(values, begin, drawn, at + begin, elements);
      }
    }
    return drawn;
  }

  RowModel.Look look(Batch x, boolean byColumn) {
    double[] logProb = new double[x.size()];
    int[] components = new int[x.size()];
    double[][] columns = byColumn ? new double[x.size()][event.variables()] : null;
    eachJoint(
        x,
        (i, joint) -> {
          logProb[i] = Probabilities.logSumExp(joint);
          boolean possible = logProb[i] > Double.NEGATIVE_INFINITY;
          components[i] = highest(possible ? joint : logPrior);
          if (byColumn) {
            emission.columnLogProb(x.values(), i * event.size(), logPrior, joint, columns[i]);
          }
        });
    return new RowModel.Look(logProb, components, columns);
  }

  Batch complete(Batch x, Completion how, RandomKey key) {
    x.requireOf(event);
    float[] values = x.values().clone();
    BoundRows.Filler filler = how == Completion.DRAW ? emission.drawing() : emission.modes();
    double[] joint = new double[logPrior.length];
    for (int i = 0; i < x.size(); i++) {
      RandomKey own = key.fold(x.ids()[i]);
      System.arraycopy(logPrior, 0, joint, 0, joint.length);
      emission.addLogObserved(values, i * event.size(), joint);
      double[] posterior = distribution(joint);
      int drawn =
          how == Completion.DRAW
              ? Probabilities.drawn(
                  Probabilities.cumulative(posterior, posterior.length),
                  0,
                  posterior.length,
                  own.fold(BoundNaiveBayes.CLASS_DRAW).uniform(0))
              : highest(posterior);
      filler.fill(drawn, own.fold(BoundNaiveBayes.ELEMENT_DRAWS), 0, values, i * event.size());
    }
    return new Batch(x.event(), x.ids(), values, x.labels(), x.lengths());
  }

  private static int highest(double[] posterior) {
    int highest = 0;
    for (int c = 1; c < posterior.length; c++) {
      highest = posterior[c] > posterior[highest] ? c : highest;
    }
    return highest;
  }
}
