package dev.ancestral.tensor.torch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch;

/**
 * The native libraries that this process has loaded.
 *
 * @param cuda version that they were built for; empty for those of the CPU alone
 * @param cudaDevices that they see
 * @param cpuCapability the widest instructions that they use here, for instance {@code AVX512}
 */
public record TorchNatives(Optional<String> cuda, int cudaDevices, String cpuCapability) {
  static {
    TorchLibrary.load();
  }

  private static final Pattern CUDA_VERSION = Pattern.compile("CUDA_VERSION=([0-9.]+)");

  /** Loads them if no engine has yet; an {@link Error} says that they cannot be. */
  public static TorchNatives loaded() {
    boolean cuda = torch.hasCUDA();
    Matcher version = CUDA_VERSION.matcher(torch.show_config().getString());
    return new TorchNatives(
        cuda
            ? Optional.of(version.find() ? version.group(1) : "of unknown version")
            : Optional.empty(),
        cuda && torch.cuda_is_available() ? torch.cuda_device_count() : 0,
        torch.get_cpu_capability().getString());
  }
}
