package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/ancestral on YARN and HDFS, in both deploy modes, against the same on this machine. */
@Tag("cluster")
class YarnIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JAR = "apps/ancestral.jar";
  private static final String BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
  private static final int POLL_MILLIS = 20;

  @TempDir static Path folder;
  private static YarnCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = YarnCluster.start(folder);
    cluster.put(Shipped.jobJar(), JAR);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static String train(String strategy) {
    return "{strategy: "
        + strategy
        + ", transport: gloo, replicas: 2, epochs: 3, batchSize: 20, averagingFrequency: 2,"
        + " roundSteps: 4, validation: {everyRounds: 2, limit: 30}}";
  }

  /** A spec whose data and outputs lie below a folder of any file system. */
  private static Path spec(String name, String root, String train) throws IOException {
    String text =
        """
        name: %s
        seed: 3
        output: %s/%s
        data:
          path: %s/digits
          prepare:
            - {format: synthetic, kind: digits, count: 430, split: "auto=0.8,0.1,0.1", binarize: threshold=127}
        model: {family: vae, hidden: [16], latent: 3, likelihood: bernoulli}
        train: %s
        evaluate: {estimator: iwae, samples: 5}
        generate: {count: 100, seed: 7}
        """
            .formatted(name, root, name, root, train);
    return Files.writeString(folder.resolve(name + ".yaml"), text);
  }

  /** {@code ancestral --master yarn OPTIONS}; the jars of Spark lie on every node. */
  private static Command yarn(String... options) {
    String java = System.getProperty("java.home");
    List<String> words = new ArrayList<>(List.of("--master", "yarn"));
    for (String setting :
        List.of(
            "spark.yarn.jars=local:" + Shipped.sparkJars() + "/*",
            "spark.yarn.appMasterEnv.JAVA_HOME=" + java,
            "spark.executorEnv.JAVA_HOME=" + java,
            "spark.executor.instances=2",
            "spark.executor.extraJavaOptions=" + BRIEF,
            "spark.ui.enabled=false")) {
      words.addAll(List.of("--conf", setting));
    }
    words.addAll(List.of(options));
    return Command.script(folder, "bin/ancestral", words.toArray(String[]::new))
        .with("HADOOP_CONF_DIR", cluster.clientSettings().toString())
        .with("ANCESTRAL_LOG", folder.resolve("driver.log").toString());
  }

  /** The same, with the job jar that lies in HDFS and the driver on a node. */
  private static Command inClusterMode(String... options) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--deploy-mode",
                "cluster",
                "--driver-memory",
                "600m",
                "--executor-memory",
                "600m",
                "--driver-java-options",
                BRIEF));
    words.addAll(List.of(options));
    return yarn(words.toArray(String[]::new)).with("ANCESTRAL_JAR", cluster.uri(JAR));
  }

  private static Command onThisMachine(String... command) {
    List<String> words =
        new ArrayList<>(List.of("--master", "local[2]", "--driver-java-options", BRIEF));
    words.addAll(List.of(command));
    return Command.script(folder, "bin/ancestral", words.toArray(String[]::new))
        .with("ANCESTRAL_LOG", folder.resolve("driver.log").toString());
  }

  private static void assertDone(Command.Result result) throws Exception {
    if (result.status() != 0) {
      throw new AssertionError(result + cluster.ends());
    }
  }

  private static JsonNode status(String output) throws IOException {
    return JSON.readTree(cluster.text(output + "/status.json"));
  }

  private static void assertSameBytes(Path here, String there, String file) throws IOException {
    Path fetched = Files.createTempDirectory(folder, "fetched").resolve("file");
    cluster.fetch(there + "/" + file, fetched);
    assertArrayEquals(Files.readAllBytes(here.resolve(file)), Files.readAllBytes(fetched), file);
  }

  @Test
  void a_pipeline_in_cluster_mode_and_a_training_in_client_mode_end_with_the_bytes_of_one_machine()
      throws Exception {
    pipelineInClusterMode();
    trainingInClientMode();
  }

  private void pipelineInClusterMode() throws Exception {
    Path here = folder.resolve("here");
    Path local = spec("averaging", here.toString(), train("parameter-averaging"));
    assertDone(onThisMachine("pipeline", "--spec", local.toString()).run());

    Path spec = spec("averaging", cluster.uri("work"), train("parameter-averaging"));
    Path json = Shipped.folder().resolve("conf/log4j2-json.properties");
    String configured = BRIEF + " -Dlog4j2.configurationFile=" + json.getFileName();
    Submission submission =
        Submission.of(
            inClusterMode(
                "--queue",
                YarnCluster.QUEUE,
                "--conf",
                "spark.yarn.executor.nodeLabelExpression=" + YarnCluster.LABEL,
                "--conf",
                "spark.executor.extraJavaOptions=" + configured,
                "--driver-java-options",
                configured,
                "--files",
                spec + "," + json,
                "pipeline",
                "--spec",
                spec.getFileName().toString()));
    assertDone(submission.result());
    ApplicationReport application = cluster.lastApplication();
    assertEquals(YarnCluster.QUEUE, application.getQueue());
    assertEquals(FinalApplicationStatus.SUCCEEDED, application.getFinalApplicationStatus());
    assertEquals(0, status("work/averaging").get("status").asInt());
    assertEquals("done", status("work/averaging/run").get("state").asText());
    String labelled = YarnCluster.HOSTS.get(1);
    assertEquals(Set.of(labelled), Set.copyOf(submission.hosts()), "where the label is");
    List<String> first =
        cluster.logs(application).values().stream()
            .flatMap(log -> log.lines().filter(line -> line.contains("NativeCodeLoader")).limit(1))
            .toList();
    assertTrue(first.size() > 1, () -> "of the driver and an executor: " + first);
    for (String line : first) {
      assertEquals("WARN", JSON.readTree(line).path("level").asText(), line);
    }

    Path outputs = here.resolve("averaging");
    assertSameBytes(outputs, "work/averaging", "run/parameters.safetensors");
    assertSameBytes(outputs, "work/averaging", "evaluation/per-example.parquet");
    assertSameBytes(outputs, "work/averaging", "samples/part-00000.parquet");
    System.out.println(cluster.text("work/averaging/status.json").strip());
  }

  private void trainingInClientMode() throws Exception {
    Path here = folder.resolve("here");
    Path local = spec("sharing", here.toString(), train("gradient-sharing"));
    assertDone(onThisMachine("train", "--spec", local.toString()).run());

    Path spec = spec("sharing", cluster.uri("work"), train("gradient-sharing"));
    // A node has no room for two of these.
    Submission submission =
        Submission.of(yarn("--executor-memory", "3g", "train", "--spec", spec.toString()));
    Command.Result result = submission.result();
    assertDone(result);
    assertEquals("", result.err());
    assertEquals(0, status("work/sharing/run").get("status").asInt());
    assertSameBytes(here.resolve("sharing"), "work/sharing", "run/parameters.safetensors");

    // YARN may start one more in the place of one that was slow to come.
    assertEquals(Set.copyOf(YarnCluster.HOSTS), Set.copyOf(submission.hosts()));
    for (String words : submission.executors().values()) {
      assertTrue(words.contains("--add-opens=java.base/sun.nio.ch"), words);
    }
    assertFalse(submission.natives().isEmpty(), "natives were loaded");
    String application = cluster.lastApplication().getApplicationId().toString();
    for (String library : submission.natives()) {
      assertTrue(
          library.contains("/" + application + "/container_"),
          () -> "natives were unpacked to " + library);
    }
    System.out.println(result.out().strip());
  }

  /**
   * A submission that was watched.
   *
   * @param result of the command
   * @param executors the command lines of its executors, by their process ids
   * @param natives the files of libtorch that these have mapped
   */
  private record Submission(
      Command.Result result, Map<Long, String> executors, Set<String> natives) {
    private static final Pattern HOST = Pattern.compile("--hostname\0([^\0]+)");

    static Submission of(Command command) throws IOException, InterruptedException {
      Path out = Files.createTempFile(folder, "out", ".txt");
      Path err = Files.createTempFile(folder, "err", ".txt");
      Process process = command.start(out, err);
      Map<Long, String> executors = new TreeMap<>();
      Set<String> natives = new TreeSet<>();
      while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        for (ProcessHandle executor : YarnCluster.containers(YarnCluster.EXECUTOR)) {
          // Empty once the process has ended, which may be between the listing and this.
          String words = LocalCluster.commandLine(executor);
          if (!words.isEmpty()) {
            executors.put(executor.pid(), words);
          }
          natives.addAll(natives(executor));
        }
      }
      return new Submission(
          new Command.Result(process.exitValue(), Files.readString(out), Files.readString(err)),
          executors,
          natives);
    }

    private static Set<String> natives(ProcessHandle process) {
      Set<String> files = new TreeSet<>();
      try {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/maps"))) {
          if (line.contains("libtorch_cpu")) {
            files.add(line.substring(line.indexOf('/')));
          }
        }
      } catch (IOException ended) {
        // The process has.
      }
      return files;
    }

    /** Of the executors, in order. */
    List<String> hosts() {
      return executors.values().stream()
          .map(HOST::matcher)
          .filter(Matcher::find)
          .map(host -> host.group(1))
          .sorted()
          .toList();
    }
  }

  @Test
  @Tag("long")
  void doctor_sees_what_containers_are_granted() throws Exception {
    Path spec = spec("examined", cluster.uri("examined"), train("gradient-sharing"));
    Command.Result result = yarn("doctor", "--spec", spec.toString()).run();
    assertDone(result);
    assertTrue(result.out().contains("data: will be prepared in"), result.out());
    assertTrue(result.out().contains("memory: is judged once the data are there"), result.out());
    prepare("examined");
    result = yarn("doctor", "--spec", spec.toString()).run();
    assertDone(result);
    assertFalse(result.out().contains("PROBLEM"), result.out());
    System.out.println(result.out().strip());
  }

  private static void prepare(String root) throws Exception {
    assertDone(
        onThisMachine(
                "prepare",
                "--format",
                "synthetic",
                "--kind",
                "digits",
                "--count",
                "430",
                "--split",
                "auto=0.8,0.1,0.1",
                "--binarize",
                "threshold=127",
                "--output",
                cluster.uri(root + "/digits"))
            .run());
  }

  @Test
  @Tag("long")
  void executors_that_are_granted_too_little_end_with_five() throws Exception {
    prepare("narrow");
    Path spec = spec("narrow", cluster.uri("narrow"), train("gradient-sharing"));
    // 58 million parameters with gradient and moments: more than the 1 GB that YARN rounds up to.
    Files.writeString(spec, Files.readString(spec).replace("hidden: [16]", "hidden: [5000, 5000]"));
    Command.Result result =
        yarn(
                "--executor-memory",
                "500m",
                "--conf",
                "spark.executor.memoryOverhead=64m",
                "train",
                "--spec",
                spec.toString())
            .run();
    assertEquals(5, result.status(), result.toString());
    assertTrue(result.err().contains("used more memory than they were granted"), result.toString());
    // The refusal at the end asks for what the warning at the beginning said.
    Matcher asked = Pattern.compile("start with --conf (\\S+)").matcher(result.out());
    assertTrue(asked.find(), result.toString());
    assertTrue(result.err().contains(asked.group(1)), result.toString());
    assertEquals(5, status("narrow/narrow/run").get("status").asInt());
    assertFalse(status("narrow/narrow/run").get("retryable").asBoolean());
    System.out.println(result.out().strip() + "\n" + result.err().strip());
  }

  @Test
  @Tag("long")
  void in_cluster_mode_the_status_is_read_from_the_output() throws Exception {
    Path spec = spec("nothing", cluster.uri("nothing"), train("gradient-sharing"));
    Command.Result result =
        inClusterMode("--files", spec.toString(), "train", "--spec", spec.getFileName().toString())
            .with("ANCESTRAL_JAR", "") // The jar that was built, which travels with the submission.
            .run();
    assertEquals(1, result.status(), result.toString());
    ApplicationReport application = cluster.lastApplication();
    assertEquals(FinalApplicationStatus.FAILED, application.getFinalApplicationStatus());
    assertTrue(
        application.getDiagnostics().contains("User application exited with 3"),
        application.getDiagnostics());
    JsonNode status = status("nothing/nothing/run");
    assertEquals(3, status.get("status").asInt(), status.toString());
    assertTrue(status.get("message").asText().startsWith("there is no dataset at"));
    assertTrue(
        cluster.logs(application).values().stream()
            .anyMatch(log -> log.contains("there is no dataset at")),
        () -> "the driver's log says why");
    System.out.println(status.toPrettyString());
    System.out.println(application.getDiagnostics().strip());
  }

  @Test
  @Tag("long")
  void a_driver_that_is_killed_is_started_again_and_ends_with_the_same_bytes() throws Exception {
    Path here = folder.resolve("killed-here");
    String longer = train("parameter-averaging").replace("epochs: 3", "epochs: 30");
    Path local = spec("killed", here.toString(), longer);
    assertDone(onThisMachine("pipeline", "--spec", local.toString()).run());

    prepare("killed");
    Path spec = spec("killed", cluster.uri("killed"), longer);
    Path out = folder.resolve("killed.out");
    Path err = folder.resolve("killed.err");
    Process process =
        inClusterMode("--files", spec.toString(), "train", "--spec", spec.getFileName().toString())
            .start(out, err);
    while (process.isAlive()
        && !cluster.exists("killed/killed/run/checkpoints/round-000003.json")) {
      Thread.sleep(POLL_MILLIS);
    }
    List<ProcessHandle> drivers = YarnCluster.containers(YarnCluster.DRIVER);
    assertEquals(1, drivers.size());
    LocalCluster.kill(drivers.get(0));
    assertEquals(0, process.waitFor(), Files.readString(err));
    ApplicationReport application = cluster.lastApplication();
    assertEquals(2, application.getCurrentApplicationAttemptId().getAttemptId());
    assertEquals(0, status("killed/killed/run").get("status").asInt());
    assertSameBytes(here.resolve("killed"), "killed/killed", "run/parameters.safetensors");
    System.out.println(
        application.getApplicationId()
            + ": "
            + application.getFinalApplicationStatus()
            + " in attempt "
            + application.getCurrentApplicationAttemptId().getAttemptId());
  }
}
