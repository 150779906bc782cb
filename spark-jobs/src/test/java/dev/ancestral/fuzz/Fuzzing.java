package dev.ancestral.fuzz;

import com.sun.management.ThreadMXBean;
import dev.ancestral.AncestralException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;

/**
 * Gives a parser one file after another and holds it to its word: success or a {@link
 * AncestralException} that says something, and no more memory than the file deserves.
 */
final class Fuzzing {
  // Buffers of fixed size, and what a first use loads.
  private static final long ALLOWANCE = 32L << 20;
  // The largest honest ratios: a byte of a packed picture is 8,256 pixels of some bytes each, one
  // of
  // any other packed file a thousand numbers.
  private static final long ALLOWANCE_PER_BYTE_OF_A_PICTURE = 1L << 17;
  private static final long ALLOWANCE_PER_BYTE = 1L << 14;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final boolean measured;
  private long executions;
  private long accepted;
  private long mostAllocated;

  /** One that counts what is allocated. */
  Fuzzing() {
    this(true);
  }

  private Fuzzing(boolean measured) {
    this.measured = measured;
  }

  /** One that leaves memory to the limit of the heap, for whoever allocates on the same thread. */
  static Fuzzing unmeasured() {
    return new Fuzzing(false);
  }

  /** Parses mutations of the seeds until the time is over or the number is reached. */
  void run(FuzzTarget target, long seed, long most, long nanos) throws IOException {
    Mutator mutator = new Mutator(seed, Seeds.of(target));
    long end = System.nanoTime() + nanos;
    for (long i = 0; i < most && System.nanoTime() < end; i++) {
      parse(target, mutator.next());
    }
  }

  /**
   * Parses one file.
   *
   * @throws AssertionError if anything but success or a refusal comes of it, or too much memory was
   *     allocated; its message has the file in hexadecimal
   */
  void parse(FuzzTarget target, byte[] file) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    executions++;
    try {
      target.parse(file);
      accepted++;
    } catch (AncestralException refusal) {
      String message = refusal.getMessage();
      if (message == null || message.isBlank() || message.length() > 100_000) {
        throw finding(target, file, "a refusal that says " + message, refusal);
      }
      if (refusal.code().retryable()) {
        throw finding(target, file, "a bad file that is called a lost store", refusal);
      }
    } catch (IOException | RuntimeException | Error failure) {
      throw finding(target, file, failure.toString(), failure);
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    mostAllocated = Math.max(mostAllocated, allocated);
    long perByte =
        target == FuzzTarget.IMAGES ? ALLOWANCE_PER_BYTE_OF_A_PICTURE : ALLOWANCE_PER_BYTE;
    if (measured && allocated > ALLOWANCE + perByte * file.length) {
      throw finding(target, file, allocated + " bytes allocated", null);
    }
  }

  private static AssertionError finding(
      FuzzTarget target, byte[] file, String what, Throwable cause) {
    return new AssertionError(
        target + ": " + what + ", of " + HexFormat.of().formatHex(file), cause);
  }

  /** What came of it, for a person. */
  String summary(FuzzTarget target) {
    return String.format(
        java.util.Locale.ROOT,
        "fuzz %-18s %,9d files, %,7d accepted, the others refused; at most %,d KiB allocated",
        target.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
        executions,
        accepted,
        mostAllocated >> 10);
  }
}
