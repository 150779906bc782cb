package dev.ancestral.job;

import dev.ancestral.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Commands that are interrupted (SIGTERM, which the JVM takes as it takes Ctrl-C) at random moments
 * of their work, run again, interrupted again, and at last left to end.
 */
final class Interruptions {
  private static final long LONGEST_SECONDS = 300;
  private static final int IN_A_ROW = 3;
  private static final int POLL_MILLIS = 5;
  private static final int FRESH_PROCESS_IS_SLOWER = 2;

  private static final String SAID = "interrupted: run the same command again to go on\n";

  private static final String VAE = "{family: vae, hidden: [64], latent: 8}";
  private static final String LATENT_CLASS =
      "{family: naive-bayes, likelihood: bernoulli, components: 20, iterations: 40, restarts: 2}";

  private final Path folder;
  private final RandomKey key;
  private final Map<String, Work> works = new LinkedHashMap<>();
  private final Map<String, Figures> figures = new LinkedHashMap<>();

  /** A command without its output, and the options of its processes. */
  private record Work(List<String> words, List<String> options) {
    String[] into(Path output) {
      List<String> line = new ArrayList<>(words);
      line.addAll(List.of("--output", output.toString()));
      return line.toArray(String[]::new);
    }
  }

  /** What came of the interruptions of one kind of work. */
  static final class Figures {
    private Map<String, byte[]> expected;
    private long workMillis;
    private int interrupted;
    private int ended;
    private final List<String> faults = new ArrayList<>();
    private final List<Long> millis = new ArrayList<>();

    int interrupted() {
      return interrupted;
    }

    List<String> faults() {
      return faults;
    }
  }

  /**
   * Prepares the data.
   *
   * @param folder for everything that is written
   * @param seed of the moments
   */
  Interruptions(Path folder, long seed) throws IOException {
    this.folder = folder;
    this.key = RandomKey.of(seed).fold("interruptions");
    Path data = folder.resolve("data");
    List<String> digits =
        List.of("prepare", "--format", "synthetic", "--kind", "digits", "--binarize");
    List<String> threshold = List.of("threshold=127", "--split", "auto=0.8,0.1,0.1");
    List<String> few = List.of("--count", "430", "--shard-size", "50");
    Work prepared = new Work(joined(digits, threshold, few), List.of());
    require(CommandLine.run(prepared.into(data)));
    for (String strategy : List.of("parameter-averaging", "gradient-sharing")) {
      for (String transport : List.of("gloo", "spark")) {
        int epochs = transport.equals("spark") ? 3 : 30;
        String train =
            "{strategy: %s, transport: %s, replicas: 2, epochs: %d, batchSize: 20,"
                    .formatted(strategy, transport, epochs)
                + " averagingFrequency: 3, roundSteps: 9, validation: {everyRounds: 5, limit: 20},"
                + " checkpoint: {keep: 2}}";
        works.put(strategy + " on " + transport, training(strategy + transport, VAE, train));
      }
    }
    Work sharing = works.get("gradient-sharing on gloo");
    works.put("gradient-sharing between two executors", new Work(sharing.words(), executors()));
    works.put("EM", training("em", LATENT_CLASS, "{replicas: 2}"));
    String brief = "{replicas: 2, epochs: 2, batchSize: 20}";
    Path model = folder.resolve("model");
    require(CommandLine.run(training("model", VAE, brief).into(model)));
    List<String> evaluate =
        List.of("evaluate", "--model", model.toString(), "--data", data.toString());
    works.put(
        "AIS",
        evaluation(
            evaluate,
            "ais",
            "--start",
            "prior",
            "--steps",
            "60",
            "--limit",
            "16",
            "--simulated",
            "0"));
    works.put("IWAE", evaluation(evaluate, "iwae", "--samples", "1000", "--seed", "2"));
    List<String> generate =
        List.of("generate", "--model", model.toString(), "--count", "30000", "--shard-size");
    List<String> sizes = List.of("2000", "--seed", "5");
    works.put("generate", new Work(joined(generate, sizes), List.of()));
    List<String> more = List.of("--count", "6000", "--shard-size", "500");
    works.put("prepare", new Work(joined(digits, threshold, more), List.of()));
  }

  @SafeVarargs
  private static List<String> joined(List<String>... parts) {
    List<String> all = new ArrayList<>();
    for (List<String> part : parts) {
      all.addAll(part);
    }
    return List.copyOf(all);
  }

  private Work training(String name, String model, String train) throws IOException {
    Path spec = folder.resolve(name + ".yaml");
    Files.writeString(
        spec,
        String.join(
            "\n",
            "name: " + name,
            "seed: 3",
            "data: {path: " + folder.resolve("data") + "}",
            "model: " + model,
            "train: " + train,
            ""));
    return new Work(List.of("train", "--spec", spec.toString()), List.of());
  }

  private static Work evaluation(List<String> command, String estimator, String... options) {
    return new Work(
        joined(command, List.of("--estimator", estimator), List.of(options)), List.of());
  }

