package dev.ancestral.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.estimator.Diagnostic;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.compare.Comparison;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.EventSpec;
import dev.ancestral.spark.SparkApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AIS and KDE as jobs. */
class DecoderEstimatorsTest {
  private static final EventSpec LEVELS = EventSpec.discrete(8, 4, 3, 1);
  private static final EventSpec BITS = EventSpec.discrete(2, 4, 3, 1);
  private static final Map<String, Object> GAUSSIAN =
      Map.of("hidden", List.of(8), "latent", 3, "likelihood", "gaussian");
  private static final Map<String, Object> BERNOULLI =
      Map.of("hidden", List.of(8), "latent", 3, "likelihood", "bernoulli");

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private final Fixtures fixtures = new Fixtures(storage);

  @Test
  void ais_is_near_iwae_and_tells_how_far_to_trust_it() {
    String data = fixtures.dataset(at("data"), "test", BITS, 48, 26);
    String model = fixtures.untrained(at("model"), "vae", BERNOULLI, BITS, "none", 5);

    EvaluationReport ais = evaluate(model, data, ais(8, 40, 20), "ais");
    EvaluationReport iwae =
        evaluate(model, data, spec("iwae", 500, OptionalDouble.empty()), "iwae");

    assertEquals(LogLikelihood.Kind.LOWER_BOUND, ais.likelihood().kind());
    assertEquals(48, ais.likelihood().examples());
    assertEquals(iwae.likelihood().meanNats(), ais.likelihood().meanNats(), 0.05);
    double effective = ais.diagnostics().get(Diagnostic.EFFECTIVE_SAMPLE_SIZE);
    assertTrue(effective > 1 && effective <= 8, "effective sample size " + effective);
    double acceptance = ais.diagnostics().get(Diagnostic.ACCEPTANCE_RATE);
    assertTrue(acceptance > 0.4 && acceptance <= 1, "acceptance " + acceptance);
    assertEquals(20, ais.diagnostics().get(Diagnostic.SIMULATED_EXAMPLES));
    double gap = ais.diagnostics().get(Diagnostic.BDMC_GAP_NATS);
    assertTrue(Math.abs(gap) < 0.3, "gap " + gap);
    assertEquals(40, ais.diagnostics().get(Diagnostic.STEPS));
    assertEquals(ais, ReportJson.read(storage, at("ais")));
    assertTrue(ais.summary().contains("BDMC gap"), ais.summary());
  }

  @Test
  void an_encoder_that_is_too_narrow_is_flagged() {
    String data = fixtures.dataset(at("data"), "test", BITS, 60, 40);
    float[] narrow = {0, 0, 0, -6, -6, -6}; // means, log variances
    fixtures.untrained(at("wide"), "vae", BERNOULLI, BITS, "none", 5);
    fixtures.untrained(
        at("narrow"),
        "vae",
        BERNOULLI,
        BITS,
        "none",
        5,
        Map.of("encoder.posterior.bias", narrow, "encoder.posterior.weight", new float[6 * 8]));
    EvaluateSpec iwae = spec("iwae", 200, OptionalDouble.empty());
    EvaluationReport good = evaluate(at("wide"), data, iwae, "good");
    EvaluationReport bad = evaluate(at("narrow"), data, iwae, "bad");

    double limit = 1 - 1 / Math.log10(200);
    assertEquals(limit, bad.diagnostics().get(Diagnostic.PARETO_K_THRESHOLD), 1e-12);
    assertTrue(bad.shareOfHighK().getAsDouble() > 0.9, bad.summary());
    assertTrue(good.shareOfHighK().getAsDouble() < 0.5, good.summary());
    assertTrue(bad.summary().contains("Pareto k̂ above 0.57 for "), bad.summary());
    assertTrue(
        good.diagnostics().get(Diagnostic.EFFECTIVE_SAMPLE_SIZE)
            > bad.diagnostics().get(Diagnostic.EFFECTIVE_SAMPLE_SIZE));
    assertEquals(bad, ReportJson.read(storage, at("bad")));
    String compared = Comparison.of(storage, at("good"), at("bad")).summary();
    assertTrue(compared.contains("note: B: the importance weights of "), compared);
    int high = 0;
    try (PerExample.Reader rows =
        PerExample.open(storage, storage.path(at("bad/" + PerExample.FILE)))) {
      while (rows.next()) {
        high += rows.told(Diagnostic.PARETO_K) > limit ? 1 : 0;
        assertTrue(rows.told(Diagnostic.EFFECTIVE_SAMPLE_SIZE) >= 1);
      }
    }
    assertEquals(high / 60.0, bad.shareOfHighK().getAsDouble(), 1e-12);
  }

