package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.checkpoint.ModelDescription;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.generate.GenerateSpec;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.train.TrainJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jobs as a program calls them. */
class AncestralTest {
  @TempDir Path folder;

  private final Ancestral ancestral = Ancestral.on(LocalSpark.session(), Progress.silent());
  private Path rows;

  @BeforeEach
  void write() throws IOException {
    rows = folder.resolve("rows.csv");
    Files.writeString(rows, "1,0,1\n1,1,1\n0,0,1\n1,0,1\n".repeat(25));
  }

  @Test
  void prepare_train_evaluate_generate() {
    Settings settings =
        Settings.of(
            Map.of("format", "matrix", "input", List.of(rows.toString()), "split", "train"));
    Dataset dataset = ancestral.prepare(PrepareSpec.read(settings), at("data"));
    assertEquals(100, dataset.split("train").examples());

    JobSpec spec = ancestral.spec("in memory", yaml());
    TrainJob.Result result = ancestral.train(spec, at("run"), TrainJob.Mode.CONTINUE);
    assertTrue(!result.alreadyComplete());
    assertTrue(ancestral.train(spec, at("run"), TrainJob.Mode.CONTINUE).alreadyComplete());

    EvaluateSpec onTrain =
        new EvaluateSpec(
            "train",
            EvaluateSpec.standard().estimator(),
            EvaluateSpec.standard().samples(),
            1,
            EvaluateSpec.standard().limit(),
            1);
    EvaluationReport report =
        ancestral.evaluate(new EvaluateRequest(at("run"), at("data"), onTrain, at("test"), false));
    // (count + 1) / (n + 2) with counts 75, 25, 100 of 100, each scored in closed form.
    double nats = 0;
    for (double count : new double[] {75, 25, 100}) {
      double p = (count + 1) / 102;
      nats += (count * Math.log(p) + (100 - count) * Math.log(1 - p)) / 100;
    }
    assertEquals(nats, report.likelihood().meanNats(), 1e-12);

    GenerationManifest samples =
        ancestral.generate(
            new GenerateRequest(at("run"), GenerateSpec.plain(20, 3), at("samples"), false));
    assertEquals(20, samples.count());
  }

  /** JSON has no −∞: the line of such a pass says it in words. */
  @Test
  void a_validation_with_an_impossible_example_is_in_the_metrics() throws IOException {
    Path held = folder.resolve("held.csv");
    Files.writeString(held, "1,0,1\n0,0,0\n"); // The last element is 1 wherever it is learned.
    for (String split : List.of("train", "valid")) {
      String input = (split.equals("train") ? rows : held).toString();
      Settings settings =
          Settings.of(Map.of("format", "matrix", "input", List.of(input), "split", split));
      ancestral.prepare(PrepareSpec.read(settings), at("data"));
    }
    String mixture =
        yaml()
            .replace(
                "likelihood: bernoulli",
                "likelihood: bernoulli, components: 2, iterations: 3, smoothing: 0");
    assertNotEquals(yaml(), mixture);
    ancestral.train(ancestral.spec("in memory", mixture), at("run"), TrainJob.Mode.CONTINUE);
    List<String> lines = Files.readAllLines(Path.of(at("run"), "metrics.jsonl"));
    assertFalse(lines.isEmpty());
    for (String line : lines) {
      assertFalse(line.contains("valid_nats"), line);
    }
    String last = lines.get(lines.size() - 1);
    assertTrue(last.contains("\"valid_impossible\":true"), last);
  }

  @Test
  void a_run_says_where_it_came_from() {
    Settings settings =
        Settings.of(
            Map.of("format", "matrix", "input", List.of(rows.toString()), "split", "train"));
    Dataset dataset = ancestral.prepare(PrepareSpec.read(settings), at("data"));
    JobSpec spec = ancestral.spec("in memory", yaml());
    ancestral.train(spec, at("run"), TrainJob.Mode.CONTINUE);

    Storage storage = new Storage(new Configuration());
    ModelDescription description = ModelDirectory.open(storage, at("run")).description();
    assertEquals(spec.document(), description.spec());
    Map<String, Object> provenance = description.provenance();
    assertEquals(1, provenance.get("seed"));
    assertEquals(dataset.sha256("train"), provenance.get("train_sha256"));
    assertEquals(
        Sha256.of(storage, new org.apache.hadoop.fs.Path(at("data"), "manifest.json")),
        provenance.get("dataset_manifest_sha256"));
    assertEquals(System.getProperty("java.version"), provenance.get("java"));
    assertEquals(LocalSpark.session().version(), provenance.get("spark"));
    assertEquals(2, provenance.get("slots"));
    for (String fact : List.of("fingerprint", "ancestral", "os", "hardware", "master", "driver")) {
      assertTrue(provenance.containsKey(fact), fact + " is not in " + provenance);
    }
  }

