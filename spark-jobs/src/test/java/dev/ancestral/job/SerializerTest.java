package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Whatever Spark is set to, and the JVM speaks, the same bytes come of it. */
@Tag("cluster")
class SerializerTest {
  private static final String KRYO = "org.apache.spark.serializer.KryoSerializer";

  @TempDir Path folder;

  @AfterAll
  static void leaveNothingBehind() {
    Executors.stopOthers();
  }

  private static SparkConf here() {
    return new SparkConf()
        .setMaster("local[3,2]")
        .setAppName("java")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1");
  }

  @Test
  void kryo_small_results_two_cpus_a_task_and_turkish_give_the_bytes_of_the_defaults()
      throws IOException {
    Map<String, byte[]> java = outputs(here(), "java", false);
    for (String file :
        List.of(
            "vae/run/parameters.safetensors",
            "vae/evaluation/per-example.parquet",
            "vae/samples/part-00000.parquet",
            "shared/run/parameters.safetensors",
            "gloo/run/parameters.safetensors",
            "mixture/run/parameters.safetensors",
            "table/train/shard-00000.parquet",
            "matrix/train/shard-00000.parquet")) {
      assertTrue(java.containsKey(file), () -> file + " in " + java.keySet());
    }
    // No class may pass that Spark did not register itself, and nothing is as it is by default.
    SparkConf strict =
        Executors.conf(2, 4)
            .set("spark.task.cpus", "2")
            .set("spark.driver.maxResultSize", "64k")
            // Where nothing answers: local paths are not looked for there.
            .set("spark.hadoop.fs.defaultFS", "hdfs://127.0.0.1:1/")
            .set("spark.serializer", KRYO)
            .set("spark.kryo.registrationRequired", "true")
            .set("spark.rdd.compress", "true")
            .set("spark.broadcast.compress", "false")
            .set("spark.shuffle.compress", "false")
            .set("spark.io.compression.codec", "snappy");
    // There the small letter of I has no dot, and that of İ has one.
    strict.set(
        "spark.executor.extraJavaOptions",
        strict.get("spark.executor.extraJavaOptions") + " -Duser.language=tr -Duser.country=TR");
    Locale before = Locale.getDefault();
    Map<String, byte[]> kryo;
    Locale.setDefault(new Locale("tr", "TR"));
    try {
      kryo = outputs(strict, "strict", false);
    } finally {
      Locale.setDefault(before);
    }
    assertEquals(java.keySet(), kryo.keySet());
    java.forEach((file, bytes) -> assertArrayEquals(bytes, kryo.get(file), file));
  }

  @Test
  @DisabledIfSystemProperty(
      named = "dl4j.skip",
      matches = ".*",
      disabledReason = "a build without DL4J")
  void deep_learning_4j_takes_kryo_with_its_registrator() throws IOException {
    Map<String, byte[]> java = outputs(here(), "java", true);
    assertEquals(1, java.size(), java.keySet().toString());
    SparkConf kryo = here().set("spark.serializer", KRYO);
    Executors.stopOthers();
    start(kryo);
    CommandLine refused = CommandLine.run("train", "--spec", dl4j("refused").toString());
    assertEquals(5, refused.status(), refused.err());
    assertTrue(refused.err().contains("set spark.kryo.registrator=org.nd4j.kryo"), refused.err());
    kryo.set("spark.kryo.registrator", "org.nd4j.kryo.Nd4jRegistrator");
    Map<String, byte[]> registered = outputs(kryo, "registered", true);
    java.forEach((file, bytes) -> assertArrayEquals(bytes, registered.get(file), file));
  }

  private static void start(SparkConf conf) {
    SparkSession.builder().config(conf).getOrCreate().sparkContext().setLogLevel("OFF");
  }

