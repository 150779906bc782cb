package dev.ancestral.job.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.job.CommandLine;
import dev.ancestral.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineTest {
  @TempDir Path folder;

  @Test
  void from_files_to_samples_and_nothing_twice() throws IOException {
    Files.writeString(folder.resolve("rows.csv"), rows(400));
    Path spec = folder.resolve("spec.yaml");
    Files.writeString(
        spec,
        """
        name: tiny
        seed: 3
        output: %s
        data:
          prepare:
            - {format: matrix, input: ["%s"], split: "auto=0.7,0.1,0.2", shardSize: 100}
        model: {family: vae, hidden: [8], latent: 2}
        train: {replicas: 2, epochs: 2, batchSize: 20, transport: spark}
        evaluate: {estimator: iwae, samples: 5}
        generate: {count: 50, seed: 7, preview: true}
        """
            .formatted(folder.resolve("out"), folder.resolve("rows.csv")));

    CommandLine first = CommandLine.run("pipeline", "--spec", spec.toString());

    assertEquals(0, first.status(), first.err());
    assertTrue(first.out().contains("log p(x) ≥ -"), first.out());
    assertTrue(first.out().contains("50 samples of 6 with 2 levels"), first.out());
    String report = Files.readString(folder.resolve("out/run/report.html"));
    assertTrue(report.contains("<title>tiny</title>"), "the name of the spec");
    assertInOrder(
        report,
        "log p(x) ≥ -", // the score on test, with its error
        "<h2>Samples of the model</h2>\n<pre>",
        "<h2>Examples of test</h2>\n<pre>",
        "<svg",
        "<td>batch size</td><td>20 a replica</td>",
        "<td>learning rate</td><td>0.001</td>",
        "<td>train sha256</td>",
        "<details>");
    assertFalse(
        report.substring(0, report.indexOf("<details>")).matches("(?s).*[0-9a-f]{64}.*"),
        "whole hashes are shown when they are asked for");
    assertInOrder(first.out(), "trained for ", "; kept ", "round ", "the best by validation: -");
    assertInOrder(
        Files.readString(folder.resolve("out/run/model.json")),
        "\"best_round\"",
        "\"best_step\"",
        "\"best_epoch\"",
        "\"best_valid_nats\"",
        "\"last_valid_nats\"");
    assertFalse(report.contains("<script") || report.contains("href="), "nothing is loaded");
    for (String step : new String[] {"", "data/", "run/", "evaluation/", "samples/"}) {
      String status = Files.readString(folder.resolve("out/" + step + "status.json"));
      assertTrue(status.contains("\"status\" : 0"), step + status);
    }

    Map<String, byte[]> before = results();
    CommandLine second = CommandLine.run("pipeline", "--spec", spec.toString());
    assertEquals(0, second.status(), second.err());
    assertTrue(second.out().contains("complete"), second.out());
    results().forEach((file, bytes) -> assertArrayEquals(before.get(file), bytes, file));

    // Another sampling alone: the model stays, the samples change.
    Files.writeString(spec, Files.readString(spec).replace("count: 50", "count: 60"));
    CommandLine third = CommandLine.run("pipeline", "--spec", spec.toString());
    assertEquals(0, third.status(), third.err());
    assertTrue(third.out().contains("60 samples"), third.out());
    assertArrayEquals(
        before.get("run/parameters.safetensors"),
        Files.readAllBytes(folder.resolve("out/run/parameters.safetensors")));

    // Another model in the same output: refused, not overwritten, unless that is asked for.
    Files.writeString(spec, Files.readString(spec).replace("latent: 2", "latent: 3"));
    CommandLine other = CommandLine.run("pipeline", "--spec", spec.toString());
    assertEquals(2, other.status());
    assertTrue(other.err().contains("(model.latent is 3, there 2)"), other.err());
    assertTrue(other.err().contains("begin anew with --restart"), other.err());
    CommandLine anew = CommandLine.run("pipeline", "--spec", spec.toString(), "--restart");
    assertEquals(0, anew.status(), anew.err());
    assertFalse(
        Arrays.equals(
            before.get("run/parameters.safetensors"),
            Files.readAllBytes(folder.resolve("out/run/parameters.safetensors"))));
  }

  /** Annealed importance sampling of a GAN takes minutes; it is done when it is asked for. */
  @Test
  void what_has_no_likelihood_is_evaluated_by_a_quick_test_where_nothing_is_asked_for()
      throws IOException {
    Files.writeString(folder.resolve("rows.csv"), rows(200));
    Path spec = folder.resolve("gan.yaml");
    Files.writeString(
        spec,
        """
        name: gan
        seed: 3
        output: %s
        data:
          dequantize: uniform
          prepare:
            - {format: matrix, input: ["%s"], split: "auto=0.6,0.1,0.3", shardSize: 100}
        model: {family: gan, network: mlp, hidden: [4], latent: 2}
        train: {replicas: 1, steps: 4, batchSize: 10}
        generate: {count: 20, seed: 7}
        """
            .formatted(folder.resolve("gan"), folder.resolve("rows.csv")));
    CommandLine run = CommandLine.run("pipeline", "--spec", spec.toString());
    assertEquals(0, run.status(), run.err());
    String report = Files.readString(folder.resolve("gan/evaluation/report.json"));
    assertTrue(report.contains("\"estimator\" : \"two-sample\""), report);
    assertFalse((run.out() + run.err()).contains("annealed"), run.out() + run.err());
  }

  /** The road for a table that needs no files, with fewer rows than deploy/pipelines has. */
  @Test
  void a_mixed_table_is_fitted_to_its_entropy() throws IOException {
    String whole = Files.readString(Path.of("..", "deploy", "pipelines", "table.yaml"));
    String small =
        whole
            .replace("count: 50000", "count: 4000")
            .replace("auto=0.8,0.1,0.1", "auto=0.5,0.1,0.4")
            .replace("restarts: 2, iterations: 25", "restarts: 1, iterations: 12")
            .replace("count: 10000", "count: 20");
    Path spec = Files.writeString(folder.resolve("table.yaml"), small);
    CommandLine run =
        CommandLine.run(
            "pipeline", "--spec", spec.toString(), "--output", folder.resolve("out").toString());
    assertEquals(0, run.status(), run.err());
    Matcher gap =
        Pattern.compile(
                "the entropy of the data is 30\\.363001 nats an example; the model is"
                    + " (-?[0-9.]+) ± ([0-9.]+) above it")
            .matcher(run.out() + run.err());
    assertTrue(gap.find(), run.out());
    assertEquals(
        0, Double.parseDouble(gap.group(1)), 4 * Double.parseDouble(gap.group(2)), gap.group());
    assertTrue(run.out().contains("20 samples of rows of 8 columns"), run.out());
  }

  @Test
  void a_finished_run_goes_on_where_more_training_is_asked_for() throws IOException {
    Files.writeString(folder.resolve("rows.csv"), rows(200));
    Path spec = folder.resolve("spec.yaml");
    String text =
        """
        name: tiny
        seed: 3
        output: %s
        data:
          path: %s
          prepare:
            - {format: matrix, input: ["%s"], split: "auto=0.7,0.1,0.2"}
        model: {family: vae, hidden: [4], latent: 2}
        train: {replicas: 2, steps: 10, batchSize: 10, transport: spark, averagingFrequency: 4}
        generate: {count: 20, seed: 7}
        """
            .formatted(folder.resolve("out"), folder.resolve("rows"), folder.resolve("rows.csv"));
    Files.writeString(spec, text);
    CommandLine first = CommandLine.run("pipeline", "--spec", spec.toString());
    assertEquals(0, first.status(), first.err());
    assertTrue(first.out().contains("the quick estimator of vae is taken (iwae-50)"), first.out());
    assertInOrder(first.out(), "train: trained for 10 steps", "log p(x) ≥ -");

    // Step 10 lies within a round of the longer run; the state before is gone on from.
    Files.writeString(spec, text.replace("steps: 10", "steps: 18"));
    CommandLine longer = CommandLine.run("pipeline", "--spec", spec.toString());
    assertEquals(0, longer.status(), longer.err());
    assertInOrder(longer.out(), "more training", "going on from round 1, step 8", "for 18 steps");
    CommandLine fresh =
        CommandLine.run(
            "train", "--spec", spec.toString(), "--output", folder.resolve("fresh").toString());
    assertEquals(0, fresh.status(), fresh.err());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("fresh/parameters.safetensors")),
        Files.readAllBytes(folder.resolve("out/run/parameters.safetensors")));

    String status = CommandLine.run("pipeline", "--spec", spec.toString()).out();
    assertTrue(status.contains("is complete already"), status);
    for (String[] change :
        new String[][] {
          {"steps: 10", "steps: 9", "(train.steps is 9, there 18)"},
          {"steps: 10", "epochs: 40", "(train.epochs is 40, there not given; train.steps is not"},
          {"steps: 10", "steps: 30, ema: 0.9", "(train.ema is 0.9, there not given; train.steps"},
        }) {
      Files.writeString(spec, text.replace(change[0], change[1]));
      CommandLine refused = CommandLine.run("pipeline", "--spec", spec.toString());
      assertEquals(2, refused.status(), refused.out());
      assertTrue(refused.err().contains(change[2]), refused.err());
    }
  }

  @Test
  void a_run_whose_schedule_depends_on_its_length_is_not_made_longer() throws IOException {
    Files.writeString(folder.resolve("rows.csv"), rows(100));
    Path spec = folder.resolve("spec.yaml");
    String text =
        """
        name: tiny
        seed: 3
        output: %s
        data: {prepare: [{format: matrix, input: ["%s"], split: train}]}
        model: {family: vae, hidden: [4], latent: 2}
        train: {replicas: 1, epochs: 1, schedule: {name: cosine}, transport: spark}
        """
            .formatted(folder.resolve("out"), folder.resolve("rows.csv"));
    Files.writeString(spec, text);
    assertEquals(0, step(spec, "prepare").status());
    assertEquals(0, step(spec, "train").status());
    Files.writeString(spec, text.replace("epochs: 1", "epochs: 2"));
    CommandLine refused = step(spec, "train");
    assertEquals(2, refused.status(), refused.out());
    assertInOrder(refused.err(), "train.epochs is 2, there 1", "depend on the length", "--restart");
  }

  @Test
  void steps_one_by_one_are_the_same_pipeline() throws IOException {
    Files.writeString(folder.resolve("rows.csv"), rows(200));
    Path spec = folder.resolve("spec.yaml");
    Files.writeString(
        spec,
        """
        name: tiny
        seed: 3
        output: %s
        data:
          prepare:
            - {format: matrix, input: ["%s"], split: "auto=0.7,0.1,0.2", shardSize: 100}
        model: {family: naive-bayes, likelihood: bernoulli}
        generate: {count: 50, seed: 7}
        """
            .formatted(folder.resolve("out"), folder.resolve("rows.csv")));
    assertEquals(3, step(spec, "train").status());
    for (String[] step :
        new String[][] {
          {"prepare", "prepare: [train, valid, test] of 6 with 2 levels"},
          {"train", "train: fitted in 1 pass"},
          {"evaluate", "evaluate: log p(x) = -"},
          {"generate", "generate: 50 samples of 6"},
        }) {
      CommandLine done = step(spec, step[0]);
      assertEquals(0, done.status(), done.err());
      assertTrue(done.out().contains(step[1]), done.out());
    }
    Map<String, byte[]> before = results();
    assertTrue(step(spec, "train").out().contains("train: the run at "), "complete already");
    assertEquals(0, CommandLine.run("pipeline", "--spec", spec.toString()).status());
    results().forEach((file, bytes) -> assertArrayEquals(before.get(file), bytes, file));

    // A report that this version cannot read is made again; the page does not stand in the way.
    Files.writeString(folder.resolve("out/evaluation/report.json"), "{}");
    assertEquals(0, step(spec, "generate").status());
  }

  private static void assertInOrder(String text, String... parts) {
    int at = 0;
    for (String part : parts) {
      int found = text.indexOf(part, at);
      assertTrue(found >= 0, part + " is missing, or comes too early, in:\n" + text);
      at = found + part.length();
    }
  }

  private static CommandLine step(Path spec, String step) {
    return CommandLine.run("pipeline", "--spec", spec.toString(), "--step", step);
  }

  private Map<String, byte[]> results() throws IOException {
    Path out = folder.resolve("out");
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(out)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().equals("status.json")) {
          contents.put(out.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return contents;
  }

  private static String rows(int count) {
    RandomKey key = RandomKey.of(1);
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                IntStream.range(0, 6)
                    .mapToObj(d -> (key.fold(i).uniform(d / 2) < 0.5) == (d % 2 == 0) ? "1" : "0")
                    .collect(Collectors.joining(",")))
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
