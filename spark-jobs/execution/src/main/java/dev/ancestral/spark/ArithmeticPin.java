package dev.ancestral.spark;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.tensor.Arithmetic;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/**
 * What {@value #KEY} asks of the native libraries of every process. The levels select kernels that
 * every processor has which has those instructions, so that unlike machines compute alike.
 */
public enum ArithmeticPin {
  /** What each processor does best; processes that differ are refused. */
  NATIVE("", "", ""),
  /** The same, but processes may differ: bytes then depend on which of them did what. */
  ANY("", "", ""),
  /** Every x86-64 processor since 2011. */
  AVX("Sandybridge", "default", "AVX"),
  /** Every x86-64 processor of servers since 2013 (Intel) or 2017 (AMD). */
  AVX2("Haswell", "avx2", "AVX2"),
  /** Processors with AVX-512 F, BW, VL and DQ. */
  AVX512("SkylakeX", "avx512", "AVX512_CORE");

  /** Name of the setting. */
  public static final String KEY = "spark.ancestral.arithmetic";

  private final String core;
  private final String aten;
  private final String isa;

  ArithmeticPin(String core, String aten, String isa) {
    this.core = core;
    this.aten = aten;
    this.isa = isa;
  }

  /**
   * What a configuration asks for.
   *
   * @throws AncestralException (SPEC) if it is none of the levels
   */
  public static ArithmeticPin of(SparkConf conf) {
    String value = conf.get(KEY, "native");
    for (ArithmeticPin pin : values()) {
      if (pin.text().equals(value)) {
        return pin;
      }
    }
    throw new AncestralException(
        ErrorCode.SPEC,
        KEY
            + " is "
            + value
            + "; it must be one of "
            + Arrays.stream(values()).map(ArithmeticPin::text).collect(Collectors.joining(", ")));
  }

  private String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether processes may differ. */
  boolean allowsAny() {
    return this == ANY;
  }

  /** What has to be in the environment of a process before it starts. */
  public Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    if (!core.isEmpty()) {
      variables.put("OPENBLAS_CORETYPE", core);
      variables.put("ATEN_CPU_CAPABILITY", aten);
      variables.put("ONEDNN_MAX_CPU_ISA", isa);
    }
    return variables;
  }

  /** Why an arithmetic is not what is asked for, and how to mend it; empty if it is. */
  Optional<String> obstacle(Arithmetic arithmetic) {
    Map<String, String> chosen = arithmetic.environment();
    boolean same =
        variables().entrySet().stream()
            .allMatch(entry -> entry.getValue().equalsIgnoreCase(chosen.get(entry.getKey())));
    return same
        ? Optional.empty()
        : Optional.of(
            "computes with "
                + arithmetic.describe()
                + ", and "
                + KEY
                + " is "
                + text()
                + "; the variables "
                + words(variables())
                + " must be in the environment of every process before it starts, as bin/ancestral"
                + " puts them there, and its processor must have these instructions");
  }

  /** How to make every process compute as one does. */
  static String advice(Arithmetic arithmetic) {
    return "use equal machines, or pin all of them by --conf "
        + KEY
        + "=avx2 (a level that all have), or to just this by the variables "
        + words(arithmetic.environment())
        + " in the environment of bin/ancestral and in spark.executorEnv";
  }

  private static String words(Map<String, String> variables) {
    return variables.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(" "));
  }
}
