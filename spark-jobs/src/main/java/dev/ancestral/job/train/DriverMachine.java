package dev.ancestral.job.train;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The machine that the driver runs on, for provenance; never its name or address. */
final class DriverMachine {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final String MODEL = "model name";

  private DriverMachine() {}

  /** Processor, number of cores that this process may use, and memory. */
  static Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("processor", processor());
    facts.put("cores", Runtime.getRuntime().availableProcessors());
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      facts.put("memory_bytes", system.getTotalMemorySize());
    }
    facts.put("heap_bytes", Runtime.getRuntime().maxMemory());
    return facts;
  }

  /** As Linux calls it; the architecture elsewhere. */
  private static String processor() {
    try (Stream<String> lines = Files.lines(PROCESSORS)) {
      return lines
          .filter(line -> line.startsWith(MODEL))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse(System.getProperty("os.arch"));
    } catch (IOException | java.io.UncheckedIOException notLinux) {
      return System.getProperty("os.arch");
    }
  }
}
