package dev.ancestral.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.data.Storage;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.Executors;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.Main;
import dev.ancestral.model.EventSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OUT/file | 2 | output: file:ROOT/file/below cannot be written (",
        "OUT/data | 3 | data: there is no dataset at ROOT/nothing",
        "OUT/path | 2 | output: a path carries a password",
      })
  void what_is_wrong_with_spec_and_data_has_its_status(String fault, int status, String said)
      throws IOException {
    Files.writeString(folder.resolve("file"), "a file");
    String sound =
        new Fixtures(new Storage(new Configuration()))
            .dataset(at("data"), "train", EventSpec.discrete(2, 4), 20, 10);
    String data = fault.equals("OUT/data") ? at("nothing") : sound;
    String output =
        switch (fault) {
          case "OUT/file" -> at("file/below");
          case "OUT/path" -> "hdfs://me:hunter2@host/out";
          default -> at("out");
        };
    Path spec = folder.resolve("spec.yaml");
    Files.writeString(
        spec,
        "{name: x, seed: 1, output: '%s', data: {path: '%s'}, model: {family: vae}}"
            .formatted(output, data));
    CommandLine result = CommandLine.run("doctor", "--spec", spec.toString());
    assertEquals(status, result.status(), result.out());
    String expected = "PROBLEM  " + said.replace("ROOT", folder.toString());
    assertTrue(result.out().contains(expected), () -> expected + "\n" + result.out());
    assertFalse(result.out().contains("hunter2"), result.out());
  }

  @Test
  void a_master_that_nobody_serves() {
    Executors.stopOthers();
    System.setProperty("spark.master", "spark://127.0.0.1:1");
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
      assertEquals(5, Main.run(stream, stream, "doctor"));
      assertTrue(
          out.toString(StandardCharsets.UTF_8)
              .contains("PROBLEM  spark: no master answers at spark://127.0.0.1:1 ("),
          out::toString);
    } finally {
      System.clearProperty("spark.master");
    }
  }

  @Test
  void real_executors_with_real_faults() throws IOException {
    // An older build that lies first on the executors' class path.
    Path stale = Files.createDirectories(folder.resolve("stale/dev/ancestral"));
    try (InputStream one =
        AncestralException.class.getResourceAsStream("AncestralException.class")) {
      Files.copy(one, stale.resolve("AncestralException.class"));
    }
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
        train: {replicas: 1, transport: gloo}
        """
            .formatted(at("out"), data));
    Executors.stopOthers();
    SparkConf conf = Executors.conf(1, 1);
    SparkSession session =
        SparkSession.builder()
            .config(
                conf.set("spark.authenticate", "true")
                    .set("spark.authenticate.secret", "only for this test")
                    .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
                    .set("spark.executorEnv.OMP_NUM_THREADS", "8")
                    .set(
                        "spark.executor.extraJavaOptions",
                        "-Dorg.bytedeco.javacpp.platform=plan9-vax")
                    .set(
                        "spark.executor.extraClassPath",
                        folder.resolve("stale") + ":" + conf.get("spark.executor.extraClassPath")))
            .getOrCreate();
    try {
      CommandLine result = CommandLine.run("doctor", "--spec", spec.toString());
      assertEquals(5, result.status(), result.out());
      // Its name, or its address where names of addresses are not known.
      String out = result.out().replaceAll("executor 0 on \\S+:", "executor 0 on HOST:");
      for (String said :
          List.of(
              "PROBLEM  protection: the cluster demands protected traffic (spark.authenticate)",
              "ok       serializer: ",
              "executor 0 on HOST: libtorch cannot be loaded (",
              "executor 0 on HOST: loads other classes of Ancestral than the driver",
              "executor 0 on HOST: OMP_NUM_THREADS is 8")) {
        assertTrue(out.contains(said), () -> said + "\n" + out);
      }
      assertFalse(result.out().contains("only for this test"), result.out());
      assertFalse(Files.exists(folder.resolve("out")));
      CommandLine train = CommandLine.run("train", "--spec", spec.toString());
      assertEquals(5, train.status(), train.err());
      assertTrue(train.err().contains(": libtorch cannot be loaded ("), train.err());
    } finally {
      session.stop();
      Executors.stopOthers();
    }
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
