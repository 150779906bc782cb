package dev.ancestral.job.train.replica;

import dev.ancestral.model.quality.FeatureStatistics;
import dev.ancestral.model.quality.ModeCounts;
import java.io.Serializable;

/**
 * How draws of a model compare with held-out examples; signals of several replicas add up.
 *
 * @param heldOut features of the examples
 * @param drawn features of as many draws
 * @param modes classes of the draws, or null where the data have no labels
 */
public record SampleSignals(FeatureStatistics heldOut, FeatureStatistics drawn, ModeCounts modes)
    implements Serializable {

  public void merge(SampleSignals other) {
    heldOut.merge(other.heldOut);
    drawn.merge(other.drawn);
    if (modes != null) {
      modes.merge(other.modes);
    }
  }
}
