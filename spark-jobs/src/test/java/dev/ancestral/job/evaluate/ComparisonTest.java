package dev.ancestral.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.Refusal;
import dev.ancestral.data.Storage;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.Fixtures;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
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
  void chains_from_another_start_are_compared_with_a_note_and_decide_nothing() {
    String data = fixtures.dataset(at("data"), "test", BITS, 10, 10);
    Map<String, Object> small = Map.of("hidden", List.of(4), "latent", 2);
    String vae = fixtures.untrained(at("vae"), "vae", small, BITS, "none", 1);
    String[] ais = {"--estimator", "ais", "--samples", "2", "--steps", "3", "--simulated"};
    evaluate(vae, data, "mode", with(ais, "0"));
    evaluate(vae, data, "again", with(ais, "2", "--seed", "7"));
    evaluate(vae, data, "prior", with(ais, "0", "--start", "prior"));

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

    Refusal refusal =
        assertThrows(Refusal.class, () -> Comparison.of(storage, at("kde"), at("ais")));
    assertEquals(Refusal.Kind.MISMATCH, refusal.kind());
    assertTrue(refusal.getMessage().contains("differ: A has "), refusal.getMessage());
  }

  private static Batch rows(int... row) {
    float[] values = new float[4 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = row[i % 3];
    }
    return new Batch(BITS, new long[] {0, 1, 2, 3}, values, null, null);
  }

  private void evaluate(String model, String data, String output, String... more) {
    List<String> args =
        new java.util.ArrayList<>(
            List.of("evaluate", "--model", model, "--data", data, "--output", at(output)));
    args.addAll(List.of(more));
    CommandLine result = CommandLine.run(args.toArray(String[]::new));
    assertEquals(0, result.status(), result.err());
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
