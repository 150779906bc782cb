package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The standalone cluster on several hosts: with addresses of the loopback network, and with
 * networks of their own whose links are cut.
 */
@Tag("cluster")
class SeveralHostsIT {
  private static final int INTERRUPTED = 7;
  private static final int DEADLINE_SECONDS = 8;
  private static final int POLL_MILLIS = 15;
  private static final long ATTEMPT_SECONDS = 240;

  // The block manager's, and Gloo's.
  private static final int SOCKETS = 2;

  @TempDir static Path folder;
  private static Remains undisturbed;

  @BeforeAll
  static void trainOnOneMachine() throws IOException {
    Path output = folder.resolve("undisturbed");
    Command.Result result = ancestral("local[3]", "pipeline", "--spec", spec(output)).run();
    assertEquals(0, result.status(), result.err());
    undisturbed = Remains.of(output.resolve("run"));
  }

  private static String spec(Path output) throws IOException {
    String text =
        """
        name: several-hosts
        seed: 3
        output: %s
        data:
          path: %s
          prepare:
            - {format: synthetic, kind: digits, count: 430, split: "auto=0.8,0.1,0.1", binarize: threshold=127}
        model: {family: vae, hidden: [16], latent: 3, likelihood: bernoulli}
        train:
          strategy: gradient-sharing
          transport: gloo
          replicas: 3
          epochs: 8
          batchSize: 20
          roundSteps: 2
          validation: {everyRounds: 3, limit: 30}
          deadlineSeconds: %d
        evaluate: {estimator: elbo}
        generate: {count: 10, seed: 7}
        """
            .formatted(output, folder.resolve("data"), DEADLINE_SECONDS);
    return Files.writeString(folder.resolve(output.getFileName() + ".yaml"), text).toString();
  }

  private static Command ancestral(String master, String... command) {
    return LocalCluster.ancestral(folder, master, command);
  }

  /** On the driver's host; the job jar is read where it lies. */
  private static Command onHosts(LocalCluster cluster, VirtualHosts hosts, String... command) {
    return ancestral(cluster.master(), command)
        .with("SPARK_LOCAL_IP", hosts.address(0))
        .with("ANCESTRAL_JAR", "local:" + Shipped.jobJar().toAbsolutePath().normalize())
        .within(hosts.namespace(0));
  }

  @Test
  void replicas_meet_at_the_addresses_of_their_executors() throws Exception {
    Path output = folder.resolve("addresses");
    List<String> hosts = List.of("127.0.0.2", "127.0.0.3");
    Map<String, List<String>> seen = new TreeMap<>();
    try (LocalCluster cluster =
        LocalCluster.start(
            Files.createDirectory(folder.resolve("loopback")),
            "--cores",
            "2",
            "--memory",
            "800m",
            "--addresses",
            String.join(",", hosts))) {
      Instant started = Instant.now().minusSeconds(1);
      Attempt attempt =
          new Attempt(ancestral(cluster.master(), "train", "--spec", spec(output)), output);
      while (attempt.runs()) {
        for (ProcessHandle executor : cluster.executors(started)) {
          List<String> addresses = ListeningSockets.addresses(executor);
          if (addresses.size() >= SOCKETS) {
            hostOf(executor).ifPresent(host -> seen.put(host, addresses));
          }
        }
      }
      assertEquals(0, attempt.status(), attempt.err());
    }
    assertEquals(hosts, List.copyOf(seen.keySet()));
    seen.forEach(
        (host, addresses) ->
            assertTrue(
                addresses.stream().allMatch(host::equals),
                () -> "the executor on " + host + " listens on " + addresses));
    assertSame(output);
    System.out.println("listening sockets of executors, Gloo's among them: " + seen);
  }

  /** Empty for one that has ended. */
  private static Optional<String> hostOf(ProcessHandle executor) {
    Matcher host =
        Pattern.compile("--hostname\0([^\0]+)").matcher(LocalCluster.commandLine(executor));
    return host.find() ? Optional.of(host.group(1)) : Optional.empty();
  }

