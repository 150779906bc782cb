package dev.ancestral.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.Executors;
import dev.ancestral.tensor.Arithmetic;
import dev.ancestral.tensor.torch.TorchArithmetic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors whose native libraries chose other kernels, and how they are made to choose alike. */
class ArithmeticTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  @AfterAll
  static void leaveNothingBehind() {
    Executors.stopOthers();
  }

  private static Path data() {
    Path data = folder.resolve("digits");
    if (!Files.exists(data)) {
      CommandLine prepared =
          CommandLine.run(
              "prepare",
              "--format",
              "synthetic",
              "--kind",
              "digits",
              "--count",
              "300",
              "--split",
              "auto=0.8,0.1,0.1",
              "--binarize",
              "threshold=127",
              "--output",
              data.toString());
      assertEquals(0, prepared.status(), prepared.err());
    }
    return data;
  }

  private static Path spec(String name) throws IOException {
    return Files.writeString(
        folder.resolve(name + ".yaml"),
        """
        name: x
        seed: 3
        output: %s
        data: {path: %s}
        model: {family: vae, hidden: [300], latent: 20, likelihood: bernoulli}
        train: {strategy: gradient-sharing, transport: gloo, replicas: 2, epochs: 1, batchSize: 20}
        """
            .formatted(folder.resolve(name), folder.resolve("digits")));
  }

  /**
   * Executors of which that with id 1 is on another processor: its OpenBLAS chooses other kernels,
   * unless the environment pins them.
   */
  private static SparkConf unlike(int executors, int cores) throws IOException {
    Path java = Files.createDirectories(folder.resolve("java/bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/sh
        case "$*" in
          *'--executor-id 1 '*) [ -n "$ONEDNN_MAX_CPU_ISA" ] || export OPENBLAS_CORETYPE=Nehalem ;;
        esac
        exec '%s/bin/java' "$@"
        """
            .formatted(System.getProperty("java.home")));
    assertTrue(java.toFile().setExecutable(true));
    return Executors.conf(executors, cores)
        .set("spark.executorEnv.JAVA_HOME", folder.resolve("java").toString());
  }

  private static void start(SparkConf conf) {
    Executors.stopOthers();
    SparkSession.builder().config(conf).getOrCreate().sparkContext().setLogLevel("OFF");
  }

  private static CommandLine train(String name) throws IOException {
    return CommandLine.run("train", "--spec", spec(name).toString());
  }

  @Test
  @Tag("cluster")
  void unlike_executors_are_named_and_refused_or_pinned() throws IOException {
    data();
    CommandLine here = train("here");
    assertEquals(0, here.status(), here.err());

    start(unlike(2, 1));
    for (String[] command :
        new String[][] {
          {"train", "--spec", spec("unlike").toString()},
          {
            "evaluate",
            "--model",
            folder.resolve("here/run").toString(),
            "--data",
            folder.resolve("digits").toString(),
            "--output",
            folder.resolve("scores").toString()
          },
          {
            "generate",
            "--model",
            folder.resolve("here/run").toString(),
            "--count",
            "10",
            "--seed",
            "1",
            "--output",
            folder.resolve("samples").toString()
          }
        }) {
      CommandLine refused = CommandLine.run(command);
      assertEquals(5, refused.status(), refused.err());
      for (String said :
          new String[] {
            "executors compute differently: ",
            "executor 0 on ",
            "executor 1 on ",
            "with kernels NEHALEM",
            "--conf spark.ancestral.arithmetic=avx2"
          }) {
        assertTrue(refused.err().contains(said), () -> said + "\n" + refused.err());
      }
    }
    CommandLine doctor = CommandLine.run("doctor");
    assertTrue(doctor.out().contains("executors compute differently"), doctor.out());
    assertTrue(doctor.out().contains("NEHALEM"), doctor.out());

    byte[] pinned = null;
    for (int executors = 1; executors <= 2; executors++) {
      SparkConf conf = unlike(executors, 3 - executors).set(ArithmeticPin.KEY, "avx");
      ArithmeticEnvironment.provide(conf, Map.of());
      start(conf);
      CommandLine done = train("pinned-" + executors);
      assertEquals(0, done.status(), done.err());
      Path run = folder.resolve("pinned-" + executors + "/run");
      JsonNode arithmetic =
          JSON.readTree(run.resolve("model.json").toFile()).findValue("arithmetic");
      assertEquals("SANDYBRIDGE", arithmetic.get("blas_kernels").asText());
      byte[] parameters = Files.readAllBytes(run.resolve("parameters.safetensors"));
      if (pinned != null) {
        assertArrayEquals(pinned, parameters);
      }
      pinned = parameters;
    }
  }

  @Test
  void what_another_arithmetic_began_is_not_gone_on_with() throws IOException {
    data();
    CommandLine begun = train("begun");
    assertEquals(0, begun.status(), begun.err());
    Path run = folder.resolve("begun/run");
    Path model = run.resolve("model.json");
    Arithmetic own =
        Arithmetic.of(
                JSON.convertValue(JSON.readTree(model.toFile()).findValue("arithmetic"), Map.class))
            .orElseThrow();
    assertEquals(TorchArithmetic.inUse(), own);
    // As if the driver had been killed before the last file, on a machine with other kernels.
    Files.delete(model);
    try (Stream<Path> commits = Files.list(run.resolve("checkpoints"))) {
      for (Path commit :
          commits.filter(file -> file.toString().matches(".*/round-\\d+[.]json")).toList()) {
        ObjectNode content = SealedJson.open(Files.readAllBytes(commit), commit.toString());
        assertEquals(own.core(), content.at("/arithmetic/core").asText(), content.toString());
        ((ObjectNode) content.get("arithmetic")).put("core", "NEOVERSEN1");
        Files.write(commit, SealedJson.seal(content));
      }
    }
    CommandLine refused = train("begun");
    assertEquals(5, refused.status(), refused.err());
    for (String said :
        new String[] {
          "with kernels NEOVERSEN1",
          "with kernels " + own.core(),
          "OPENBLAS_CORETYPE=NEOVERSEN1",
          "or begin anew"
        }) {
      assertTrue(refused.err().contains(said), () -> said + "\n" + refused.err());
    }
    assertFalse(Files.exists(model));
  }

  @Test
  void what_was_asked_for_must_be_in_use() {
    Arithmetic zen = new Arithmetic("2", "AVX2", "OpenBLAS", "ZEN", 1, "3", "AVX2", "STRICT");
    Arithmetic haswell =
        new Arithmetic("2", "AVX2", "OpenBLAS", "HASWELL", 1, "3", "AVX2", "STRICT");
    assertEquals(Optional.empty(), ArithmeticPin.AVX2.obstacle(haswell));
    String obstacle = ArithmeticPin.AVX2.obstacle(zen).orElseThrow();
    assertTrue(obstacle.contains("OPENBLAS_CORETYPE=Haswell"), obstacle);
    assertEquals(Optional.empty(), ArithmeticPin.NATIVE.obstacle(zen));
    SparkConf conf = new SparkConf(false).set(ArithmeticPin.KEY, "avx2");
    ArithmeticEnvironment.provide(conf, Map.of("OPENBLAS_CORETYPE", "Zen"));
    assertEquals("Haswell", conf.get("spark.executorEnv.OPENBLAS_CORETYPE"));
    assertEquals("1", conf.get("spark.executorEnv.OPENBLAS_NUM_THREADS"));
    SparkConf inherited = new SparkConf(false);
    ArithmeticEnvironment.provide(inherited, Map.of("OPENBLAS_CORETYPE", "Zen"));
    assertEquals("Zen", inherited.get("spark.executorEnv.OPENBLAS_CORETYPE"));
    assertFalse(inherited.contains("spark.executorEnv.ATEN_CPU_CAPABILITY"));
  }
}
