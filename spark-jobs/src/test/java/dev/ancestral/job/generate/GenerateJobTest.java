package dev.ancestral.job.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Shard;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.tensor.Device;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateJobTest {
  private static final EventSpec BITS = EventSpec.discrete(2, 4, 3, 1);
  private static final Map<String, Object> SMALL_VAE =
      Map.of("hidden", List.of(8), "latent", 3, "likelihood", "bernoulli");

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private String vae;

  @BeforeEach
  void model() {
    vae = new Fixtures(storage).untrained(at("vae"), "vae", SMALL_VAE, BITS, "none", 5);
  }

  @Test
  void a_sample_depends_on_its_id_and_not_on_the_part_it_is_in() {
    GenerationManifest one = generate(vae, spec(1100, 5000), "one");
    GenerationManifest seven = generate(vae, spec(1100, 170), "seven");
    assertEquals(1, one.parts().size());
    assertEquals(7, seven.parts().size());
    assertEquals(1100, one.count());
    float[] all = samples("one", one, 0).values();
    for (int part = 0; part < 7; part++) {
      Batch batch = samples("seven", seven, part);
      for (int i = 0; i < batch.size(); i++) {
        assertEquals(170 * part + i, batch.ids()[i]);
        for (int d = 0; d < 12; d++) {
          assertEquals(all[(170 * part + i) * 12 + d], batch.values()[i * 12 + d]);
        }
      }
    }
  }

  @Test
  void another_seed_gives_other_samples() {
    GenerationManifest seven = generate(vae, spec(100, 100), "a");
    GenerateSpec other = spec(100, 100, 8, "parquet", false);
    GenerationManifest eight = generate(vae, other, "b");
    assertNotEquals(seven.parts().get(0).contentSha256(), eight.parts().get(0).contentSha256());
  }

  @Test
  void a_rerun_keeps_whole_parts_and_makes_damaged_and_missing_ones() throws IOException {
    generate(vae, spec(1000, 250), "out");
    byte[][] before = new byte[4][];
    for (int i = 0; i < 4; i++) {
      before[i] = bytes("out/part-0000" + i + ".parquet");
    }
    byte[] manifest = bytes("out/manifest.json");
    Files.delete(folder.resolve("out/part-00001.parquet"));
    byte[] damaged = before[2].clone();
    damaged[damaged.length / 2] ^= 1;
    Files.write(folder.resolve("out/part-00002.parquet"), damaged);
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(folder.resolve("out/part-00000.parquet"), old);

    generate(vae, spec(1000, 250), "out");

    for (int i = 0; i < 4; i++) {
      assertArrayEquals(before[i], bytes("out/part-0000" + i + ".parquet"));
    }
    assertArrayEquals(manifest, bytes("out/manifest.json"));
    assertEquals(old, Files.getLastModifiedTime(folder.resolve("out/part-00000.parquet")));
    assertTrue(Files.readString(folder.resolve("out/status.json")).contains("\"done\""));
  }

  /** Draws of a chain depend on their ids alone: one long one is not drawn 250 times. */
  @Test
  void nothing_is_drawn_beside_what_is_asked_for_where_a_draw_needs_no_company()
      throws IOException {
    EventSpec event = new EventSpec(List.of(1), new EventSpec.Discrete(3), true, 0, List.of(), 0);
    String chain =
        new Fixtures(storage)
            .chain(at("chain"), Map.of("states", 2, "emissions", "categorical"), event, 3);
    ModelDirectory model = ModelDirectory.open(storage, chain);
    GenerateSpec spec =
        new GenerateSpec(
            5, 9, OptionalInt.of(3), OptionalInt.empty(), OptionalInt.of(300), 1, "parquet", false);
    SamplePlan plan = SamplePlan.of(model, spec);
    assertEquals(3, plan.firstDrawnWith(3));
    assertEquals(5, plan.endDrawnWith(3, 5));
    // A batch is of the same number of elements however long the sequences are.
    assertEquals(3 + 250 * 4096 / 300, plan.endDrawnWith(3, 1L << 40));
    SamplePlan padded = SamplePlan.of(ModelDirectory.open(storage, vae), spec(5, 3));
    assertEquals(0, padded.firstDrawnWith(3));
    assertEquals(250, padded.endDrawnWith(3, 5));
    generate(chain, spec, "chains");
    GenerationManifest manifest = GenerationManifest.read(storage, storage.path(at("chains")));
    try (LoadedModel loaded = model.load(Device.cpu())) {
      Batch drawn =
          loaded
              .model()
              .sample(
                  LongStream.range(0, 5).toArray(),
                  RandomKey.of(9).fold("generate"),
                  plan.request());
      float[] values = new float[5 * 300];
      for (int part = 0; part < 2; part++) {
        Batch read = samples("chains", manifest, part);
        System.arraycopy(read.values(), 0, values, part * 900, read.values().length);
      }
      assertArrayEquals(drawn.values(), values);
    }
  }

  /**
   * Draws end by themselves; what a bound cuts off is counted, also by a run that finds it made.
   */
  @Test
  void draws_with_a_learned_end_need_no_length() throws IOException {
    EventSpec event = EventSpec.endedSequences(2, List.of("a", "b", EventSpec.END));
    String chain =
        new Fixtures(storage)
            .chain(at("chain"), Map.of("states", 2, "emissions", "categorical"), event, 3);
    GenerationManifest whole = generate(chain, ended(OptionalInt.empty()), "whole");
    Batch drawn = samples("whole", whole, 0).requireEnds();
    assertEquals(0, whole.unended());
    int longer = 0;
    for (int i = 0; i < drawn.size(); i++) {
      longer += drawn.lengths()[i] > 2 ? 1 : 0;
      String text = Files.readString(folder.resolve("whole/txt/part-00000/00000000" + i + ".txt"));
      assertTrue(text.matches("[ab]*"), text);
      assertEquals(drawn.lengths()[i] - 1, text.length());
    }
    assertTrue(longer > 0 && longer < drawn.size(), "longer than 2 are " + longer);
    for (int run = 0; run < 2; run++) {
      GenerationManifest cut = generate(chain, ended(OptionalInt.of(2)), "cut");
      assertEquals(longer, cut.unended());
      assertTrue(cut.summary().contains("; " + longer + " reached the most"), cut.summary());
      assertEquals(cut, GenerationManifest.read(storage, storage.path(at("cut"))));
      Files.delete(folder.resolve("cut/part-00000.parquet"));
    }
  }

  private static GenerateSpec ended(OptionalInt length) {
    return new GenerateSpec(
        9, 9, OptionalInt.empty(), OptionalInt.empty(), length, 1, "text", false);
  }

  @Test
  void an_interrupted_generation_goes_on_with_the_parts_that_are_recorded() throws IOException {
    generate(vae, spec(750, 250), "whole");
    // As after a kill: one part with its record, one part cut short, no manifest.
    SamplePlan plan =
        SamplePlan.of(dev.ancestral.job.model.ModelDirectory.open(storage, vae), spec(750, 250));
    org.apache.hadoop.fs.Path records =
        storage.path(at("killed/records-" + plan.fingerprint().substring(0, 16)));
    PartTask task =
        new PartTask(storage, storage.path(at("killed")).toString(), records.toString(), plan);
    assertFalse(task.on(new PartTask.Order(plan.parts().get(0), null)).kept());
    assertTrue(task.on(new PartTask.Order(plan.parts().get(0), null)).kept());
    Files.write(folder.resolve("killed/part-00001.parquet"), new byte[] {'P', 'A', 'R'});

    generate(vae, spec(750, 250), "killed");

    for (int i = 0; i < 3; i++) {
      String part = "/part-0000" + i + ".parquet";
      assertArrayEquals(bytes("whole" + part), bytes("killed" + part));
    }
    assertArrayEquals(bytes("whole/manifest.json"), bytes("killed/manifest.json"));
    try (var names = Files.list(folder.resolve("killed"))) {
      assertFalse(names.anyMatch(name -> name.getFileName().toString().startsWith("records-")));
    }
  }

  @Test
  void another_generation_in_the_output_is_refused() {
    generate(vae, spec(100, 100), "out");
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> generate(vae, spec(200, 100), "out"));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains("100 samples"), refusal.getMessage());
  }

  @Test
  void pictures_are_written_beside_the_parts() throws IOException {
    GenerateSpec spec = spec(120, 50, 7, "png", true);
    GenerationManifest manifest = generate(vae, spec, "out");
    assertEquals(3, manifest.parts().size());
    Batch second = samples("out", manifest, 1);
    BufferedImage picture =
        ImageIO.read(folder.resolve("out/png/part-00001/000000055.png").toFile());
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 3; x++) {
        int expected = second.values()[5 * 12 + y * 3 + x] == 1 ? 0xFFFFFFFF : 0xFF000000;
        assertEquals(expected, picture.getRGB(x, y));
      }
    }
    BufferedImage preview = ImageIO.read(folder.resolve("out/preview.png").toFile());
    // 100 cells of 3×4 pixels enlarged 18 times, in 12 columns, with gaps of 2.
    assertEquals(12 * (3 * 18 + 2) + 2, preview.getWidth());
    assertEquals(9 * (4 * 18 + 2) + 2, preview.getHeight());
    assertEquals(
        List.of("png/part-00000", "png/part-00001", "png/part-00002", "preview.png"),
        List.copyOf(manifest.files().keySet()));

    Files.delete(folder.resolve("out/png/part-00001/000000055.png"));
    assertEquals(manifest, generate(vae, spec, "out"));
    assertTrue(Files.exists(folder.resolve("out/png/part-00001/000000055.png")));
  }

  @Test
  void a_preview_can_be_asked_for_later() {
    GenerationManifest without = generate(vae, spec(60, 50), "out");
    assertTrue(without.files().isEmpty());
    GenerateSpec spec = spec(60, 50, 7, "parquet", true);
    GenerationManifest with = generate(vae, spec, "out");
    assertEquals(without.parts(), with.parts());
    assertEquals(List.of("preview.png"), List.copyOf(with.files().keySet()));
  }

  @Test
  void dequantized_models_give_levels() {
    EventSpec levels = EventSpec.discrete(8, 4, 3, 1);
    Map<String, Object> settings =
        Map.of("hidden", List.of(8), "latent", 3, "likelihood", "gaussian");
    String model =
        new Fixtures(storage).untrained(at("gaussian"), "vae", settings, levels, "uniform", 5);
    GenerationManifest manifest = generate(model, spec(50, 50), "out");
    assertEquals(levels, manifest.event());
    for (float value : samples("out", manifest, 0).values()) {
      assertTrue(value >= 0 && value <= 7 && value == Math.rint(value), "level " + value);
    }
  }

  @Test
  void a_statistics_model_is_sampled_with_its_labels() {
    EventSpec labelled = BITS.withClasses(2);
    Fixtures fixtures = new Fixtures(storage);
    String data = fixtures.dataset(at("data"), "train", labelled, 200, 100);
    Map<String, Object> settings = Map.of("likelihood", "bernoulli", "classes", "label");
    String model = fixtures.fitted(at("nb"), "naive-bayes", settings, data, "train");
    GenerationManifest manifest = generate(model, spec(100, 50), "out");
    assertEquals(labelled, manifest.event());
    Batch batch = samples("out", manifest, 0);
    for (int i = 0; i < batch.size(); i++) {
      // Of class 1 every element is likely 1, of class 0 every second.
      assertTrue(batch.labels()[i] >= 0 && batch.labels()[i] < 2);
    }
  }

  @Test
  void what_does_not_suit_the_model_is_refused() {
    GenerateSpec sound = spec(10, 10, 7, "wav", false);
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> generate(vae, sound, "out"));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains("4×3×1 with 2 levels"), refusal.getMessage());

    GenerateSpec length =
        new GenerateSpec(
            10,
            7,
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.of(5),
            1,
            "parquet",
            false);
    assertEquals(
        ErrorCode.SPEC,
        assertThrows(AncestralException.class, () -> generate(vae, length, "out")).code());
  }

  private GenerationManifest generate(String model, GenerateSpec spec, String output) {
    return new GenerateJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(new GenerateRequest(model, spec, at(output), false));
  }

  private static GenerateSpec spec(long count, int shardSize) {
    return spec(count, shardSize, 7, "parquet", false);
  }

  private static GenerateSpec spec(
      long count, int shardSize, long seed, String format, boolean preview) {
    return new GenerateSpec(
        count,
        seed,
        OptionalInt.of(shardSize),
        OptionalInt.empty(),
        OptionalInt.empty(),
        1,
        format,
        preview);
  }

  private Batch samples(String output, GenerationManifest manifest, int part) {
    Shard shard =
        Shard.read(storage, storage.path(at(output)), manifest.event(), manifest.parts().get(part));
    return shard.batch(0, shard.size());
  }

  private byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(folder.resolve(file));
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
