package dev.ancestral.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A program to run, with changes to the environment of this process.
 *
 * @param words the program and its arguments
 * @param environment variables to set; an empty value removes one
 * @param folder the current folder of the program
 */
record Command(List<String> words, Map<String, String> environment, Path folder) {
  private static final long LIMIT_SECONDS = 300;

  /**
   * What came of it.
   *
   * @param status exit status
   * @param out standard output
   * @param err standard error
   */
  record Result(int status, String out, String err) {}

  /** A script of this module. */
  static Command script(Path folder, String script, String... arguments) {
    List<String> words = new ArrayList<>(List.of(Shipped.folder().resolve(script).toString()));
    words.addAll(List.of(arguments));
    return new Command(List.copyOf(words), Map.of("SPARK_HOME", ""), folder);
  }

  Command with(String variable, String value) {
    Map<String, String> changed = new TreeMap<>(environment);
    changed.put(variable, value);
    return new Command(words, changed, folder);
  }

  /** The same within a network namespace. */
  Command within(String namespace) {
    List<String> entered = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    entered.addAll(words);
    return new Command(List.copyOf(entered), environment, folder);
  }

  /** Starts it. What it says goes to the files. */
  Process start(Path out, Path err) {
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    environment.forEach(
        (variable, value) -> {
          if (value.isEmpty()) {
            builder.environment().remove(variable);
          } else {
            builder.environment().put(variable, value);
          }
        });
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs it to its end. */
  Result run() {
    try {
      Path out = Files.createTempFile(folder, "out", ".txt");
      Path err = Files.createTempFile(folder, "err", ".txt");
      Process process = start(out, err);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(words + " did not end; it said: " + Files.readString(err));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
