package dev.ancestral.job.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Shard;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.Storage;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluate.ReportJson;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Condition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a difference of two evaluations may be called. */
class ComparisonTest {
  private static final EventSpec BITS = EventSpec.discrete(2, 3);

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private final Fixtures fixtures = new Fixtures(storage);

  @Test
  void bounds_that_are_not_equally_tight_are_compared_with_a_note() {
    String data = fixtures.dataset(at("data"), "test", BITS, 40, 40);
    Map<String, Object> small = Map.of("hidden", List.of(4), "latent", 2);
    String vae = fixtures.untrained(at("vae"), "vae", small, BITS, "none", 1);
    evaluate(vae, data, "two", "--samples", "2");
    evaluate(vae, data, "again", "--samples", "2", "--seed", "9");
    evaluate(vae, data, "nine", "--samples", "9");
    evaluate(vae, data, "elbo", "--estimator", "elbo", "--samples", "2");

    assertFalse(compare("two", "again").contains("note:"), "the same settings");
    assertTrue(
        compare("nine", "two")
            .contains(
                "note: A is by iwae with 9 samples, B by iwae with 2 samples: these are not"));
    assertTrue(compare("two", "elbo").contains("B by elbo with 2 samples"));
  }

  @Test
  void chains_from_another_start_are_compared_with_a_note_and_decide_nothing() throws IOException {
    String data = fixtures.dataset(at("data"), "test", BITS, 10, 10);
    Map<String, Object> small = Map.of("hidden", List.of(4), "latent", 2);
    String vae = fixtures.untrained(at("vae"), "vae", small, BITS, "none", 1);
    String[] ais = {"--estimator", "ais", "--samples", "2", "--steps", "3", "--simulated"};
    evaluate(vae, data, "mode", with(ais, "0"));
    evaluate(vae, data, "again", with(ais, "2", "--seed", "7"));
    evaluate(vae, data, "prior", with(ais, "0", "--start", "prior"));
    // No option sets the leapfrog steps; another version may take as many as it likes.
    evaluate(vae, data, "leaps", with(ais, "0"));
    Path report = folder.resolve("leaps/report.json");
    ObjectNode json = SealedJson.open(Files.readAllBytes(report), "leaps");
    ((ObjectNode) json.get("settings")).put("leapfrog_steps", 4);
    Files.write(report, SealedJson.seal(json));

    assertEquals(
        Map.of(
            "chains",
            2,
            "steps",
            3,
            "schedule",
            "sigmoid",
            "leapfrog_steps",
            10,
            "start",
            "prior",
            "simulated",
            0),
        ReportJson.read(storage, at("prior")).settings());
    assertFalse(compare("mode", "again").contains("note:"), "the same settings");
    String compared = compare("prior", "mode");
    assertTrue(compared.contains("start prior, steps 3, B by ais"), compared);
    String leaps = compare("leaps", "mode");
    assertTrue(leaps.contains("leapfrog_steps 4"), leaps);
    assertTrue(leaps.contains("leapfrog_steps 10"), leaps);
    assertTrue(leaps.contains("these are not equally tight"), leaps);
    CommandLine promoted =
        CommandLine.run(
            "promote",
            "--candidate",
            vae,
            "--current",
            at("link"),
            "--report",
            at("prior"),
            "--against",
            at("mode"));
    assertEquals(4, promoted.status(), promoted.err());
    assertTrue(promoted.err().contains("the evaluations cannot decide"), promoted.err());
  }

