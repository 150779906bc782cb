package dev.ancestral.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.deploy.Fault.Kind;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Kills executors and drivers of real trainings at random moments, runs the same command again
 * until it ends with 0, and compares what is left with an undisturbed run, bit by bit: parameters,
 * the last checkpoint with the optimizer's state, metrics without times, and the ledger.
 *
 * <p>The cluster is the standalone one of local-cluster/: master, workers, executors and driver are
 * processes of their own. {@code deploy/reliability/run} starts this as a program.
 */
final class KillSuite {
  /** Exit status of a process that was ended by SIGKILL. */
  private static final int KILLED = 128 + 9;

  private static final int INTERRUPTED = 7;
  private static final int CLUSTER = 5;
  private static final int MOST_ATTEMPTS = 12;
  private static final long ATTEMPT_SECONDS = 300;
  private static final int POLL_MILLIS = 15;

  private final Path folder;
  private final Plan plan;
  private final PrintStream out;
  private final Path data;
  private final Map<TrainingCase, Remains> undisturbed = new HashMap<>();
  private LocalCluster cluster;
  private long examples;

  /**
   * What is to be done.
   *
   * @param faults that must have struck before it is over
   * @param seed of the moments
   * @param cases in turn
   * @param kinds of the faults of a training, in turn
   */
  record Plan(int faults, long seed, List<TrainingCase> cases, List<List<Kind>> kinds) {
    /** Everything that can go wrong, in every case. */
    static Plan whole(int faults, long seed) {
      return new Plan(
          faults,
          seed,
          TrainingCase.all(),
          List.of(
              List.of(Kind.EXECUTOR, Kind.DRIVER, Kind.EXECUTOR, Kind.DRIVER, Kind.LOST),
              List.of(Kind.DRIVER, Kind.EXECUTOR, Kind.PAUSED, Kind.DRIVER, Kind.EXECUTOR),
              List.of(Kind.EXECUTOR, Kind.DRIVER, Kind.PAUSED, Kind.DRIVER, Kind.EXECUTOR),
              List.of(Kind.EXECUTOR, Kind.PAUSED, Kind.DRIVER, Kind.EXECUTOR, Kind.DRIVER),
              List.of(Kind.DRIVER, Kind.EXECUTOR, Kind.EXECUTOR, Kind.DRIVER, Kind.LOST),
              List.of(Kind.EXECUTOR, Kind.DRIVER, Kind.DRIVER, Kind.EXECUTOR, Kind.PAUSED)));
    }

    /** The part that every build does. */
    static Plan quick() {
      return new Plan(
          5,
          1,
          TrainingCase.all().subList(0, 3),
          List.of(List.of(Kind.EXECUTOR, Kind.DRIVER), List.of(Kind.DRIVER, Kind.EXECUTOR)));
    }
  }

  /**
   * A training that was disturbed.
   *
   * @param seed of its faults
   * @param kind of training
   * @param struck the faults that came in time
   * @param attempts how often the command was run
   * @param differences from the undisturbed run
   * @param missingUses uses of examples that are lost, or, negative, too many
   */
  record Trial(
      long seed,
      TrainingCase kind,
      List<Fault> struck,
      int attempts,
      List<String> differences,
      long missingUses) {
    boolean good() {
      return differences.isEmpty() && missingUses == 0;
    }
  }

  KillSuite(Path folder, Plan plan, PrintStream out) {
    this.folder = folder;
    this.plan = plan;
    this.out = out;
    this.data = folder.resolve("data");
  }

  /** The program: {@code [--faults N] [--seed S] [--folder DIR]}. */
  public static void main(String[] arguments) throws IOException {
    int faults = 30;
    long seed = 1;
    Path folder = null;
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--faults" -> faults = Integer.parseInt(value);
        case "--seed" -> seed = Long.parseLong(value);
        case "--folder" -> folder = Files.createDirectories(Path.of(value).toAbsolutePath());
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    folder = folder == null ? Files.createTempDirectory("kill-suite") : folder;
    KillSuite suite = new KillSuite(folder, Plan.whole(faults, seed), System.out);
    List<Trial> trials = suite.run();
    System.out.println(table(trials));
    System.exit(trials.stream().allMatch(Trial::good) ? 0 : 1);
  }

