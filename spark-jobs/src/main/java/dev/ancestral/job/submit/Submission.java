package dev.ancestral.job.submit;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import dev.ancestral.job.output.OutputSession;
import dev.ancestral.job.status.ExitStatus;
import dev.ancestral.spark.ArithmeticEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkConf;
import org.apache.spark.launcher.SparkLauncher;
import scala.Tuple2;

/**
 * Starts applications by spark-submit and waits for them, one after the other.
 *
 * <p>An application is given the settings that this process was itself submitted with, and over
 * them its own; all in a file that only its owner can read, for they may hold credentials. Its exit
 * status is the process's; in cluster mode, where spark-submit knows no statuses, it is that of
 * {@code status.json}.
 */
public final class Submission {
  /** The entry point of an application. */
  static final String MAIN_CLASS = "dev.ancestral.job.Main";

  private static final String CLUSTER = "cluster";
  private static final String JARS = "spark.jars";
  private static final List<String> CLASS_PATHS =
      List.of("spark.driver.extraClassPath", "spark.executor.extraClassPath");

  /** What a submission gave to this application alone. */
  private static final List<String> OWN =
      List.of(
          "spark.app.id",
          "spark.app.name",
          "spark.app.startTime",
          "spark.app.submitTime",
          "spark.kubernetes.executor.podNamePrefix",
          "spark.submit.deployMode",
          "spark.submit.pyFiles");

  private static final int FIRST_SIGNAL = 128;
  private static final int SECONDS_TO_END = 20;

  private final String sparkHome;
  private final Map<String, String> settings;
  private final Optional<String> jar;
  private final PrintStream out;
  private final PrintStream err;

  Submission(
      String sparkHome,
      Map<String, String> settings,
      Optional<String> jar,
      PrintStream out,
      PrintStream err) {
    this.sparkHome = sparkHome;
    this.settings = new TreeMap<>(settings);
    this.jar = jar;
    this.out = out;
    this.err = err;
  }

  /**
   * Submissions by the Spark of this process, with its settings and its job jar.
   *
   * @param out for what the applications say
   * @param err for what they say of failures
   * @throws AncestralException (CLUSTER) if {@code SPARK_HOME} names no Spark
   */
  public static Submission ofProcess(PrintStream out, PrintStream err) {
    String home = System.getenv("SPARK_HOME");
    if (home == null || !Files.isExecutable(Path.of(home, "bin", "spark-submit"))) {
      throw new AncestralException(
          ErrorCode.CLUSTER,
          "steps cannot be submitted: SPARK_HOME is "
              + home
              + ", which has no bin/spark-submit; start the pipeline by bin/ancestral or"
              + " spark-submit, in client mode, on a machine with a Spark");
    }
    Map<String, String> settings = new TreeMap<>();
    for (Tuple2<String, String> setting : new SparkConf().getAll()) {
      settings.put(setting._1(), setting._2());
    }
    return new Submission(home, settings, ownJar(), out, err);
  }

  /** The jar that holds this program; empty where its classes lie in folders. */
  private static Optional<String> ownJar() {
    String path = Submission.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return path.endsWith(".jar") ? Optional.of(path) : Optional.empty();
  }