  private static String[] with(String[] first, String... more) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
  }

  @Test
  void an_example_of_probability_zero_decides() {
    String data = fixtures.stored(at("data"), "train", rows(0, 0, 1), 4);
    fixtures.stored(data, "test", rows(0, 1, 1), 4);
    Map<String, Object> sure = Map.of("likelihood", "bernoulli", "smoothing", 0);
    Map<String, Object> doubtful = Map.of("likelihood", "bernoulli", "smoothing", 1);
    // The middle element is never 1 where the first model was fitted, and always where the third.
    evaluate(fixtures.fitted(at("a"), "naive-bayes", sure, data, "train"), data, "a-test");
    evaluate(fixtures.fitted(at("b"), "naive-bayes", doubtful, data, "train"), data, "b-test");

    assertTrue(
        compare("a-test", "b-test")
            .contains("B is better: A gives probability zero to an example that B does not"));
    assertTrue(compare("b-test", "a-test").contains("A is better: B gives probability zero"));
    assertTrue(Comparison.of(storage, at("b-test"), at("a-test")).aIsBetter());
    assertFalse(Comparison.of(storage, at("a-test"), at("b-test")).aIsBetter());
    assertTrue(compare("a-test", "a-test").contains("no decisive difference"));
  }

  @Test
  void one_example_has_no_standard_error() {
    String data = fixtures.stored(at("data"), "test", rows(0, 1, 1).slice(0, 1), 1);
    Map<String, Object> weak = Map.of("likelihood", "bernoulli", "smoothing", 9);
    Map<String, Object> strong = Map.of("likelihood", "bernoulli", "smoothing", 1);
    evaluate(fixtures.fitted(at("a"), "naive-bayes", weak, data, "test"), data, "a-test");
    evaluate(fixtures.fitted(at("b"), "naive-bayes", strong, data, "test"), data, "b-test");

    assertTrue(compare("a-test", "b-test").contains("no verdict: a single example has no"));
    assertFalse(Comparison.of(storage, at("b-test"), at("a-test")).aIsBetter());
  }

  @Test
  void estimates_by_unlike_methods_are_not_compared() {
    EventSpec real = EventSpec.continuous(3);
    float[] values = new float[60];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7 / 7f;
    }
    Batch rows = new Batch(real, LongStream.range(0, 20).toArray(), values, null, null);
    String data = fixtures.stored(at("data"), "test", rows, 20);
    String gan =
        fixtures.untrained(
            at("gan"),
            "gan",
            Map.of("network", "mlp", "hidden", List.of(4), "latent", 2),
            real,
            "none",
            1);
    evaluate(gan, data, "kde", "--estimator", "kde", "--samples", "50", "--bandwidth", "0.3");
    evaluate(
        gan,
        data,
        "ais",
        "--estimator",
        "ais",
        "--samples",
        "2",
        "--steps",
        "3",
        "--simulated",
        "0");

    AncestralException refusal =
        assertThrows(AncestralException.class, () -> Comparison.of(storage, at("kde"), at("ais")));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains("differ: A has "), refusal.getMessage());
  }

  /** What the label tells of x must not look like a better model of x. */
  @Test
  void likelihoods_of_unlike_conditions_are_not_compared() throws IOException {
    EventSpec event = EventSpec.discrete(2, 4, 3).withClasses(2);
    String data = fixtures.dataset(at("data"), "train", event, 150, 60);
    fixtures.dataset(data, "test", event, 50, 50);
    for (String conditional : List.of("true", "false")) {
      String spec =
          String.join(
              "\n",
              "name: c",
              "seed: 3",
              "output: " + at(conditional),
              "data: {path: " + data + "}",
              "model: {family: pixelcnn, channels: 6, layers: 2, conditional: " + conditional + "}",
              "train: {replicas: 1, batchSize: 10, steps: 60, optimizer: {learningRate: 0.01}}");
      Files.writeString(folder.resolve("spec.yaml"), spec);
      CommandLine trained =
          CommandLine.run("train", "--spec", at("spec.yaml"), "--output", at(conditional));
      assertEquals(0, trained.status(), trained.err());
    }
    String model = at("true");
    assertEquals(
        List.of(75.0, 75.0), ModelDirectory.open(storage, model).description().labelFrequencies());

    assertTrue(evaluate(model, data, "given").contains("log p(x | label) = "));
    assertTrue(evaluate(model, data, "none", "--condition", "none").contains("log p(x) = "));
    assertTrue(
        evaluate(model, data, "joint", "--condition", "joint").contains("log p(x, label) = "));
    assertTrue(evaluate(at("false"), data, "plain").contains("log p(x) = "));
    EvaluationReport given = ReportJson.read(storage, at("given"));
    EvaluationReport none = ReportJson.read(storage, at("none"));
    EvaluationReport joint = ReportJson.read(storage, at("joint"));
    JsonNode json = new ObjectMapper().readTree(folder.resolve("joint/report.json").toFile());
    assertEquals("none", json.get("condition").asText());
    assertEquals("x, label", json.get("variables").asText());
    json = new ObjectMapper().readTree(folder.resolve("given/report.json").toFile());
    assertEquals("label", json.get("condition").asText());
    double mean = joint.likelihood().meanNats();
    assertEquals(given.likelihood().meanNats() - Math.log(2), mean, 1e-9);
    assertEquals(mean, none.classification().orElseThrow().jointMeanNats(), 1e-6);
    assertTrue(none.likelihood().meanNats() > mean);
    assertTrue(none.likelihood().meanNats() < given.likelihood().meanNats());
    assertEquals(50 * 12, none.likelihood().elements());
    assertEquals(50 * 13, joint.likelihood().elements());
    double bitsError = joint.likelihood().standardError() / 13 / Math.log(2);
    assertEquals(bitsError, joint.likelihood().bitsPerDimError().orElseThrow(), 1e-12);
    json = new ObjectMapper().readTree(folder.resolve("joint/report.json").toFile());
    assertEquals(bitsError, json.get("bits_per_dim_standard_error").asDouble(), 1e-12);
    assertEquals(
        joint.likelihood().standardError() / 13,
        json.get("nats_per_element_standard_error").asDouble(),
        1e-12);
    assertEquals(-mean / 13 / Math.log(2), joint.likelihood().bitsPerDim().orElseThrow(), 1e-9);

    CommandLine unlike = CommandLine.run("compare", at("given"), at("plain"));
    assertEquals(4, unlike.status(), unlike.out());
    assertTrue(unlike.err().contains("A is log p(x | label), B is log p(x)"), unlike.err());
    CommandLine promotion =
        CommandLine.run(
            "promote", "--candidate", model, "--current", at("current"), "--report", at("given"));
    assertEquals(0, promotion.status(), promotion.err());
    promotion =
        CommandLine.run(
            "promote",
            "--candidate",
            at("false"),
            "--current",
            at("current"),
            "--report",
            at("plain"),
            "--against",
            at("given"));
    assertEquals(4, promotion.status(), promotion.out());
    String compared = compare("none", "plain");
    assertTrue(compared.contains("(log p(x), exact"), compared);
    assertTrue(compared.contains("A " + none.likelihood().perElement() + "; B "), compared);
    assertTrue(none.likelihood().perElement().matches(".* ± .* nats an element, .* ± .* bits/dim"));

    CommandLine elbo =
        CommandLine.run(
            "evaluate",
            "--model",
            at("false"),
            "--data",
            data,
            "--output",
            at("x"),
            "--condition",
            "label");
    assertEquals(4, elbo.status(), elbo.out());
    assertTrue(elbo.err().contains("is log p(x) and can be no other"), elbo.err());

    drawsAreOfTheJointDistribution(model, event);
  }

  private void drawsAreOfTheJointDistribution(String model, EventSpec event) {
    CommandLine generated =
        CommandLine.run(
            "generate", "--model", model, "--count", "600", "--seed", "4", "--output", at("drawn"));
    assertEquals(0, generated.status(), generated.err());
    GenerationManifest manifest = GenerationManifest.read(storage, storage.path(at("drawn")));
    Moments scores = new Moments();
    Moments labels = new Moments();
    ModelDirectory directory = ModelDirectory.open(storage, model);
    try (LoadedModel loaded =
        directory.load(Device.cpu()).scoring(directory, Condition.Label.JOINT)) {
      ExactModel joint = (ExactModel) loaded.model();
      for (ShardEntry part : manifest.parts()) {
        Shard shard = Shard.read(storage, storage.path(at("drawn")), manifest.event(), part);
        Batch drawn = shard.batch(0, shard.size());
        for (int label : drawn.labels()) {
          labels.add(label);
        }
        for (double nats : joint.logProb(drawn)) {
          scores.add(nats);
        }
      }
      // Minus the entropy of twelve bits and a label, by enumeration.
      double expected = 0;
      for (int label = 0; label < 2; label++) {
        for (double nats : joint.logProb(everyImage(event, label))) {
          expected += Math.exp(nats) * nats;
        }
      }
      assertEquals(expected, scores.mean(), 4 * scores.standardError());
      assertEquals(0.5, labels.mean(), 4 * 0.5 / Math.sqrt(600));
    }
  }

  private static Batch everyImage(EventSpec event, int label) {
    int count = 1 << event.size();
    float[] values = new float[count * event.size()];
    int[] labels = new int[count];
    Arrays.fill(labels, label);
    for (int i = 0; i < values.length; i++) {
      values[i] = ((i / event.size()) >> (i % event.size())) & 1;
    }
    return new Batch(event, LongStream.range(0, count).toArray(), values, labels, null);
  }

  private static Batch rows(int... row) {
    float[] values = new float[4 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = row[i % 3];
    }
    return new Batch(BITS, new long[] {0, 1, 2, 3}, values, null, null);
  }

  private String evaluate(String model, String data, String output, String... more) {
    List<String> args =
        new java.util.ArrayList<>(
            List.of("evaluate", "--model", model, "--data", data, "--output", at(output)));
    args.addAll(List.of(more));
    CommandLine result = CommandLine.run(args.toArray(String[]::new));
    assertEquals(0, result.status(), result.err());
    return result.out();
  }

  private String compare(String a, String b) {
    CommandLine result = CommandLine.run("compare", at(a), at(b));
    assertEquals(0, result.status(), result.err());
    return result.out();
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