  @Test
  void of_few_chains_k_is_undefined_and_said_to_be() throws IOException {
    String data = fixtures.dataset(at("data"), "test", BITS, 20, 20);
    String model = fixtures.untrained(at("model"), "vae", BERNOULLI, BITS, "none", 5);
    EvaluationReport few = evaluate(model, data, ais(20, 3, 0), "few");
    EvaluationReport enough = evaluate(model, data, ais(21, 3, 0), "enough");

    assertTrue(few.shareOfHighK().isEmpty());
    assertTrue(few.summary().contains("k̂ undefined with fewer than 21 weights"), few.summary());
    assertTrue(
        Files.readString(folder.resolve("few/report.json"))
            .contains("\"pareto_k_share_high\" : null"));
    assertTrue(enough.shareOfHighK().isPresent(), enough.summary());
    try (PerExample.Reader rows =
        PerExample.open(storage, storage.path(at("few/" + PerExample.FILE)))) {
      assertTrue(rows.next());
      assertTrue(Double.isNaN(rows.told(Diagnostic.PARETO_K)));
    }
  }

  @Test
  void ais_has_the_same_bytes_however_the_work_is_divided() throws IOException {
    String data = fixtures.dataset(at("data"), "test", BITS, 21, 12);
    String model = fixtures.untrained(at("model"), "vae", BERNOULLI, BITS, "none", 5);
    evaluate(model, data, ais(32, 5, 0), "a");
    evaluate(model, data, ais(32, 5, 0), "b");
    Files.delete(folder.resolve("b/report.json"));
    evaluate(model, data, ais(32, 5, 0), "b");
    assertArrayEquals(bytes("a/" + PerExample.FILE), bytes("b/" + PerExample.FILE));
    EvaluationReport report = ReportJson.read(storage, at("a"));
    assertFalse(report.diagnostics().containsKey(Diagnostic.BDMC_GAP_NATS));
  }

  @Test
  void kernels_choose_their_bandwidth_on_validation_data_and_stay_below_ais() throws IOException {
    String data = fixtures.dataset(at("data"), "test", LEVELS, 60, 60);
    String model = fixtures.untrained(at("model"), "vae", GAUSSIAN, LEVELS, "uniform", 5);
    EvaluateSpec kde = spec("kde", 700, OptionalDouble.empty());

    AncestralException refusal =
        assertThrows(AncestralException.class, () -> evaluate(model, data, kde, "none"));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains("--bandwidth"), refusal.getMessage());

    fixtures.dataset(at("data"), "valid", LEVELS, 130, 70);
    EvaluationReport chosen = evaluate(model, data, kde, "kde");
    double bandwidth = chosen.diagnostics().get(Diagnostic.BANDWIDTH);
    assertEquals(LogLikelihood.Kind.ESTIMATE, chosen.likelihood().kind());
    assertTrue(chosen.summary().contains("a diagnostic"), chosen.summary());
    assertTrue(
        Files.readString(folder.resolve("kde/report.json")).contains("\"note\" : \"a diagnostic"));

    for (double factor : new double[] {0.5, 2}) {
      EvaluationReport other =
          evaluate(
              model,
              data,
              spec("kde", 700, OptionalDouble.of(factor * bandwidth)),
              "kde-" + factor);
      // The data are drawn alike, so what suits valid suits test.
      assertTrue(other.likelihood().meanNats() < chosen.likelihood().meanNats());
    }
    // A density of dequantized values: nats of the levels are 12 log 8 below.
    assertEquals(
        chosen.likelihood().meanNats() + 12 * Math.log(8),
        chosen.diagnostics().get(Diagnostic.MEAN_LOG_DENSITY_NATS),
        1e-9);
  }

  @Test
  void kernels_on_probabilities_are_refused() {
    String data = fixtures.dataset(at("data"), "test", BITS, 30, 30);
    String model = fixtures.untrained(at("model"), "vae", BERNOULLI, BITS, "none", 5);
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> evaluate(model, data, spec("kde", 5, OptionalDouble.of(1)), "out"));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains("dequantize"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("iwae, elbo, ais"), refusal.getMessage());
  }

  private EvaluationReport evaluate(String model, String data, EvaluateSpec spec, String output) {
    return new EvaluateJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(new EvaluateRequest(model, data, spec, at(output), false));
  }

  private static EvaluateSpec ais(int chains, int steps, int simulated) {
    return EvaluateSpec.standard()
        .by("ais", OptionalInt.of(chains))
        .withSettings(Map.of("steps", steps, "simulated", simulated));
  }

  private static EvaluateSpec spec(String estimator, int samples, OptionalDouble width) {
    return EvaluateSpec.standard()
        .by(estimator, OptionalInt.of(samples))
        .withSettings(width.isPresent() ? Map.of("bandwidth", width.getAsDouble()) : Map.of());
  }

  private byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(folder.resolve(file));
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
