package dev.ancestral.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.tensor.torch.TorchEngine;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that end while threads compute in libtorch. */
class NativeShutdownTest {
  private static final int THREADS = 2;

  @TempDir Path folder;

  /** A process: {@code main(ENDING)}. */
  static final class Computing {
    private static final AtomicInteger WITHIN = new AtomicInteger();

    private Computing() {}

    public static void main(String[] arguments) throws Exception {
      // What stands for a destructor: it ends the process with SIGABRT if it is run.
      require(NativeShutdown.arm() && NativeShutdown.registerAtExit("abort"), "on_exit is there");
      TorchEngine.open(TorchEngine.Options.cpu()).close();
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, failure) -> require(false, String.valueOf(failure)));
      CountDownLatch begun = new CountDownLatch(THREADS);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Thread thread = new Thread(() -> compute(begun), "computing");
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
      }
      begun.await();
      switch (arguments[0]) {
        case "halt" -> Runtime.getRuntime().halt(6);
        case "exit" -> {
          // Constructed late: only what is registered in the shutdown comes before it.
          require(NativeShutdown.registerAtExit("abort"), "on_exit is there");
          System.exit(7);
        }
        case "return" -> require(NativeShutdown.registerAtExit("abort"), "on_exit is there");
        case "signal" -> {
          require(NativeShutdown.registerAtExit("abort"), "on_exit is there");
          new ProcessBuilder("kill", "-TERM", Long.toString(ProcessHandle.current().pid()))
              .start()
              .waitFor();
          Thread.currentThread().join();
        }
        case "close" -> {
          require(NativeShutdown.close(), "every thread leaves");
          require(WITHIN.get() == 0, "no thread computes");
          for (Thread thread : threads) {
            thread.interrupt(); // Or it would be held up for ten seconds.
            thread.join();
          }
          require(WITHIN.get() == 0, "no thread has computed since");
        }
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }

    private static void compute(CountDownLatch begun) {
      boolean first = true;
      try (TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu())) {
        while (true) {
          engine.scoped(
              () -> {
                Tensor x = computing(() -> engine.full(0.3, 50, 50));
                // Entering a section that lies within another one is not native work: a thread
                // may be held up there once the sections are closed.
                engine.scoped(() -> computing(() -> x.matmul(x).tanh().add(x).exp()) == null);
                computing(x::log);
                return null;
              });
          if (first) {
            begun.countDown();
            first = false;
          }
        }
      } catch (IllegalStateException e) {
        require(e.getMessage().startsWith("the process is ending"), e.getMessage());
      }
    }

    private static <T> T computing(Supplier<T> work) {
      WITHIN.incrementAndGet();
      T result = work.get();
      WITHIN.decrementAndGet();
      return result;
    }

    private static void require(boolean condition, String what) {
      if (!condition) {
        System.err.println("not so: " + what);
        Runtime.getRuntime().halt(1);
      }
    }
  }

  @Test
  void no_destructor_runs_while_threads_compute_and_the_status_is_kept() throws Exception {
    Map<String, Integer> expected = new LinkedHashMap<>();
    expected.put("halt", 6);
    expected.put("exit", 7);
    expected.put("return", 0);
    expected.put("signal", 128 + 15);
    expected.put("close", 0);
    Map<String, Process> processes = new LinkedHashMap<>();
    for (String ending : expected.keySet()) {
      processes.put(ending, start(ending));
    }
    Map<String, Integer> statuses = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Process> entry : processes.entrySet()) {
        assertTrue(entry.getValue().waitFor(180, TimeUnit.SECONDS), entry.getKey());
        statuses.put(entry.getKey(), entry.getValue().exitValue());
      }
    } finally {
      processes.values().forEach(Process::destroyForcibly);
    }
    assertEquals(expected, statuses, this::said);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          List.of(),
          files.filter(file -> file.getFileName().toString().startsWith("hs_err")).toList());
    }
  }

  private String said() {
    try (Stream<Path> files = Files.list(folder)) {
      StringBuilder text = new StringBuilder();
      for (Path file : files.toList()) {
        text.append(file.getFileName()).append(": ").append(Files.readString(file)).append('\n');
      }
      return text.toString();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Process start(String ending) throws Exception {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("-X"))
            .toList());
    line.add("-XX:ErrorFile=" + folder.resolve("hs_err_" + ending));
    line.addAll(List.of("-cp", System.getProperty("java.class.path")));
    line.addAll(List.of(Computing.class.getName(), ending));
    return new ProcessBuilder(line)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(ending).toFile())
        .start();
  }
}
