package dev.ancestral.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/** The standalone cluster of local-cluster/, and its processes. */
final class LocalCluster implements AutoCloseable {
  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";
  private static final String BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

  private final Path folder;
  private final String master;

  private LocalCluster(Path folder, String master) {
    this.folder = folder;
    this.master = master;
  }

  /**
   * Starts it.
   *
   * @param folder for what it writes
   * @param options of {@code start}
   */
  static LocalCluster start(Path folder, String... options) {
    return start(folder, command -> command, options);
  }

  /**
   * Starts it in an environment of its own.
   *
   * @param folder for what it writes
   * @param environment what is changed of the environment
   * @param options of {@code start}
   */
  static LocalCluster start(Path folder, UnaryOperator<Command> environment, String... options) {
    return start(folder, environment.apply(script(folder, "start", options)));
  }

  /**
   * Starts it on several hosts: the master on the first, a worker on each of the others.
   *
   * @param folder for what it writes
   * @param options of {@code start}
   */
  static LocalCluster start(Path folder, VirtualHosts hosts, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--master-address", hosts.address(0)));
    all.addAll(List.of("--workers", Integer.toString(hosts.count() - 1)));
    List<String> addresses = new ArrayList<>();
    List<String> namespaces = new ArrayList<>();
    for (int host = 1; host < hosts.count(); host++) {
      addresses.add(hosts.address(host));
      namespaces.add(hosts.namespace(host));
    }
    all.addAll(List.of("--addresses", String.join(",", addresses)));
    all.addAll(List.of("--namespaces", String.join(",", namespaces)));
    return start(
        folder, script(folder, "start", all.toArray(String[]::new)).within(hosts.namespace(0)));
  }

  private static LocalCluster start(Path folder, Command command) {
    Command.Result started = command.run();
    if (started.status() != 0) {
      throw new AssertionError("the local cluster does not start: " + started.err());
    }
    return new LocalCluster(folder, started.out().strip());
  }

  private static Command script(Path folder, String name, String... options) {
    return Command.script(folder, "local-cluster/" + name, options)
        .with("ANCESTRAL_CLUSTER_DIR", folder.resolve("state").toString());
  }

  String master() {
    return master;
  }

  /**
   * bin/ancestral for small trainings: processes that live for seconds, for most of which they
   * start.
   *
   * @param folder for its log
   * @param master to run on
   * @param command with its options
   */
  static Command ancestral(Path folder, String master, String... command) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("--master", master, "--driver-memory", "600m"));
    words.addAll(List.of("--driver-java-options", BRIEF));
    for (String setting :
        List.of(
            "spark.executor.extraJavaOptions=" + BRIEF,
            "spark.executor.memory=600m",
            "spark.executor.heartbeatInterval=2s",
            "spark.ui.enabled=false")) {
      words.addAll(List.of("--conf", setting));
    }
    words.addAll(List.of(command));
    return Command.script(folder, "bin/ancestral", words.toArray(String[]::new))
        .with("ANCESTRAL_LOG", folder.resolve("driver.log").toString());
  }

  /** The workers that are alive. */
  List<ProcessHandle> workers() {
    List<ProcessHandle> workers = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder.resolve("state"), "worker-*.pid")) {
      for (Path file : files) {
        ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
            .filter(ProcessHandle::isAlive)
            .ifPresent(workers::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    workers.sort(Comparator.comparingLong(ProcessHandle::pid));
    return workers;
  }

  /** The executors that were started since a moment and are alive. */
  List<ProcessHandle> executors(Instant since) {
    return workers().stream()
        .flatMap(ProcessHandle::descendants)
        .filter(process -> commandLine(process).contains(EXECUTOR))
        .filter(process -> !process.info().startInstant().orElse(Instant.MAX).isBefore(since))
        .sorted(Comparator.comparingLong(ProcessHandle::pid))
        .toList();
  }

  /**
   * The words of a process's command line, each followed by a NUL; empty if it has ended.
   * ProcessHandle would cut it, and the class path comes before the class.
   */
  static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException e) {
      return ""; // it has ended
    }
  }

  /** Ends a process and everything below it, without a word (SIGKILL). */
  static void kill(ProcessHandle process) {
    List<ProcessHandle> below = process.descendants().toList();
    process.destroyForcibly();
    below.forEach(ProcessHandle::destroyForcibly);
  }

  /** Stops a process in the middle of whatever it does, without ending it (SIGSTOP). */
  static void pause(ProcessHandle process) {
    try {
      new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    Command.Result stopped = script(folder, "stop").run();
    if (stopped.status() != 0) {
      throw new AssertionError("the local cluster does not stop: " + stopped.err());
    }
  }
}
