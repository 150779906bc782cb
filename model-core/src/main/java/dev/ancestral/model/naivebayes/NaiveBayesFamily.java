package dev.ancestral.model.naivebayes;

import dev.ancestral.Refusal;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Family;
import dev.ancestral.model.emission.Emission;

/**
 * Naive Bayes by its settings.
 *
 * <ul>
 *   <li>{@code likelihood}: {@code bernoulli}, {@code categorical} or {@code gaussian}
 *   <li>{@code classes}: {@code none} (default) or {@code label}, the label of the event
 *   <li>{@code components} (1): above 1 a hidden class, fitted by EM in {@code iterations} (100)
 *       from each of {@code restarts} (1) starting points
 *   <li>{@code smoothing} (1.0): α, added to the count of each value of a discrete element; the
 *       prior of the classes is not smoothed
 * </ul>
 */
public final class NaiveBayesFamily implements Family {

  @Override
  public String name() {
    return "naive-bayes";
  }

  @Override
  public Definition define(Settings settings, EventSpec event) {
    String likelihood = settings.text("likelihood", null, "bernoulli", "categorical", "gaussian");
    boolean labelled = settings.text("classes", "none", "none", "label").equals("label");
    int components = settings.count("components", 1, 1, 1_000_000);
    int iterations = settings.count("iterations", 100, 1, Integer.MAX_VALUE - 1);
    int restarts = settings.count("restarts", 1, 1, 1_000_000);
    double smoothing = settings.number("smoothing", 1.0, 0, 1e9);
    if (labelled && components > 1) {
      settings.wrong("components", components, "1 where classes is label");
    }
    if (event.variableLength()) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "naive-bayes models events of fixed shape; these are sequences of "
              + event.describe()
              + ": choose hmm");
    }
    if (labelled && !event.hasLabels()) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "model.classes is label but the data have none ("
              + event.describe()
              + "); prepare them with labels, or set classes to none");
    }
    NaiveBayes.Classes classes =
        labelled
            ? NaiveBayes.Classes.LABEL
            : components > 1 ? NaiveBayes.Classes.HIDDEN : NaiveBayes.Classes.NONE;
    int states = labelled ? event.classes() : components;
    // What was missing or wrong is already reported; the reading goes on with something that fits.
    String suitable = likelihood == null ? byElements(event) : likelihood;
    return new NaiveBayes(
        event, Emission.named(suitable, event, states, smoothing), classes, iterations, restarts);
  }

  private static String byElements(EventSpec event) {
    return event.isDiscrete() ? "categorical" : "gaussian";
  }
}
