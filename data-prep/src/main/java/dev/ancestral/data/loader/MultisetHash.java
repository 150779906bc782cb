package dev.ancestral.data.loader;

import dev.ancestral.random.RandomKey;
import java.io.Serializable;

/**
 * How often which examples were used: a number of uses and, in two lanes, the sum mod 2⁶⁴ of a hash
 * of each id. Two hashes are equal when the same ids were used equally often, in whatever order and
 * by whichever replica; an example dropped and another one doubled leaves the number alone, but not
 * the sums (but for one chance in 2¹²⁸).
 *
 * <p>Laws: {@link #plus} is associative and commutative, and {@link #NONE} is its zero.
 *
 * <p>Paper: Clarke, Devadas, van Dijk, Gassend, Suh (2003), "Incremental multiset hash functions
 * and their application to memory integrity checking", MSet-Add-Hash. Differs from the paper: the
 * key is no secret, because the audit guards against accidents, not against attackers.
 *
 * @param uses how many
 * @param first lane
 * @param second lane
 */
public record MultisetHash(long uses, long first, long second) implements Serializable {
  /** Nothing used. */
  public static final MultisetHash NONE = new MultisetHash(0, 0, 0);

  private static final RandomKey FIRST = RandomKey.of(0).fold("ledger").fold(1);
  private static final RandomKey SECOND = RandomKey.of(0).fold("ledger").fold(2);

  /** One use of each of these ids. */
  public static MultisetHash of(long[] ids) {
    long first = 0;
    long second = 0;
    for (long id : ids) {
      first += FIRST.bits(id);
      second += SECOND.bits(id);
    }
    return new MultisetHash(ids.length, first, second);
  }

  /** The uses of both. */
  public MultisetHash plus(MultisetHash other) {
    return new MultisetHash(uses + other.uses, first + other.first, second + other.second);
  }
}