  @Test
  @Tag("long")
  void a_link_that_is_cut_ends_with_seven_and_the_same_command_goes_on() throws Exception {
    Path output = folder.resolve("cut");
    Optional<VirtualHosts> made = VirtualHosts.make(3);
    assumeTrue(made.isPresent(), "network namespaces");
    try (VirtualHosts hosts = made.get();
        LocalCluster cluster =
            LocalCluster.start(
                Files.createDirectory(folder.resolve("cut-cluster")),
                hosts,
                "--cores",
                "2",
                "--memory",
                "800m")) {
      Command command = onHosts(cluster, hosts, "train", "--spec", spec(output));
      Attempt attempt = new Attempt(command, output);
      attempt.awaitRound(3);
      hosts.cut(1, 2);
      attempt.awaitEnd();
      assertEquals(INTERRUPTED, attempt.status(), attempt.err());
      int committed = Remains.committedRounds(output.resolve("run"));
      assertTrue(
          attempt.err().contains("round " + (committed + 1) + " failed 4 times"), attempt.err());
      assertTrue(
          Pattern.compile("replica \\d on " + Pattern.quote(hosts.address(1)) + "\\b.*")
              .matcher(attempt.err())
              .find(),
          attempt.err());
      assertTrue(attempt.err().contains("run the same command again"), attempt.err());
      assertEquals(1, attempt.err().lines().count(), attempt.err());
      System.out.println("a link cut after round " + committed + ": " + attempt.err().strip());

      hosts.mend(1, 2);
      Attempt again = new Attempt(command, output);
      again.awaitEnd();
      assertEquals(0, again.status(), again.err());
      assertTrue(again.out().contains("going on from round " + committed), again.out());
    }
    assertSame(output);
  }

  @Test
  @Tag("long")
  void a_host_whose_cable_is_pulled_is_named_and_the_others_take_its_replicas() throws Exception {
    Path output = folder.resolve("unplugged");
    Optional<VirtualHosts> made = VirtualHosts.make(3);
    assumeTrue(made.isPresent(), "network namespaces");
    try (VirtualHosts hosts = made.get();
        LocalCluster cluster =
            LocalCluster.start(
                Files.createDirectory(folder.resolve("unplugged-cluster")),
                hosts,
                "--cores",
                "2",
                "--memory",
                "800m")) {
      Attempt attempt =
          new Attempt(onHosts(cluster, hosts, "train", "--spec", spec(output)), output);
      attempt.awaitRound(3);
      hosts.unplug(1);
      attempt.awaitEnd();
      assertEquals(0, attempt.status(), attempt.err());
      assertTrue(
          Pattern.compile(
                  "on " + Pattern.quote(hosts.address(1)) + " \\(executor \\d\\) was silent")
              .matcher(attempt.out())
              .find(),
          attempt.out());
      assertTrue(attempt.out().contains("take turns"), attempt.out());
      System.out.println("a cable pulled: " + attempt.out().strip());
    }
    assertSame(output);
  }

  private static void assertSame(Path output) {
    assertEquals(List.of(), Remains.of(output.resolve("run")).differences(undisturbed));
  }

  /** One run of a command that trains. */
  private static final class Attempt {
    private final Path run;
    private final Path out;
    private final Path err;
    private final Process process;
    private final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(ATTEMPT_SECONDS);

    private Attempt(Command command, Path output) throws IOException {
      run = output.resolve("run");
      out = Files.createTempFile(folder, "out", ".txt");
      err = Files.createTempFile(folder, "err", ".txt");
      process = command.start(out, err);
    }

    /** Whether it has not ended, a moment later. */
    boolean runs() throws IOException, InterruptedException {
      if (System.nanoTime() > end) {
        LocalCluster.kill(process.toHandle());
        throw new AssertionError(
            "it did not end within " + ATTEMPT_SECONDS + " s; it said: " + out() + err());
      }
      return !process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
    }

    void awaitRound(int round) throws IOException, InterruptedException {
      while (Remains.committedRounds(run) < round) {
        assertTrue(runs(), "it ended before round " + round + ": " + out() + err());
      }
    }

    void awaitEnd() throws IOException, InterruptedException {
      while (runs()) {
        // Until it has.
      }
    }

    int status() {
      return process.exitValue();
    }

    String out() throws IOException {
      return Files.readString(out);
    }

    String err() throws IOException {
      return Files.readString(err);
    }
  }
}