  /** Disturbs trainings until as many faults as planned have struck. */
  List<Trial> run() {
    List<Trial> trials = new ArrayList<>();
    startCluster();
    try {
      prepare();
      int struck = 0;
      for (int turn = 0; struck < plan.faults() && turn < 3 * plan.faults(); turn++) {
        List<Kind> kinds = plan.kinds().get(turn % plan.kinds().size());
        Trial trial =
            trial(
                plan.cases().get(turn % plan.cases().size()),
                kinds.subList(0, Math.min(kinds.size(), plan.faults() - struck)),
                1000 * plan.seed() + turn);
        trials.add(trial);
        struck += trial.struck().size();
        tell(trial);
      }
    } finally {
      cluster.close();
    }
    return trials;
  }

  private void startCluster() {
    cluster = LocalCluster.start(folder, "--workers", "2", "--cores", "2", "--memory", "800m");
  }

  private void prepare() {
    Command.Result prepared =
        ancestral(
                "prepare",
                "--format",
                "synthetic",
                "--kind",
                "digits",
                "--count",
                "430",
                "--split",
                "auto=0.8,0.1,0.1",
                "--binarize",
                "threshold=127",
                "--shard-size",
                "100",
                "--output",
                data.toString())
            .run();
    if (prepared.status() != 0) {
      throw new AssertionError("the data cannot be prepared: " + prepared.err());
    }
    try {
      JsonNode manifest = new ObjectMapper().readTree(data.resolve("manifest.json").toFile());
      examples = manifest.get("splits").get("train").get("examples").asLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Command ancestral(String... command) {
    return LocalCluster.ancestral(folder, cluster.master(), command);
  }

  private Command train(TrainingCase kind, Path output) {
    Path spec = folder.resolve(output.getFileName() + ".yaml");
    try {
      Files.writeString(spec, kind.spec(data, output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ancestral("train", "--spec", spec.toString());
  }

  private Remains undisturbed(TrainingCase kind) {
    Remains known = undisturbed.get(kind);
    if (known == null) {
      Path output = folder.resolve("undisturbed-" + kind.file());
      Command.Result result = train(kind, output).run();
      if (result.status() != 0) {
        throw new AssertionError(kind.name() + " does not end: " + result.err());
      }
      known = Remains.of(output.resolve("run"));
      undisturbed.put(kind, known);
    }
    return known;
  }

  private Trial trial(TrainingCase kind, List<Kind> kinds, long seed) {
    Remains expected = undisturbed(kind);
    Path output = folder.resolve(kind.file() + "-" + seed);
    Deque<Fault> ahead = new ArrayDeque<>(Fault.plan(seed, kinds, TrainingCase.ROUNDS));
    List<Fault> struck = new ArrayList<>();
    int attempts = 0;
    int status;
    do {
      attempts++;
      status = attempt(kind, output, ahead, struck);
    } while (status != 0 && attempts < MOST_ATTEMPTS);
    if (status != 0) {
      throw new AssertionError(
          output + " did not end in " + attempts + " attempts; the last status is " + status);
    }
    // A worker that is gone stays so, and a stopped executor holds its cores: the next training
    // starts on a whole cluster again.
    if (struck.stream()
        .anyMatch(fault -> EnumSet.of(Kind.LOST, Kind.PAUSED).contains(fault.kind()))) {
      cluster.executors(Instant.EPOCH).forEach(LocalCluster::kill);
      cluster.close();
      startCluster();
    }
    Remains left = Remains.of(output.resolve("run"));
    return new Trial(
        seed,
        kind,
        struck,
        attempts,
        left.differences(expected),
        left.missingUses(kind.epochs(), examples));
  }

  /** Runs the command once, with the faults that fall due meanwhile; returns its exit status. */
  private int attempt(TrainingCase kind, Path output, Deque<Fault> ahead, List<Fault> struck) {
    Path err = folder.resolve(output.getFileName() + ".err");
    Instant started = Instant.now().minusSeconds(1);
    Process process = train(kind, output).start(folder.resolve(output.getFileName() + ".out"), err);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(ATTEMPT_SECONDS);
    boolean driverKilled = false;
    boolean disturbed = false;
    try {
      while (process.isAlive()) {
        Fault next = ahead.peek();
        if (next != null && Remains.committedRounds(output.resolve("run")) >= next.round()) {
          ahead.remove();
          Thread.sleep(next.delayMillis());
          if (strike(next, process, started)) {
            struck.add(next);
            disturbed = true;
            driverKilled |= next.kind() == Kind.DRIVER;
          }
        }
        if (System.nanoTime() > end) {
          LocalCluster.kill(process.toHandle());
          throw new AssertionError(output + " did not end within " + ATTEMPT_SECONDS + " s");
        }
        Thread.sleep(POLL_MILLIS);
      }
      int status = process.waitFor();
      // A run that has not begun is refused where executors that never came leave it too few slots.
      boolean refused =
          status == CLUSTER && disturbed && Remains.committedRounds(output.resolve("run")) == 0;
      if (status != 0 && status != INTERRUPTED && !refused && !(driverKilled && status == KILLED)) {
        throw new AssertionError(
            output + " ended with status " + status + ": " + Files.readString(err));
      }
      return status;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether there was still something to strike. */
  private boolean strike(Fault fault, Process driver, Instant started) throws InterruptedException {
    if (fault.kind() == Kind.DRIVER) {
      boolean alive = driver.isAlive();
      LocalCluster.kill(driver.toHandle());
      return alive;
    }
    List<ProcessHandle> executors = cluster.executors(started);
    while (executors.isEmpty() && driver.isAlive()) {
      Thread.sleep(POLL_MILLIS);
      executors = cluster.executors(started);
    }
    if (executors.isEmpty() || !driver.isAlive()) {
      return false;
    }
    ProcessHandle executor = executors.get(fault.choice() % executors.size());
    switch (fault.kind()) {
      case PAUSED -> LocalCluster.pause(executor);
      case LOST -> LocalCluster.kill(executor.parent().orElse(executor));
      default -> LocalCluster.kill(executor);
    }
    return true;
  }

  private void tell(Trial trial) {
    for (Fault fault : trial.struck()) {
      out.printf(
          Locale.ROOT,
          "seed %d: %s: %s %s; %d attempts; %s, %d examples lost or doubled%n",
          trial.seed(),
          trial.kind().name(),
          fault.kind().description(),
          fault.when(),
          trial.attempts(),
          trial.differences().isEmpty() ? "bytes equal" : trial.differences() + " DIFFER",
          Math.abs(trial.missingUses()));
    }
    out.flush();
  }

  /** The figures for deploy/help/reliability.md. */
  static String table(List<Trial> trials) {
    StringBuilder text = new StringBuilder();
    text.append("| fault | struck | in runs | bytes equal | examples lost or doubled |\n");
    text.append("|---|---|---|---|---|\n");
    for (Kind kind : Kind.values()) {
      row(text, kind.description(), trials, fault -> fault.kind() == kind, trial -> true);
    }
    row(text, "all", trials, fault -> true, trial -> true);
    text.append("\n| training | faults | in runs | bytes equal | examples lost or doubled |\n");
    text.append("|---|---|---|---|---|\n");
    for (TrainingCase kind : TrainingCase.all()) {
      row(text, kind.name(), trials, fault -> true, trial -> trial.kind().equals(kind));
    }
    return text.toString();
  }

  private static void row(
      StringBuilder text,
      String name,
      List<Trial> trials,
      Predicate<Fault> faults,
      Predicate<Trial> which) {
    List<Trial> runs =
        trials.stream()
            .filter(which)
            .filter(trial -> trial.struck().stream().anyMatch(faults))
            .toList();
    long struck =
        runs.stream().mapToLong(trial -> trial.struck().stream().filter(faults).count()).sum();
    long equal = runs.stream().filter(trial -> trial.differences().isEmpty()).count();
    long uses = runs.stream().mapToLong(trial -> Math.abs(trial.missingUses())).sum();
    text.append(
        String.format(
            Locale.ROOT,
            "| %s | %d | %d | %d of %d | %d |%n",
            name,
            struck,
            runs.size(),
            equal,
            runs.size(),
            uses));
  }
}
