package dev.ancestral.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.Storage;
import dev.ancestral.estimator.EvaluationMethods;
import dev.ancestral.job.Ancestral;
import dev.ancestral.job.Executors;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.SparkApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every estimator says the same on one, two and seven slots and in as many tasks, reports to the
 * last digit and scores of examples to the last byte; the scores do not depend on how the data are
 * cut into shards either.
 */
class EvaluationLayoutTest {
  private static final EventSpec BITS = EventSpec.discrete(2, 4, 3, 1);
  private static final EventSpec LEVELS = EventSpec.discrete(8, 4, 3, 1);
  private static final int EXAMPLES = 112;

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private final Fixtures fixtures = new Fixtures(storage);

  /** What is evaluated: a model, its data and how. */
  private record Case(String model, String data, EvaluateSpec spec) {}

  @AfterEach
  void stop() {
    Executors.stopOthers();
  }

  @Test
  void every_estimator_says_the_same_on_one_two_and_seven_slots() throws IOException {
    Map<String, Case> cases = cases(40);
    cases.remove("c2st");
    requireSameOn(cases, 1, 2, 7);
  }

  /** Each fit is some hundred Spark jobs. */
  @Tag("long")
  @Test
  void a_classifier_says_the_same_on_one_and_seven_slots() throws IOException {
    requireSameOn(Map.of("c2st", cases(40).get("c2st")), 1, 7);
  }

  private void requireSameOn(Map<String, Case> cases, int... slots) throws IOException {
    for (int some : slots) {
      evaluate(some, cases, "on-" + some + "-");
    }
    for (String name : cases.keySet()) {
      for (int i = 1; i < slots.length; i++) {
        assertSame(name, "on-" + slots[0] + "-" + name, "on-" + slots[i] + "-" + name);
      }
    }
  }

  @Test
  void scores_of_one_two_and_seven_shards_are_the_same() throws IOException {
    for (int shards : new int[] {1, 2, 7}) {
      Case exact = cases(EXAMPLES / shards).get("exact");
      evaluate(2, Map.of("exact", exact), "of-" + shards + "-");
    }
    double mean = report("of-1-exact").get("mean_log_likelihood_nats").asDouble();
    for (int shards : new int[] {2, 7}) {
      String output = "of-" + shards + "-exact";
      assertArrayEquals(scores("of-1-exact"), scores(output));
      // The mean adds shard by shard, so its last digit is that of the data as they are cut.
      assertEquals(
          mean, report(output).get("mean_log_likelihood_nats").asDouble(), 1e-13 * Math.abs(mean));
    }
  }

  /** A score has the same bits whatever else is scored, and however it is cut up. */
  @Test
  void a_score_depends_on_neither_shards_nor_limit_nor_tasks() {
    Map<String, Case> whole = networks(EXAMPLES, OptionalLong.empty(), OptionalInt.empty());
    evaluate(2, whole, "whole-");
    evaluate(2, networks(17, OptionalLong.empty(), OptionalInt.of(3)), "small-shards-");
    evaluate(2, networks(EXAMPLES, OptionalLong.of(60), OptionalInt.empty()), "sixty-");
    evaluate(2, networks(50, OptionalLong.of(1), OptionalInt.empty()), "one-");
    for (String name : whole.keySet()) {
      Map<Long, Double> expected = byId("whole-" + name);
      assertEquals(EXAMPLES, expected.size());
      Map<Long, Double> cut = byId("small-shards-" + name);
      assertEquals(expected, cut, name);
      for (String limited : new String[] {"sixty-", "one-"}) {
        Map<Long, Double> some = byId(limited + name);
        assertEquals(limited.equals("one-") ? 1 : 60, some.size());
        some.forEach((id, nats) -> assertEquals(expected.get(id), nats, limited + name));
      }
    }
  }