  /**
   * Submits an application and waits for its end.
   *
   * @param name of it, for people
   * @param options over the settings of this process
   * @param command of Ancestral with its options
   * @param outcome what {@code status.json} of its output says, asked after the end
   * @throws AncestralException as the application itself, (INTERRUPTED) if it was killed
   */
  public void run(
      String name,
      SubmitSpec.Options options,
      List<String> command,
      Supplier<Optional<ExitStatus>> outcome) {
    String resource = resource(options);
    boolean inCluster = options.deployMode().orElse("").equals(CLUSTER);
    if (inCluster && resource.equals(SparkLauncher.NO_RESOURCE)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "submit."
              + name
              + ".deployMode is cluster, but no job jar was submitted that the cluster could read;"
              + " name one by submit.jar");
    }
    Path file = write(settings(options));
    try {
      int status = process(name, file, resource, command);
      if (status != 0) {
        Optional<ExitStatus> said = outcome.get();
        // Of a driver in the cluster spark-submit tells no more than that it failed.
        int told =
            inCluster ? said.map(ExitStatus::status).filter(s -> s != 0).orElse(status) : status;
        throw failure(name, told, said);
      }
    } finally {
      delete(file);
    }
  }

  /** The settings of an application; pure, so that it can be looked at without one. */
  Map<String, String> settings(SubmitSpec.Options options) {
    Map<String, String> merged = new TreeMap<>(settings);
    OWN.forEach(merged::remove);
    // It is submitted as the application itself, here and in the lists of another.
    keep(merged, JARS, ",", entry -> !isOwnJar(entry));
    if (options.jar().isPresent()) {
      CLASS_PATHS.forEach(key -> keep(merged, key, ":", entry -> !isOwnJar(entry)));
    }
    merged.putAll(options.conf());
    options.master().ifPresent(master -> merged.put("spark.master", master));
    options.deployMode().ifPresent(mode -> merged.put("spark.submit.deployMode", mode));
    if (options.deployMode().orElse("").equals(CLUSTER)) {
      // The standalone master alone does not wait unless it is told to.
      merged.putIfAbsent("spark.standalone.submit.waitAppCompletion", "true");
      ArithmeticEnvironment.provideDriver(merged);
    }
    if (!options.jars().isEmpty()) {
      String more = String.join(",", options.jars());
      merged.merge(JARS, more, (before, after) -> before + "," + after);
    }
    return merged;
  }

  /** The jar to submit, or Spark's word for "the class is on the class path already". */
  String resource(SubmitSpec.Options options) {
    return options
        .jar()
        .or(
            () ->
                Arrays.stream(settings.getOrDefault(JARS, "").split(","))
                    .filter(this::isOwnJar)
                    .findFirst())
        .or(() -> jar.filter(path -> !isOnClassPath(path)))
        .orElse(SparkLauncher.NO_RESOURCE);
  }

  private boolean isOnClassPath(String path) {
    return Arrays.asList(settings.getOrDefault(CLASS_PATHS.get(0), "").split(":")).contains(path);
  }

  private static void keep(
      Map<String, String> settings,
      String key,
      String separator,
      java.util.function.Predicate<String> kept) {
    settings.computeIfPresent(
        key,
        (name, list) -> {
          List<String> entries =
              Arrays.stream(list.split(separator))
                  .filter(entry -> !entry.isBlank() && kept.test(entry))
                  .toList();
          return entries.isEmpty() ? null : String.join(separator, entries);
        });
  }

  /** By its file name: Spark copies a jar of another file system to where it can be read. */
  private boolean isOwnJar(String entry) {
    return jar.map(own -> fileName(own).equals(fileName(entry))).orElse(false);
  }

  private static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private int process(String name, Path file, String resource, List<String> command) {
    Process process;
    try {
      process =
          new SparkLauncher()
              .setSparkHome(sparkHome)
              .setMainClass(MAIN_CLASS)
              .setAppName("ancestral " + name)
              .setPropertiesFile(file.toString())
              .setAppResource(resource)
              .addAppArgs(command.toArray(String[]::new))
              .redirectOutput(ProcessBuilder.Redirect.PIPE)
              .redirectError(ProcessBuilder.Redirect.PIPE)
              .launch();
    } catch (IOException e) {
      throw new AncestralException(
          ErrorCode.CLUSTER,
          "spark-submit of " + sparkHome + " cannot be started: " + e.getMessage(),
          e);
    }
    Runnable hook = () -> end(process);
    ShutdownHookManager.get().addShutdownHook(hook, OutputSession.HOOK_PRIORITY + 2);
    try {
      Thread said = pass(process.getInputStream(), out);
      Thread failed = pass(process.getErrorStream(), err);
      int status = process.waitFor();
      said.join();
      failed.join();
      return status;
    } catch (InterruptedException e) {
      end(process);
      throw Failures.interrupted(e);
    } finally {
      if (!ShutdownHookManager.get().isShutdownInProgress()) {
        ShutdownHookManager.get().removeShutdownHook(hook);
      }
    }
  }

  private static Thread pass(InputStream from, OutputStream to) {
    Thread thread =
        new Thread(
            () -> {
              byte[] some = new byte[1 << 13];
              try {
                for (int n = from.read(some); n >= 0; n = from.read(some)) {
                  to.write(some, 0, n);
                  to.flush();
                }
              } catch (IOException e) {
                // The process has ended, or the output of this one is closed.
              }
            },
            "output of spark-submit");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Asks the process to end, as a person would by Ctrl-C, and waits a little. */
  private static void end(Process process) {
    process.destroy();
    try {
      process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static RuntimeException failure(String name, int status, Optional<ExitStatus> said) {
    String why =
        said.filter(outcome -> outcome.status() == status).map(ExitStatus::message).orElse("");
    for (ErrorCode kind : ErrorCode.values()) {
      if (kind.status() == status) {
        return new AncestralException(
            kind, name + (why.isEmpty() ? " ended with " + status : ": " + why));
      }
    }
    if (status >= FIRST_SIGNAL) {
      return new AncestralException(
          ErrorCode.INTERRUPTED,
          name
              + " was killed (signal "
              + (status - FIRST_SIGNAL)
              + "); run the same command again to go on");
    }
    return new IllegalStateException(
        name + " ended with " + status + (why.isEmpty() ? "" : ": " + why));
  }

  private static Path write(Map<String, String> settings) {
    Properties properties = new Properties();
    properties.putAll(settings);
    try {
      Path file = Files.createTempFile("ancestral-", ".conf"); // its owner's alone
      try (OutputStream stream = Files.newOutputStream(file)) {
        properties.store(stream, null);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write the settings of an application to java.io.tmpdir, "
              + System.getProperty("java.io.tmpdir"),
          e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + file + ", which holds settings", e);
    }
  }
}
