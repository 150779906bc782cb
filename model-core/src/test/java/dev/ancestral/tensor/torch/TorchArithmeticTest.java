package dev.ancestral.tensor.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.tensor.Arithmetic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the libraries of a process chose, asked of processes with other environments. */
class TorchArithmeticTest {
  private static final Set<String> ZEN3 = Set.of("sse4_1", "avx", "avx2", "fma");

  /** Prints what a process uses. */
  static final class Tell {
    private Tell() {}

    public static void main(String[] args) {
      System.out.println(TorchArithmetic.inUse().describe());
      System.out.println(TorchArithmetic.inUse().environment());
    }
  }

  private static String with(Map<String, String> variables) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Tell.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().putAll(variables);
    return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void the_kernels_are_those_that_the_environment_names() throws IOException {
    String old =
        with(
            Map.of(
                "OPENBLAS_CORETYPE", "Nehalem",
                "ATEN_CPU_CAPABILITY", "default",
                "ONEDNN_MAX_CPU_ISA", "SSE41",
                "OPENBLAS_NUM_THREADS", "1"));
    assertTrue(old.contains("OpenBLAS 0.3.31 with kernels NEHALEM on 1 thread"), old);
    assertTrue(old.contains(" with DEFAULT, "), old);
    assertTrue(old.contains(" with SSE41"), old);
    assertTrue(old.contains("OPENBLAS_CORETYPE=NEHALEM"), old);
    String newer = with(Map.of("OPENBLAS_CORETYPE", "Sandybridge", "OPENBLAS_NUM_THREADS", "1"));
    assertTrue(newer.contains("with kernels SANDYBRIDGE"), newer);
    assertNotEquals(old, newer);
  }

  @Test
  void what_is_in_use_is_known_and_survives_its_record() {
    Arithmetic here = TorchArithmetic.inUse();
    assertFalse(here.describe().contains("unknown"), here.describe());
    assertEquals(Optional.of(here), Arithmetic.of(here.toMap()));
    assertEquals(List.of(), here.differences(here));
    assertEquals(Optional.empty(), Arithmetic.of(Map.of("libtorch", "2.10.0")));
  }

  @Test
  void one_dnn_takes_the_widest_that_is_there_and_allowed() {
    assertEquals("AVX2", TorchArithmetic.isa(ZEN3, null));
    assertEquals("AVX2", TorchArithmetic.isa(ZEN3, "AVX512_CORE"));
    assertEquals("AVX", TorchArithmetic.isa(ZEN3, "avx"));
    assertEquals("AVX2", TorchArithmetic.isa(ZEN3, "no such name"));
    Set<String> skylake =
        Set.of(
            "sse4_1",
            "avx",
            "avx2",
            "fma",
            "avx512f",
            "avx512bw",
            "avx512vl",
            "avx512dq",
            "avx512_vnni");
    assertEquals("AVX512_CORE_VNNI", TorchArithmetic.isa(skylake, null));
    assertEquals("AVX512_CORE", TorchArithmetic.isa(skylake, "AVX512_CORE"));
    assertEquals("AVX2", TorchArithmetic.isa(skylake, "AVX2"));
  }
}