  @Test
  void a_flipped_bit_in_the_parameters_is_refused_and_training_again_mends_it() throws IOException {
    Settings settings =
        Settings.of(
            Map.of("format", "matrix", "input", List.of(rows.toString()), "split", "train"));
    ancestral.prepare(PrepareSpec.read(settings), at("data"));
    JobSpec spec = ancestral.spec("in memory", yaml());
    ancestral.train(spec, at("run"), TrainJob.Mode.CONTINUE);
    Path file = folder.resolve("run/parameters.safetensors");
    byte[] whole = Files.readAllBytes(file);
    byte[] flipped = whole.clone();
    flipped[whole.length - 3] ^= 1; // In the last weight, which is a number as before.
    Files.write(file, flipped);

    Path continued = folder.resolve("continued.yaml");
    Files.writeString(
        continued,
        yaml()
            .replace("family: naive-bayes, likelihood: bernoulli", "family: vae, hidden: [2]")
            .concat("train: {epochs: 1, initialize: %s}\n".formatted(at("run"))));
    for (String[] command :
        List.of(
            new String[] {
              "evaluate", "--model", at("run"), "--data", at("data"), "--split", "train"
            },
            new String[] {"generate", "--model", at("run"), "--count", "5", "--seed", "1"},
            new String[] {"train", "--spec", continued.toString()})) {
      CommandLine refused = CommandLine.run(with(command, "--output", at("never")));
      assertEquals(3, refused.status(), refused.err());
      for (String told :
          List.of(
              file.toString(),
              "has SHA-256 " + Sha256.of(flipped),
              "says " + Sha256.of(whole),
              "restore the file, or run the command that trained the model again")) {
        assertTrue(refused.err().contains(told), refused.err());
      }
    }
    assertFalse(ancestral.train(spec, at("run"), TrainJob.Mode.CONTINUE).alreadyComplete());
    assertArrayEquals(whole, Files.readAllBytes(file));
    assertTrue(ancestral.train(spec, at("run"), TrainJob.Mode.CONTINUE).alreadyComplete());
  }

  private static String[] with(String[] words, String... more) {
    return Stream.concat(Arrays.stream(words), Arrays.stream(more)).toArray(String[]::new);
  }

  @Test
  void another_spec_in_the_same_run_is_refused() {
    Settings settings =
        Settings.of(
            Map.of("format", "matrix", "input", List.of(rows.toString()), "split", "train"));
    ancestral.prepare(PrepareSpec.read(settings), at("data"));
    ancestral.train(ancestral.spec("in memory", yaml()), at("run"), TrainJob.Mode.CONTINUE);
    JobSpec other =
        ancestral.spec("in memory", yaml().replace("bernoulli", "bernoulli, smoothing: 2"));
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> ancestral.train(other, at("run"), TrainJob.Mode.CONTINUE));
    assertEquals(ErrorCode.SPEC, refusal.code());
    AncestralException nothing =
        assertThrows(
            AncestralException.class,
            () -> ancestral.train(other, at("new"), TrainJob.Mode.RESUME));
    assertEquals(ErrorCode.SPEC, nothing.code());
    ancestral.train(other, at("run"), TrainJob.Mode.RESTART);
    assertTrue(
        ancestral.train(other, at("run"), TrainJob.Mode.CONTINUE).alreadyComplete(),
        "begun anew and finished");
  }

  private String yaml() {
    return """
    name: rows
    seed: 1
    output: %s
    data: {path: %s}
    model: {family: naive-bayes, likelihood: bernoulli}
    """
        .formatted(at("out"), at("data"));
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
