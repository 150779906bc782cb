package dev.ancestral.data.loader;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;

/**
 * Which examples each replica uses at each step: a pure function of the spec, so every replica
 * knows the examples of all others.
 *
 * <p>The split's N positions are divided into R contiguous ranges whose sizes differ by at most
 * one; in each epoch a replica visits its own range in an order drawn from the seed, every example
 * once. A range larger than a window is visited window by window (windows in random order, a random
 * order within each), so that data larger than memory can be streamed.
 *
 * @param examples N
 * @param replicas R
 * @param batchSize examples of a step of one replica
 * @param window examples shuffled together
 */
public record DistributedSampler(long examples, int replicas, int batchSize, int window)
    implements Serializable {

  /** Bytes of decoded examples that a window may hold. */
  private static final long WINDOW_BYTES = 256L << 20;

  private static final int WINDOW_EXAMPLES = 1 << 16;

  public DistributedSampler {
    if (examples < replicas) {
      throw new dev.ancestral.AncestralException(
          dev.ancestral.ErrorCode.SPEC,
          "replicas is "
              + replicas
              + " but the training split has "
              + examples
              + " examples; give at most as many replicas as examples");
    }
  }

  /** A sampler of the training examples, in windows that fit memory. */
  public static DistributedSampler of(Dataset dataset, int replicas, int batchSize) {
    return of(dataset.split("train").examples(), replicas, batchSize, bytesPerExample(dataset));
  }

  /** A sampler whose windows fit memory for examples of this size. */
  public static DistributedSampler of(
      long examples, int replicas, int batchSize, long bytesPerExample) {
    return new DistributedSampler(
        examples, replicas, batchSize, window(batchSize, bytesPerExample));
  }

  private static int window(int batchSize, long bytesPerExample) {
    long fitting = Math.max(batchSize, WINDOW_BYTES / Math.max(1, bytesPerExample));
    return (int) Math.min(WINDOW_EXAMPLES, fitting);
  }

  private static long bytesPerExample(Dataset dataset) {
    DatasetManifest.Split train = dataset.split("train");
    long bytes = train.shards().stream().mapToLong(shard -> shard.bytes()).sum();
    return Math.max(dataset.event().size(), bytes / Math.max(1, train.examples()));
  }

  /** Heap that a replica's window takes, about. */
  public static long windowBytes(Dataset dataset, int replicas, int batchSize) {
    long each = bytesPerExample(dataset);
    long range = dataset.split("train").examples() / Math.max(1, replicas) + 1;
    return each * Math.min(range, window(batchSize, each));
  }

  /** First position of a replica's range. */
  public long start(int replica) {
    return examples * replica / replicas;
  }

  /** Examples in a replica's range. */
  public long size(int replica) {
    return start(replica + 1) - start(replica);
  }

  /** Steps of an epoch: the largest range in batches. */
  public long stepsPerEpoch() {
    long largest = (examples + replicas - 1) / replicas;
    return (largest + batchSize - 1) / batchSize;
  }

  /** Examples that a replica uses at a step. */
  public int count(int replica, long step) {
    long from = (step % stepsPerEpoch()) * batchSize;
    return (int) Math.max(0, Math.min(batchSize, size(replica) - from));
  }

  /** Examples that all replicas use at a step. */
  public long total(long step) {
    long total = 0;
    for (int replica = 0; replica < replicas; replica++) {
      total += count(replica, step);
    }
    return total;
  }

  /** Examples that a replica uses in steps [from, to). */
  public long count(int replica, long from, long to) {
    long perEpoch = stepsPerEpoch();
    return (to / perEpoch - from / perEpoch) * size(replica)
        + Math.min(size(replica), (to % perEpoch) * batchSize)
        - Math.min(size(replica), (from % perEpoch) * batchSize);
  }

  /** Examples that all replicas use in steps [from, to). */
  public long total(long from, long to) {
    long total = 0;
    for (int replica = 0; replica < replicas; replica++) {
      total += count(replica, from, to);
    }
    return total;
  }

  /** The order of one epoch of one replica. */
  public EpochPermutation order(RandomKey key, int replica, long epoch) {
    return new EpochPermutation(
        key.fold("order").fold(epoch).fold(replica), start(replica), size(replica), window);
  }

  /** Positions that are shuffled together: [start, end). */
  public record Window(long start, long end) {}

  /** An order of the positions [start, start + size), window by window. */
  public static final class EpochPermutation {
    private final RandomKey key;
    private final long start;
    private final long size;
    private final int window;
    private final int[] windows;
    private int cached = -1;
    private int[] inside;

    private EpochPermutation(RandomKey key, long start, long size, int window) {
      this.key = key;
      this.start = start;
      this.size = size;
      this.window = window;
      this.windows = key.permutation(Math.toIntExact((size + window - 1) / window));
    }

    /** Positions number {@code from} (inclusive) to {@code to} (exclusive) of the order. */
    public long[] positions(long from, long to) {
      long[] positions = new long[(int) (to - from)];
      int filled = 0;
      long before = 0;
      for (int visit = 0; visit < windows.length && filled < positions.length; visit++) {
        long windowStart = (long) windows[visit] * window;
        int windowSize = (int) Math.min(window, size - windowStart);
        if (from + filled < before + windowSize) {
          int[] order = inside(windows[visit], windowSize);
          while (filled < positions.length && from + filled < before + windowSize) {
            positions[filled] = start + windowStart + order[(int) (from + filled - before)];
            filled++;
          }
        }
        before += windowSize;
      }
      return positions;
    }

    /** Number of windows. */
    public int windows() {
      return windows.length;
    }

    /** The window that number {@code at} of the order lies in, counted as they are visited. */
    public int visit(long at) {
      long before = 0;
      for (int visit = 0; visit < windows.length; visit++) {
        before += Math.min(window, size - (long) windows[visit] * window);
        if (at < before) {
          return visit;
        }
      }
      throw new IllegalArgumentException("number " + at + " of an order of " + size);
    }

    /** The positions of the window that is visited as the {@code visit}-th. */
    public Window window(int visit) {
      long first = (long) windows[visit] * window;
      return new Window(start + first, start + Math.min(size, first + window));
    }

    private int[] inside(int index, int windowSize) {
      if (cached != index) {
        inside = key.fold(index).permutation(windowSize);
        cached = index;
      }
      return inside;
    }
  }
}
