package dev.ancestral.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Storage;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.Fixtures;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  private static final EventSpec BITS = EventSpec.discrete(2, 4, 3, 1);

  @TempDir Path folder;

  private final Fixtures fixtures = new Fixtures(new Storage(new Configuration()));

  @Test
  void help_of_all_names_every_command_and_status() {
    CommandLine help = CommandLine.run("--help");
    assertEquals(0, help.status());
    for (String command :
        List.of(
            "prepare",
            "train",
            "evaluate",
            "generate",
            "score",
            "impute",
            "pipeline",
            "compare",
            "promote",
            "verify",
            "doctor",
            "bench")) {
      assertTrue(help.out().contains("\n  " + command + " "), command);
    }
    for (int status : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8}) {
      assertTrue(help.out().contains("\n  " + status + "  "), "status " + status);
    }
    assertEquals("", help.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prepare",
        "train",
        "evaluate",
        "generate",
        "score",
        "impute",
        "pipeline",
        "compare",
        "promote",
        "verify",
        "doctor",
        "bench"
      })
  void help_of_a_command_teaches(String command) {
    CommandLine help = CommandLine.run(command, "--help");
    assertEquals(0, help.status());
    assertTrue(help.out().contains("Usage: ancestral " + command), help.out());
    assertTrue(help.out().contains("Example"), help.out());
    assertTrue(help.out().lines().anyMatch(line -> line.startsWith("  ancestral ")), help.out());
    assertTrue(help.out().contains("Writes"), help.out());
    assertTrue(help.out().contains("Exit statuses:"), help.out());
  }

  /**
   * The launcher shows help out of files, quickly and without a build. After a change of an option
   * they are written again by running this test with -Dancestral.usage.write=true.
   */
  @Test
  void the_launcher_shows_the_same_help() throws IOException {
    Path usage = Path.of("..", "deploy", "help", "usage");
    Map<String, String> pages = new TreeMap<>();
    pages.put("ancestral.txt", CommandLine.run("--help").out());
    Matcher commands =
        Pattern.compile("(?m)^  ([a-z0-9-]+) {2,}")
            .matcher(pages.get("ancestral.txt").replaceFirst("(?s)^.*\nCommands:\n", ""));
    while (commands.find()) {
      if (Character.isLetter(commands.group(1).charAt(0))) {
        pages.put(commands.group(1) + ".txt", CommandLine.run(commands.group(1), "--help").out());
      }
    }
    Matcher version =
        Pattern.compile("<version>(.*)</version>").matcher(Files.readString(Path.of("../pom.xml")));
    assertTrue(version.find());
    pages.put("version", version.group(1) + "\n");
    assertTrue(pages.size() > 11, pages.keySet().toString());
    for (Map.Entry<String, String> page : pages.entrySet()) {
      String text = page.getValue().replaceAll("\033\\[[0-9;]*m", "");
      Path file = usage.resolve(page.getKey());
      if (Boolean.getBoolean("ancestral.usage.write")) {
        Files.createDirectories(usage);
        Files.writeString(file, text);
      }
      assertEquals(
          text,
          Files.exists(file) ? Files.readString(file) : "",
          file + " is not what the command says; run this test with -Dancestral.usage.write=true");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | a command is missing; it must be one of prepare, train",
        "evalute | at index 0: 'evalute'; did you mean evaluate? See 'ancestral --help'",
        "train --spec s --spce x | '--spce', 'x'; did you mean --spec? See 'ancestral train"
            + " --help'",
        "generate --model m --seed 1 --output o --count 5 --as parket | ; did you mean parquet?",
        "evaluate --model m --data d --output o --estimator twosample | ; did you mean two-sample?",
        "prepare --format matirx --input x --output o | ; did you mean matrix?",
        "evaluate --model m --data d | Missing required option: '--output=DIR'; see 'ancestral"
            + " evaluate",
        "evaluate --model m --data d --output o --speed 9 | Unknown options: '--speed', '9'; did"
            + " you mean --seed?",
        "evaluate --model m --data d --output o --limit x | '--limit': 'x' is not a long",
        "evaluate --model m --data d --output o --limit 0 | limit is 0; it must be a whole number",
        "evaluate --model m --data d --output o --estimator best | estimator is best; it must be"
            + " one of",
        "evaluate --model m --data d --output o --samples 0 | samples is 0; it must be",
        "generate --model m --seed 1 --output o --count 0 | count is 0; it must be a whole number",
        "generate --model m --seed 1 --output o --count 5 --temperature 0 | temperature is 0.0",
        "generate --model m --seed 1 --output o --count 5 --as gif | '--as': expected one of",
        "train --spec no.yaml | there is no spec at no.yaml",
        "train --spec s --resume --restart | are mutually exclusive",
        "prepare --format tiff --input x --output o | --format: format is tiff; it must be one of",
        "prepare --format idx --output o --shard-size 0.5 | '--shard-size': '0.5' is not an int",
        "promote --current l --back --candidate c --report r | are mutually exclusive",
        "promote --current l | Missing required argument",
        "promote --current l --candidate c | Missing required argument(s): --report=A",
        "promote --current no-link --back | there is no way back",
        "pipeline --spec s --submit --step train | are mutually exclusive",
        "generate --model m --seed 1 --output o --count 5 --run-key ../up | run key is '../up'; it",
        "prepare --format idx --input x --output o --split auto=2 | --split: split is auto=2",
      })
  void a_wrong_command_line_ends_with_2_and_one_line(String line, String expected) {
    CommandLine result = CommandLine.run(line.isEmpty() ? new String[0] : line.split(" "));
    assertEquals(2, result.status(), result.err());
    assertTrue(result.err().contains(expected), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    assertEquals("", result.out());
  }

  @Test
  void a_wrong_spec_writes_nothing_and_lists_everything() throws IOException {
    Path spec = folder.resolve("spec.yaml");
    Files.writeString(
        spec,
        "name: x\nseed: a\noutput: " + at("out") + "\nmodel: {family: vae, latent: 0}\nfoo: 1\n");
    for (String command : List.of("train", "pipeline")) {
      CommandLine result = CommandLine.run(command, "--spec", spec.toString());
      assertEquals(2, result.status());
      assertTrue(result.err().contains("has 4 problems"), result.err());
      assertTrue(result.err().contains("spec.yaml:2: seed is a"), result.err());
      assertTrue(result.err().contains("data.path is missing"), result.err());
      assertTrue(result.err().contains("spec.yaml:4: model.latent is 0"), result.err());
      assertTrue(result.err().contains("spec.yaml:5: foo is not a known key"), result.err());
      assertFalse(Files.exists(folder.resolve("out")));
    }
  }

  @Test
  void evaluate_compare_and_promote() throws IOException {
    String data = fixtures.dataset(at("data"), "test", BITS, 300, 100);
    Map<String, Object> sharp = Map.of("likelihood", "bernoulli", "smoothing", 1.0);
    Map<String, Object> blunt = Map.of("likelihood", "bernoulli", "smoothing", 1000.0);
    String good = fixtures.fitted(at("good"), "naive-bayes", sharp, data, "test");
    String bad = fixtures.fitted(at("bad"), "naive-bayes", blunt, data, "test");
    CommandLine first = evaluate(good, data, "good-test");
    assertEquals(0, first.status(), first.err());
    assertTrue(first.out().contains("log p(x) = -"), first.out());
    assertEquals(0, evaluate(bad, data, "bad-test").status());

    CommandLine compared = CommandLine.run("compare", at("good-test"), at("bad-test/report.json"));
    assertEquals(0, compared.status(), compared.err());
    assertTrue(compared.out().contains("A is better"), compared.out());

    Path link = folder.resolve("current");
    CommandLine made = promote(bad, link, "bad-test", "good-test");
    assertEquals(8, made.status());
    assertFalse(Files.exists(link));
    Files.createSymbolicLink(link, Path.of(bad));
    CommandLine promoted = promote(good, link, "good-test", "bad-test");
    assertEquals(0, promoted.status(), promoted.err());
    assertEquals(Path.of(good), Files.readSymbolicLink(link));
    assertEquals(Path.of(bad), Files.readSymbolicLink(folder.resolve("current.previous")));
    assertEquals(0, promote(good, link, "good-test", "bad-test").status());

    CommandLine worse = promote(bad, link, "bad-test", "good-test");
    assertEquals(8, worse.status());
    assertTrue(worse.err().contains("nothing was changed"), worse.err());
    assertEquals(Path.of(good), Files.readSymbolicLink(link));
    CommandLine wrongReport = promote(bad, link, "good-test", "good-test");
    assertEquals(4, wrongReport.status());

    // The way back, and back again.
    CommandLine undone = back(link);
    assertEquals(0, undone.status(), undone.err());
    assertEquals(Path.of(bad), Files.readSymbolicLink(link));
    assertEquals(Path.of(good), Files.readSymbolicLink(folder.resolve("current.previous")));
    assertEquals(0, back(link).status());
    assertEquals(Path.of(good), Files.readSymbolicLink(link));

    // A link that is not there yet: its first model has nothing to be better than.
    CommandLine unfounded = first(good, at("new"), "bad-test");
    assertEquals(4, unfounded.status(), unfounded.err());
    CommandLine begun = first(bad, at("new"), "bad-test");
    assertEquals(0, begun.status(), begun.err());
    assertEquals(Path.of(bad), Files.readSymbolicLink(folder.resolve("new")));
    assertEquals(2, back(folder.resolve("new")).status());
    assertEquals(0, first(bad, at("new"), "bad-test").status());
    CommandLine second = first(good, at("new"), "good-test");
    assertEquals(2, second.status());
    assertTrue(second.err().contains("--against is missing"), second.err());

    // A link is a model.
    assertEquals(0, evaluate(link.toString(), data, "link-test").status());
    CommandLine equal = CommandLine.run("compare", at("good-test"), at("link-test"));
    assertTrue(equal.out().contains("A - B = +0.000000"), equal.out());
  }

  @Test
  void unlike_evaluations_are_not_compared() {
    String data = fixtures.dataset(at("data"), "test", BITS, 100, 100);
    Map<String, Object> settings = Map.of("likelihood", "bernoulli");
    String exact = fixtures.fitted(at("nb"), "naive-bayes", settings, data, "test");
    Map<String, Object> small = Map.of("hidden", List.of(4), "latent", 2);
    String vae = fixtures.untrained(at("vae"), "vae", small, BITS, "none", 1);
    assertEquals(0, evaluate(exact, data, "a").status());
    assertEquals(0, evaluate(vae, data, "b", "--samples", "3").status());
    assertEquals(0, evaluate(exact, data, "c", "--limit", "50").status());
    CommandLine kinds = CommandLine.run("compare", at("a"), at("b"));
    assertEquals(4, kinds.status());
    assertTrue(kinds.err().startsWith("kinds differ: A has exact, B has lower-bound"), kinds.err());
    CommandLine numbers = CommandLine.run("compare", at("a"), at("c"));
    assertEquals(4, numbers.status());
    assertTrue(numbers.err().contains("A has 100, B has 50"), numbers.err());
    assertEquals(3, CommandLine.run("compare", at("a"), at("none")).status());
  }

  @Test
  void failures_have_their_statuses_and_one_plain_message() throws IOException {
    String data = fixtures.dataset(at("data"), "test", BITS, 100, 100);
    Map<String, Object> settings = Map.of("likelihood", "bernoulli");
    String model = fixtures.fitted(at("nb"), "naive-bayes", settings, data, "test");
    assertStatus(3, evaluate(at("nothing"), data, "out"), "holds no model.json");
    assertStatus(3, evaluate(model, at("nothing"), "out"), "there is no dataset at");
    assertStatus(3, evaluate(model, data, "out", "--split", "valid"), "has no split 'valid'");
    assertStatus(4, evaluate(model, data, "out", "--estimator", "ais"), "it has exact");
    String other = fixtures.dataset(at("other"), "test", EventSpec.discrete(2, 5), 10, 10);
    assertStatus(4, evaluate(model, other, "out"), "events differ");
    Files.writeString(folder.resolve("nb/model.json"), "{\"format\": 1");
    assertStatus(3, evaluate(model, data, "out"), "model.json");
    String status = Files.readString(folder.resolve("out/status.json"));
    assertTrue(status.contains("\"status\" : 3"), status);
    assertTrue(status.contains("\"retryable\" : false"), status);
  }

  @Test
  void generate_says_what_it_made() {
    Map<String, Object> small = Map.of("hidden", List.of(4), "latent", 2);
    String vae = fixtures.untrained(at("vae"), "vae", small, BITS, "none", 1);
    CommandLine result =
        CommandLine.run(
            "generate",
            "--model",
            vae,
            "--count",
            "30",
            "--seed",
            "2",
            "--preview",
            "--output",
            at("samples"));
    assertEquals(0, result.status(), result.err());
    assertTrue(result.out().contains("30 samples of 4×3×1 with 2 levels in 1 part"), result.out());
    assertTrue(result.out().contains("preview: " + at("samples/preview.png")), result.out());
    assertEquals("", result.err());
  }

  private CommandLine evaluate(String model, String data, String output, String... more) {
    List<String> args =
        new java.util.ArrayList<>(
            List.of("evaluate", "--model", model, "--data", data, "--output", at(output)));
    args.addAll(List.of(more));
    return CommandLine.run(args.toArray(String[]::new));
  }

  private CommandLine promote(String candidate, Path link, String report, String against) {
    return CommandLine.run(
        "promote",
        "--candidate",
        candidate,
        "--current",
        link.toString(),
        "--report",
        at(report),
        "--against",
        at(against));
  }

  private CommandLine first(String candidate, String link, String report) {
    return CommandLine.run(
        "promote", "--candidate", candidate, "--current", link, "--report", at(report));
  }

  private static CommandLine back(Path link) {
    return CommandLine.run("promote", "--back", "--current", link.toString());
  }

  private static void assertStatus(int status, CommandLine result, String message) {
    assertEquals(status, result.status(), result.err());
    assertTrue(result.err().contains(message), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
