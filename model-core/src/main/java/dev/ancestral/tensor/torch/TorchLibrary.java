package dev.ancestral.tensor.torch;

import dev.ancestral.tensor.NativeLimits;
import dev.ancestral.tensor.NativeShutdown;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * Loads libtorch, with JavaCPP's settings before and the end of the process prepared behind. By one
 * thread: JavaCPP's classes initialise each other, and two threads would wait for each other.
 */
final class TorchLibrary {
  private static boolean loaded;

  private TorchLibrary() {}

  /** To be called before libtorch is used; an {@link Error} says that it cannot be loaded. */
  static synchronized void load() {
    if (!loaded) {
      NativeLimits.lift();
      Loader.load(torch.class);
      NativeShutdown.arm();
      loaded = true;
    }
  }
}
