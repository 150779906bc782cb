package dev.ancestral.tensor;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What computes with the numbers of a process on the CPU: the libraries and the kernels that they
 * chose by its processor and its environment. Sums are rounded in the order in which a kernel adds,
 * so equal programs give equal bytes only where these are equal.
 *
 * @param torch version of libtorch
 * @param aten instructions of libtorch's own kernels, for instance {@code AVX2}
 * @param blas library of matrix products with its version, for instance {@code OpenBLAS 0.3.31}
 * @param core kernels that it chose, by the name of a processor, for instance {@code HASWELL}
 * @param blasThreads among which it divides a product
 * @param oneDnn version of oneDNN, which convolves
 * @param isa widest instructions that oneDNN may use, for instance {@code AVX2}
 * @param floats what oneDNN may round float32 to within a product; {@code STRICT}: nothing
 */
public record Arithmetic(
    String torch,
    String aten,
    String blas,
    String core,
    int blasThreads,
    String oneDnn,
    String isa,
    String floats)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** For people, and for comparing: equal texts give equal bytes. */
  public String describe() {
    return "libtorch "
        + torch
        + " with "
        + aten
        + ", "
        + blas
        + " with kernels "
        + core
        + " on "
        + blasThreads
        + (blasThreads == 1 ? " thread" : " threads")
        + ", oneDNN "
        + oneDnn
        + " with "
        + isa
        + (floats.equals("STRICT") ? "" : ", float32 as " + floats);
  }

  /** By name, for records. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("libtorch", torch);
    map.put("aten_cpu_capability", aten);
    map.put("blas", blas);
    map.put("blas_kernels", core);
    map.put("blas_threads", blasThreads);
    map.put("onednn", oneDnn);
    map.put("onednn_isa", isa);
    map.put("onednn_fpmath_mode", floats);
    return map;
  }

  /** From such a record; empty if something is missing in it. */
  public static Optional<Arithmetic> of(Map<?, ?> map) {
    List<String> texts = new ArrayList<>();
    for (String key :
        List.of(
            "libtorch",
            "aten_cpu_capability",
            "blas",
            "blas_kernels",
            "onednn",
            "onednn_isa",
            "onednn_fpmath_mode")) {
      if (map.get(key) instanceof String text) {
        texts.add(text);
      }
    }
    return texts.size() == 7 && map.get("blas_threads") instanceof Number threads
        ? Optional.of(
            new Arithmetic(
                texts.get(0),
                texts.get(1),
                texts.get(2),
                texts.get(3),
                threads.intValue(),
                texts.get(4),
                texts.get(5),
                texts.get(6)))
        : Optional.empty();
  }

  /** What differs, as {@code "name: ours, theirs"}; empty if nothing does. */
  public List<String> differences(Arithmetic other) {
    List<String> differences = new ArrayList<>();
    Map<String, Object> theirs = other.toMap();
    toMap()
        .forEach(
            (name, ours) -> {
              if (!ours.equals(theirs.get(name))) {
                differences.add(name + ": " + ours + ", " + theirs.get(name));
              }
            });
    return differences;
  }

  /**
   * The environment variables that make the libraries of another process choose the same, if its
   * processor can.
   */
  public Map<String, String> environment() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("OPENBLAS_CORETYPE", core);
    variables.put("ATEN_CPU_CAPABILITY", aten.toLowerCase(Locale.ROOT));
    variables.put("ONEDNN_MAX_CPU_ISA", isa);
    variables.put("OPENBLAS_NUM_THREADS", Integer.toString(blasThreads));
    return variables;
  }
}