  private Map<Long, Double> byId(String output) {
    Map<Long, Double> nats = new LinkedHashMap<>();
    try (PerExample.Reader rows =
        PerExample.open(storage, storage.path(at(output + "/" + PerExample.FILE)))) {
      while (rows.next()) {
        nats.put(rows.id(), rows.nats());
      }
    }
    return nats;
  }

  /** Networks whose products are wide enough for the rows of a block to be treated unlike. */
  private Map<String, Case> networks(int shardSize, OptionalLong limit, OptionalInt tasks) {
    EventSpec picture = EventSpec.discrete(2, 6, 6, 1);
    EventSpec greys = EventSpec.discrete(8, 6, 6, 1);
    String levels = at("greys-" + shardSize);
    String pictures = at("pictures-" + shardSize);
    String texts = at("texts-" + shardSize);
    EventSpec text = new EventSpec(List.of(1), new EventSpec.Discrete(5), true, 0, List.of(), 0);
    if (!folder.resolve("pictures-" + shardSize).toFile().exists()) {
      fixtures.dataset(pictures, "test", picture, EXAMPLES, shardSize);
      fixtures.stored(texts, "test", texts(text), shardSize);
      fixtures.dataset(levels, "test", greys, EXAMPLES, shardSize);
    }
    Map<String, Object> wide = Map.of("hidden", List.of(50), "latent", 5);
    String vae =
        fixtures.untrained(
            at("wide"), "vae", with(wide, "likelihood", "bernoulli"), picture, "none", 5);
    String density =
        fixtures.untrained(
            at("wide-density"), "vae", with(wide, "likelihood", "gaussian"), greys, "uniform", 5);
    String pixels =
        fixtures.untrained(
            at("pixels"),
            "pixelcnn",
            Map.of("channels", 4, "layers", 2, "head", "bernoulli"),
            picture,
            "none",
            5);
    String waves =
        fixtures.untrained(
            at("waves"),
            "wavenet",
            Map.of(
                "channels",
                6,
                "skipChannels",
                6,
                "dilations",
                List.of(1, 2, 4),
                "head",
                "categorical"),
            text,
            "none",
            5);
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("elbo", new Case(vae, pictures, spec("elbo", 3)));
    cases.put("iwae", new Case(vae, pictures, spec("iwae", 5)));
    cases.put("ais", new Case(vae, pictures, spec("ais", 4)));
    cases.put("kde", new Case(density, levels, spec("kde", 100)));
    cases.put("pixelcnn", new Case(pixels, pictures, spec("exact", 0)));
    cases.put("wavenet", new Case(waves, texts, spec("exact", 0)));
    cases.replaceAll(
        (name, each) -> new Case(each.model(), each.data(), limited(each.spec(), limit, tasks)));
    return cases;
  }

  private static EvaluateSpec limited(EvaluateSpec spec, OptionalLong limit, OptionalInt tasks) {
    EvaluateSpec limited =
        new EvaluateSpec(
            spec.split(), spec.estimator(), spec.samples(), spec.repeats(), limit, spec.seed());
    return limited
        .withSettings(with(with(spec.settings(), "simulated", 0), "bandwidth", 0.5))
        .withTasks(tasks);
  }

  /** Sequences of unlike lengths, one of them long. */
  private static Batch texts(EventSpec event) {
    int longest = 700;
    int[] lengths = new int[EXAMPLES];
    long[] ids = new long[EXAMPLES];
    float[] values = new float[EXAMPLES * longest];
    for (int i = 0; i < EXAMPLES; i++) {
      ids[i] = i;
      lengths[i] = i == 7 ? longest : 1 + (int) RandomKey.of(3).below(i, 40);
      for (int t = 0; t < lengths[i]; t++) {
        values[i * longest + t] = RandomKey.of(4).fold(i).below(t, 5);
      }
    }
    return new Batch(event, ids, values, null, lengths);
  }

