package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;

/** A distribution of an element that one number from the network gives the place of. */
public interface LocationDistribution extends Distribution {

  @Override
  default int parametersPerElement() {
    return 1;
  }

  /** The mean of every element in the units of the event, of the shape of the locations. */
  Tensor mean(Tensor location);
}
