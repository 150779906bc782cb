package dev.ancestral.model;

import dev.ancestral.random.RandomKey;

/**
 * A distribution p(x; θ) with its parameters: it can be sampled, and its kind says how it is
 * scored.
 *
 * <p>Kinds are types, so that asking an implicit model for an exact likelihood does not compile. A
 * model belongs to one thread and holds native memory until it is closed.
 */
public sealed interface GenerativeModel extends AutoCloseable
    permits ExactModel, BoundModel, ImplicitModel {

  EventSpec event();

  /**
   * Draws one example for each id; the draw of an id depends on the model, the key, the id and the
   * number of ids in the call, and on nothing else.
   *
   * @param ids names of the draws, [B]
   * @param key of the whole generation; example id uses {@code key.fold(id)}
   * @return B examples
   * @throws dev.ancestral.AncestralException (SPEC) if the request does not suit the model
   */
  Batch sample(long[] ids, RandomKey key, SampleRequest request);

  @Override
  void close();
}
