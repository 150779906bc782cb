package dev.ancestral.data.source.synthetic;

import dev.ancestral.data.Example;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.OptionalDouble;

/**
 * A distribution over examples that is known, so that a model's gap to the truth can be read off:
 * no model's expected −log p(x) is below the entropy.
 */
public sealed interface Distribution extends Serializable
    permits Digits, Bernoulli, Markov, Parity, Gaussian, Customers {

  EventSpec event();

  /** Entropy in nats an example (differential for real numbers), where it has a closed form. */
  OptionalDouble entropyNats();

  /**
   * The example with this id: a pure function of key and id.
   *
   * @param key of the example alone
   */
  Example draw(long id, RandomKey key);
}
