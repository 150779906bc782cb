package dev.ancestral.job.generate.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Classes and the proportions in which samples are drawn from them.
 *
 * @param shares by the name or number of a class, above 0; only their ratios count
 */
public record LabelShares(Map<String, BigDecimal> shares) {
  // Powers of ten that a share may have are few, so that exact arithmetic stays cheap.
  private static final int MOST_DIGITS = 30;
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
  private static final int HALF = 20;

  public LabelShares {
    shares = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(shares));
  }

  /**
   * Reads {@code NAME=SHARE,NAME=SHARE}.
   *
   * @throws AncestralException (SPEC) if it is anything else
   */
  public static LabelShares parse(String text) {
    Map<String, BigDecimal> shares = new LinkedHashMap<>();
    for (String entry : text.split(",", -1)) {
      int equals = entry.lastIndexOf('=');
      String name = equals < 1 ? "" : entry.substring(0, equals).trim();
      BigDecimal share = share(entry.substring(equals + 1).trim());
      if (name.isEmpty() || share == null) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "labels has '"
                + entry
                + "'; it must be NAME=SHARE,NAME=SHARE with shares above 0, such as"
                + " yes=0.3,no=0.7");
      }
      if (shares.put(name, share) != null) {
        throw new AncestralException(
            ErrorCode.SPEC, "labels names '" + name + "' twice; name a class once");
      }
    }
    return new LabelShares(shares);
  }

  private static BigDecimal share(String text) {
    try {
      BigDecimal share = new BigDecimal(text).stripTrailingZeros();
      boolean exact = share.precision() <= MOST_DIGITS && Math.abs(share.scale()) <= MOST_DIGITS;
      return exact && share.signum() > 0 ? share : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** As it is written. */
  public String text() {
    return shares.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue().toPlainString())
        .collect(Collectors.joining(","));
  }

  /**
   * How many samples each class gets: the share of the count, rounded down, and one more for those
   * of the largest remainders (Hamilton 1792), of equal ones the first named.
   *
   * @param numbers of the classes, in the order of the shares
   * @param classes that the model has
   */
  public Allocation allocate(long count, List<Integer> numbers, int classes) {
    List<BigDecimal> given = List.copyOf(shares.values());
    BigDecimal sum = given.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    long[] counts = new long[classes];
    List<BigDecimal> remainders = new ArrayList<>();
    long left = count;
    for (int i = 0; i < given.size(); i++) {
      BigDecimal[] quota = given.get(i).multiply(BigDecimal.valueOf(count)).divideAndRemainder(sum);
      counts[numbers.get(i)] = quota[0].longValueExact();
      left -= quota[0].longValueExact();
      remainders.add(quota[1]);
    }
    List<Integer> largestFirst =
        IntStream.range(0, given.size())
            .boxed()
            .sorted(Comparator.comparing(remainders::get, Comparator.reverseOrder()))
            .toList();
    for (int i = 0; i < left; i++) {
      counts[numbers.get(largestFirst.get(i))]++;
    }
    return new Allocation(count, stride(count), counts);
  }

  /**
   * Prime to the count and nearest to its golden section, whose multiples spread evenly over [0,
   * count) from the first on.
   */
  private static long stride(long count) {
    long golden = Math.round(count * GOLDEN);
    for (long away = 0; away < count; away++) {
      for (long stride : new long[] {golden - away, golden + away}) {
        if (stride > 0 && isPrimeTo(count, stride)) {
          return stride;
        }
      }
    }
    return 1;
  }

  private static boolean isPrimeTo(long count, long stride) {
    return BigInteger.valueOf(stride).gcd(BigInteger.valueOf(count)).equals(BigInteger.ONE);
  }

  /**
   * The class of every sample: exactly so many of each, spread over the ids.
   *
   * @param count of samples
   * @param stride prime to it: id i takes place i · stride mod count in the order of the classes
   * @param counts of each class
   */
  public record Allocation(long count, long stride, long[] counts) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The class of a sample; of ids from the count on, that of the id modulo the count. */
    public int label(long id) {
      long place = place(id % count);
      for (int label = 0; label < counts.length; label++) {
        place -= counts[label];
        if (place < 0) {
          return label;
        }
      }
      throw new IllegalStateException("id " + id + " of " + count + " has no class");
    }

    /** id · stride mod count; the count is 2^40 at most, so the product is taken in halves. */
    private long place(long id) {
      long high = Math.floorMod((id >> HALF) * stride, count);
      long low = (id & ((1L << HALF) - 1)) * stride;
      return (Math.floorMod(high << HALF, count) + low % count) % count;
    }

    /** By the name of a class, or its number where it has none. */
    public Map<String, Long> byName(List<String> classNames) {
      Map<String, Long> byName = new TreeMap<>();
      for (int label = 0; label < counts.length; label++) {
        if (counts[label] > 0) {
          byName.put(
              label < classNames.size() ? classNames.get(label) : String.valueOf(label),
              counts[label]);
        }
      }
      return byName;
    }
  }
}
