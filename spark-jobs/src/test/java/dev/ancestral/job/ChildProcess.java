package dev.ancestral.job;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command in a process of its own, with two task slots and the test's class path. */
final class ChildProcess {
  private ChildProcess() {}

  /**
   * Starts it.
   *
   * @param folder gets {@code out.txt}, {@code err} and {@code log}
   * @param options of the JVM
   */
  static Process start(Path folder, List<String> options, String... command) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("-X"))
            .toList());
    line.add("-Dspark.master=local[2,2]");
    line.add("-Dancestral.log.file=" + folder.resolve("log"));
    line.addAll(options);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    line.addAll(List.of(command));
    return new ProcessBuilder(line)
        .redirectOutput(folder.resolve("out.txt").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }
}
