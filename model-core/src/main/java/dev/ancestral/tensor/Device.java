package dev.ancestral.tensor;

/**
 * Where an engine computes.
 *
 * @param kind of processor
 * @param index among those the process sees; 0 for the CPU
 */
public record Device(Kind kind, int index) {

  /** The kinds of processor. */
  public enum Kind {
    CPU,
    CUDA
  }

  public Device {
    if (index < 0 || (kind == Kind.CPU && index > 0)) {
      throw new IllegalArgumentException("there is no device " + kind + " " + index);
    }
  }

  public static Device cpu() {
    return new Device(Kind.CPU, 0);
  }

  public static Device cuda(int index) {
    return new Device(Kind.CUDA, index);
  }

  /** {@code cpu} or {@code cuda:0}. */
  public String describe() {
    return kind == Kind.CPU ? "cpu" : "cuda:" + index;
  }
}