  private Map<String, Case> cases(int shardSize) {
    String suffix = "-" + shardSize;
    String bits = fixtures.dataset(at("bits" + suffix), "test", BITS, EXAMPLES, shardSize);
    fixtures.dataset(bits, "train", BITS, EXAMPLES, shardSize);
    String levels = fixtures.dataset(at("levels" + suffix), "test", LEVELS, EXAMPLES, shardSize);
    fixtures.dataset(levels, "valid", LEVELS, EXAMPLES, shardSize);
    Map<String, Object> small = Map.of("hidden", List.of(8), "latent", 3);
    Map<String, Object> bernoulli = with(small, "likelihood", "bernoulli");
    Map<String, Object> gaussian = with(small, "likelihood", "gaussian");
    String vae = fixtures.untrained(at("vae"), "vae", bernoulli, BITS, "none", 5);
    String density = fixtures.untrained(at("density"), "vae", gaussian, LEVELS, "uniform", 5);
    String exact =
        fixtures.fitted(
            at("exact"), "naive-bayes", Map.of("likelihood", "bernoulli"), bits, "train");
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("exact", new Case(exact, bits, spec("exact", 0)));
    cases.put("elbo", new Case(vae, bits, spec("elbo", 4)));
    cases.put("iwae", new Case(vae, bits, spec("iwae", 6)));
    cases.put("ais", new Case(vae, bits, spec("ais", 4)));
    cases.put("kde", new Case(density, levels, spec("kde", 300)));
    cases.put("two-sample", new Case(vae, bits, spec("two-sample", 150)));
    cases.put("c2st", new Case(vae, bits, spec("c2st", 150)));
    return cases;
  }

  private static Map<String, Object> with(Map<String, Object> settings, String key, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(settings);
    more.put(key, value);
    return more;
  }

  private static EvaluateSpec spec(String estimator, int samples) {
    boolean ais = estimator.equals("ais");
    return new EvaluateSpec(
            "test",
            Optional.of(estimator),
            samples == 0 ? OptionalInt.empty() : OptionalInt.of(samples),
            1,
            OptionalLong.empty(),
            1)
        .withSettings(ais ? Map.of("steps", 10, "simulated", 9) : Map.of());
  }

  private void evaluate(int slots, Map<String, Case> cases, String prefix) {
    Executors.stopOthers();
    SparkConf conf =
        Executors.conf(1, 1)
            .setMaster("local[" + slots + "]")
            .set("spark.default.parallelism", "" + slots);
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      // The session of the context that was just made.
      SparkSession session = SparkSession.builder().getOrCreate();
      assertEquals(spark.sc(), session.sparkContext());
      SparkApplication application = SparkApplication.of(session);
      cases.forEach(
          (name, each) -> {
            EvaluateRequest request =
                new EvaluateRequest(
                    each.model(),
                    each.data(),
                    each.spec().withTasks(OptionalInt.of(slots)),
                    at(prefix + name),
                    false);
            Ancestral.on(application, ProgressListener.silent()).evaluation(request);
          });
    }
  }

  private void assertSame(String name, String expected, String actual) throws IOException {
    JsonNode report = report(expected);
    assertEquals(report, report(actual), name);
    assertEquals(name, report.get("estimator").asText());
    if (EvaluationMethods.ofLikelihood(name)) {
      assertTrue(report.get("mean_log_likelihood_nats").asDouble() < 0, report::toString);
      assertArrayEquals(scores(expected), scores(actual), name);
    }
  }

  private byte[] scores(String output) throws IOException {
    return Files.readAllBytes(folder.resolve(output).resolve(PerExample.FILE));
  }

  /** The report without the time it took and its own hash. */
  private JsonNode report(String output) throws IOException {
    ObjectNode json =
        (ObjectNode)
            new ObjectMapper()
                .readTree(Files.readAllBytes(folder.resolve(output).resolve("report.json")));
    json.remove(List.of("seconds", "sha256"));
    return json;
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
