package dev.ancestral.spark;

import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;

/**
 * The environment variables that select the kernels of the native libraries, and with them the last
 * bits of what they compute. The libraries read them once, when they are loaded, so they have to be
 * there before a process starts. Processes of one machine inherit them; containers do not.
 */
public final class ArithmeticEnvironment {
  /** Kernels of OpenBLAS, of libtorch and of oneDNN, and what oneDNN may round operands to. */
  public static final List<String> KERNELS =
      List.of(
          "OPENBLAS_CORETYPE",
          "ATEN_CPU_CAPABILITY",
          "ONEDNN_MAX_CPU_ISA",
          "DNNL_MAX_CPU_ISA",
          "ONEDNN_DEFAULT_FPMATH_MODE",
          "DNNL_DEFAULT_FPMATH_MODE");

  /** Threads of the natives' own pools, of which a task has one. */
  public static final List<String> THREADS = List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS");

  private static final String EXECUTORS = "spark.executorEnv.";
  private static final List<String> DRIVERS =
      List.of("spark.yarn.appMasterEnv.", "spark.kubernetes.driverEnv.");

  private ArithmeticEnvironment() {}

  /**
   * Gives executors the kernels of the process that starts them, and one thread a library, unless
   * the configuration says otherwise; what {@link ArithmeticPin#KEY} asks for comes first.
   *
   * @param environment of that process
   */
  static void provide(SparkConf conf, Map<String, String> environment) {
    THREADS.forEach(name -> conf.setIfMissing(EXECUTORS + name, "1"));
    ArithmeticPin.of(conf)
        .variables()
        .forEach((name, value) -> conf.setIfMissing(EXECUTORS + name, value));
    for (String name : KERNELS) {
      String value = environment.getOrDefault(name, "");
      if (!value.isEmpty()) {
        conf.setIfMissing(EXECUTORS + name, value);
      }
    }
  }

  /**
   * Gives the driver of an application in cluster mode, which inherits nothing, what its executors
   * are given, unless the settings say otherwise.
   */
  public static void provideDriver(Map<String, String> settings) {
    for (List<String> names : List.of(THREADS, KERNELS)) {
      for (String name : names) {
        String value = settings.get(EXECUTORS + name);
        if (value != null) {
          DRIVERS.forEach(prefix -> settings.putIfAbsent(prefix + name, value));
        }
      }
    }
  }
}