  /** Runs the commands on a cluster of its own. */
  private Map<String, byte[]> outputs(SparkConf conf, String name, boolean dl4j)
      throws IOException {
    Executors.stopOthers();
    start(conf);
    try {
      if (dl4j) {
        run("train", "--spec", dl4j(name).toString());
      } else {
        commands(name);
      }
    } finally {
      Executors.stopOthers();
    }
    Map<String, byte[]> files = new TreeMap<>();
    Path root = folder.resolve(name);
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file :
          all.filter(each -> each.toString().matches(".*(parquet|tensors)")).toList()) {
        if (!file.toString().contains("checkpoints")) {
          files.put(root.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  private void commands(String name) throws IOException {
    String train = "epochs: 1, batchSize: 20, roundSteps: 4";
    run(
        "pipeline",
        "--spec",
        spec(
                name,
                "vae",
                "{family: vae, hidden: [16], latent: 3, likelihood: bernoulli}",
                "{transport: spark, replicas: 3, averagingFrequency: 2, " + train + "}")
            .toString());
    run(
        "train",
        "--spec",
        spec(
                name,
                "shared",
                "{family: vae, hidden: [16], latent: 3, likelihood: bernoulli}",
                "{strategy: gradient-sharing, compression: ternary, transport: spark, replicas: 3, "
                    + train
                    + "}")
            .toString());
    run(
        "train",
        "--spec",
        spec(
                name,
                "gloo",
                "{family: vae, hidden: [16], latent: 3, likelihood: bernoulli}",
                "{strategy: gradient-sharing, transport: gloo, replicas: 3, " + train + "}")
            .toString());
    run(
        "train",
        "--spec",
        spec(
                name,
                "mixture",
                "{family: naive-bayes, likelihood: bernoulli, components: 3, iterations: 3}",
                "{}")
            .toString());
    Path rows = Files.createDirectories(folder.resolve("rows"));
    for (int part = 0; part < 3; part++) {
      Files.write(rows.resolve(part + ".csv"), List.of("a,b", part + ",2", "3," + part + 4));
    }
    run(
        "prepare",
        "--format",
        "table",
        "--input",
        rows.toString(),
        "--output",
        folder.resolve(name).resolve("table").toString());
    run(
        "prepare",
        "--format",
        "matrix",
        "--input",
        Files.write(folder.resolve("numbers"), List.of("1,2", "0,3", "4,4")).toString(),
        "--output",
        folder.resolve(name).resolve("matrix").toString());
  }

  private Path dl4j(String name) throws IOException {
    Path data = folder.resolve("digits");
    if (!Files.exists(data)) {
      run(
          "prepare",
          "--format",
          "synthetic",
          "--kind",
          "digits",
          "--count",
          "100",
          "--binarize",
          "threshold=127",
          "--output",
          data.toString());
    }
    return Files.writeString(
        folder.resolve(name + "-dl4j.yaml"),
        """
        name: dl4j
        seed: 3
        output: %s/run
        data: {path: %s}
        model: {family: vae, hidden: [8], latent: 2, likelihood: bernoulli}
        train: {engine: dl4j, replicas: 2, epochs: 1, batchSize: 20, averagingFrequency: 2}
        """
            .formatted(folder.resolve(name), data));
  }

  /** A spec of a run on the data of the pipeline. */
  private Path spec(String name, String run, String model, String train) throws IOException {
    Path output = folder.resolve(name);
    return Files.writeString(
        folder.resolve(name + "-" + run + ".yaml"),
        """
        name: %s
        seed: 3
        output: %s/%s
        data:
          path: %s/digits
        %s
        model: %s
        train: %s
        evaluate: {estimator: iwae, samples: 5}
        generate: {count: 50, seed: 7}
        """
            .formatted(
                run,
                output,
                run,
                output,
                run.equals("vae")
                    ? "  prepare: [{format: synthetic, kind: digits, count: 300,"
                        + " split: \"auto=0.8,0.1,0.1\", binarize: threshold=127}]"
                    : "",
                model,
                train));
  }

  private static void run(String... words) {
    CommandLine result = CommandLine.run(words);
    assertEquals(0, result.status(), () -> String.join(" ", words) + "\n" + result.err());
  }
}
