package dev.ancestral.job.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.Fixtures;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of a schedule: each key once, whatever happens in between. */
class KeyedGenerationTest {
  private static final EventSpec BITS = EventSpec.discrete(2, 4);
  private static final LocalDate TODAY = LocalDate.of(2026, 3, 1);

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private final Fixtures fixtures = new Fixtures(storage);

  @Test
  void keys_are_dates_or_names() {
    assertEquals("2026-03-01", RunKey.of("today", TODAY).text());
    assertEquals("2026-02-28", RunKey.of("yesterday", TODAY).text());
    assertEquals("2026-W09", RunKey.of("2026-W09", TODAY).text());
    assertEquals(
        List.of("2026-02-27", "2026-02-28", "2026-03-01"),
        RunKey.of("today", TODAY).withDaysBefore(2).stream().map(RunKey::text).toList());
    assertEquals(1, RunKey.of("a", TODAY).withDaysBefore(0).size());
    assertThrows(AncestralException.class, () -> RunKey.of("2026-W09", TODAY).withDaysBefore(1));
    assertThrows(AncestralException.class, () -> RunKey.of("today", TODAY).withDaysBefore(-1));
    assertEquals(new RunKey("2026-03-01").seed(7), RunKey.of("today", TODAY).seed(7));
    assertNotEquals(new RunKey("2026-03-01").seed(7), new RunKey("2026-03-02").seed(7));
    assertNotEquals(new RunKey("2026-03-01").seed(7), new RunKey("2026-03-01").seed(8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "../up", "a/b", "-a", "a b", "ä"})
  void a_key_cannot_lead_out_of_the_folder(String text) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> RunKey.of(text, TODAY));
    assertEquals(ErrorCode.SPEC, refusal.code());
  }

  @Test
  void missed_nights_are_caught_up_and_finished_ones_stay() throws IOException {
    Path link = folder.resolve("current");
    Files.createSymbolicLink(link, Path.of(model("first", 1)));

    CommandLine night = generate("2026-11-20");
    assertEquals(0, night.status(), night.err());
    assertTrue(night.out().contains("2026-11-20: 20 samples of 4"), night.out());
    byte[] before = manifest("2026-11-20");
    CommandLine again = generate("2026-11-20");
    assertEquals(0, again.status(), again.err());
    assertTrue(again.out().contains("2026-11-20: nothing to do, "), again.out());

    // Another model by now; two nights were missed.
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of(model("second", 2)));
    CommandLine late = generate("2026-11-23", "--catch-up", "3");
    assertEquals(0, late.status(), late.err());
    assertEquals(
        List.of(
            "2026-11-20: nothing to do, ",
            "2026-11-21: 20 samples",
            "2026-11-22: 20 samples",
            "2026-11-23: 20 samples"),
        late.out()
            .lines()
            .filter(line -> line.startsWith("2026-"))
            .map(line -> line.replaceFirst("(samples|do, ).*", "$1"))
            .toList());
    assertArrayEquals(before, manifest("2026-11-20"));
    GenerationManifest made = read("2026-11-21");
    assertTrue(made.model().endsWith("/second"), made.model());
    assertEquals(new RunKey("2026-11-21").seed(7), made.seed());
    assertNotEquals(
        made.parts().get(0).contentSha256(), read("2026-11-22").parts().get(0).contentSha256());

    // A key that was begun with the earlier model and not finished is made with that of now.
    Files.delete(folder.resolve("samples/2026-11-20/manifest.json"));
    assertEquals(0, generate("2026-11-20").status());
    assertTrue(read("2026-11-20").model().endsWith("/second"));
  }

  @Test
  void catching_up_needs_a_key() {
    CommandLine result =
        CommandLine.run(
            "generate",
            "--model",
            "m",
            "--count",
            "1",
            "--seed",
            "1",
            "--output",
            "o",
            "--catch-up",
            "2");
    assertEquals(2, result.status());
    assertTrue(result.err().contains("--run-key"), result.err());
    assertFalse(Files.exists(Path.of("o")));
  }

  private String model(String name, long seed) {
    Map<String, Object> small = Map.of("hidden", List.of(4), "latent", 2);
    return fixtures.untrained(folder.resolve(name).toString(), "vae", small, BITS, "none", seed);
  }

  private CommandLine generate(String key, String... more) {
    List<String> args =
        new java.util.ArrayList<>(
            List.of(
                "generate",
                "--model",
                folder.resolve("current").toString(),
                "--count",
                "20",
                "--seed",
                "7",
                "--output",
                folder.resolve("samples").toString(),
                "--run-key",
                key));
    args.addAll(List.of(more));
    return CommandLine.run(args.toArray(String[]::new));
  }

  private byte[] manifest(String key) throws IOException {
    return Files.readAllBytes(folder.resolve("samples").resolve(key).resolve("manifest.json"));
  }

  private GenerationManifest read(String key) {
    return GenerationManifest.read(
        storage, storage.path(folder.resolve("samples").resolve(key).toString()));
  }
}
