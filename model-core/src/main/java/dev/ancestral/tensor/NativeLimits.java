package dev.ancestral.tensor;

import java.nio.file.Path;
import java.util.List;

/**
 * JavaCPP's settings for a process of a cluster, unless the user made them.
 *
 * <p>Its own limits on native memory are off. To enforce them it reads the process's memory from
 * the kernel under a global lock each time a native object is made, and it fails above four times
 * the Java heap, which says nothing about what a model may need. Scopes free native memory here, so
 * neither is wanted.
 *
 * <p>In a container of YARN the native libraries are unpacked into the container's own folder,
 * which YARN removes with it, and not into the home of the account that the NodeManager runs as,
 * which may not be there or may not be written.
 */
public final class NativeLimits {
  private static final String PREFIX = "org.bytedeco.javacpp.";

  /** Set by YARN in every container, beside the folder that the process starts in. */
  private static final String CONTAINER = "CONTAINER_ID";

  private NativeLimits() {}

  /**
   * To be called before JavaCPP's first class is loaded; later the settings have no effect. It
   * prepares the end of the process too ({@link NativeShutdown}).
   */
  public static void lift() {
    for (String limit : List.of("maxBytes", "maxPhysicalBytes")) {
      setUnlessSet(limit, "0");
    }
    if (System.getenv(CONTAINER) != null && System.getProperty(PREFIX + "cacheDir") == null) {
      setUnlessSet("cachedir", Path.of("javacpp").toAbsolutePath().toString());
    }
    NativeShutdown.arm();
  }

  private static void setUnlessSet(String name, String value) {
    if (System.getProperty(PREFIX + name) == null) {
      System.setProperty(PREFIX + name, value);
    }
  }
}