  private List<String> executors() {
    return List.of(
        "-Dspark.master=local-cluster[2,1,700]",
        "-Dspark.executor.memory=700m",
        "-Dspark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ErrorFile="
            + folder.resolve("hs_err_executor_%p"),
        "-Dspark.executor.extraClassPath=" + System.getProperty("java.class.path"),
        "-Dspark.executorEnv.OMP_NUM_THREADS=1",
        "-Dspark.executorEnv.OPENBLAS_NUM_THREADS=1",
        "-Dspark.ui.enabled=false",
        "-Dspark.driver.host=127.0.0.1",
        "-Dspark.driver.bindAddress=127.0.0.1");
  }

  /** The kinds of work. */
  List<String> kinds() {
    return List.copyOf(works.keySet());
  }

  /**
   * Interrupts one kind of work a few times, lets it end and compares.
   *
   * @param most interruptions, of at most three in a row
   * @return how often it was interrupted while it worked
   */
  int trial(String kind, int turn, int most) throws Exception {
    Figures known = figures.computeIfAbsent(kind, none -> new Figures());
    Work work = works.get(kind);
    String name = kind.replace(' ', '-');
    if (known.expected == null) {
      Path undisturbed = folder.resolve("undisturbed-" + name);
      long begun = System.nanoTime();
      require(CommandLine.run(work.into(undisturbed)));
      known.workMillis =
          TimeUnit.NANOSECONDS.toMillis(FRESH_PROCESS_IS_SLOWER * (System.nanoTime() - begun));
      known.expected = Contents.of(undisturbed);
    }
    Path output = folder.resolve(name + "-" + turn);
    int before = known.interrupted;
    boolean done = false;
    for (int i = 0; i < Math.min(most, IN_A_ROW) && !done; i++) {
      double share = key.fold(kind).fold(turn).uniform(i);
      Attempt attempt = attempt(work, output, (long) (share * known.workMillis));
      done = attempt.status() == 0;
      if (attempt.status() == 7 && attempt.err().equals(SAID)) {
        known.interrupted++;
        known.millis.add(attempt.endMillis());
      } else if (done) {
        known.ended++;
      } else {
        known.faults.add("status " + attempt.status() + ": " + attempt.err());
      }
    }
    require(CommandLine.run(work.into(output)));
    try {
      Contents.assertSame(known.expected, Contents.of(output), kind);
    } catch (AssertionError differ) {
      known.faults.add("bytes differ: " + differ.getMessage());
    }
    for (Path crash : crashes()) {
      known.faults.add("crash: " + crash);
      Files.move(crash, crash.resolveSibling("seen-" + crash.getFileName()));
    }
    return known.interrupted - before;
  }

  /** What came of each kind of work. */
  Map<String, Figures> figures() {
    return figures;
  }

  private List<Path> crashes() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("hs_err")).toList();
    }
  }

  private record Attempt(int status, String err, long endMillis) {}

  /** Runs it, and interrupts it so long after its work has begun. */
  private Attempt attempt(Work work, Path output, long afterMillis) throws Exception {
    List<String> options = new ArrayList<>(List.of("-XX:ErrorFile=" + folder + "/hs_err_%p"));
    options.addAll(work.options());
    Process process = ChildProcess.start(folder, options, work.into(output));
    try {
      while (process.isAlive() && !isClaimed(output)) {
        Thread.sleep(POLL_MILLIS);
      }
      boolean ended = process.waitFor(afterMillis, TimeUnit.MILLISECONDS);
      long interrupted = System.nanoTime();
      if (!ended) {
        process.destroy(); // SIGTERM
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError(work.words() + " does not end: " + process.info());
        }
      }
      return new Attempt(
          process.exitValue(),
          Files.readString(folder.resolve("err")),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - interrupted));
    } finally {
      process.destroyForcibly();
    }
  }

  private static boolean isClaimed(Path output) throws IOException {
    if (!Files.isDirectory(output)) {
      return false;
    }
    try (Stream<Path> files = Files.list(output)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith(".claim-"));
    }
  }

  private static void require(CommandLine result) {
    if (result.status() != 0) {
      throw new AssertionError(result.status() + ": " + result.err());
    }
  }

  /** The figures of deploy/help/reliability.md. */
  String table() {
    StringBuilder text =
        new StringBuilder(
            "| work | interrupted (status 7) | came too late (0) | faults | s to the end, median |"
                + " longest |\n|---|---|---|---|---|---|\n");
    figures.forEach((kind, of) -> text.append(row(kind, of)));
    Figures all = new Figures();
    for (Figures of : figures.values()) {
      all.interrupted += of.interrupted;
      all.ended += of.ended;
      all.faults.addAll(of.faults);
      all.millis.addAll(of.millis);
    }
    return text.append(row("all", all)).toString();
  }

  private static String row(String kind, Figures of) {
    Collections.sort(of.millis);
    int count = of.millis.size();
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %d | %.1f | %.1f |%n",
        kind,
        of.interrupted,
        of.ended,
        of.faults.size(),
        count == 0 ? 0.0 : of.millis.get(count / 2) / 1e3,
        count == 0 ? 0.0 : of.millis.get(count - 1) / 1e3);
  }
}
