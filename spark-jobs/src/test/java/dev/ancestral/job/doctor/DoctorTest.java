package dev.ancestral.job.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Storage;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.Fixtures;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  @TempDir Path folder;

  @Test
  void a_sound_cluster_has_no_problem() {
    CommandLine result = CommandLine.run("doctor");
    assertEquals(0, result.status(), result.err());
    assertTrue(result.out().contains("ok       slots: 2 at once"), result.out());
    assertTrue(result.out().contains("libtorch"), result.out());
  }

  @Test
  void every_problem_is_listed_and_nothing_is_changed() throws IOException {
    String data =
        new Fixtures(new Storage(new Configuration()))
            .dataset(at("data"), "train", EventSpec.discrete(2, 4), 20, 10);
    Path spec = folder.resolve("spec.yaml");
    Files.writeString(
        spec,
        """
        name: x
        seed: 1
        output: %s
        data: {path: %s}
        model: {family: vae}
        train: {replicas: 5, transport: gloo}
        """
            .formatted(at("out"), data));
    List<Path> before = files();
    CommandLine result = CommandLine.run("doctor", "--spec", spec.toString());
    assertEquals(5, result.status(), result.err());
    assertTrue(result.out().contains("PROBLEM  slots: 2 at once for 5 replicas"), result.out());
    assertTrue(result.out().contains("note     data: there is no split valid"), result.out());
    assertEquals(before, files());

    Files.writeString(spec, Files.readString(spec).replace("family: vae", "family: vea"));
    CommandLine wrong = CommandLine.run("doctor", "--spec", spec.toString());
    assertEquals(2, wrong.status());
    assertTrue(wrong.out().contains("PROBLEM  spec: "), wrong.out());
    assertTrue(wrong.out().contains("ok       slots"), wrong.out());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.sorted().toList();
    }
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
