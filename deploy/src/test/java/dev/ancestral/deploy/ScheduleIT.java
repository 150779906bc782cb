package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** schedule/nightly and schedule/weekly as a scheduler runs them, with a model of one pass. */
class ScheduleIT {
  @TempDir Path folder;

  private Path current;

  @BeforeEach
  void settings() throws IOException {
    current = folder.resolve("models/current");
    Files.writeString(
        folder.resolve("schedule.conf"),
        """
        SUBMIT=(--master 'local[1]' --conf spark.ui.enabled=false)
        CURRENT='%s'
        SAMPLES='%s'
        COUNT=50
        SEED=1
        CATCH_UP=2
        SPEC='%s'
        RUNS='%s'
        DATA='%s'
        EVALUATE=(--split test --estimator exact)
        """
            .formatted(current, at("samples"), at("spec.yaml"), at("runs"), at("data")));
  }

  private void dataAndAFirstModel() throws IOException {
    ok(
        ancestral(
            "prepare",
            "--format",
            "synthetic",
            "--kind",
            "digits",
            "--count",
            "300",
            "--split",
            "auto=0.5,0,0.5",
            "--binarize",
            "threshold=127",
            "--output",
            at("data")));
    spec(1000);
    ok(ancestral("train", "--spec", at("spec.yaml"), "--output", at("first")));
  }

  /** A blunt model, or a sharp one: what its counts are smoothed with. */
  private void spec(int smoothing) throws IOException {
    Files.writeString(
        folder.resolve("spec.yaml"),
        """
        name: week
        seed: 1
        output: %s
        data: {path: %s}
        model: {family: naive-bayes, likelihood: bernoulli, smoothing: %d}
        """
            .formatted(at("unused"), at("data"), smoothing));
  }

  private Command script(String name, String... keys) {
    return Command.script(folder, "schedule/" + name, keys)
        .with("ANCESTRAL_SCHEDULE", at("schedule.conf"))
        .with("ANCESTRAL_LOG", at("driver.log"))
        .with("STATE_DIRECTORY", at("state"));
  }

  private Command ancestral(String... words) {
    String[] all =
        Stream.concat(Stream.of("--master", "local[1]"), Stream.of(words)).toArray(String[]::new);
    return Command.script(folder, "bin/ancestral", all).with("ANCESTRAL_LOG", at("driver.log"));
  }

  private static Command.Result ok(Command command) {
    return ends(0, command);
  }

  private static Command.Result ends(int status, Command command) {
    Command.Result result = command.run();
    assertEquals(status, result.status(), result.out() + result.err());
    return result;
  }

  private static List<String> nights(Command.Result result) {
    return result
        .out()
        .lines()
        .filter(line -> line.startsWith("2026-"))
        .map(line -> line.replaceFirst("(samples|nothing to do).*", "$1"))
        .toList();
  }

  @Test
  void nights_are_drawn_once_caught_up_and_not_by_two_at_once() throws Exception {
    dataAndAFirstModel();
    Files.createDirectories(current.getParent());
    Files.createSymbolicLink(current, folder.resolve("first"));

    Command.Result first = ok(script("nightly", "2026-11-20"));
    assertEquals(
        List.of("2026-11-18: 50 samples", "2026-11-19: 50 samples", "2026-11-20: 50 samples"),
        nights(first));
    byte[] before = Files.readAllBytes(folder.resolve("samples/2026-11-20/manifest.json"));
    Command.Result again = ok(script("nightly", "2026-11-20"));
    assertEquals(
        List.of(
            "2026-11-18: nothing to do", "2026-11-19: nothing to do", "2026-11-20: nothing to do"),
        nights(again));

    // The next night is missed; the one after it is begun, and while it is at work comes another.
    Path claimed = folder.resolve("samples/2026-11-21");
    Process begun = script("nightly", "2026-11-22").start(path("begun.txt"), path("err.txt"));
    try {
      while (begun.isAlive() && !isClaimed(claimed)) {
        Thread.sleep(5);
      }
      LocalCluster.pause(begun.toHandle());
      assertTrue(isClaimed(claimed), "it was stopped in the middle");
      Command.Result second = ends(7, script("nightly", "2026-11-22"));
      assertTrue(
          second.err().contains("samples/2026-11-21 is being filled by another command"),
          second.err());
    } finally {
      new ProcessBuilder("kill", "-CONT", Long.toString(begun.pid())).start().waitFor();
    }
    assertTrue(begun.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, begun.exitValue(), Files.readString(path("err.txt")));
    assertEquals(
        List.of("2026-11-20: nothing to do", "2026-11-21: 50 samples", "2026-11-22: 50 samples"),
        nights(new Command.Result(0, Files.readString(path("begun.txt")), "")));
    assertArrayEquals(
        before, Files.readAllBytes(folder.resolve("samples/2026-11-20/manifest.json")));
  }

