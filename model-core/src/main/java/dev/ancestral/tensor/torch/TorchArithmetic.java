package dev.ancestral.tensor.torch;

import dev.ancestral.tensor.Arithmetic;
import dev.ancestral.tensor.NativeLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/**
 * The {@link Arithmetic} of this process.
 *
 * <p>OpenBLAS keeps a table of kernels for each processor that it knows and a pointer to the one in
 * use; the bindings have no function that names it, so the pointer is compared with the tables.
 * oneDNN does not tell what it chose: it takes the widest instructions that the processor has and
 * the environment allows.
 */
public final class TorchArithmetic {
  static {
    NativeLimits.lift();
  }

  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");
  private static final Pattern TORCH = Pattern.compile("TORCH_VERSION=([^,\\s]+)");
  private static final Pattern ONE_DNN = Pattern.compile("MKL-DNN v([0-9.]+)");
  private static final Pattern OPENBLAS = Pattern.compile("OpenBLAS [0-9.]+");
  private static final String UNKNOWN = "unknown";

  /** Every processor that OpenBLAS 0.3.31 has a table for, on x86-64 and on 64-bit ARM. */
  private static final List<String> CORES =
      List.of(
          "PRESCOTT",
          "CORE2",
          "NEHALEM",
          "SANDYBRIDGE",
          "HASWELL",
          "ZEN",
          "SKYLAKEX",
          "COOPERLAKE",
          "SAPPHIRERAPIDS",
          "BARCELONA",
          "BULLDOZER",
          "PILEDRIVER",
          "STEAMROLLER",
          "EXCAVATOR",
          "KATMAI",
          "COPPERMINE",
          "NORTHWOOD",
          "BANIAS",
          "ATHLON",
          "ARMV8",
          "CORTEXA53",
          "CORTEXA57",
          "CORTEXA72",
          "CORTEXA73",
          "FALKOR",
          "THUNDERX",
          "THUNDERX2T99",
          "TSV110",
          "EMAG8180",
          "NEOVERSEN1",
          "NEOVERSEV1",
          "NEOVERSEN2",
          "THUNDERX3T110",
          "VORTEX",
          "VORTEXM4",
          "CORTEXA55",
          "CORTEXX1",
          "ARMV8SVE",
          "ARMV9SME",
          "A64FX");

  /** oneDNN's names of instructions with the processor's flags that each adds, narrowest first. */
  private static final Map<String, List<String>> ISAS = isas();

  private TorchArithmetic() {}

  /** Of this process. Loads the libraries if nothing has yet. */
  public static Arithmetic inUse() {
    return InUse.ARITHMETIC;
  }

  private static final class InUse {
    static final Arithmetic ARITHMETIC = find();
  }

  private static Arithmetic find() {
    String build = torch.show_config().getString();
    Loader.load(openblas_nolapack.class);
    return new Arithmetic(
        first(TORCH, build, 1),
        torch.get_cpu_capability().getString(),
        first(OPENBLAS, openblas_nolapack.OPENBLAS_VERSION, 0),
        core(),
        threads(),
        first(ONE_DNN, build, 1),
        isa(flags(), variable("MAX_CPU_ISA")),
        floats(variable("DEFAULT_FPMATH_MODE")));
  }

  private static String first(Pattern pattern, String text, int group) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(group) : UNKNOWN;
  }

  private static String core() {
    Pointer chosen = Loader.addressof("gotoblas");
    if (chosen == null) {
      return UNKNOWN; // Built for one processor.
    }
    Pointer table = new PointerPointer<Pointer>(chosen).get();
    for (String core : CORES) {
      Pointer known = Loader.addressof("gotoblas_" + core);
      if (known != null && table != null && known.address() == table.address()) {
        return core;
      }
    }
    return UNKNOWN;
  }

  private static int threads() {
    Pointer count = Loader.addressof("blas_cpu_number");
    return count == null ? 1 : new IntPointer(count).get();
  }

  /** A variable of oneDNN, which had another name before. */
  private static String variable(String name) {
    String value = System.getenv("ONEDNN_" + name);
    return value == null ? System.getenv("DNNL_" + name) : value;
  }

  /**
   * What oneDNN may use.
   *
   * @param flags of the processor, as Linux names them
   * @param limit of the environment, or null
   */
  static String isa(Set<String> flags, String limit) {
    if (flags.isEmpty()) {
      return System.getProperty("os.arch");
    }
    List<String> names = new ArrayList<>(ISAS.keySet());
    String asked = limit == null ? "" : limit.toUpperCase(Locale.ROOT);
    int most = names.contains(asked) ? names.indexOf(asked) : names.size() - 1;
    String widest = "SSE2";
    for (String name : names.subList(0, most + 1)) {
      if (flags.containsAll(ISAS.get(name))) {
        widest = name;
      }
    }
    return widest;
  }

  private static String floats(String mode) {
    return mode == null || mode.isEmpty() ? "STRICT" : mode.toUpperCase(Locale.ROOT);
  }

  private static Set<String> flags() {
    try {
      return Files.readAllLines(PROCESSOR).stream()
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(line -> (Set<String>) new TreeSet<>(Arrays.asList(line.split("\\s+"))))
          .orElse(Set.of());
    } catch (IOException notLinux) {
      return Set.of();
    }
  }

  private static Map<String, List<String>> isas() {
    List<String> core = List.of("avx512f", "avx512bw", "avx512vl", "avx512dq");
    Map<String, List<String>> isas = new LinkedHashMap<>();
    isas.put("SSE41", List.of("sse4_1"));
    isas.put("AVX", List.of("avx"));
    isas.put("AVX2", List.of("avx2", "fma"));
    isas.put("AVX2_VNNI", List.of("avx2", "fma", "avx_vnni"));
    isas.put("AVX512_CORE", core);
    isas.put("AVX512_CORE_VNNI", and(core, "avx512_vnni"));
    isas.put("AVX512_CORE_BF16", and(core, "avx512_vnni", "avx512_bf16"));
    isas.put("AVX512_CORE_FP16", and(core, "avx512_vnni", "avx512_bf16", "avx512_fp16"));
    isas.put(
        "AVX512_CORE_AMX",
        and(core, "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16"));
    return isas;
  }

  private static List<String> and(List<String> some, String... more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(Arrays.asList(more));
    return List.copyOf(all);
  }
}
