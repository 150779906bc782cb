package dev.ancestral.tensor;

import java.util.List;

/**
 * Turns off JavaCPP's own limits on native memory, unless the user set them.
 *
 * <p>To enforce them it reads the process's memory from the kernel under a global lock each time a
 * native object is made, and it fails above four times the Java heap, which says nothing about what
 * a model may need. Scopes free native memory here, so neither is wanted.
 */
public final class NativeLimits {
  private NativeLimits() {}

  /** To be called before JavaCPP's first class is loaded; later it has no effect. */
  public static void lift() {
    for (String limit : List.of("maxBytes", "maxPhysicalBytes")) {
      String property = "org.bytedeco.javacpp." + limit;
      if (System.getProperty(property) == null) {
        System.setProperty(property, "0");
      }
    }
  }
}