  @Test
  @Tag("long")
  void a_better_model_is_promoted_another_is_not_and_there_is_a_way_back() throws IOException {
    dataAndAFirstModel();
    ok(
        ancestral(
            "evaluate",
            "--model",
            at("first"),
            "--data",
            at("data"),
            "--output",
            at("first-test")));
    ok(
        ancestral(
            "promote",
            "--candidate",
            at("first"),
            "--current",
            current.toString(),
            "--report",
            at("first-test")));
    assertEquals(folder.resolve("first"), Files.readSymbolicLink(current));

    // The same model again is not better.
    Command.Result refused = ends(8, script("weekly", "2026-W47"));
    assertTrue(refused.err().contains("not better by more than 2 standard errors"), refused.err());
    assertEquals(folder.resolve("first"), Files.readSymbolicLink(current));

    spec(1);
    ok(script("weekly", "2026-W48"));
    Path better = folder.resolve("runs/2026-W48/run");
    assertEquals(better, Files.readSymbolicLink(current));
    assertEquals(folder.resolve("first"), Files.readSymbolicLink(path("models/current.previous")));

    ok(ancestral("promote", "--back", "--current", current.toString()));
    assertEquals(folder.resolve("first"), Files.readSymbolicLink(current));
    assertEquals(better, Files.readSymbolicLink(path("models/current.previous")));

    // What was decided stays decided: the model that was taken back does not come again.
    Command.Result again = ok(script("weekly", "2026-W48"));
    assertEquals("weekly 2026-W48: nothing to do, its model was promoted\n", again.out());
    assertTrue(ends(8, script("weekly", "2026-W47")).out().contains("nothing to do"));
    assertEquals(folder.resolve("first"), Files.readSymbolicLink(current));
  }

  @Test
  void what_is_wrong_is_said_before_anything_starts() {
    Command.Result key = ends(2, script("weekly", "../up"));
    assertTrue(key.err().startsWith("weekly: the key is '../up'; it must be"), key.err());
    for (String name : List.of("nightly", "weekly")) {
      Command.Result settings =
          ends(2, script(name, "2026-01-01").with("ANCESTRAL_SCHEDULE", at("absent.conf")));
      assertTrue(settings.err().contains("absent.conf cannot be read"), settings.err());
      assertTrue(ok(script(name, "--help")).out().startsWith(name + " [KEY]"));
    }
  }

  @Test
  void the_units_of_systemd_are_whole() throws Exception {
    Path units = Shipped.folder().resolve("schedule/systemd");
    Path copies = Files.createDirectories(folder.resolve("units"));
    try (Stream<Path> files = Files.list(units)) {
      for (Path unit : files.toList()) {
        String text = Files.readString(unit);
        Files.writeString(
            copies.resolve(unit.getFileName()),
            text.replace("/opt/ancestral/", Shipped.folder() + "/"));
        if (unit.toString().endsWith(".timer")) {
          assertTrue(text.contains("Persistent=true"), "a missed night is made up for");
        } else {
          String script = text.replaceFirst("(?s).*ExecStart=/opt/ancestral/(\\S+).*", "$1");
          assertTrue(Files.isExecutable(Shipped.folder().resolve(script)), script);
          assertTrue(text.contains("RestartPreventExitStatus=1 2 3 4 5 6 8\n"), "7 alone");
        }
      }
    }
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "systemd is not there");
    Command.Result verified =
        new Command(
                List.of(
                    "/bin/sh",
                    "-c",
                    "exec systemd-analyze verify --man=no units/*.service units/*.timer"),
                java.util.Map.of(),
                folder)
            .run();
    assertEquals(0, verified.status(), verified.err());
    assertEquals("", verified.err());
    for (String name : List.of("nightly", "weekly")) {
      // 0 is no exposure, 100 a service that may do everything; without its settings it was 92.
      Command.Result exposure =
          new Command(
                  List.of(
                      "systemd-analyze",
                      "security",
                      "--offline=true",
                      "--threshold=20",
                      "units/ancestral-" + name + ".service"),
                  java.util.Map.of("PAGER", "cat"),
                  folder)
              .run();
      assertEquals(0, exposure.status(), exposure.out() + exposure.err());
    }
  }

  @Test
  void jobs_of_schedulers_write_for_their_user_and_gain_no_rights() throws IOException {
    for (String name : List.of("nightly", "weekly")) {
      List<String> unit =
          Files.readAllLines(
              Shipped.folder().resolve("schedule/systemd/ancestral-" + name + ".service"));
      for (String setting :
          List.of(
              "NoNewPrivileges=yes",
              "CapabilityBoundingSet=",
              "ProtectSystem=strict",
              "ProtectHome=yes",
              "PrivateTmp=yes",
              "UMask=0077",
              "StateDirectoryMode=0700",
              "ReadWritePaths=/var/lib/ancestral")) {
        assertTrue(unit.contains(setting), name + " lacks " + setting);
      }
      assertTrue(unit.stream().anyMatch(line -> line.startsWith("MemoryMax=")), name);
      String job = "ancestral umask 077; /opt/ancestral/schedule/" + name;
      assertTrue(
          Files.readString(Shipped.folder().resolve("schedule/ancestral.cron")).contains(job), job);
    }
  }

  private static boolean isClaimed(Path output) throws IOException {
    if (!Files.isDirectory(output)) {
      return false;
    }
    try (Stream<Path> files = Files.list(output)) {
      return files.anyMatch(file -> file.getFileName().toString().equals("status.json"));
    }
  }

  private Path path(String name) {
    return folder.resolve(name);
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
